"""Reading what somebody is shown beside the writer, and entering that into the audit log.

A file of a year is seconds of work. Read in a transaction that writes, nothing else could be decided or recorded
meanwhile; so it is read in one that does not, and what is noted of it is all that is written.
"""

from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from apbot.store.database import Database, Transaction

P = ParamSpec("P")
T = TypeVar("T")

Note = Callable[[Transaction], None]


async def show(
    database: Database, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """What `work` gives, which only reads, once all that it notes in the audit log is committed.

    Where that fails it raises, and nobody is shown anything.
    """
    result, notes = await database.read(_noting_afterwards(work, *args, **kwargs))
    if notes:
        await database.write(_note, notes)
    return result


def show_now(
    database: Database, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The same, at once."""
    result, notes = database.look(_noting_afterwards(work, *args, **kwargs))
    if notes:
        database.run(_note, notes)
    return result


def _noting_afterwards(
    work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
) -> Callable[[Transaction], tuple[T, Sequence[Note]]]:
    def read(transaction: Transaction) -> tuple[T, Sequence[Note]]:
        notes: list[Note] = []
        transaction.afterwards = notes
        return work(transaction, *args, **kwargs), notes

    return read


def _note(transaction: Transaction, notes: Sequence[Note]) -> None:
    for note in notes:
        note(transaction)
