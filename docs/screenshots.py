"""Takes the pictures of docs/ from the demo, so that they show what the program shows: scripts/screenshots."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from apbot.demo.mornings import MORNINGS
from apbot.demo.roster import DAY
from apbot.demo.script import Say, Sweep, Tap
from apbot.demo.server import DemoServer, listen
from apbot.demo.stage import Stage
from apbot.domain.escalation import Outcome
from apbot.domain.walltime import instant, local_date

IMAGES = Path(__file__).with_name("images")
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
COLUMN = {"width": 620, "height": 820}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DIGEST = {"width": 720, "height": 2400}
PAGE = {"width": 1180, "height": 900}
AFTER = date(2026, 10, 5)
"""The Monday on which the pictures of the weeks are taken."""

ILL = {"OAK-ST": "CD34", "YARD-DP": "DK43", "GARAGE-GS": "AB12", "BOATS-CH": "KW38", "KITCHEN-RB": "MW82"}
"""Who is ill on a day, by who answers for them: one provider after the other, a day each."""

AT_HOME = {"outcome": Outcome.HOME_ILL.value, "words": ""}
PHONED = {"whom": "named contact", "how": "telephone"}
CONTACTED = ("AB12", "EF56", "GH78", "MW82", "DK43", "KW38", "KT20", "VR63", "HM52", "LM41", "NP65", "DV17", "BN85")
"""Whose key workers spoke to the provider in the last week; in the weeks before it all did."""

WEDNESDAY = 2
KEY_WORKERS = ("HILL-KL", "HILL-RJ")
CONTACTS = ("HILL-PN", "MARSH-AP", "TARN-MN")


class Theatre:
    """The demo on a server of its own, moved by hand."""

    def __init__(self) -> None:
        self._up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.server = DemoServer(MORNINGS["bad"], listen(None), lambda _: self._up.set())
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self.server.perform()))
        self._thread.start()
        self._up.wait(30)

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self.server.stage

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something in the server's own loop."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def at(self, hour: int, minute: int) -> None:
        """Let the morning go on until then."""
        day = local_date(self.stage.performance.now)
        self.run(self.stage.jump(instant(day, time(hour, minute))))

    def afternoon(self) -> None:
        """Go on to when the day's codes are asked for, past the end of the morning."""
        self.run(self._day(DAY, "13:01", "15:31", "15:50"))

    def weeks(self) -> None:
        """Go on to the morning of `AFTER`: registers answered, who is ill found at home, codes confirmed."""

        async def go_on() -> None:
            # What watches over the demo's own morning knows nothing of other days.
            self.stage.performance.app.database.listeners.remove(self.stage._committed)
            await self._sweep("codes_all")
            day = DAY
            while (day := day + timedelta(days=1)) < AFTER:
                await self._day(day, "05:01", "08:01", "08:16", "09:31", "10:01", "13:01", "13:31", "15:31", "15:50")
                await self._sweep("codes_all")
            await self._day(AFTER, "05:01", "08:01", "08:16")

        self.run(go_on())

    async def _day(self, day: date, *moments: str) -> None:
        performance = self.stage.performance
        for at in moments:
            performance.clock.set(instant(day, time.fromisoformat(at)))
            await performance.app.tick()
            if at in ("09:31", "13:01"):
                await self._registers(day)
            if at in ("10:01", "13:31"):
                await self._sweep("acknowledge")
                await self._sweep("outcome", AT_HOME)
            if at == "08:16" and day.weekday() == WEDNESDAY:
                await self._contacts(day)
            await performance.app.tick()

    async def _contacts(self, day: date) -> None:
        for who in KEY_WORKERS:
            if day < AFTER - timedelta(days=7):
                await self.stage.performance.actors.do(Sweep(who, "duty_done", PHONED))
            for pupil in CONTACTED:
                await self.stage.performance.actors.do(Tap(who, "duty_done", pupil, PHONED))

    async def _registers(self, day: date) -> None:
        who = list(ILL)[day.toordinal() % len(ILL)] if day > DAY else ""
        for person, place in self.stage.performance.conversations.items():
            if place.startswith("provider"):
                ill = f"{ILL[person]} ill, rest in" if person == who else "all in"
                await self.stage.performance.actors.do(Say(person, ill))
                await self.stage.performance.actors.do(Say(person, "all in"))

    async def _sweep(self, verb: str, inputs: Mapping[str, str] | None = None) -> None:
        for who in CONTACTS:
            await self.stage.performance.actors.do(Sweep(who, verb, inputs or {}))

    def chat(self, who: str, conversation: str = "") -> str:
        """The address of somebody's chat."""
        person = self.stage.performance.ids[who]
        path = conversation or f"person:{person}"
        return self.page(who, f"chat/{path}")

    def page(self, who: str, path: str) -> str:
        """The address of a page, as somebody sees it."""
        return f"{self.server.url}as/{self.stage.run_number}/{who}/{path}"

    def provider(self, who: str) -> str:
        """The conversation that somebody shares with their provider."""
        return str(self.stage.performance.conversations[who])

    def close(self) -> None:
        """Let everybody go home."""
        self.server.should_exit = True
        self._thread.join(30)
        self._loop.close()


def take(browser: Browser, url: str, name: str, size: dict[str, int], *, top: bool = False, only: str = "") -> None:
    """One picture; of the last thing that `only` finds, where it is given."""
    page = browser.new_page(viewport=size, device_scale_factor=1.5)  # type: ignore[arg-type]
    page.goto(url, wait_until="domcontentloaded")
    page.locator("article, .card, main").first.wait_for()
    for dialog in page.locator("dialog[open] button").all()[-1:]:
        dialog.click()
    page.wait_for_function("document.fonts.ready.then(() => true)")
    if top:
        page.evaluate("document.querySelectorAll('*').forEach(e => { e.scrollTop = 0 })")
    page.wait_for_timeout(900)  # what slides into place has done so
    shown = page.locator(only).last if only else page
    shown.screenshot(path=IMAGES / f"{name}.png")
    page.close()


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    theatre = Theatre()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
            theatre.at(9, 30)
            take(browser, theatre.chat("GARAGE-GS", theatre.provider("GARAGE-GS")), "provider-phone", PHONE)
            theatre.at(10, 0)
            take(browser, theatre.chat("HILL-PN"), "alert", COLUMN)
            take(browser, theatre.chat("HILL-DO"), "dsl-phone", PHONE)
            theatre.at(10, 5)
            take(browser, theatre.chat("HILL-KL"), "key-worker", COLUMN)
            take(browser, theatre.server.url, "demo", DESKTOP)
            take(browser, theatre.page("HILL-PN", "board"), "board", PAGE, top=True)
            take(browser, theatre.page("HILL-PN", "board"), "board-phone", PHONE, top=True)
            theatre.at(10, 40)
            theatre.afternoon()
            take(browser, theatre.chat("HILL-PN"), "codes", COLUMN)
            theatre.weeks()
            take(browser, theatre.chat("HILL-KL"), "list", COLUMN)
            take(browser, theatre.chat("HILL-DO"), "week", DIGEST, only="article:has(img)")
            take(browser, theatre.page("HILL-DO", "placements/CD34-OAK"), "placement", PAGE)
            take(browser, theatre.page("HILL-DO", "inspect/CD34"), "inspection", PAGE)
            browser.close()
    finally:
        theatre.close()


if __name__ == "__main__":
    main()
