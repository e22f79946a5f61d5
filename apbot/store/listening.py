"""What other processes have committed, heard at once on PostgreSQL. Nothing relies on it alone: the tick, and every
page that is open, look for themselves besides.
"""

import selectors
import socket
import threading
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
import structlog

log = structlog.get_logger()

CHANNEL = "apbot"

MOST_AT_ONCE = 150
"""Names in one notification: PostgreSQL takes 8,000 bytes."""

AGAIN_AFTER = 2.0
"""Seconds until a connection that was lost is tried anew."""

ANYTHING = frozenset({"messages", "roster"})
"""What may have changed while nothing was heard."""


def notifying(own_name: str, touched: Collection[str]) -> str:
    """SQL that tells others of these names, on behalf of `own_name`, once it is committed; "" where there are none."""
    names = sorted(touched)
    parts = [names[at : at + MOST_AT_ONCE] for at in range(0, len(names), MOST_AT_ONCE)]
    payloads = ("\n".join((own_name, *part)).replace("'", "''") for part in parts)
    return "".join(f"NOTIFY {CHANNEL}, '{payload}'; " for payload in payloads)


class Listening:
    """A thread with a connection of its own, until it is closed."""

    def __init__(self, engine: sa.Engine, own_name: str, heard: Callable[[frozenset[str]], None]) -> None:
        """`heard` is called in that thread with what others than `own_name` have touched."""
        self._engine = engine
        self._own_name = own_name
        self._heard = heard
        self._wake, self._woken = socket.socketpair()
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="apbot-listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear nothing more."""
        self._is_closed.set()
        self._wake.close()
        self._thread.join()
        self._woken.close()

    def _run(self) -> None:
        while not self._is_closed.is_set():
            try:
                self._listen()
            except Exception as problem:  # noqa: BLE001  (whatever it is, it is tried again)
                log.warning("what other processes do is not heard at once", problem=type(problem).__name__)
            self._is_closed.wait(AGAIN_AFTER)

    def _listen(self) -> None:
        lent = self._engine.raw_connection()
        connection: Any = lent.driver_connection
        lent.detach()  # it is kept for long, and goes back to no pool
        try:
            connection.execute(f"LISTEN {CHANNEL}")
            self._heard(ANYTHING)
            with selectors.DefaultSelector() as ready:
                ready.register(connection.fileno(), selectors.EVENT_READ)
                ready.register(self._woken, selectors.EVENT_READ)
                while not self._is_closed.is_set():
                    ready.select()
                    for each in connection.notifies(timeout=0):
                        self._hear(each.payload)
        finally:
            lent.close()

    def _hear(self, payload: str) -> None:
        by, *names = payload.split("\n")
        if by != self._own_name:
            self._heard(frozenset(names))
