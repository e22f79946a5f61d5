"""The demo in a real browser: watched to the end, and taken part in, on a desk and on a telephone."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from apbot.demo.mornings import BAD
from apbot.demo.server import DemoServer, listen
from tests.web.conftest import CHROMIUM, QUIETLY, Windows

DESK, TELEPHONE = (1440, 900), (390, 844)

OpenDemo = Callable[..., Page]


class Running:
    """The demo on a real server, in a thread of its own that ends with the block."""

    def __init__(self) -> None:
        self._listening = listen(None)
        self._up = threading.Event()
        self.server = DemoServer(BAD, self._listening, lambda _: self._up.set())
        self._thread = threading.Thread(target=lambda: asyncio.run(self.server.perform()), name="demo")

    def __enter__(self) -> "Running":
        self._thread.start()
        assert self._up.wait(30), "the demo did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self._thread.join(20)
        self._listening.close()
        assert not self._thread.is_alive(), "the demo waits for a page that is open"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium. For one module: Playwright keeps an event loop running, beside which no test is async."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: Debian's is installed by `apt install chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIETLY))
        expect.set_options(timeout=20_000)  # the demo takes its time, and a busy machine more
        yield chromium
        expect.set_options(timeout=5_000)
        chromium.close()


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Windows:
    """Windows to open."""
    return Windows(browser)


@pytest.fixture
def open_demo(windows: Windows) -> Iterator[OpenDemo]:
    """Opens the demo in a window of this size, all windows in one browser; nothing may go wrong in its scripts."""
    problems: list[str] = []
    with Running() as running, windows.open(*DESK, timezone_id="Europe/London") as blank:
        blank.context.set_default_timeout(20_000)

        def open_page(size: tuple[int, int] = DESK) -> Page:
            page = blank.context.new_page()
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on(
                "console",
                lambda said: problems.append(f"{said.text} {said.location}") if said.type == "error" else None,
            )
            page.goto(running.server.url)
            return page

        yield open_page
    assert not problems, problems


def pane(page: Page, name: str) -> FrameLocator:
    """The chat in one of the panes."""
    return page.frame_locator(f"#pane-{name} iframe")


def look_around(page: Page) -> None:
    """Close the introduction without playing."""
    page.get_by_role("button", name="Just look around").click()


def next_until(page: Page, at: str) -> None:
    """From event to event until the clock shows `at`."""
    for _ in range(40):
        before = page.locator("#telling").inner_text()
        page.locator("#next").click()
        expect(page.locator("#telling")).not_to_have_text(before)
        fits(page)
        if page.locator("#clock").inner_text() == at:
            return
    raise AssertionError(f"it never gets to {at}")


def fits(page: Page) -> None:
    """Nothing is wider than the window, nor than its pane."""
    expect(page.locator("iframe.turning")).to_have_count(0)
    too_wide = page.evaluate(
        """() => [document, ...[...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument)]
            .map(({ documentElement: root }) => root.scrollWidth - root.clientWidth)"""
    )
    assert max(too_wide) <= 0, f"too wide by so many pixels, the page first and then the panes: {too_wide}"


def test_the_bad_morning_from_event_to_event_with_a_visitor_in_it(open_demo: OpenDemo) -> None:
    page = open_demo()
    expect(page.get_by_role("dialog")).to_contain_text("Where is every pupil this morning?")
    look_around(page)
    next_until(page, "10:00")
    for name in ("attendance", "safeguarding"):
        alert = pane(page, name).locator("article", has_text="Not arrived: 4 pupils, Riverside Studio, am")
        expect(alert).to_contain_text("Riverside Studio was asked and has said nothing")
    expect(page.locator("#board li[data-missing=yes]")).to_have_count(2)

    page.get_by_label("Whose chat is shown in the provider pane").select_option(label="Mel Ferris, named contact")
    provider = pane(page, "provider")
    provider.get_by_label("Message", exact=True).fill("GH78 and LM41 are here, sorry")
    provider.get_by_role("button", name="Send").click()
    expect(provider.locator("article").last).to_contain_text("GH78")
    expect(pane(page, "safeguarding").locator("article").last).to_contain_text("Arrived: 2 pupils at Riverside Studio")
    expect(page.locator("#telling")).to_contain_text("You stepped in as Mel Ferris.")

    next_until(page, "10:40")
    expect(page.get_by_role("dialog")).to_contain_text("That was a bad morning")
    expect(page.get_by_role("dialog")).to_contain_text("Every one of the forty pupils is accounted for")
    expect(page.locator("#board li[data-missing=yes]")).to_have_count(0)


def test_it_plays_and_waits_for_who_touches_a_chat(open_demo: OpenDemo) -> None:
    page = open_demo()
    page.get_by_role("button", name="Play the bad morning").click()
    page.get_by_role("radio", name="10").check(force=True)
    expect(page.locator("#clock")).not_to_have_text("09:25")
    register = pane(page, "provider").locator("article", has_text="Register: Oak Farm")
    expect(register).to_contain_text("All answered. Thank you.")
    register.locator("h3").click()
    expect(page.locator("body")).to_have_attribute("data-playing", "no")
    expect(page.locator("#play")).to_have_text("Go on")
    page.locator("#play").click()
    expect(page.locator("body")).to_have_attribute("data-playing", "yes")


def test_the_keyboard_and_the_line_of_the_morning_do_as_the_buttons(open_demo: OpenDemo) -> None:
    page = open_demo()
    expect(page.get_by_role("button", name="Play the bad morning")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("iframe.turning")).to_have_count(0)  # a page that loads in a frame may take the focus
    page.locator("body").press("ArrowRight")
    expect(page.locator("#clock")).to_have_text("09:30")
    page.get_by_role("button", name="09:52 The Garage answers, late").click()
    expect(page.locator("#clock")).to_have_text("09:52")
    expect(pane(page, "provider").locator(".words")).to_have_text("all in except CD34")
    expect(page.get_by_role("button", name="09:30 apbot asks all six providers")).to_be_disabled()
    page.locator("body").press(" ")
    expect(page.locator("body")).to_have_attribute("data-playing", "yes")
    page.locator("#play").press(" ")
    expect(page.locator("body")).to_have_attribute("data-playing", "no")


def test_the_panes_follow_the_story_until_somebody_chooses(open_demo: OpenDemo) -> None:
    page = open_demo()
    look_around(page)
    title = page.locator("#pane-provider .title")
    next_until(page, "09:45")
    expect(title).to_have_text("Riverside Studio")
    page.locator("#board").get_by_role("button", name=re.compile("The Boatyard")).click()
    expect(title).to_have_text("The Boatyard")
    next_until(page, "09:52")
    expect(title).to_have_text("The Boatyard")
    page.locator("#pane-provider").get_by_role("button", name="Follow the story").click()
    expect(title).to_have_text("The Garage")


def test_another_morning_begins_anew(open_demo: OpenDemo) -> None:
    page = open_demo()
    for frame in page.locator("iframe").all():  # what a chat of the morning before still asks for is not there any more
        expect(frame.content_frame.locator("#link")).to_have_attribute("data-state", "live")
    page.get_by_role("dialog").get_by_role("button", name="An ordinary one").click()
    expect(page).to_have_title("An ordinary morning – apbot demo")
    expect(page.locator("body")).to_have_attribute("data-playing", "yes")
    page.locator("#play").click()
    expect(page.locator("body")).to_have_attribute("data-playing", "no")
    next_until(page, "10:00")
    page.get_by_role("button", name="A bad morning").click()
    expect(page).to_have_title("A bad morning – apbot demo")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("#clock")).to_have_text("09:25")
    expect(pane(page, "attendance").locator("article")).to_have_count(0)


def test_on_a_telephone_there_is_one_chat_at_a_time(open_demo: OpenDemo) -> None:
    page = open_demo(TELEPHONE)
    look_around(page)
    expect(page.locator(".pane:visible")).to_have_count(1)
    next_until(page, "10:00")
    expect(page.get_by_role("tab", name="Attendance")).to_have_attribute("aria-selected", "true")
    safeguarding = page.get_by_role("tab", name="new in DSL")
    safeguarding.click()
    expect(page.get_by_role("tab", name="DSL", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".pane:visible")).to_have_count(1)
    alert = pane(page, "safeguarding").get_by_role("heading", name="Not arrived: 4 pupils, Riverside Studio, am")
    expect(alert).to_be_visible()

    page.get_by_role("tab", name="Provider").click()
    provider = pane(page, "provider")
    provider.get_by_label("Message", exact=True).fill("CD34 has just walked in")
    provider.get_by_role("button", name="Send").click()
    expect(provider.locator("article").last).to_contain_text("CD34 J.S.: arrived late at 10:00")
    next_until(page, "10:40")
    expect(page.get_by_role("dialog")).to_contain_text("That was a bad morning")
    fits(page)


def test_a_second_window_takes_over_from_the_first(open_demo: OpenDemo) -> None:
    first = open_demo()
    look_around(first)
    second = open_demo()
    expect(first.get_by_role("heading", name="The demo is open in another window")).to_be_visible()
    look_around(second)
    first.get_by_role("link", name="To the start page").click()
    expect(first.locator("#clock")).to_have_text("09:25")
    expect(second.get_by_role("heading", name="The demo is open in another window")).to_be_visible()
