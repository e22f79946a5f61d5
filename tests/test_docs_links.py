"""Every page and picture that README and the docs lead to is there, and every picture is shown somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


def targets(page: Path) -> list[Path]:
    """What a page leads to in this repository."""
    found = (link or image for link, image in LINK.findall(page.read_text(encoding="utf-8")))
    inside = (each.partition("#")[0] for each in found if not each.startswith(("http:", "https:", "mailto:", "#")))
    return [(page.parent / each).resolve() for each in inside]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_leads_to_is_there(page: Path) -> None:
    assert [each for each in targets(page) if not each.exists()] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {each for page in PAGES for each in targets(page)}
    assert set((ROOT / "docs" / "images").glob("*.png")) <= shown
