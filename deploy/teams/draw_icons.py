"""Draws the two icons of the Teams app: a register's line with a tick. Run it in this folder to draw them again."""

import struct
import zlib
from pathlib import Path

BLUE = (0x1F, 0x5F, 0x8B, 255)
WHITE = (255, 255, 255, 255)
CLEAR = (255, 255, 255, 0)

STROKES = (((0.26, 0.54), (0.43, 0.70)), ((0.43, 0.70), (0.76, 0.32)))
"""The tick, from end to end, in parts of the icon's width."""

FINE = 4
"""So many samples each way for one point, so that edges are smooth."""


def png(width: int, background: tuple[int, int, int, int], thickness: float) -> bytes:
    """A square picture of the tick in white on `background`."""
    rows = bytearray()
    for y in range(width):
        rows.append(0)
        for x in range(width):
            inked = sum(
                _is_inked((x + (i + 0.5) / FINE) / width, (y + (j + 0.5) / FINE) / width, thickness)
                for i in range(FINE)
                for j in range(FINE)
            )
            share = inked / FINE**2
            rows += bytes(round(w * share + b * (1 - share)) for w, b in zip(WHITE, background, strict=True))
    header = struct.pack(">IIBBBBB", width, width, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    )


def _is_inked(x: float, y: float, thickness: float) -> bool:
    for (from_x, from_y), (to_x, to_y) in STROKES:
        along_x, along_y = to_x - from_x, to_y - from_y
        at = ((x - from_x) * along_x + (y - from_y) * along_y) / (along_x**2 + along_y**2)
        at = min(max(at, 0.0), 1.0)
        if (x - from_x - at * along_x) ** 2 + (y - from_y - at * along_y) ** 2 <= (thickness / 2) ** 2:
            return True
    return False


if __name__ == "__main__":
    here = Path(__file__).parent
    (here / "color.png").write_bytes(png(192, BLUE, 0.11))
    (here / "outline.png").write_bytes(png(32, CLEAR, 0.12))
