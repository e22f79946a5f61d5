"""A reply as items, each with the part it plays: who, what happened, how certain, how it hangs together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apbot.domain.marks import Reason
from apbot.domain.replies.lexicon import LANGUAGE, LONGEST_PHRASE, MEANINGS, MENDABLE, is_slip
from apbot.domain.replies.names import OTHER_NAMES, WORD_NAMES
from apbot.domain.replies.numbers import number_at
from apbot.domain.replies.ordinary import ORDINARY
from apbot.domain.replies.parts import Part
from apbot.domain.replies.pupils import Mention, Roster
from apbot.domain.replies.spellings import SPELLINGS
from apbot.domain.replies.times import Moment, When, spell_at, time_at
from apbot.domain.replies.words import COMMA, DASH, QUERY, SLASH, STOP, Word, word_set, words_of


@dataclass(frozen=True, slots=True)
class Item:
    """One word or phrase of a reply, understood on its own."""

    part: Part
    text: str = ""  # for choosing between readings only; it never leaves this package
    mention: Mention | None = None
    is_reference: bool = False
    reason: Reason | None = None
    when: When | None = None
    number: int = 0
    total: int = 0
    otherwise: Part | None = None  # for a name that may be no name: its part as a mere word
    letter: str = ""  # for a name with an initial that may have been a mark: 'Jay P'


_PUNCTUATION = {STOP: Part.STOP, QUERY: Part.QUERY, COMMA: Part.COMMA, DASH: Part.DASH, SLASH: Part.SLASH}
_HOUR_FOLLOWS = word_set("at by since until till til untill before around about gone circa from")
_HOUR_FOLLOWS_PART = frozenset({Part.LATE, Part.CAME, Part.LEFT, Part.GONE, Part.LEAVING, Part.UNTIL})
MARK_LETTERS = {
    "p": Part.HERE,
    "y": Part.YES,
    "n": Part.NO,
    "a": Part.ABSENT,
    "l": Part.LATE,
    "x": Part.UNSURE,
}
"""Single letters that are marks when they stand right after a pupil."""

_DENIALS = [short for short, full in SPELLINGS.items() if full.endswith(" not") and len(short) >= 5]
"""'hasnt', 'isent': long enough for a slip in them to be told from another word."""

_LOOK_AHEAD = LONGEST_PHRASE + 4
"""In words: as far as any phrase, time, name or dictated reference reaches."""

_OUT_OF = (("out", "of"), ("of",), (SLASH,), ("from",))
_OTHER_HALF = {
    True: {"this afternoon", "pm", "all afternoon"},
    False: {"this morning", "am", "all morning"},
}


def items_of(text: str, roster: Roster, moment: Moment) -> list[Item]:
    """The items of a reply, in order."""
    words = [mended for word in words_of(text, roster.name_words) for mended in _mended(word, roster)]
    items: list[Item] = []
    at = 0
    while at < len(words):
        found, length = _read(words[at : at + _LOOK_AHEAD], items[-1] if items else None, roster, moment)
        items += found
        at += length
    return items


def _mended(word: Word, roster: Roster) -> list[Word]:
    """The word, or the listed word that it is certainly a slip for."""
    meant = _slip_for(word.text, roster)
    return [Word(each) for each in meant.split()] if meant and not roster.name_like(word.text) else [word]


def _slip_for(typed: str, roster: Roster) -> str | None:
    if len(typed) < 4 or not typed.isalpha():
        return None
    if typed in LANGUAGE or typed in OTHER_NAMES or typed in roster.name_words:
        return None
    if process.extractOne(typed, _DENIALS, scorer=OSA.distance, score_cutoff=1):
        return "is not"
    allowed = 0 if len(typed) < 5 else 2 if len(typed) >= 9 else 1
    near = process.extract(typed, MENDABLE, scorer=OSA.distance, score_cutoff=allowed, limit=3)
    closest = [word for word, slips, _ in near if slips == near[0][1]]
    return closest[0] if len(closest) == 1 and is_slip(typed, closest[0]) else None


def _read(words: Sequence[Word], before: Item | None, roster: Roster, moment: Moment) -> tuple[list[Item], int]:
    """The item or items that the words start with, and how many words they take."""
    word = words[0].text
    if word in _PUNCTUATION:
        return [Item(_PUNCTUATION[word], word)], 1
    if word == "'s":
        return [Item(Part.POSSESSIVE)], 1
    reference = roster.reference_at(words)
    if reference:
        return [Item(Part.PUPIL, mention=reference[0], is_reference=True)], reference[1]
    texts = [each.text for each in words[:LONGEST_PHRASE]]
    hour_follows = before is not None and (before.text in _HOUR_FOLLOWS or before.part in _HOUR_FOLLOWS_PART)
    late = before is not None and before.part is Part.LATE
    when = time_at(texts, moment, hour_expected=hour_follows, delay_expected=late)
    if when:
        return [Item(Part.TIME, when=when[0])], when[1]
    phrase = _phrase_at(texts, moment)
    name = roster.name_at(words)
    if name and name[1] >= (phrase[1] if phrase else 0):
        item = Item(Part.PUPIL, text=word, mention=name[0])
        if name[1] == 1 and word in LANGUAGE:
            item = replace(item, otherwise=phrase[0][0].part if phrase else Part.UNKNOWN)
        if name[1] == 2 and words[1].text in MARK_LETTERS:
            alone = roster.name_at(words[:1])
            item = replace(item, letter=words[1].text if alone and alone[0].certain else "")
        return [item], name[1]
    if spell_at(texts) and not phrase:
        return [Item(Part.UNKNOWN, word)], spell_at(texts)
    known_as = roster.known_as(word) if phrase and phrase[1] == 1 and word in WORD_NAMES else None
    if phrase and known_as:
        return [Item(Part.PUPIL, word, mention=known_as, otherwise=phrase[0][0].part)], 1
    counted = _count_at(texts)
    if counted and (not phrase or phrase[1] < counted[1]):
        return [counted[0]], counted[1]
    if phrase:
        return phrase
    return _unlisted(words, roster), 1


def _phrase_at(texts: Sequence[str], moment: Moment) -> tuple[list[Item], int] | None:
    for length in range(len(texts), 0, -1):
        if tuple(texts[:length]) in MEANINGS:
            spoken = " ".join(texts[:length])
            if spoken in _OTHER_HALF[moment.is_morning]:
                return [Item(Part.OTHER_DAY, spoken)], length
            return _meant(texts[:length]), length
    return None


def _meant(phrase: Sequence[str]) -> list[Item]:
    parts, reason = MEANINGS[tuple(phrase)]
    return [Item(part, " ".join(phrase), reason=reason) for part in parts]


def _count_at(texts: Sequence[str]) -> tuple[Item, int] | None:
    counted = number_at(texts)
    if not counted:
        return None
    number, length = counted
    for link in _OUT_OF:
        total = number_at(texts[length + len(link) :]) if tuple(texts[length : length + len(link)]) == link else None
        if total:
            return Item(Part.SHARE, number=number, total=total[0]), length + len(link) + total[1]
    return Item(Part.NUMBER, texts[0], number=number), length


def _unlisted(words: Sequence[Word], roster: Roster) -> list[Item]:
    """A word in no table: a name with a letter too many, a slip, or something we do not know."""
    word = words[0].text
    if word == "s" and words[0].glued:
        return [Item(Part.POSSESSIVE)]
    if word.endswith("s"):
        owner = roster.name_at([Word(word[:-1])])
        if owner and word[:-1] not in LANGUAGE:
            return [Item(Part.PUPIL, mention=owner[0]), Item(Part.POSSESSIVE)]
    if word in ORDINARY or not word.isalpha():
        return [Item(Part.UNKNOWN, word)]
    mention = roster.name_like(word)
    if mention and not _slip_for(word, roster):
        return [Item(Part.PUPIL, word, mention=mention, otherwise=None if mention.certain else Part.UNKNOWN)]
    if word.endswith("s") and (word[:-1],) in MEANINGS:
        return [*_meant([word[:-1]]), Item(Part.POSSESSIVE)]
    return [Item(Part.UNKNOWN, word)]
