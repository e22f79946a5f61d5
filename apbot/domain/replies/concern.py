"""Whether the words of a reply could be a safeguarding concern.

Recall comes before precision: a concern offered for nothing costs one tap, one passed over may cost a child.
"""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apbot.domain.replies.lexicon import LANGUAGE, rows
from apbot.domain.replies.words import words_of


_BEGINNINGS = tuple(
    """
    bruis selfharm suicid overdos abus disclos safeguard exploit traffick radicalis extremis neglect pregnan
    strangl assault sexual indecen porn grope molest harass blackmail threat restrain allegation alleg unsafe
    distress frighten terrif injur bleed unconscious collaps hallucinat paranoi anorexi bulimi homophob racist
    violen bully bulli punch slapp scald cannabis cocaine ketamine heroin alcohol intoxicat machete weapon kniv
    groomed groomer homeless evict kidnap runaway traumat panick cruel drunk stoned
    """.split()
)
_WORDS = frozenset(
    """
    harm harming harmed hurt hurts hurting cut cuts cutting hit hits hitting slap kick kicked kicking thump thumped beaten beating beat choke choked
    burn burns burnt burned scar scars scratch scratches scratched scared afraid petrified
    touched touching knife blade gun stab stabbed stabbing shot drug drugs weed spliff spice vodka
    lighter worried worrying worry worries concern concerned concerns concerning dsl ddsl sex rape raped nude nudes naked hungry starving
    starved filthy unkempt crying cried tears tearful sobbing upset fight fought fighting fights police arrested arrest custody
    ambulance hospital bled blood bloody violence domestic gang gangs nspcc mash lado camhs suicide kill dying
    blackeye swollen limping anxious panic depressed vanished disappeared urgent urgently emergency confidential stalking stalked
    refuge trapped threatened bitten
    """.split()
)  # fmt: skip
_PHRASES = frozenset(rows("""
    self harm; black eye; black eyes; mark on; marks on; fat lip; broken arm; broken nose; smells of; smelt of; smelling of; told me something
    told us something; something he told; something she told; something they told; he told me; she told me; they told me; something he said; something she said
    something they said; said her; said his; said their; says her; says his; confided; opened up; end it all; end his life; end her life; want to die; wants to die
    wanted to die; better off dead; not want to be here; kill himself; kill herself; county lines; county line; all night; out all night; missing overnight
    missing from home; not been home; not go home; not want to go home; not wanting to go home; scared to go home; running away; run away; ran away
    runs away; not safe; no food; not eaten; not been fed; not fed; same clothes; not washed; need to speak to; need to talk to; need to talk; need to speak
    want to speak to; want to talk to; can you call me; call me; ring me; phone me; in private; mental health; panic attack; hearing voices
    hears voices; older man; older men; older boyfriend; strange man; man outside; sleeping rough; slept rough; sofa surfing; kicked out; chucked out; thrown out
    a and e; off his head; off her head; out of it; high on; on something; as high; under the influence; passed out; took something; taken something; pills; tablets
    can not find; gone missing; went missing; nowhere to be found; do not know where; no idea where; not know where; lost sight; nobody knows where; forced marriage; fgm
    physical intervention; held down; had to hold; had to restrain; hands on; put hands; lashed out; not right at home; trouble at home; problems at home; stuff at home
    things at home; issues at home; happened at home; going on at home; not ok; carrying a; got a blade; social services; child protection; section 47; lots of money
    new phone; new trainers; climbed on the roof; will not speak
"""))  # fmt: skip
_HARMLESS = frozenset(rows("""
    hit traffic; hit the road; hit the ground running; hit bad traffic; cut the grass; cutting the grass; cut grass; cutting grass; cut the hedge; cutting the hedge
    cutting hedges; hair cut; cutting wood; cut wood; power cut; no worries; not to worry; no concerns; no concern; not worried; do not worry; in touch; touched base
    kick off; kicked off the session; beat the traffic; the whole gang; whole gang; the gang is all here; gangs all here; blood test; blood tests; hospital appointment
    hospital appt; hospital visit; nail gun; glue gun; spray gun; heat gun; stapler gun; full marks; hungry for more; no upset; upset tummy; upset stomach; stomach upset
    camhs; camhs appointment; blade runner; drug store; drugs awareness; drug awareness; sex ed; sex education; mark on the register; put a mark; marks in; mark in
    kicking off at; kick around; weed the; the weeds; cut and paste; saw blade; grinder blade; mower blade; first marks; said his prayers; said hello; said his goodbyes
    family emergency; burn the; burning the; all night garage; bite to eat
"""))  # fmt: skip
_LONGEST = max(len(phrase) for phrase in _PHRASES | _HARMLESS)
_LONG_WORDS = sorted(
    {
        *(word for word in _WORDS if len(word) >= 6),
        *"bruise bruises bruised bruising suicidal suicide overdose abuse abused disclosed disclosure".split(),
        *"safeguarding pregnant assaulted sexual threatened restrained allegation unsafe frightened".split(),
        *"injured unconscious collapsed drunk weapon neglected exploited homeless selfharm stoned".split(),
    }
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
    return bool(process.extractOne(word, _LONG_WORDS, scorer=OSA.distance, score_cutoff=allowed))
