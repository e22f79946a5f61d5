"""A pupil's initials, as they stand beside the reference in chat: one of the first name, one of the last."""

import re
import unicodedata
from functools import lru_cache

PARTICLES = frozenset(
    """
    a ab al ap bin bint d da dal dalla das de degli dei del della den der des di do dos du e el en ibn l la las le les
    lo los of t te ten ter the van vande vanden vander von y zu zum zur
    """.split()  # noqa: SIM905  (a table of words)
)
"""Small words before a last name's own: "da Silva" is called under S."""

_FIRST_PART = re.compile(r"([^\W\d_]+)(?:[-‐‑–]|(?<=[a-z])['’ʼ])(?=[^\W\d_])")
"""What stands before a hyphen, or, in small letters, before an apostrophe: "al-", "Al-", "d'", and not "O'"."""


UNREADABLE = "(unreadable)"
"""Stands in place of a name that is encrypted and can't be decrypted. It has no initials: the reference has to do."""


@lru_cache(maxsize=20_000)
def initials_of(first_name: str, last_name: str) -> str:
    """ "J.S." for Joana da Silva: the first letter of the first name, and of the last name's first word of its own.

    Particles are passed over (da, van der, al-, d'), unless there is nothing else; of a double-barrelled name the
    first half counts ("Okafor-Reid": O), and "O'Neil" is one name (O). A letter is what a reader sees as one, with its
    marks, in any script, in capitals where the script has them. A name without a letter gives none: so the result
    may be one initial, or "", and then the reference has to do.
    """
    named = ["" if each == UNREADABLE else each for each in (first_name, last_name)]
    found = (_letter(named[0]), _letter(_without_particles(named[1])))
    return "".join(f"{each}." for each in found if each)


def _without_particles(name: str) -> str:
    rest = name.strip()
    while rest:
        start = _FIRST_PART.match(rest) or re.match(r"(\S+)\s+", rest)
        if start is None or start[1].casefold() not in PARTICLES or not _letter(rest[start.end() :]):
            break
        rest = rest[start.end() :]
    return rest


def _letter(text: str) -> str:
    """The first letter with the marks that belong to it, or ""."""
    text = unicodedata.normalize("NFC", text)
    start = next((at for at, each in enumerate(text) if each.isalpha()), len(text))
    end = start + 1
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    letter = text[start:end]
    capital = letter.upper()
    return capital if len(capital) == len(letter) else letter
