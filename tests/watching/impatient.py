"""`apbot run`, in which minutes are tenths of seconds. SIGUSR1 stops its tick, and SIGUSR2 lets it go on."""

import asyncio
import signal
import sys
from datetime import timedelta

from apbot import service, settling
from apbot.app import App
from apbot.channels.telegram import channel as telegram
from apbot.cli import main
from apbot.store import again, engines, figures
from apbot.watching import deadman, health, platforms

SOON = timedelta(seconds=0.4)

again.LOCKED_AT_MOST = engines.LOCKED_AT_MOST = 0.3
settling.FIRST_RETRY = settling.LAST_RETRY_OF_WHAT_PRESSES = timedelta(seconds=0.2)
service.SILENT_AFTER = timedelta(seconds=1)
health.OVERDUE_AFTER = figures.OVERDUE_AFTER = SOON
health.HOLDS_FOR = 0.05
platforms.OUT_OF_REACH_AFTER = 0.5
platforms.ASKED_EVERY = platforms.ASKED_AGAIN_AFTER = 0.2
deadman.EVERY = deadman.AGAIN_AFTER = 0.1
telegram.AGAIN_SECONDS = 0.2
telegram.POLL_SECONDS = 0
telegram.AGAIN_SOON = 0.1

stopped = False
decide = App.decide


async def decide_unless_stopped(app: App) -> bool:
    while stopped:
        await asyncio.sleep(0.05)
    return await decide(app)


def stop(*_: object) -> None:
    global stopped
    stopped = True


def go_on(*_: object) -> None:
    global stopped
    stopped = False


App.decide = decide_unless_stopped  # type: ignore[method-assign]
signal.signal(signal.SIGUSR1, stop)
signal.signal(signal.SIGUSR2, go_on)
sys.argv = ["apbot", "run"]
main()
