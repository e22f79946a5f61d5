"""The letters that a text message is made of: GSM-7, of which 153 make one of several fragments.

A single letter from outside, one Welsh circumflex, would have the whole text sent in another alphabet, with less than
half the room (67 letters a fragment). What a text is for is a reference, a place and a telephone number: so letters
are written without what GSM-7 does not have ("Siân" as "Sian"), much as Notify itself does with most of them.
"""

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")
"""These take the room of two."""

_INSTEAD = {
    **dict.fromkeys("‐‑‒–—−·•‣", "-"),
    **dict.fromkeys("‘’‚′`´", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    **dict.fromkeys("\t\r\u00a0\u202f\u2009", " "),
    "…": "...",
    "Ł": "L",
    "ł": "l",
    "đ": "d",
    "Đ": "D",
    "ı": "i",
}

UNKNOWN = "?"


def length(text: str) -> int:
    """How much room the text takes, in letters of GSM-7."""
    return sum(2 if letter in EXTENDED else 1 for letter in text)


def sendable(text: str) -> str:
    """The text in letters of GSM-7; a run of what has no likeness there becomes one question mark."""
    said: list[str] = []
    for letter in text:
        found = _likeness(letter)
        if found and (found != UNKNOWN or letter == UNKNOWN or said[-1:] != [UNKNOWN]):
            said.append(found)
    return "".join(said)


def _likeness(letter: str) -> str:
    if letter in BASIC or letter in EXTENDED:
        return letter
    if letter in _INSTEAD:
        return _INSTEAD[letter]
    if unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cc"):
        return ""  # a mark on the letter before it, or nothing that is seen
    plain = unicodedata.normalize("NFKD", letter)[0]
    return plain if plain in BASIC else UNKNOWN


def cut(text: str, room: int) -> str:
    """As much of the text as fits into so much room; what is cut off ends in three dots. "" where it is too little."""
    if length(text) <= room:
        return text
    while text and length(text) > room - 3:
        text = text[: min(len(text) - 1, room - 3)]
    return f"{text.rstrip()}..." if len(text) > MIN_WORTH else ""


MIN_WORTH = 8
"""Less than so many letters of a line tell nobody anything."""
