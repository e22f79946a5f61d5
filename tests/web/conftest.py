"""The town's web chat, its visitors, and a real browser."""

import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.day import Day
from tests.web.office import Office
from tests.web.site import Clerk, Served, Site
from tests.web.visitor import Visitor

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def clerk() -> Clerk:
    """Who answers what people do."""
    return Clerk()


@pytest.fixture
def site(tmp_path: Path, clerk: Clerk) -> Iterator[Site]:
    """The town's chat at half past nine on a Thursday."""
    made = Site(tmp_path, clerk.handle)
    yield made
    made.close()


@pytest.fixture
async def office(day: Day) -> AsyncIterator[Office]:
    """apbot's pages beside a day of the stories."""
    made = Office(day)
    yield made
    await made.close()


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[Visitor]:
    """A browser that nobody has signed in on."""
    transport = httpx.ASGITransport(app=site.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://apbot.test") as client:
        yield Visitor(site, client)


@pytest.fixture
async def sam(site: Site) -> AsyncIterator[Visitor]:
    """Sam Taylor of Oak Farm, signed in."""
    transport = httpx.ASGITransport(app=site.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://apbot.test") as client:
        visitor = Visitor(site, client)
        await visitor.sign_in("Sam Taylor")
        yield visitor


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    """The same on a real server."""
    with Served(site) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium. For one module: Playwright keeps an event loop running, beside which no test is async."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: Debian's is installed by `apt install chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIETLY))
        yield chromium
        chromium.close()


class Windows:
    """Windows of the browser, each with somebody's own pages in it.

    One that was closed is used again, with nobody signed in on it: a new one costs half a second of processor time,
    and so does the first page in one on which none is open.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._closed: dict[str, list[BrowserContext]] = defaultdict(list)

    @contextmanager
    def open(self, width: int, height: int, **options: Any) -> Iterator[Page]:
        """A page in a window of its own, of this size; its context is given the other options."""
        closed = self._closed[repr(sorted(options.items()))]
        context = closed.pop() if closed else self._browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        yield page
        *others, last = context.pages
        last.goto("about:blank")
        for each in others:
            each.close()
        context.clear_cookies()
        closed.append(context)


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Windows:
    """Windows to open."""
    return Windows(browser)


OpenPage = Callable[..., Page]


@pytest.fixture
def page_of(windows: Windows, served: Served) -> Iterator[OpenPage]:
    """Opens a page for a person, in a window of their own, and signs them in."""
    problems: list[str] = []
    with ExitStack() as opened:

        def open_page(name: str = "", width: int = 1280, height: int = 800, **options: Any) -> Page:
            page = opened.enter_context(windows.open(width, height, **options))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on(
                "console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None
            )
            if name:  # what the button on the page behind a link posts: a page less to draw for each test
                signed_in = page.context.request.post(served.url + served.site.link(name), max_redirects=0)
                page.goto(served.url + signed_in.headers["location"])
                if options.get("java_script_enabled", True):
                    page.wait_for_selector("#link[data-state=live]")
            return page

        yield open_page
    assert not problems, f"the page's scripts failed: {problems}"
