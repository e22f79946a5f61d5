"""The page behind a letter's link on a telephone, in a browser that runs no scripts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Windows
from tests.web.letterbox import LetterSite
from tests.web.site import Served, Site
from tests.web.test_in_the_browser import widths

TOO_SMALL = """() => [...document.querySelectorAll("a.button, button, summary, select, textarea, input, .choice")]
  .filter((each) => each.checkVisibility() && !["hidden", "radio"].includes(each.type))
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 56 || box.width < 56)
  .map(([html]) => html)"""

OpenLetter = Callable[..., Page]


@pytest.fixture
def open_letter(windows: Windows, tmp_path: Path) -> Iterator[OpenLetter]:
    """Opens the link of a letter on a telephone, at a time of the morning."""
    made = ExitStack()

    def open_page(at: str, person: str, kind: str = "register", button: str = "") -> Page:
        site = made.enter_context(closing(LetterSite(tmp_path, at)))
        served = made.enter_context(Served(cast("Site", site)))
        page = made.enter_context(windows.open(360, 740, has_touch=True, java_script_enabled=False))
        page.goto(served.url + site.link(person, kind, button))
        return page

    with made:
        yield open_page


def test_a_register_is_answered_with_the_thumb(open_letter: OpenLetter) -> None:
    page = open_letter("09:46", "Sam Taylor")
    expect(page.get_by_text("For Sam T.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Arrived, AB12", exact=True).tap()
    expect(page.get_by_role("status")).to_contain_text("AB12: arrived")
    page.locator("summary", has_text="Late").first.tap()
    page.get_by_label("Arrived at").first.fill("09:40")
    page.get_by_role("button", name="Late, CD34").last.tap()
    expect(page.get_by_role("status")).to_contain_text("CD34: arrived late at 09:40 (10 minutes)")
    page.get_by_label("Or type it").fill("GH78 not here, ill")
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_role("status")).to_contain_text("GH78: not arrived: ill")
    expect(page.get_by_text("All answered. Thank you.")).to_be_visible()
    page.get_by_role("link", name="Look again").tap()
    expect(page.get_by_role("status")).to_have_count(0)
    expect(page.get_by_text("As it stood at 09:46.")).to_be_visible()


def test_everything_is_in_one_column_and_big_enough_for_a_muddy_thumb(open_letter: OpenLetter) -> None:
    page = open_letter("09:46", "Sam Taylor")
    for summary in page.locator("summary").all():
        summary.tap()
    wide, window = widths(page)
    assert wide <= window
    assert page.evaluate(TOO_SMALL) == []
    left = {round(each.bounding_box()["x"]) for each in page.locator(".rows > li").all()}  # type: ignore[index]
    assert len(left) == 1


def test_everything_has_a_name_and_the_page_an_order(open_letter: OpenLetter) -> None:
    page = open_letter("09:46", "Sam Taylor")
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((each) => each.tagName)")
    assert levels[0] == "H1"
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size") == page.evaluate(
        "document.querySelectorAll('[id]').length"
    )
    names = page.locator("body").aria_snapshot()
    assert '- button "All arrived, Oak Farm"' in names
    assert '- textbox "Or type it"' in names
    assert "- button\n" not in names


def test_an_alert_is_asked_first_and_acknowledged_with_one_tap(open_letter: OpenLetter) -> None:
    page = open_letter("10:01", "Alan Pugh", "escalation", "acknowledge")
    yes = page.get_by_role("button", name="Yes, I acknowledge")
    expect(yes).to_be_focused()
    expect(yes).to_be_in_viewport()
    yes.tap()
    expect(page.get_by_role("status")).to_contain_text("Acknowledged")
    expect(page.get_by_text("Acknowledged by Alan Pugh at 10:01.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Acknowledged by Alan Pugh at 10:01.")).to_be_visible()
