"""Takes the pictures of docs/ from the demo, so that they show what the program shows: scripts/screenshots."""

import asyncio
import threading
from collections.abc import Coroutine
from datetime import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from apbot.channels.web import Deed
from apbot.demo.mornings import MORNINGS
from apbot.demo.server import DemoServer, listen
from apbot.demo.stage import Stage
from apbot.domain.walltime import instant, local_date

IMAGES = Path(__file__).with_name("images")
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
COLUMN = {"width": 620, "height": 820}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


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
        performance = self.stage.performance
        places = {person: place for person, place in performance.conversations.items() if place.startswith("provider")}

        async def go_on() -> None:
            for moment in (time(11, 0), time(13, 1), time(15, 31), time(15, 50)):
                performance.clock.set(instant(local_date(performance.now), moment))
                await performance.app.tick()
                if moment.hour == 13:
                    for number, (person, place) in enumerate(places.items()):
                        deed = Deed(f"all-in-{number}", text="all in")
                        await performance.app.chat.do(performance.ids[person], place, deed)

        self.run(go_on())

    def page(self, who: str, path: str) -> str:
        """The address of another of somebody's pages."""
        return f"{self.server.url}as/{self.stage.run_number}/{who}/{path}"

    def chat(self, who: str, conversation: str = "") -> str:
        """The address of somebody's chat."""
        person = self.stage.performance.ids[who]
        path = conversation or f"person:{person}"
        return f"{self.server.url}as/{self.stage.run_number}/{who}/chat/{path}"

    def provider(self, who: str) -> str:
        """The conversation that somebody shares with their provider."""
        return str(self.stage.performance.conversations[who])

    def close(self) -> None:
        """Let everybody go home."""
        self.server.should_exit = True
        self._thread.join(30)
        self._loop.close()


def take(browser: Browser, url: str, name: str, size: dict[str, int], *, top: bool = False) -> None:
    """One picture."""
    page = browser.new_page(viewport=size, device_scale_factor=1.5)  # type: ignore[arg-type]
    page.goto(url, wait_until="domcontentloaded")
    page.locator("article, .card, main").first.wait_for()
    for dialog in page.locator("dialog[open] button").all()[-1:]:
        dialog.click()
    page.wait_for_function("document.fonts.ready.then(() => true)")
    if top:
        page.evaluate("document.querySelectorAll('*').forEach(e => { e.scrollTop = 0 })")
    page.wait_for_timeout(900)  # what slides into place has done so
    page.screenshot(path=IMAGES / f"{name}.png")
    page.close()


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    theatre = Theatre()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
            theatre.at(9, 30)
            take(browser, theatre.chat("GARAGE-GS", theatre.provider("GARAGE-GS")), "provider-phone", PHONE, top=True)
            theatre.at(10, 0)
            take(browser, theatre.chat("HILL-PN"), "alert", COLUMN)
            take(browser, theatre.chat("HILL-DO"), "dsl-phone", PHONE)
            theatre.at(10, 5)
            take(browser, theatre.chat("HILL-KL"), "key-worker", COLUMN)
            take(browser, theatre.server.url, "demo", DESKTOP)
            take(browser, theatre.page("HILL-DO", "board"), "board", DESKTOP)
            take(browser, theatre.page("HILL-DO", "board"), "board-phone", PHONE)
            theatre.at(10, 40)
            theatre.afternoon()
            take(browser, theatre.chat("HILL-PN"), "codes", COLUMN)
            browser.close()
    finally:
        theatre.close()


if __name__ == "__main__":
    main()
