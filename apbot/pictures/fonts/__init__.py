"""The fonts of pictures and PDFs: they have the letters of every name that a school may have to write."""

from pathlib import Path

REGULAR = Path(__file__).parent / "DejaVuSans.ttf"
BOLD = Path(__file__).parent / "DejaVuSans-Bold.ttf"
