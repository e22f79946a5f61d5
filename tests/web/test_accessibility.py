"""Every page held against axe-core's rules (WCAG 2.2 A and AA, and good practice), on a desk and on a telephone."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from apbot.store.signin import make_link
from tests.web.conftest import Windows
from tests.web.letterbox import LetterSite
from tests.web.site import Served, Site
from tests.web.visits import amended, visited

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what was found to be right is not described: half the time
}
ON_A_DESK, ON_A_TELEPHONE = (1280, 900, "light"), (390, 844, "dark")

PAGES = (
    ("", "/"),
    ("", "/signin/LINK"),
    ("", "/signin/guess"),
    ("", "/nowhere"),
    ("", "/m/LETTER register"),
    ("", "/m/LETTER escalation"),
    ("", "/m/BUTTON acknowledge"),
    ("", "/api/docs"),
    ("Sam Taylor", "/chat"),
    ("Dorothy Okafor", "/chat"),
    ("Dorothy Okafor", "/board"),
    ("Ada Quill", "/board"),
    ("Sam Taylor", "/board"),
    ("Dorothy Okafor", "/names"),
    ("Dorothy Okafor", "/placements/CD34-OAK"),
    ("Sam Taylor", "/placements/CD34-OAK"),
    ("Dorothy Okafor", "/providers/OAK%20"),
    ("Dorothy Okafor", "/inspect/CD34"),
    ("Ada Quill", "/files"),
    ("Ada Quill", "/files/attendance.csv"),
    ("Dorothy Okafor", "/calendar"),
    ("Dorothy Okafor", "/placements/NONE"),
)
"""Who opens what, at five past ten: alerts are open, some have been seen to."""


@dataclass
class Town:
    """A morning at five past ten, served to real browsers."""

    site: LetterSite
    served: Served
    windows: Windows

    def address(self, path: str) -> str:
        """The address of a page; LINK, LETTER and BUTTON stand for secrets."""
        if "LINK" in path:
            return self.served.url + self.link("Sam Taylor")
        if "LETTER" in path or "BUTTON" in path:
            what, kind = path.removeprefix("/m/").split()
            person = "Sam Taylor" if kind == "register" else "Dorothy Okafor"
            given = ("escalation", kind) if what == "BUTTON" else (kind, "")
            return self.served.url + self.site.link(person, *given)
        return self.served.url + path

    def link(self, name: str) -> str:
        made = self.site.database.run(make_link, self.site.ids[name], timedelta(hours=1))
        return f"/signin/{made.secret}"


@pytest.fixture(scope="module")
def town(windows: Windows, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One morning for all of these tests: they only look."""
    with ExitStack() as made:
        site = made.enter_context(closing(LetterSite(Path(tmp_path_factory.mktemp("town")), "10:05")))
        site.database.run(visited, site.ids, "calm")
        site.database.run(amended, site.ids["Priya Nair"], "tired")
        yield Town(site, made.enter_context(Served(cast("Site", site))), windows)


@contextmanager
def opened(town: Town, name: str, path: str, size: tuple[int, int, str]) -> Iterator[Page]:
    width, height, scheme = size
    with town.windows.open(width, height, color_scheme=scheme, reduced_motion="reduce") as page:
        if name:
            page.context.request.post(town.served.url + town.link(name), max_redirects=0)
        page.goto(town.address(path))
        yield page


@pytest.mark.parametrize("size", [ON_A_DESK, ON_A_TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize(("name", "path"), PAGES)
def test_a_page_breaks_no_rule(town: Town, name: str, path: str, size: tuple[int, int, str]) -> None:
    with opened(town, name, path, size) as page:
        for summary in page.locator("main details > summary").all():
            summary.evaluate("each => { each.parentElement.open = true }")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, "nothing has to be moved sideways"


def test_a_new_address_of_a_calendar_is_shown_so_that_everybody_can_copy_it(town: Town) -> None:
    with opened(town, "Kit Lowry", "/calendar", ON_A_TELEPHONE) as page:
        page.get_by_role("button", name="Make an address").click()
        assert page.get_by_label("The address of your calendar").input_value().endswith(".ics")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
