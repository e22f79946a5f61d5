"""Showing how far a long piece of work has come: at a terminal, on standard error; in a pipe, nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def over_tables(count: int) -> Iterator[Callable[[str, int, int], None]]:
    """A bar over so many tables; call what it gives with a table, how many of its rows are done, and of how many."""
    with _bar() as bar:
        task = bar.add_task("", total=count)
        begun: dict[str, None] = {}

        def go_on(table: str, done: int, of: int) -> None:
            begun[table] = None
            bar.update(task, completed=len(begun) - 1 + done / of, description=f"{table} {done:,}")

        yield go_on


@contextmanager
def over_days(first: date, last: date, what: str) -> Iterator[Callable[[date], None]]:
    """A bar over the days from `first` to `last`; call what it gives with each day as it begins, in any order."""
    with _bar() as bar:
        task = bar.add_task(what, total=(last - first).days + 1)

        def begin(day: date) -> None:
            bar.update(task, advance=1, description=f"{what} {day:%d %b %Y}")

        yield begin


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
