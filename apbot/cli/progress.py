"""Showing how far a long piece of work has come: at a terminal, on standard error; in a pipe, nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


STEP = 100
"""A bar is moved on by so many rows at once: to draw it takes longer than to copy one."""


@contextmanager
def over_rows(count: int) -> Iterator[Callable[[str, int], None]]:
    """A bar over so many rows; call what it gives with a table and a row's number for each."""
    with _bar() as bar:
        task = bar.add_task("", total=count)

        def go_on(table: str, row: int) -> None:
            if row == 1:
                bar.update(task, description=table)
            if row % STEP == 0:
                bar.advance(task, STEP)

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
