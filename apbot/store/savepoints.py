"""Parts of a transaction that are undone alone, as savepoints. Said to the driver itself: SQLAlchemy would put these
statements together anew each time.
"""

import sqlalchemy as sa

from apbot.store.prepared import driver_cursor


class TransactionLost(Exception):
    """The database has undone the whole transaction by itself, as SQLite does when the disk is full."""


class Savepoints:
    """Those of one transaction, one inside the other.

    On PostgreSQL each statement is a way there and back, so what has ended is let go of with the beginning of the next,
    or by the commit. SQLite is told at once, for it would say nothing at the commit where it has undone everything.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """None yet."""
        self._connection = connection
        self._waits = connection.dialect.name == "postgresql"
        self._depth = 0
        self._ended = ""
        """The outermost that has ended and was not let go of."""

    def begin(self) -> str:
        """Begin a part: its name. Raises `TransactionLost` where there is no transaction any more."""
        name = f"part_{self._depth + 1}"
        self._say(*([f"RELEASE SAVEPOINT {self._ended}"] if self._ended else []), f"SAVEPOINT {name}")
        self._ended = ""
        self._depth += 1
        return name

    def end(self, name: str, *, undo: bool = False) -> None:
        """End the innermost part. Raises `TransactionLost` where there is nothing left to go back to."""
        self._depth -= 1
        if undo:
            self._say(f"ROLLBACK TO SAVEPOINT {name}")
        if self._waits:
            self._ended = name
        else:
            self._say(f"RELEASE SAVEPOINT {name}")

    def _say(self, *several: str) -> None:
        """Say something about a savepoint: where that can't be done, there is no transaction any more."""
        for sql in ["; ".join(several)] if self._waits else several:
            try:
                with driver_cursor(self._connection, sql) as cursor:
                    cursor.execute(sql)
            except sa.exc.DBAPIError as problem:
                raise TransactionLost from problem
