"""Showing how far a long piece of work has come: at a terminal, on standard error; in a pipe, nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date


@contextmanager
def over_days(first: date, last: date, what: str) -> Iterator[Callable[[date], None]]:
    """A bar over the days from `first` to `last`; call what it gives with each day as it begins, in any order."""
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
        task = bar.add_task(what, total=(last - first).days + 1)

        def begin(day: date) -> None:
            bar.update(task, advance=1, description=f"{what} {day:%d %b %Y}")

        yield begin
