"""What is known about first names and ordinary words: tables of data, read by `pupils`.

A typing error may only be mended when what was typed is not itself a name or a word: 'Tim' is not a
slip for Tom, and 'hay' is not a slip for Jay.
"""

from apbot.domain.replies.words import fold, word_set


def _groups(text: str) -> dict[str, frozenset[str]]:
    """Every word of a line, with all the words of the lines it is on."""
    found: dict[str, frozenset[str]] = {}
    for line in text.strip().splitlines():
        group = frozenset(fold(line).split())
        for word in group:
            found[word] = found.get(word, frozenset()) | group
    return found


SAME_NAME = _groups("""
    mohammed muhammad mohamed mohammad muhammed mohamad muhamed mohamud mahomed
    ahmed ahmad
    yusuf yousef youssef yusef yousuf
    hussain hussein husain
    ibrahim ebrahim
    abdulah abdullah abdallah
    zainab zaynab zeinab
    fatima fatimah fatema
    aisha ayesha aysha aishah
    jayden jaiden jaden jaydon jadon
    aiden aidan ayden
    kayden kaden caden caiden kaiden
    kian cian keean
    kieran keiran ciaran kieron
    sean shaun shawn
    siobhan shivaun chevonne
    niamh neve
    aoife eefa
    sian shan
    rhys reece reese rees
    stephen steven stefan
    connor conor conner
    callum calum
    alistair alastair alasdair
    geoffrey jeffrey
    lewis louis
    marc mark
    eric erik
    dominic dominik
    nicholas nicolas
    philip phillip
    zachary zackary zachery
    isaac izaak isaak
    tyler tylor
    taylor tayler
    bradley bradly
    ashley ashleigh ashlee
    hayley hailey haley
    kayleigh kaylee kayley
    kelly kellie kelley
    leah lea lia
    sara sarah
    hannah hanna
    catherine katherine kathryn katharine catharine
    caitlin kaitlin katelyn caitlyn kaitlyn
    megan meghan meagan
    rebecca rebekah
    jasmine jasmin yasmin yasmine
    isabel isobel isabelle isabella
    elizabeth elisabeth
    chloe cloe khloe
    zoe zoey
    phoebe pheobe
    tia tiah
    maya maia mya
    lily lilly lillie
    molly mollie
    millie milly
    ellie elly
    abbie abby abi abbey
    lexi lexie
    demi demie
    keira kiera kira
    oluwaseun seun
""")
"""Spellings of one name. On a register where only one pupil fits, they are that pupil."""

SHORT_FOR = {
    short: frozenset(fold(" ".join(longs)).split())
    for short, *longs in (
        line.split()
        for line in """
    abi abigail
    al alan albert alistair alfie alfred ali
    alex alexander alexandra alexis alexandru alexa
    alfie alfred
    andy andrew
    archie archibald
    art arthur
    ash ashley ashton asher
    becca rebecca
    becky rebecca
    bella isabella isabelle
    ben benjamin bennett benedict
    beth elizabeth bethany
    bill william
    billy william
    bob robert
    bobby robert
    cam cameron camilla
    charlie charles charlotte
    charley charles charlotte
    chris christopher christian christine christina
    dan daniel danielle daniella
    danny daniel
    dani danielle daniella
    dave david
    dom dominic dominik
    ed edward edwin
    eddie edward
    ellie eleanor elizabeth
    fred frederick alfred
    freddie frederick
    gabe gabriel
    george georgina georgia
    greg gregory
    harry harrison harold henry
    izzy isabella isabelle isabel
    jack jackson
    jake jacob
    jamie james
    jess jessica
    jim james
    jo joanna joanne
    joe joseph
    joey joseph
    josh joshua
    kat katherine kathryn
    kate katherine kathryn
    katie katherine kathryn
    ken kenneth
    laurie lawrence
    leo leonardo leon leonard
    liv olivia
    liz elizabeth
    lou louise louis
    lottie charlotte
    lucy lucinda
    luke lucas
    maddie madeleine madison
    mack mackenzie
    manny emmanuel
    matt matthew
    matty matthew
    max maxwell maximilian
    meg megan
    mick michael
    mike michael
    mo mohammed muhammad mohamed mohammad
    nat nathan nathaniel natalie natasha
    nate nathan nathaniel
    nath nathan nathaniel
    nick nicholas
    oli oliver olivia
    ollie oliver
    pat patrick patricia
    pete peter
    phil philip
    rob robert
    robbie robert
    ron ronald
    ronnie ronald veronica
    sam samuel samantha samir
    sammy samuel samantha
    seb sebastian
    shell michelle
    steph stephanie
    steve steven stephen
    sue susan
    tash natasha
    thandi thandiwe thandeka
    theo theodore
    tilly matilda
    tim timothy
    tom thomas
    tommy thomas
    tony anthony
    vicky victoria
    vinny vincent
    will william
    xav xavier
    zac zachary
    zach zachary
    zack zachary
    zak zachary
""".strip().splitlines()
    )
}
"""Short forms in daily use: certain when exactly one pupil on the register has one of the long names."""

