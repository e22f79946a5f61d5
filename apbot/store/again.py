"""What is tried again, because the database was away for a moment or undid a transaction through no fault of its own.

A unit of work is a function over a transaction, so it can be run anew: what it did is undone. Where the connection was
lost while it was being committed, PostgreSQL is asked afterwards what became of it.
"""

import random
import time
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog

from apbot.store.engines import LOCKED_AT_MOST, READ_ONLY

log = structlog.get_logger()

UNDONE = frozenset({"40001", "40P01"})
"""PostgreSQL's words for: somebody else was in the way. Only a program besides apbot can be."""

_AWAY = ("08", "57P", "25P03", "25P04", "25006", "53300")
"""... and for: I am being stopped or started, your connection was ended, I am a standby, there are too many."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
"""Seconds between two tries."""


def is_passing(problem: BaseException | None) -> bool:
    """Whether the same may succeed when it is tried again in a moment. SQLite waits by itself."""
    if not isinstance(problem, sa.exc.DBAPIError):
        return False
    return _state(problem) in UNDONE or is_away(problem)


def is_away(problem: sa.exc.DBAPIError) -> bool:
    """Whether the server can't be reached just now, or has let the connection go."""
    if not hasattr(problem.orig, "sqlstate"):
        return False
    state = _state(problem)
    if state is None:  # said by the driver and not by the server
        return isinstance(problem, sa.exc.OperationalError)
    return state.startswith(_AWAY)


def _state(problem: sa.exc.DBAPIError) -> str | None:
    return getattr(problem.orig, "sqlstate", None)


@dataclass
class Patience:
    """For how long one unit of work is tried."""

    engine: sa.Engine
    _pause: float = FIRST_PAUSE
    _until: float = field(default_factory=lambda: time.monotonic() + LOCKED_AT_MOST)

    def wait(self, problem: BaseException) -> None:
        """Wait a moment before it is tried again. Raises `problem` where that would not help, or not any more."""
        cause = problem if isinstance(problem, sa.exc.DBAPIError) else problem.__cause__
        if not is_passing(cause) or time.monotonic() > self._until:
            raise problem
        log.warning("the database was away, or undid what was done; trying again", problem=type(cause).__name__)
        if is_away(cause):  # type: ignore[arg-type]
            self.engine.dispose()  # the other connections are as dead as this one
        time.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311  (spreads tries; keeps no secret)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def is_committed(engine: sa.Engine, transaction_id: str) -> bool:
    """Whether the transaction with this number, whose connection was lost, was committed. Waits for the server."""
    patience = Patience(engine)
    while True:
        try:
            with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
                status = connection.execute(_STATUS, {"number": transaction_id}).scalar()
        except sa.exc.DataError:  # the server has never heard of it: it went down before it wrote it
            return False
        except sa.exc.DBAPIError as problem:
            patience.wait(problem)
            continue
        if status != "in progress":
            return bool(status == "committed")
        time.sleep(FIRST_PAUSE)


_STATUS = sa.text("SELECT pg_xact_status(CAST(:number AS xid8))")
