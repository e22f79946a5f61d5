"""systemd is told that apbot is up, and again and again that it does not hang: one that hangs is started anew.

A tick that fails is no hang: a database that is away is not brought back by starting apbot again. Elsewhere than under
systemd nothing is told, to nobody.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

HANGS_AFTER = 120.0
"""Seconds in which no tick has come to an end, well or badly."""


def tell(state: str) -> None:
    """Say "READY=1" or "WATCHDOG=1" to whoever has started this process, where that listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # one without a file
        address = f"\0{address[1:]}"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.connect(address)
        there.send(state.encode())


async def stay_watched(quiet_for: Callable[[], float]) -> None:
    """Say so three times in each `WATCHDOG_USEC` (WatchdogSec=), unless `quiet_for` says that the ticks hang."""
    within = int(os.environ.get("WATCHDOG_USEC") or 0) / 1_000_000
    if not within:
        await asyncio.Event().wait()
    while True:
        if quiet_for() < HANGS_AFTER:
            tell("WATCHDOG=1")
        await asyncio.sleep(within / 3)
