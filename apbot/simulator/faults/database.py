"""The database as it fails: locked, full, lost, its commits in doubt; and processes that die amid a transaction."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from apbot.clock import Clock
from apbot.simulator.faults.dice import PER_TRANSACTION, Dice, Log
from apbot.store.database import Database, Transaction
from apbot.store.engines import LOCKED_AT_MOST

P = ParamSpec("P")
T = TypeVar("T")

FULL = "database or disk is full"
LOST = "the connection was lost"


class Killed(BaseException):
    """The process that would go on here is dead. Nothing catches it, as nothing catches a SIGKILL."""


class Runs(Protocol):
    """A process, as its database sees it."""

    is_dead: bool

    def die(self, how: str) -> None:
        """Be killed now."""

    async def gate(self) -> None:
        """Wait while the process is stopped. Raises `Killed` where it is dead."""

    def pause(self, how: str) -> None:
        """Be stopped for longer than a lease."""


class _Connection(sqlite3.Connection):
    """Fails at the statement that it was told to, as SQLite does: the whole transaction is undone."""

    fails_at = 0
    """The number of the statement, counted down; 0 for none."""
    why = ""

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        """A cursor, which fails where one is to."""
        return super().cursor(_Cursor if self.fails_at else factory)


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, *given: Any) -> Any:
        """Run it, or fail."""
        self._count()
        return super().execute(sql, *given)

    def executemany(self, sql: str, given: Any, /) -> Any:
        """Run it, or fail."""
        self._count()
        return super().executemany(sql, given)

    def _count(self) -> None:
        connection = self.connection
        if not isinstance(connection, _Connection) or not connection.in_transaction or not connection.fails_at:
            return
        connection.fails_at -= 1
        if connection.fails_at == 0:
            connection.rollback()
            raise sqlite3.OperationalError(connection.why)


class Storage:
    """The one database that all processes share, in memory, and the state that it is in."""

    def __init__(self, clock: Clock, dice: Dice, log: Log) -> None:
        """Empty and well."""
        self.clock = clock
        self.dice = dice
        self.log = log
        self.locked_until = 0.0
        self.full_until = 0.0
        self.lost_until = 0.0
        self.is_quiet = False
        """Nothing fails by chance any more."""
        self.changed = True
        """Something was committed since this was last looked at."""
        self._connection: _Connection | None = None
        self.plain = Database("sqlite://", clock, inline=True)
        """For the rehearsal itself: never fails."""

        @sa.event.listens_for(self.plain.engine, "do_connect")
        def _connect(_: object, __: object, ___: object, options: dict[str, Any]) -> None:
            options["factory"] = _Connection

        @sa.event.listens_for(self.plain.engine, "connect")
        def _keep(connection: Any, _: object) -> None:
            self._connection = connection
            connection.execute("PRAGMA synchronous=OFF")

        self.held = self.plain.engine.connect()
        """The one connection, kept: to take it out of the pool for each transaction would take a third of the time."""

    def look(self) -> Transaction:
        """For `Prepared` statements that only read, between two transactions of others."""
        return Transaction(self.held, self.clock.now())

    def run(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One transaction, which never fails by itself."""
        with self.held.begin():
            return work(Transaction(self.held, self.clock.now()), *args, **kwargs)

    @contextmanager
    def failing(self, why: str, at: int) -> Iterator[None]:
        """The statement of this number fails in what follows."""
        assert self._connection is not None  # noqa: S101  (the rehearsal has used it)
        self._connection.fails_at, self._connection.why = at, why
        try:
            yield
        finally:
            self._connection.fails_at = 0


class FaultyDatabase(Database):
    """The database as one process has it open."""

    def __init__(self, storage: Storage, process: Runs) -> None:
        """Share `storage`. What goes wrong may kill `process`."""
        super().__init__("sqlite://", storage.clock, inline=True)
        self.engine = storage.plain.engine
        self._storage = storage
        self._process = process

    def _done(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        held = self._storage.held
        with held.begin():
            transaction = Transaction(held, self.clock.now())
            result = work(transaction, *args, **kwargs)
        self._storage.changed = True
        self._tell(transaction.touched)
        return result

    async def _written(
        self, is_long: bool, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As the real one; meanwhile the process may be stopped, or die, and the database be locked."""
        await self._process.gate()
        storage, loop = self._storage, asyncio.get_running_loop()
        if storage.locked_until > loop.time():
            is_over = loop.time() + LOCKED_AT_MOST
            await asyncio.sleep(min(storage.locked_until, is_over) - loop.time())
            await self._process.gate()
        result = self.run(work, *args, **kwargs)
        await self._process.gate()
        return result

    async def read(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As the real one."""
        await self._process.gate()
        return self._storage.run(work, *args, **kwargs)

    def run(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As the real one, or it fails."""
        if self._process.is_dead:
            raise Killed
        storage = self._storage
        kind = self._kind()
        if kind is None:
            return self._done(work, *args, **kwargs)
        if kind == "locked":
            raise _trouble("database is locked")
        storage.log.fault(self.clock.now(), kind, self._called(work))
        match kind:
            case "killed before the commit":
                return self._done(self._then_killed, lambda transaction: work(transaction, *args, **kwargs))
            case "failed at the commit":
                return self._done(_then_fails, lambda transaction: work(transaction, *args, **kwargs))
            case "disk full in the middle" | "connection lost in the middle":
                why = FULL if kind.startswith("disk") else LOST
                with storage.failing(why, storage.dice.of("faults").randint(1, 14)):
                    return self._done(work, *args, **kwargs)
        result = self._done(work, *args, **kwargs)
        match kind:
            case "killed after the commit":
                self._process.die(kind)
                raise Killed
            case "paused after the commit":
                self._process.pause(kind)
                return result
        raise _trouble(LOST)  # committed, and told that it failed

    def _kind(self) -> str | None:
        storage, now = self._storage, asyncio.get_event_loop().time()
        if storage.locked_until > now:
            return "locked"
        if storage.lost_until > now:
            return "connection lost in the middle"
        if storage.full_until > now:
            return "disk full in the middle"
        return None if storage.is_quiet else storage.dice.fault(PER_TRANSACTION)

    def _then_killed(self, transaction: Transaction, work: Callable[[Transaction], T]) -> T:
        work(transaction)
        self._process.die("before the commit")
        raise Killed

    @staticmethod
    def _called(work: Callable[..., Any]) -> str:
        return getattr(work, "__qualname__", "").rpartition(".")[2]


def _then_fails(transaction: Transaction, work: Callable[[Transaction], T]) -> T:
    work(transaction)
    raise _trouble(FULL)


def _trouble(why: str) -> sa.exc.OperationalError:
    return sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError(why), hide_parameters=True)
