"""Numbers in words, for times, counts and dictated references."""

from collections.abc import Sequence

UNITS = {
    word: number
    for number, word in enumerate(
        (
            *(
                "zero",
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
            ),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fourty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}


def number_at(words: Sequence[str]) -> tuple[int, int] | None:
    """The number that the words start with, in figures or in words, and how many words it takes."""
    if not words:
        return None
    if words[0].isdecimal():
        return (int(words[0]), 1) if len(words[0]) <= 4 else None
    if words[0] in TENS:
        unit = UNITS.get(words[1], 0) if len(words) > 1 else 0
        return (TENS[words[0]] + unit, 2) if 1 <= unit <= 9 else (TENS[words[0]], 1)
    return (UNITS[words[0]], 1) if words[0] in UNITS else None
