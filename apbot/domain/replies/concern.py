"""Whether the words of a reply could be a safeguarding concern.

Recall comes before precision: a concern offered for nothing costs one tap, one passed over may cost a child.
"""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apbot.domain.replies.lexicon import LANGUAGE, is_slip, rows
from apbot.domain.replies.words import word_set, words_of

_BEGINNINGS = tuple(sorted(word_set("""
    abus alcohol alleg allegation anorexi assault blackmail bleed bruis bulimi bulli bully cannabis cocaine
    collaps cruel disclos distress drunk evict exploit extremis frighten groomed groomer grope hallucinat harass
    heroin homeless homophob indecen injur intoxicat ketamine kidnap kniv machete molest neglect overdos panick
    paranoi porn pregnan punch racist radicalis restrain runaway safeguard scald selfharm sexual slapp stoned
    strangl suicid terrif threat traffick traumat unconscious unsafe violen weapon
""")))  # fmt: skip
_WORDS = word_set("""
    afraid ambulance anxious arrest arrested beat beaten beating bitten blackeye blade bled blood bloody burn
    burned burns burnt choke choked concern concerned concerning concerns confidential cried crying
    custody cut cuts cutting ddsl depressed disappeared domestic drug drugs dsl dying emergency fight fighting
    fights filthy fought gang gangs gun harm harmed harming hit hits hitting hospital hungry hurt hurting hurts
    kick kicked kicking kill killing kinfe knife lado limping naked nspcc nude nudes panic petrified police rape
    raped refuge scar scared scars scratch scratched scratches sex shot slap sobbing spice spliff stab stabbed
    stabbing stalked stalking starved starving suicide swollen tearful tears threatened thump thumped touched
    touching trapped unkempt upset urgent urgently vanished violence vodka weed worried worries worry worrying
""")  # fmt: skip
_PHRASES = frozenset(rows("""
    self harm; black eye; black eyes; mark on his; mark on her; mark on their; mark on them; marks on; fat lip
    broken arm; broken nose; smells of; smelt of; smelling of; told me something; told us something
    something he told; something she told; something they told; he told me; she told me; they told me
    something he said; something she said; something they said; said her; said his; said their; says her
    says his; confided; end it all; end his life; end her life; want to die; wants to die; wanted to die
    better off dead; not want to be here; kill himself; kill herself; county lines; county line; all night
    out all night; missing overnight; missing from home; not been home; not go home; not want to go home
    not wanting to go home; scared to go home; running away; run away; ran away; runs away; not safe; no food
    not eaten; not eating; not been fed; not fed; same clothes; not washed; need to speak to; need to talk to
    need to talk; need to speak; want to speak to; want to talk to; can you call me; call me; ring me; phone me
    in private; mental health; panic attack; hearing voices; hears voices; older man; older men; older boyfriend
    strange man; man outside; sleeping on; sleeping rough; slept rough; sofa surfing; kicked out; chucked out
    thrown out; a and e; off his head; off her head; out of it; high on; on something; under the influence
    passed out; took something; taken something; pills; tablets; can not find; gone missing; went missing
    nowhere to be found; do not know where; no idea where; not know where; lost sight; nobody knows where
    forced marriage; fgm; physical intervention; held down; had to hold; had to restrain; put hands; lashed out
    not right at home; trouble at home; problems at home; stuff at home; things at home; issues at home
    happened at home; going on at home; not ok; got a blade; social services; child protection; section 47
    lots of money; new phone; new trainers; climbed on the roof; will not speak
"""))  # fmt: skip
_HARMLESS = frozenset(rows("""
    hit traffic; hit the road; hit the ground running; hit bad traffic; cut the grass; cutting the grass
    cut grass; cutting grass; cut the hedge; cutting the hedge; cutting hedges; hair cut; cutting wood; cut wood
    power cut; no worries; not to worry; no concerns; no concern; not worried; do not worry; in touch
    touched base; kick off; kicked off the session; beat the traffic; the whole gang; whole gang
    the gang is all here; gangs all here; blood test; blood tests; hospital appointment; hospital appt
    hospital visit; nail gun; glue gun; spray gun; heat gun; stapler gun; full marks; hungry for more; no upset
    upset tummy; upset stomach; stomach upset; blade runner; drug store; drugs awareness; drug awareness; sex ed
    sex education; mark on the register; put a mark; marks in; mark in; kicking off at; kick around; weed the
    the weeds; cut and paste; saw blade; grinder blade; mower blade; first marks; said his prayers; said hello
    said his goodbyes; family emergency; burn the; burning the; all night garage; bite to eat; mark on his way
    mark on her way
"""))  # fmt: skip
_LONGEST = max(len(phrase) for phrase in _PHRASES | _HARMLESS)
_LONG_WORDS = sorted(
    {word for word in _WORDS if len(word) >= 6}
    | word_set("""
    abuse abused allegation assaulted bruise bruised bruises bruising collapsed disclosed disclosure drunk
    exploited frightened homeless injured neglected overdose pregnant restrained safeguarding selfharm sexual
    stoned suicidal suicide threatened unconscious unsafe weapon
""")
)


def sounds_like_concern(text: str) -> bool:
    """Any phrase of the text could be about a child's safety."""
    words = [word.text for word in words_of(text)]
    at = 0
    while at < len(words):
        harmless = _phrase_at(words[at : at + _LONGEST], _HARMLESS)
        if not harmless and (_phrase_at(words[at : at + _LONGEST], _PHRASES) or _is_alarming(words[at])):
            return True
        at += max(harmless, 1)
    return False


def _phrase_at(words: Sequence[str], phrases: frozenset[tuple[str, ...]]) -> int:
    """How many words the longest phrase takes that the words start with; 0 for none."""
    lengths = range(len(words), 0, -1)
    return next((length for length in lengths if tuple(words[:length]) in phrases), 0)


def _is_alarming(word: str) -> bool:
    if word in _WORDS or word.startswith(_BEGINNINGS):
        return True
    if len(word) < 6 or word in LANGUAGE:
        return False
    allowed = 2 if len(word) >= 9 else 1
    near = process.extract(word, _LONG_WORDS, scorer=OSA.distance, score_cutoff=allowed, limit=None)
    return any(is_slip(word, alarming) for alarming, *_ in near)
