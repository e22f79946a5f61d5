"""Draws a card's picture: codes in a grid above, a line over the weeks below. No meaning is in the colour alone.

The colours can be told apart by who sees few of them, and in black and white; each cell has its code besides.
"""

import asyncio
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from apbot.cards import Picture
from apbot.domain.codes import AUTHORISED, NOT_COUNTED, PRESENT, UNAUTHORISED
from apbot.pictures.fonts import BOLD, REGULAR

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

MARGIN, CELL_WIDTH, CELL_HEIGHT, GAP = 16, 24, 22, 2
LABEL_MOST = 14
"""Characters of what a row is about."""
LINE_HEIGHT = 130
LEAST_WIDTH = 620
COLOURS = 16
"""So few make the file a third as big, and no eye misses the others."""

INK, PALE, RULE = "#1b1b1b", "#5b5b5b", "#c9c9c9"
STYLES: tuple[tuple[str, frozenset[str], str, str], ...] = (
    ("attended", PRESENT, "#cfe3f5", INK),
    ("authorised absence", AUTHORISED, "#f0b23e", INK),
    ("unauthorised absence", UNAUTHORISED, "#7a1f00", "#ffffff"),
    ("not counted", NOT_COUNTED, "#dcdcdc", INK),
)
"""What a code counts as: in words, which codes, the colour of its cell, and that of its letters."""

Box = tuple[float, float, float, float]


async def draw(picture: Picture) -> bytes:
    """The picture as a PNG, drawn beside everything else."""
    return await asyncio.to_thread(png, picture)


@lru_cache(maxsize=8)
def png(picture: Picture) -> bytes:
    """The picture as a PNG. The last few are kept: a school's leads get the same one."""
    from PIL import Image, ImageDraw  # a few megabytes that an apbot without readers of reports never needs

    size = _size(picture)
    image = Image.new("RGB", size, "#ffffff")
    _Sheet(ImageDraw.Draw(image), size[0], picture).draw()
    file = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _size(picture: Picture) -> tuple[int, int]:
    grid_width = _label_width(picture) + 2 * len(picture.columns) * (CELL_WIDTH + GAP)
    height = 2 * MARGIN + 30
    if picture.rows:
        height += 40 + len(picture.rows) * (CELL_HEIGHT + GAP) + 34
    if picture.line:
        height += 40 + LINE_HEIGHT + 28
    return max(LEAST_WIDTH, 2 * MARGIN + grid_width), height


def _label_width(picture: Picture) -> int:
    longest = max((len(about[:LABEL_MOST]) for about, _ in picture.rows), default=0)
    return 12 + 9 * longest


@lru_cache
def _font(size: int, *, bold: bool = False) -> "FreeTypeFont":
    from PIL import ImageFont

    return ImageFont.truetype(BOLD if bold else REGULAR, size)


def _style(sign: str) -> tuple[str, str]:
    """The colours of a cell: the one below, and the one of its letters."""
    return next(((below, ink) for _, codes, below, ink in STYLES if sign in codes), ("#ffffff", INK))


class _Sheet:
    """One drawing, from the top down; `_y` is how far it has come."""

    def __init__(self, on: "ImageDraw", width: int, picture: Picture) -> None:
        self._on = on
        self._width = width
        self._picture = picture
        self._y = MARGIN

    def draw(self) -> None:
        self._on.text((MARGIN, self._y), self._picture.title, INK, _font(16, bold=True))
        self._y += 30
        if self._picture.rows:
            self._grid()
            self._legend()
        if self._picture.line:
            self._line()

    def _grid(self) -> None:
        left = MARGIN + _label_width(self._picture)
        for number, heading in enumerate(self._picture.columns):
            x = left + 2 * number * (CELL_WIDTH + GAP)
            self._on.text((x + CELL_WIDTH + GAP / 2, self._y + 10), heading, INK, _font(11), anchor="mm")
            for half, session in enumerate(("am", "pm")):
                at = x + half * (CELL_WIDTH + GAP) + CELL_WIDTH / 2, self._y + 28
                self._on.text(at, session, PALE, _font(10), anchor="mm")
        self._y += 40
        for about, signs in self._picture.rows:
            middle = self._y + CELL_HEIGHT / 2
            label = about if len(about) <= LABEL_MOST else f"{about[: LABEL_MOST - 1]}…"
            self._on.text((MARGIN, middle), label, INK, _font(13), anchor="lm")
            for number, sign in enumerate(signs):
                self._cell(left + number * (CELL_WIDTH + GAP), self._y, sign)
            self._y += CELL_HEIGHT + GAP

    def _cell(self, x: float, y: float, sign: str) -> None:
        if not sign:
            return
        below, ink = _style(sign)
        self._on.rectangle((x, y, x + CELL_WIDTH, y + CELL_HEIGHT), below, outline=RULE)
        at = x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2
        self._on.text(at, sign, ink, _font(12, bold=ink != INK), anchor="mm")

    def _legend(self) -> None:
        x, y = float(MARGIN), self._y + 10
        for words, _, below, _ in STYLES:
            self._on.rectangle((x, y, x + 14, y + 14), below, outline=RULE)
            self._on.text((x + 20, y + 7), words, INK, _font(11), anchor="lm")
            x += 34 + self._on.textlength(words, _font(11))
        self._on.text((x, y + 7), "· no code yet", INK, _font(11), anchor="lm")
        self._y += 34

    def _line(self) -> None:
        self._on.text((MARGIN, self._y + 12), "Attendance by school week, per cent", INK, _font(13, bold=True))
        top, bottom = self._y + 48, self._y + 40 + LINE_HEIGHT
        points = self._points(top, bottom)
        lowest = self._lowest()
        for percent in (100, (100 + lowest) / 2, lowest):
            y = bottom - (percent - lowest) / (100 - lowest) * (bottom - top)
            self._on.line((MARGIN + 40, y, self._width - MARGIN, y), RULE)
            self._on.text((MARGIN + 34, y), f"{percent:g}", PALE, _font(11), anchor="rm")
        if len(points) > 1:
            self._on.line(points, "#00588a", 3)
        for (x, y), (below, percent) in zip(points, self._picture.line, strict=True):
            self._on.ellipse((x - 5, y - 5, x + 5, y + 5), "#00588a")
            above = y - 16 if y > top + 12 else y + 16
            self._on.text((x, above), f"{percent:g}", INK, _font(12, bold=True), anchor="mm")
            self._on.text((x, bottom + 16), below, INK, _font(11), anchor="mm")

    def _lowest(self) -> float:
        """Where the scale begins: at a round figure under the lowest point, so that a change can be seen."""
        return min(80.0, *(10 * (percent // 10) for _, percent in self._picture.line))

    def _points(self, top: float, bottom: float) -> Sequence[tuple[float, float]]:
        lowest = self._lowest()
        left, right = MARGIN + 80, self._width - MARGIN - 40
        between = (right - left) / max(1, len(self._picture.line) - 1)
        return [
            (left + number * between, bottom - (percent - lowest) / (100 - lowest) * (bottom - top))
            for number, (_, percent) in enumerate(self._picture.line)
        ]
