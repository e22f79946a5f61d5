"""Transactions: plain functions, run one after another, in however many processes.

A unit of work is a function that takes an open `Transaction` first, reads, decides, writes, and returns. It either
commits whole or leaves nothing. Called from async code it runs in the writer's thread, together with whatever else
is waiting (a group commit: one flush to disk for many taps); called from the command line it runs at once. Where the
database was away for a moment it is run anew: it must change nothing but what the transaction holds.
"""

import asyncio
import contextlib
import contextvars
import copy
import queue
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from apbot.clock import Clock
from apbot.logs import Noted
from apbot.measures import Measures
from apbot.store.again import Patience, is_away, is_committed, is_undone
from apbot.store.engines import READ_ONLY, TRANSACTION_ID, end_reading, open_engine
from apbot.store.listening import Listening, notifying
from apbot.store.prepared import Prepared, driver_cursor
from apbot.store.savepoints import Savepoints, TransactionLost
from apbot.store.tables.personal import encrypt_with

if TYPE_CHECKING:
    from apbot.store.namekeys.cipher import Cipher

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

GROUP = 64
"""At most so many units of work share one commit: enough to save flushes, few enough to keep the wait short."""


@dataclass
class Transaction:
    """An open transaction and the instant it decides by.

    A statement that runs for every tap is made once, as a `Prepared` constant, and given its values here.

    `touched` gathers the names of what changed ("messages", "chat"); after the commit the listeners of the
    database are told, so that delivery and live pages need not wait for the next tick.
    """

    connection: sa.Connection
    now: datetime
    touched: set[str] = field(default_factory=set)
    noted: list[Noted] = field(default_factory=list)
    """What was entered into the audit log: told to the database's `journal` once it is committed."""
    afterwards: "list[Callable[[Transaction], None]] | None" = None
    """Where this one only reads what somebody is shown: what enters that into the audit log, once it is over."""
    savepoints: Savepoints | None = None
    """Those of the connection's transaction, where several units of work share it."""

    def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        """Run one statement, with one set of values or with each of several."""
        return self.connection.execute(statement, values)

    def change(self, statement: Prepared, *values: Mapping[str, Any]) -> int:
        """Run a prepared change for each of these sets of values; how many rows it changed."""
        return statement.change(self.connection, values) if values else 0

    def rows(self, statement: sa.Executable | Prepared, **values: Any) -> Sequence[Any]:
        """Every row of a query."""
        if isinstance(statement, Prepared):
            return statement.rows(self.connection, values)
        return self.connection.execute(statement, values).all()

    def row(self, statement: sa.Executable | Prepared, **values: Any) -> Any:
        """The first row of a query, or None."""
        if isinstance(statement, Prepared):
            return next(iter(statement.rows(self.connection, values)), None)
        return self.connection.execute(statement, values).first()

    def value(self, statement: sa.Executable | Prepared, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, **values)
        return None if row is None else row[0]

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done within is undone where an exception leaves it, and nothing else of the transaction.

        Raises `TransactionLost` where there is nothing left to go back to.
        """
        if self.savepoints is None:
            self.savepoints = Savepoints(self.connection)
        name, noted = self.savepoints.begin(), len(self.noted)
        try:
            yield
        except BaseException as problem:
            if is_undone(problem):
                raise TransactionLost from problem
            self.savepoints.end(name, undo=True)
            del self.noted[noted:]
            raise
        self.savepoints.end(name)

    def insert(self, table: sa.Table, **values: Any) -> int:
        """Insert one row and give its id."""
        return int(self.value(_insert(table), **values))

    def update(self, table: sa.Table, row_id: int, **values: Any) -> None:
        """Change these columns of one row."""
        self.change(_update(table, tuple(values)), {"row_id": row_id, **values})

    def insert_each(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert `rows` and give their ids, in order."""
        return [row.id for row in _insert(table).rows_of_each(self.connection, rows)] if rows else []

    def insert_new(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        """Insert `rows`, passing over those that a unique constraint says are there already; how many were new."""
        return self.change(_insert_new(table, self.connection.dialect.name), *rows)


@lru_cache
def _insert(table: sa.Table) -> Prepared:
    return Prepared(sa.insert(table).returning(table.c.id))


@lru_cache(maxsize=512)
def _update(table: sa.Table, columns: tuple[str, ...]) -> Prepared:
    of_it = table.c.id == sa.bindparam("row_id")
    given = {each: sa.bindparam(each, type_=table.c[each].type) for each in columns}
    return Prepared(sa.update(table).where(of_it).values(given))


@lru_cache
def _insert_new(table: sa.Table, dialect: str) -> Prepared:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return Prepared(insert.on_conflict_do_nothing())


@dataclass
class _Job:
    work: Callable[[Transaction], Any]
    done: asyncio.Future[Any]
    """Of the event loop that waits: asked in the writer's thread only whether it is cancelled."""
    is_long: bool = False
    """What would make others that are committed with it wait."""


_Ended = tuple[_Job, Any, BaseException | None]


def _own(problem: Exception) -> Exception:
    """The same for one of several who wait.

    Raised in all of them, one exception would gather the frames of all, and whoever clears the frames of what they have
    caught, as some libraries do, would end the coroutines of the others: a lane that never sends again.
    """
    own = copy.copy(problem).with_traceback(problem.__traceback__)
    own.__cause__ = problem.__cause__
    return own


def _tell_waiting(ended: Sequence[_Ended]) -> None:
    """In the event loop: give each what came of its work, where somebody still waits for it."""
    for job, result, trouble in ended:
        if job.done.done():
            continue
        if trouble is None:
            job.done.set_result(result)
        elif isinstance(trouble, StopIteration):  # nobody who awaits can be given that
            job.done.set_exception(RuntimeError("a unit of work ended with StopIteration"))
        else:
            job.done.set_exception(trouble)


class Database:
    """One database. `work` functions are run by `run` (at once) or `write` (from async code)."""

    def __init__(self, url: str, clock: Clock, *, inline: bool = False, names: "Cipher | None" = None) -> None:
        """Open `url`. With `inline` async calls run in the caller's thread: for the virtual clock.

        `names` is what the columns of persons are encrypted with. Raises `DriverMissing`.
        """
        self.clock = clock
        self.engine = open_engine(url)
        if names is not None:
            encrypt_with(self.engine, names)
        self.listeners: list[Callable[[frozenset[str]], None]] = []
        self.journal: Callable[[Sequence[Noted]], None] = lambda _: None
        """Writes down elsewhere what was entered into the audit log; nothing, until something is put here."""
        self.measures = Measures()
        """Who counts what happens; nobody, until somebody is put here."""
        self._inline = inline or isinstance(self.engine.pool, StaticPool)  # in memory there is one connection
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._put_back: list[_Job | None] = []
        """What the writer's thread has taken out of the queue and not begun: one at most."""
        self._writer: threading.Thread | None = None
        self._turn = threading.RLock()
        self._name = secrets.token_hex(8)
        self._listening: Listening | None = None

    def run(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one unit of work in a transaction of its own and commit it. Any exception rolls it back."""
        noted: list[Noted] = []

        def alone(connection: sa.Connection) -> tuple[T, set[str]]:
            transaction = Transaction(connection, self.clock.now())
            result = work(transaction, *args, **kwargs)
            noted[:] = transaction.noted
            return result, transaction.touched

        result, touched = self._committed(alone)
        self._tell(touched, noted)
        return result

    async def write(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one unit of work in the writer's thread; returns when it is committed."""
        return await self._written(False, work, *args, **kwargs)

    async def write_long(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same with what takes long: it is committed alone, so that nobody else's waits for it to end as well."""
        return await self._written(True, work, *args, **kwargs)

    async def _written(
        self, is_long: bool, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self._inline:
            return self.run(work, *args, **kwargs)
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_forever, name="apbot-writer", daemon=True)
            self._writer.start()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        context = contextvars.copy_context()  # what the log's lines say of whom they are for
        self._jobs.put(_Job(lambda transaction: context.run(work, transaction, *args, **kwargs), done, is_long))
        return await done

    async def read(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit of work that changes nothing, beside the writer."""
        if self._inline:
            return self.run(work, *args, **kwargs)
        return await asyncio.to_thread(lambda: self.look(work, *args, **kwargs))

    def look(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit of work that changes nothing at once: however long it takes, nobody who writes waits for it."""
        if self._inline:
            return self.run(work, *args, **kwargs)
        patience = Patience(self.engine, is_away)
        while True:
            try:
                with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
                    connection.begin()  # for one and the same state all through; what is not committed is undone
                    result = work(Transaction(connection, self.clock.now()), *args, **kwargs)
                    end_reading(connection)
                    return result
            except Exception as problem:  # noqa: BLE001  (is raised, unless the same may succeed in a moment)
                patience.wait(problem)

    def hear_others(self) -> None:
        """From now on the listeners are told of what other processes commit, too, where the database passes it on."""
        if self.engine.dialect.name == "postgresql" and self._listening is None:
            self._listening = Listening(self.engine, self._name, self._tell)

    def close(self) -> None:
        """Finish what is queued and let the connections go."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        if self._writer is not None:
            self._jobs.put(None)
            self._writer.join()
            self._writer = None
        self.engine.dispose()

    def _tell(self, touched: Collection[str], noted: Sequence[Noted] = ()) -> None:
        # What they are told of is committed: whatever becomes of it, neither the caller nor the writer may suffer.
        if noted:
            try:
                self.journal(noted)
            except Exception:
                log.exception("the journal failed")
        for listener in self.listeners if touched else ():
            try:
                listener(frozenset(touched))
            except Exception:
                log.exception("a listener failed")

    def _committed(self, work: Callable[[sa.Connection], tuple[T, set[str]]]) -> tuple[T, set[str]]:
        """What `work` gives, and the names that it has touched, once it is committed."""
        patience = Patience(self.engine)
        while True:
            try:
                with self._turn, self.engine.begin() as connection:
                    done = work(connection)
                    self._commit(connection, done[1])
                return done
            except Exception as problem:  # noqa: BLE001  (is raised, unless the same may succeed in a moment)
                patience.wait(problem)
                self.measures.tried_again()

    def _commit(self, connection: sa.Connection, touched: set[str]) -> None:
        """Commit, and tell other processes. Where the answer is lost, the database is asked what became of it."""
        number = connection.info.get(TRANSACTION_ID)
        if number is None:
            return  # it is done when the block that has begun it is left
        sql = f"{notifying(self._name, touched)}COMMIT"
        try:
            with driver_cursor(connection, sql) as cursor:
                cursor.execute(sql)
                while cursor.nextset():
                    pass
                if cursor.statusmessage == "ROLLBACK":
                    raise TransactionLost  # an error that nobody has told of
        except sa.exc.DBAPIError as problem:
            if not (is_away(problem) and is_committed(self.engine, number)):
                raise
            connection.rollback()  # it is lost, and there is nothing left to be done with it

    def _write_forever(self) -> None:
        while (jobs := self._next_jobs()) is not None:
            self.measures.queued(self._jobs.qsize())
            began = time.perf_counter()
            self._commit_together(jobs)
            self.measures.committed(time.perf_counter() - began)

    def _next_jobs(self) -> list[_Job] | None:
        """What is committed next: one that takes long, or what else waits up to the next such; None at the end."""
        first = self._put_back.pop() if self._put_back else self._jobs.get()
        if first is None or first.is_long:
            return None if first is None else [first]
        jobs = [first]
        with contextlib.suppress(queue.Empty):
            while len(jobs) < GROUP:
                following = self._jobs.get_nowait()
                if following is None or following.is_long:
                    self._put_back.append(following)
                    break
                jobs.append(following)
        return jobs

    def _commit_together(self, jobs: list[_Job]) -> None:
        """Run the jobs in one transaction, each in a savepoint, so that one's failure is its own."""
        # Whoever waited may have been cancelled: then there is nothing to do, nor, from here on, any way to cancel.
        jobs = [job for job in jobs if not job.done.cancelled()]
        if not jobs:
            return
        noted: list[Noted] = []

        def together(connection: sa.Connection) -> tuple[list[_Ended], set[str]]:
            results: list[_Ended] = []
            touched: set[str] = set()
            noted.clear()
            savepoints = Savepoints(connection)
            for job in jobs:
                transaction = Transaction(connection, self.clock.now(), savepoints=savepoints)
                try:
                    with transaction.savepoint() if len(jobs) > 1 else contextlib.nullcontext():
                        results.append((job, job.work(transaction), None))
                    touched |= transaction.touched
                    noted.extend(transaction.noted)
                except Exception as problem:
                    if len(jobs) == 1 or isinstance(problem, TransactionLost):
                        raise  # nothing of what the others did is there any more
                    results.append((job, None, problem))
            return results, touched

        try:
            results, touched = self._committed(together)
        except Exception as problem:  # noqa: BLE001  (whatever it was, those who wait must be told)
            results, touched = [(job, None, _own(problem)) for job in jobs], set()
            noted.clear()
        self._tell(touched, noted)  # first, so that whoever goes on finds everybody told
        # One call for all: each would have the event loop take turns with this thread.
        for loop in {job.done.get_loop() for job in jobs}:
            own = [each for each in results if each[0].done.get_loop() is loop]
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
                loop.call_soon_threadsafe(_tell_waiting, own)
