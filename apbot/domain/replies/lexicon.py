"""All the tables of words made into one dictionary."""

from collections.abc import Iterator, Mapping

from apbot.domain.marks import Reason
from apbot.domain.replies.names import WORD_NAMES
from apbot.domain.replies.ordinary import ORDINARY
from apbot.domain.replies.parts import Part
from apbot.domain.replies.reasons import ABSENT_BECAUSE, HELD_UP_BY, PERHAPS_BECAUSE
from apbot.domain.replies.vocabulary import PHRASES
from apbot.domain.replies.words import texts_of

Meaning = tuple[tuple[Part, ...], Reason | None]
"""The parts that a phrase plays, one after the other, and the reason it gives."""


def rows(table: str) -> Iterator[tuple[str, ...]]:
    """The phrases of a table, each as its words; a semicolon or the end of a line parts them."""
    return (texts_of(phrase) for phrase in table.replace("\n", ";").split(";") if phrase.strip())


def _dictionary() -> dict[tuple[str, ...], Meaning]:
    meanings: dict[tuple[str, ...], Meaning] = {}

    def add(tables: Mapping[tuple[Part, ...], str], reason: Reason | None = None) -> None:
        for parts, table in tables.items():
            for phrase in rows(table):
                if phrase in meanings:
                    raise ValueError(f"{' '.join(phrase)!r} is in two tables of words; it can mean one thing only")
                meanings[phrase] = (parts, reason)

    add(PHRASES)
    for reason, table in ABSENT_BECAUSE.items():
        add({(Part.REASON,): table}, reason)
    for reason, table in PERHAPS_BECAUSE.items():
        add({(Part.SYMPTOM,): table}, reason)
    for reason, table in HELD_UP_BY.items():
        add({(Part.COMING,): table}, reason)
    return meanings


MEANINGS = _dictionary()

LONGEST_PHRASE = max(len(phrase) for phrase in MEANINGS)
"""In words."""

_ALL_WORDS = frozenset(word for phrase in MEANINGS for word in phrase)

LANGUAGE = ORDINARY | _ALL_WORDS | WORD_NAMES
"""Words that are part of the language: as a name they need room for one, and they are nobody's slip."""

MENDABLE = sorted(word for word in _ALL_WORDS if len(word) >= 5 and word.isalpha())
"""Words long enough for a slip in them to be told from another word."""


def is_slip(typed: str, word: str) -> bool:
    """Fingers slip inside a word; another ending or beginning may be another word: 'turns' for 'turned'."""
    same_ends = typed[0] == word[0] and typed[-1] == word[-1]
    return same_ends or sorted(typed) == sorted(word) or typed + "g" == word