OTHER_NAMES = frozenset(
    fold("""
    adam adrian agnes aleksander alana alice alina alison aliyah amanda amber amelia amina amir amy ana andre
    andrea angel angela anita ann anna anne annie anthony antonia april ariana arjun arun arthur asad asha
    ava ayaan barbara barry beatrice bella bernard bethany betty blake brandon brenda brian brooke bruce bryan
    carl carla carly carmen carol caroline carter cerys chantelle charlene chelsea cheryl claire clara cody
    cole colin connie corey courtney craig daisy damian damien daniella danielle darcy darren dawn dean debbie
    declan deepa denise dennis derek diana diane diego donna doris dorothy duncan dylan eden eileen elaine
    eleanor elena elijah elisha eliza ella elliot elliott elsie emily emma erin esme esther ethan eva evan eve
    evie faith farah fatou felix finlay finley finn fiona florence frances francesca francis frank gareth
    gary gavin gemma georgia georgie gerald gerard gina glen gloria gordon grace graham grant guy gwen hamza
    harley harper harriet harvey hassan hazel heather heidi helen henry hollie holly hope howard hugh hugo
    ian imogen imran india ines irene iris isla ivan ivy jade jai jaime jan jane janet janice jason jasper
    jay jean jeff jenna jennifer jenny jeremy jerry jesse jill joan joanna joanne jodie joel john johnny
    jon jonah jonathan jordan jordon joy joyce juan jude judith judy julia julian julie june justin kai
    kane kara karen karim karl kate kay keith kelvin ken kenny kerry kevin khalid kim kirsty kofi kris kyle
    kylie kwame lacey laila lara laura lauren layla lee lena leo leon leona leroy lesley leslie lewis lexi
    liam lilian linda lisa logan lola lorna lorraine louie louise lucas lucia luis luna lydia lynn maisie
    malachi malik mandy marcus margaret maria marie marilyn mario marion marlon martha martin martina mary
    mason mateo maureen max melanie melissa mia michelle mila miles mina miriam mitchell mohini molly monica
    morgan muna musa nadia nadine naomi nathan neil nia niall nicole nicola nigel nikita nikki nina noah noel
    nora norman olga olive olivia omar oscar owen paddy paige pamela paul paula penny peter petra pippa polly
    poppy priya quinn rachel rafael rahul raj ralph rania raul ravi ray rayan raymond reggie renee riley rio
    rita robin rory rosa rosie ross rowan roy ruben ruby rupert russell ruth ryan sabrina sadie saira sally
    salma samantha samir sandra sanjay saskia scarlett scott selina seth shannon sharon sheila shelly sheena
    shirley sidney simon skye sofia sonia sophia sophie spencer stacey stan stella stuart summer susan
    suzanne sydney sylvia tamara tammy tanya tara tariq ted teddy teresa terry tessa thea theresa tina toby
    todd toni tracey travis trevor tristan troy umar una uma valerie vanessa vera victor vincent violet
    vivian walter wayne wendy wesley willow yasir yvonne zain zara zayn zeke
    """).split()
) | frozenset(SAME_NAME).union(SHORT_FOR, *SHORT_FOR.values())  # fmt: skip
"""First names common in England: a typed word among these is somebody, not a slip for somebody else."""

WORD_NAMES = word_set("""
    art bill hope will mark may grace rose max jack faith drew rich sunny chase rob nick sue pat josh dale heath
    glen brook river sky summer autumn storm christian frank ray don gene guy dean miles dawn eve ivy lily daisy
    poppy holly ruby amber jade violet iris penny melody harmony destiny precious blessing honey angel star
    princess prince blue fern robin joy june april august hunter archer mason carter taylor ford bentley cliff
    rocky buddy sonny king duke earl major patience charity constance honor hazel olive ginger pearl opal
    crystal sandy brandy sherry candy barry jay kit lance norm peg piers randy skip tab ty van wade zen an my so
    do le ha hay lan ash rain bay cherry basil
""") - {"jay"}  # fmt: skip
"""First names that are words as well: they name a pupil only where the grammar has room for a name."""

VERB_NAMES = word_set("mark chase rob nick sue pat josh bill skip jack drew")
"""Word-names that can command a sentence: 'mark Jay in' is about Jay."""

READS_AS_ENGLISH = frozenset(
    {("sunny", "here"), ("summer", "here"), ("autumn", "here"), ("storm", "here"), ("rain", "here")}
    | {("art", "in"), ("hope", "in"), ("joy", "in"), ("dawn", "here"), ("miles", "away"), ("miles", "off")}
    | {("may", "not"), ("storm", "in"), ("rain", "in"), ("hope", "not"), ("rose", "up"), ("drew", "in")}
)
"""Pairs where a word-name and what follows are everyday English too, so that they have to be asked about."""
