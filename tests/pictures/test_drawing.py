"""The drawing itself: a valid PNG of a size that every platform takes, which does not rely on colour."""

import base64
import io

import pytest
from PIL import Image

from apbot.cards import Picture
from apbot.domain.codes import MEANINGS
from apbot.messages.week_digest import PICTURED
from apbot.pictures.drawing import STYLES, png

CODES = ("B", "B", "B", "N", "I", "Y4", "·", "", "K", "O")


def picture(pupils: int, days: int = 15) -> Picture:
    """As big as a digest's can be, with something else in every cell."""
    signs = [tuple(CODES[(row * 7 + column) % len(CODES)] for column in range(2 * days)) for row in range(pupils)]
    return Picture(
        title="Hillcrest: sessions at providers to Fri 11 Sep 2026",
        alt="...",
        columns=tuple(f"Mon {day}" for day in range(1, days + 1)),
        rows=tuple((f"AB{row:02}", each) for row, each in enumerate(signs)),
        line=tuple((f"{day} Sep", 80.0 + day / 2) for day in range(6)),
    )


def opened(file: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(file))
    image.load()
    return image


def test_it_is_a_png_that_can_be_opened_and_grows_with_what_it_shows() -> None:
    small, big = opened(png(picture(2))), opened(png(picture(12)))
    assert small.format == "PNG"
    assert big.height - small.height == 10 * 24
    assert small.width == big.width


def test_the_biggest_of_a_digest_fits_into_the_smallest_message() -> None:
    file = png(picture(PICTURED))
    assert len(base64.b64encode(file)) < 24_500  # a message of Teams, with its card around it
    assert opened(file).width < 1000


@pytest.mark.parametrize(
    "strange",
    [
        Picture("", ""),
        Picture("A title and nothing else", "nothing"),
        Picture("One point", "a", line=(("7 Sep", 0.0),)),
        Picture("Full marks", "a", line=(("7 Sep", 100.0), ("14 Sep", 100.0))),
        Picture("A long reference", "a", ("Mon 7",), (("A" * 40, ("B", "N")), ("Žluťoučký-1", ("", "·")))),
        Picture("A code that nobody knows", "a", ("Mon 7",), (("AB12", ("??", "B")),)),
    ],
    ids=lambda each: each.title or "empty",
)
def test_whatever_it_is_given_it_draws(strange: Picture) -> None:
    assert opened(png(strange)).width >= 480


def _luminance(colour: str) -> float:
    """How bright, by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_code_has_a_colour_that_its_letters_can_be_read_on() -> None:
    for code in MEANINGS:
        assert sum(code in codes for _, codes, _, _ in STYLES) == 1, code
    for words, _, below, ink in STYLES:
        assert _contrast(below, ink) >= 7, words


def test_absence_that_is_not_authorised_stands_out_in_black_and_white_too() -> None:
    by_words = {words: below for words, _, below, _ in STYLES}
    for words, below in by_words.items():
        if words != "unauthorised absence":
            assert _contrast(below, by_words["unauthorised absence"]) >= 4.5, words


def test_the_same_picture_is_drawn_once() -> None:
    assert png(picture(3)) is png(picture(3))
