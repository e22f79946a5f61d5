"""Whether apbot does its work. What is not well is said by kinds, counts and times: never a name, nor a secret.

A process asks only of what it does itself: one without a scheduler has no tick to miss. What is overdue is asked of the
database, and is the same in every process.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from apbot.store.database import Database, Transaction
from apbot.store.due import OVERDUE_AFTER, Overdue, overdue
from apbot.store.keptfile import FileGone
from apbot.store.migrate import write_nothing

log = structlog.get_logger()

ANSWERS_WITHIN = 3.0
"""Seconds that the database is waited for; then it counts as not well, and whoever asked has an answer."""

HOLDS_FOR = 1.0
"""Seconds for which what the database said is not asked again, however many ask for it."""

Probe = Callable[[datetime], object]
"""What is not well with one part at this instant, as plain JSON values; nothing (None, or an empty one) if it is."""

Question = Callable[[Transaction], object]
"""The same, of what stands in the database, and is so for every process."""


class Health:
    """Asks each part how it is."""

    def __init__(
        self,
        database: Database,
        others: Mapping[str, Probe] | None = None,
        questions: Mapping[str, Question] | None = None,
    ) -> None:
        """`others` are asked besides the database, and `questions` of it, each under its name."""
        self._database = database
        self._probes = {**(others or {})}
        self._questions = {**(questions or {})}
        self._asking: asyncio.Task[dict[str, Any]] | None = None
        self._asked_at = 0.0
        self._was: dict[str, Any] = {}

    def add(self, name: str, probe: Probe) -> None:
        """Ask this part too."""
        self._probes[name] = probe

    async def look(self) -> dict[str, Any]:
        """Everything that is not well, by part; empty where all is. Takes `ANSWERS_WITHIN` at most."""
        found = await self._of_database()
        now = self._database.clock.now()
        found.update((name, said) for name, probe in self._probes.items() if (said := probe(now)))
        self._tell(found)
        return found

    async def _of_database(self) -> dict[str, Any]:
        """What is overdue, or why that can't be known.

        Of several who ask one does; a database that hangs keeps one question waiting, and not a hundred.
        """
        now = time.monotonic()
        if self._asking is None or (self._asking.done() and now - self._asked_at >= HOLDS_FOR):
            self._asking, self._asked_at = asyncio.create_task(self._ask()), now
        patience = max(0.0, self._asked_at + ANSWERS_WITHIN - now)
        if not self._asking.done():
            await asyncio.wait({self._asking}, timeout=patience)
        if not self._asking.done():
            return {"database": {"problem": "no answer", "seconds": round(time.monotonic() - self._asked_at)}}
        return dict(self._asking.result())

    async def _ask(self) -> dict[str, Any]:
        try:
            await self._database.write(write_nothing)
            late, answers = await self._database.read(self._read)
        except FileGone:
            return {"database": {"problem": "its file was moved or replaced"}}
        except Exception as problem:  # noqa: BLE001  (whatever it is, the answer is that the database is not well)
            return {"database": {"problem": type(problem).__name__}}
        kinds = {kind: {"count": each.count, "since": seconds(each.since)} for kind, each in late.items()}
        return ({"overdue": kinds} if kinds else {}) | {name: said for name, said in answers.items() if said}

    def _read(self, transaction: Transaction) -> tuple[dict[str, Overdue], dict[str, object]]:
        answers = {name: question(transaction) for name, question in self._questions.items()}
        return overdue(transaction, transaction.now - OVERDUE_AFTER), answers

    def _tell(self, found: Mapping[str, Any]) -> None:
        """Each change goes to the log, once: whoever reads it afterwards sees from when to when."""
        if found.keys() != self._was.keys():
            if found:
                log.error("not well", **found)
            else:
                log.info("well again")
        self._was = dict(found)

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking


class Pulse:
    """Something that must happen again and again: the tick."""

    def __init__(self, silent_after: timedelta) -> None:
        """Without a beat for `silent_after` it is dead."""
        self._silent_after = silent_after
        self._last: datetime | None = None
        self._problem = ""
        self._ended = time.monotonic()

    @property
    def quiet_for(self) -> float:
        """Seconds since it last came to an end, well or badly, or could have begun."""
        return time.monotonic() - self._ended

    def beat(self, now: datetime) -> None:
        """It has just happened, and went well."""
        self._last, self._problem, self._ended = now, "", time.monotonic()

    def failed(self, problem: BaseException) -> None:
        """It has failed."""
        self._problem, self._ended = type(problem).__name__, time.monotonic()

    def trouble(self, now: datetime) -> dict[str, str]:
        """Since when there was none; nothing where there was one lately.

        A clock that was ahead and has been put right must not make the last one look new until that time comes.
        """
        if self._last is not None and abs(now - self._last) <= self._silent_after:
            return {}
        said = {"problem": "no tick"} | ({"failed_with": self._problem} if self._problem else {})
        return said if self._last is None else {**said, "since": seconds(self._last)}


def seconds(at: datetime) -> str:
    """An instant to the second, in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
