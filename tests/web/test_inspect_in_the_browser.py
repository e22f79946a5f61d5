"""The inspector's pack in Chromium, on a telephone and at a desk."""

import itertools
from datetime import date

import pytest

from tests import history
from tests.web.conftest import OpenPage
from tests.web.site import Served


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pack_reads_without_scrolling_sideways(page_of: OpenPage, served: Served, width: int) -> None:
    site = served.site
    site.database.run(history.put, site.ids, date(2026, 9, 2), {"CD34": "BB NN OO BN NN BB Y4 UU"})
    page = page_of("Dorothy Okafor", width=width, height=844)
    page.goto(f"{served.url}/inspect/CD34")
    assert page.title() == "Placement pack: CD34 Joana da Silva – apbot"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    levels = page.eval_on_selector_all("h1, h2, h3", "all => all.map(each => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.get_by_role("row", name="Autumn 1").is_visible()
    assert page.get_by_text("Aims").first.is_visible()
    small = page.eval_on_selector_all(
        "main *:not(.unseen)",
        "all => all.filter(each => each.textContent.trim() && parseFloat(getComputedStyle(each).fontSize) < 13).length",
    )
    assert small == 0


def test_its_pdf_comes_as_a_file(page_of: OpenPage, served: Served) -> None:
    page = page_of("Dorothy Okafor")
    page.goto(f"{served.url}/inspect/CD34")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Take it as a PDF").click()
    assert coming.value.suggested_filename == "placement-pack-CD34.pdf"
