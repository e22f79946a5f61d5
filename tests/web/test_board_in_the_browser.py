"""The board as people look at it: it changes by itself, counts down, and fits a telephone and a sheet of paper."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apbot.app import App
from apbot.domain.walltime import instant, parse_wall
from apbot.handlers.dispatch import handle
from tests.web.site import THURSDAY, Served, Site

OpenPage = Callable[..., Page]
Until = Callable[[str], None]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The town's chat with apbot's own handlers behind it."""
    made = Site(tmp_path, handle)
    yield made
    made.close()


@pytest.fixture
def until(site: Site, served: Served) -> Until:
    """Let the clock on the wall show a time, and do what is due then."""
    app = App(site.settings, site.database, [site.webchat])

    def move(at: str) -> None:
        site.clock.set(instant(THURSDAY, parse_wall(at)))
        served.run(app.tick())

    return move


@pytest.fixture
def board_of(page_of: OpenPage, served: Served) -> OpenPage:
    """Opens somebody's board."""

    def open_board(name: str, *size: int, **options: object) -> Page:
        page = page_of(name, *size, **options)
        page.goto(f"{served.url}/board")
        if options.get("java_script_enabled", True):
            page.wait_for_selector("#link[data-state=live]")
        return page

    return open_board


def test_what_the_provider_says_is_on_the_board_at_once(board_of: OpenPage, page_of: OpenPage, until: Until) -> None:
    until("06:00")
    until("09:30")
    priya, sam = board_of("Priya Nair"), page_of("Sam Taylor", 390, 844)
    expect(priya.locator(".verdict")).to_contain_text("3 pupils without an answer yet")
    sam.get_by_role("button", name="Arrived, AB12").click()
    expect(priya.locator(".verdict")).to_contain_text("2 pupils without an answer yet")
    oak_farm = priya.locator(".provider", has_text="Oak Farm")
    expect(oak_farm.get_by_role("row", name="AB12 Jay Ward")).to_contain_text("Arrived")
    until("10:00")
    expect(priya.locator(".verdict")).to_contain_text("2 pupils are not accounted for")
    expect(priya).to_have_title("(2) Hillcrest today – apbot")
    expect(priya.locator("#shout")).to_contain_text("New alert. Not arrived: Oak Farm, am from 09:30")


def test_the_time_to_the_alert_counts_down_by_apbots_clock(board_of: OpenPage, until: Until) -> None:
    until("06:00")
    until("09:30")
    priya = board_of("Priya Nair")
    first = priya.locator(".until").first
    expect(first).to_have_text("29:58")
    expect(first).to_have_text("29:57")


def test_a_keyboard_stays_where_it_is_when_the_board_changes(
    board_of: OpenPage, page_of: OpenPage, until: Until
) -> None:
    until("06:00")
    until("09:30")
    priya, sam = board_of("Priya Nair"), page_of("Sam Taylor")
    link = priya.locator(".provider", has_text="The Garage").get_by_role("link", name="EF56 Mo Hassan")
    link.focus()
    sam.get_by_role("button", name="Arrived, AB12").click()
    expect(priya.locator(".verdict")).to_contain_text("2 pupils without")
    expect(link).to_be_focused()


@pytest.mark.parametrize("name", ["Priya Nair", "Ada Quill", "Sam Taylor"])
def test_it_fits(board_of: OpenPage, until: Until, name: str) -> None:
    until("06:00")
    until("10:00")
    page = board_of(name)
    for size, scheme in ((1280, "light"), (390, "dark"), (320, "light")):
        page.set_viewport_size({"width": size, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window == size, f"{name}'s board is wider than the window"


def test_without_scripts_the_page_loads_itself_again(board_of: OpenPage, until: Until) -> None:
    until("06:00")
    until("09:48")
    page = board_of("Priya Nair", java_script_enabled=False)
    expect(page.locator(".until").first).to_have_text("12 min")
    expect(page.locator(".notice").first).to_have_text("This page loads itself again every minute.")
    assert 'http-equiv="refresh" content="60"' in page.content()


def test_on_paper_there_is_the_board_and_nothing_to_press(board_of: OpenPage, until: Until) -> None:
    until("06:00")
    until("10:00")
    page = board_of("Priya Nair")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".tools")).to_be_hidden()
    expect(page.locator(".asof")).to_contain_text("As it stood at 10:00")
    expect(page.locator(".alert").first).to_be_visible()


def test_who_is_signed_out_is_told_that_the_board_is_old(board_of: OpenPage, served: Served, until: Until) -> None:
    until("06:00")
    page = board_of("Priya Nair")
    page.locator(".me form").first.evaluate(
        "form => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})"
    )
    expect(page.locator("#link")).to_have_text("Signed out: this is old")
