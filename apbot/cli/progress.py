"""Showing how far a long piece of work has come: at a terminal, on standard error; in a pipe, nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

STEP = 100
"""A bar is moved on by so many rows at once: to draw it takes longer than to copy one."""


@contextmanager
def over_rows(count: int) -> Iterator[Callable[[str, int], None]]:
    """A bar over so many rows; call what it gives with a table and a row's number for each."""
    with _bar("", count) as update:

        def go_on(table: str, row: int) -> None:
            if row == 1:
                update(description=table)
            if row % STEP == 0:
                update(advance=STEP)

        yield go_on


@contextmanager
def over_days(first: date, last: date, what: str) -> Iterator[Callable[[date], None]]:
    """A bar over the days from `first` to `last`; call what it gives with each day as it begins, in any order."""
    with _bar(what, (last - first).days + 1) as update:
        yield lambda day: update(advance=1, description=f"{what} {day:%d %b %Y}")


@contextmanager
def over_count(count: int, what: str) -> Iterator[Callable[[int], None]]:
    """A bar up to `count`; call what it gives with how far the work has come."""
    with _bar(what, count) as update:
        yield lambda done: update(completed=done)


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[..., None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda **changes: bar.update(task, **changes)
