"""What is tried again, because the database was away for a moment or undid a transaction through no fault of its own.

A unit of work is a function over a transaction, so it can be run anew: what it did is undone. Where the connection was
lost while it was being committed, PostgreSQL is asked afterwards what became of it. SQLite waits by itself.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog

from apbot.store.engines import LOCKED_AT_MOST, READ_ONLY, let_go

log = structlog.get_logger()

IN_THE_WAY = ("40001", "40P01")
"""PostgreSQL's words for: somebody else was in the way. Only a program besides apbot can be."""

STOPPED = ("08", "57P", "25P03", "25P04", "53300")
"""... for: I am being stopped or started, your connection was ended, there are too many."""

STANDBY = "25006"
"""... and for: I may only be read. It says so until it has taken over."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
"""Seconds between two tries."""


def is_away(problem: BaseException | None) -> bool:
    """Whether the server can't be reached just now, or has let the connection go."""
    if not isinstance(problem, sa.exc.DBAPIError):
        return False
    state = getattr(problem.orig, "sqlstate", "")
    if state is None:  # said by the driver and not by the server
        return isinstance(problem, sa.exc.OperationalError)
    return bool(state.startswith(STOPPED))


def is_undone(problem: BaseException | None) -> bool:
    """Whether the database has undone the whole transaction, which may succeed when it is run anew."""
    return is_away(problem) or getattr(getattr(problem, "orig", None), "sqlstate", "") in (*IN_THE_WAY, STANDBY)


@dataclass
class Patience:
    """For how long one unit of work is tried."""

    engine: sa.Engine
    passes: Callable[[BaseException | None], bool] = is_undone
    """Whether such a problem may pass."""
    _pause: float = FIRST_PAUSE
    _until: float = field(default_factory=lambda: time.monotonic() + LOCKED_AT_MOST)

    def wait(self, problem: BaseException) -> None:
        """Wait a moment before it is tried again. Raises `problem` where that would not help, or not any more."""
        cause = problem if isinstance(problem, sa.exc.DBAPIError) else problem.__cause__
        if not self.passes(cause) or time.monotonic() > self._until:
            raise problem
        log.warning("the database was away, or undid what was done; trying again", problem=type(cause).__name__)
        if is_away(cause):
            let_go(self.engine)  # the other connections are as dead as this one
        time.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311  (spreads tries; keeps no secret)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def is_committed(engine: sa.Engine, transaction_id: str) -> bool:
    """Whether the transaction with this number, whose connection was lost, was committed. Waits for the server."""
    patience = Patience(engine, is_away)
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
