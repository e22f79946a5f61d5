"""The whole of apbot, from a tap at the farm to the DSL's telephone and back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apbot.app import App
from apbot.domain.walltime import instant, parse_wall
from apbot.handlers.dispatch import handle
from tests.web.site import THURSDAY, Served, Site

OpenPage = Callable[..., Page]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The town's chat with apbot's own handlers behind it."""
    made = Site(tmp_path, handle)
    yield made
    made.close()


@pytest.fixture
def until(site: Site, served: Served) -> Callable[[str], None]:
    """Let the clock on the wall show a time, and do what is due then."""
    app = App(site.settings, site.database, [site.webchat])

    def move(at: str) -> None:
        site.clock.set(instant(THURSDAY, parse_wall(at)))
        served.run(app.tick())

    return move


def test_a_pupil_who_does_not_arrive(page_of: OpenPage, until: Callable[[str], None]) -> None:
    until("06:00")
    sam, dorothy = page_of("Sam Taylor", 390, 844), page_of("Dorothy Okafor", 390, 844)
    until("09:30")
    expect(sam.get_by_role("heading", name="Register: Oak Farm, am")).to_be_visible()

    until("09:31")
    sam.get_by_role("button", name="Arrived, AB12").click()
    expect(sam.locator("#toast")).to_contain_text("AB12")
    until("09:31")
    expect(sam.locator(".rows > li", has_text="AB12")).to_contain_text("Sam Taylor, 09:31")
    expect(dorothy.locator("#log .card")).to_have_count(0)

    until("10:00")
    alert = dorothy.locator(".card[data-tone=alert]", has_text="Oak Farm")
    expect(alert.get_by_role("heading")).to_contain_text("Not arrived: 1 pupil, Oak Farm, am")
    expect(alert).to_contain_text("CD34 J.S.")
    expect(alert).not_to_contain_text("Joana")
    alert.get_by_role("button", name="Acknowledge").click()
    expect(dorothy.locator("#toast")).to_contain_text("Acknowledged")
    until("10:02")
    asked = dorothy.locator(".card[data-tone=ask]", has_text="Oak Farm")
    expect(asked).to_contain_text("Acknowledged by Dorothy Okafor at 10:00")

    asked.locator("summary", has_text="Record outcome").click()
    asked.get_by_role("radio", name="At home ill, confirmed with a parent").check()
    asked.get_by_role("button", name="Record outcome").last.click()
    expect(dorothy.locator("#problem")).to_be_hidden()
    until("10:05")
    expect(dorothy.locator(".card[data-tone=done]", has_text="Oak Farm")).to_contain_text("at home ill")


def test_a_register_answered_in_words(page_of: OpenPage, until: Callable[[str], None]) -> None:
    until("06:00")
    sam = page_of("Sam Taylor")
    until("09:30")
    expect(sam.get_by_role("heading", name="Register: Oak Farm, am")).to_be_visible()
    sam.get_by_label("Message", exact=True).fill("all in except CD34")
    sam.get_by_label("Message", exact=True).press("Enter")
    expect(sam.locator(".line.mine .words")).to_have_text("all in except CD34")
    expect(sam.locator(".line.bot").last).to_contain_text("CD34")
