"""A reply as plain words: accents, emoji, apostrophes and punctuation brought to one small alphabet.

What leaves here is lower case and unaccented, so that no later step depends on how somebody's phone
writes capitals, quotes or ticks. Names on the register go through the same door.
"""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass

from apbot.domain.replies.spellings import EMOJI, SHORTCODES, SPELLINGS

STOP, QUERY, COMMA, DASH, SLASH = ".", "?", ",", "-", "/"
"""The punctuation that carries meaning; everything else is dropped."""

_UNFOLDED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
    | dict.fromkeys("’‘`´ʼ′", "'")
    | dict.fromkeys("–—―−", " - ")
    | {"⁄": "/", "•": "\n", "·": " ", "％": "%", "@": " at "}
)
_PLATFORM_MARKUP = re.compile(r"<[@#!][^<>]*>|(?<!\w)@(?=[^\W\d])[\w.-]+")
_LINK = re.compile(r"(?i)<?https?://\S+")
_BLANK = re.compile(r"\s{2,}")
"""Of which the patterns below would try every part anew: thousands of them would hold up everybody else."""
_SHORTCODE = re.compile(r"(?<!\w):([a-z][a-z0-9_+-]*|[+-]1|100):(?::skin-tone-\d:)?")
_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.)](?=\s)")
_ABBREVIATION_DOT = re.compile(r"(?<![^\W_])([^\W\d_])\.(?=\s*[^\W_]|\s*$)")
_TOKEN = re.compile(
    r"""(?P<clock>(?<![^\W_])\d{1,2}[:.;]\d{2}(?!\d))
      | (?P<possessive>(?<=\d)'s\b)
      | (?P<number>\d+)
      | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
      | (?P<query>[.!;\s]{0,20}\?[?!.]*)
      | (?P<stop>[.!;\n]+)
      | (?P<dash>-+>|-{2,}|-(?=\s)|(?<=\s)-|^-|[:=|>]+)
      | (?P<comma>,)
      | (?P<slash>/)
      | (?P<and>[&+])
      | (?P<percent>%)
    """,
    re.VERBOSE | re.MULTILINE,
)
_PUNCTUATION = {"query": QUERY, "stop": STOP, "dash": DASH, "comma": COMMA, "slash": SLASH}
_AFTER_APOSTROPHE = {"re": "are", "ll": "will", "ve": "have", "m": "am", "d": "had"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number, clock time or mark of punctuation of a reply."""

    text: str
    glued: bool = False  # nothing, or only a hyphen, stands between it and the word before


def fold(text: str) -> str:
    """Lower case without accents, and the letters that do not come apart by themselves put plainly."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return bare.translate(_UNFOLDED)


def words_of(text: str, names: Container[str] = ()) -> list[Word]:
    """The words of a reply, in order. A word in `names` is left as it was typed, whatever it looks like."""
    bare = _LINK.sub(" link ", _PLATFORM_MARKUP.sub(" ", text))
    bare = _BLANK.sub(lambda blank: "\n" if "\n" in blank[0] else " ", bare)
    plain = fold(bare).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    plain = _SHORTCODE.sub(lambda code: f" {SHORTCODES.get(code[1], '')} ", plain)
    plain = "".join(f" {EMOJI[c]} " if c in EMOJI else c for c in plain)
    plain = _ABBREVIATION_DOT.sub(r"\1 ", _LIST_NUMBER.sub("", plain))
    words: list[Word] = []
    end = -1
    for token in _TOKEN.finditer(plain):
        glued = plain[max(end, 0) : token.start()] in ("", "-") and end >= 0
        words += _spelled_out(str(token.lastgroup), token[0], glued, names)
        end = token.end()
    return words


def word_set(table: str) -> frozenset[str]:
    """The single words of a table."""
    return frozenset(table.split())


def texts_of(phrase: str) -> tuple[str, ...]:
    """The bare words of a phrase in a table, as a reply would hold them."""
    return tuple(word.text for word in words_of(phrase))


def name_words(name: str) -> tuple[str, ...]:
    """The bare words of a pupil's name or reference."""
    return tuple(re.findall(r"[^\W\d_]+|\d+", fold(name).replace("'", "")))


def _spelled_out(kind: str, text: str, glued: bool, names: Container[str]) -> list[Word]:
    if kind in _PUNCTUATION:
        return [Word(_PUNCTUATION[kind])]
    if kind in ("and", "percent"):
        return [Word("and" if kind == "and" else "percent")]
    if kind == "clock":
        return [Word(re.sub(r"[.;]", ":", text), glued)]
    if kind == "number":
        return [Word(text, glued)]
    if kind == "possessive":
        return [Word("'s", glued=True)]
    stem, apostrophe, ending = text.rpartition("'")
    bare = text.replace("'", "")
    if apostrophe and ending == "s":
        return [Word(stem.replace("'", ""), glued), Word("'s", glued=True)]
    if apostrophe and ending in _AFTER_APOSTROPHE:
        return [Word(stem.replace("'", ""), glued), Word(_AFTER_APOSTROPHE[ending])]
    if bare in SPELLINGS and bare not in names and not (glued and len(bare) <= 2):
        return [Word(each) for each in SPELLINGS[bare].split()]
    return [Word(bare, glued)]
