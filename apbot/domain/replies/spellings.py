"""How muddy hands, phones and dictation write common words: tables of data, read by `words`.

Left is what is typed, in small letters and without apostrophes; right is what it stands for.
"""


def _table(text: str) -> dict[str, str]:
    rows = (line.split("=") for line in text.strip().splitlines())
    return {typed.strip(): meant.strip() for left, meant in rows for typed in left.split()}


SPELLINGS = _table("""
    isnt isint isent = is not
    aint = is not
    arent = are not
    wasnt = was not
    werent = were not
    hasnt hasent hasnot = has not
    havent havnt havant = have not
    hadnt = had not
    didnt didint dident = did not
    doesnt dosent dosnt doesent = does not
    dont = do not
    wont = will not
    wouldnt = would not
    cant cannot = can not
    couldnt = could not
    shouldnt = should not
    hes = he is
    shes = she is
    theyre = they are
    theyve = they have
    theyll = they will
    weve = we have
    youve = you have
    ive = i have
    im = i am
    itll = it will
    thats = that is
    theres = there is
    whos whose = who is
    whats = what is
    wheres = where is
    hows = how is
    everyones everybodys evryones = everyone is
    nobodys noones = nobody is
    alls = all is
    nto nit nott nt mot = not
    teh = the
    adn nad = and
    hear hre heer hrre ehre heree = here
    hwere = where
    presnt prsent presnet pressent preasent = present
    abscent absant absnt abesnt absense = absent
    al alll aall = all
    allin = all in
    allhere = all here
    allpresent = all present
    inn = in
    notin = not in
    nothere = not here
    noshow = no show
    nosign = no sign
    noone = no one
    nobdy = nobody
    evry every1 evryone everone everyon eveyone everyine = everyone
    everybdy evrybody = everybody
    rset resst = rest
    lte laet latte = late
    trun truned = turned
    arived arrivd arrvied ariived arrieved = arrived
    jsut jus jst = just
    noww = now
    yeah yeh yea yeap yess yesss yas = yes
    nah na nope naw = no
    nowt nought = none
    thx tx ta cheers chers tnx tks = thanks
    tommorow tomoz tomo tmrw tomorow tommorrow = tomorrow
    yest yday = yesterday
    tday 2day = today
    sry = sorry
    defo = definitely
    prob prolly probly = probably
    mite = might
    mabye mayb = maybe
    sum = some
    mins min minuets minuts minits = minutes
    hr hrs = hours
    orite alrite = alright
    ppl = people
    bday = birthday
    gona gunna = gonna
    transprt tansport trasport = transport
    taxis cab cabs = taxi
    minibus = bus
    dentists dentst dentsit = dentist
    docs doc gp gps doctors dr drs = doctor
    appt apt appts appointmnt appointments = appointment
    poorley porly porrly poorlly = poorly
    skool = school
    collage = college
    mam mums moms mother mummy = mum
    dads father daddy = dad
    carers = carer
    xcept cept exept excpet exc expect = except
    appart = apart
    frm fron = from
""")
"""`expect` is here as the phone's usual correction of `except`; 'expecting' and 'expected' are not."""

EMOJI = {
    **dict.fromkeys("✅☑✔✓👍👌🙌💯🟢", "tickmark"),
    **dict.fromkeys("❌✖✗✘❎🚫👎🔴⛔", "crossmark"),
    **dict.fromkeys("🤔🤷🟡🟠", "unsure"),
    **dict.fromkeys("🤒🤮🤢🤧", "perhaps ill"),
    **dict.fromkeys("🙏👋😊❤", "thanks"),
    **dict.fromkeys("❓❔", "?"),
}

SHORTCODES = {
    **dict.fromkeys(("white_check_mark", "heavy_check_mark", "ballot_box_with_check"), "tickmark"),
    **dict.fromkeys(("+1", "thumbsup", "ok_hand", "100", "raised_hands", "large_green_circle"), "tickmark"),
    **dict.fromkeys(("x", "no_entry", "no_entry_sign", "-1", "thumbsdown", "red_circle"), "crossmark"),
    **dict.fromkeys(("thinking_face", "shrug", "man-shrugging", "woman-shrugging"), "unsure"),
    **dict.fromkeys(("face_with_thermometer", "nauseated_face", "face_vomiting", "sneezing_face"), "perhaps ill"),
    **dict.fromkeys(("pray", "wave", "blush", "heart"), "thanks"),
    **dict.fromkeys(("question", "grey_question"), "?"),
}
"""The names Slack sends in place of emoji, without their colons."""
