"""What every measurement shares: repeating, the median, and saying the figure beside its floor."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure, the floor of the same run, and what was aimed for."""

    what: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    aim: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """The figure as so many times its floor."""
        return None if not self.floor else self.value / self.floor


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes, in seconds of the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(work: Callable[[], object], times: int) -> float:
    """The median of so many runs of `work`, in seconds."""
    return statistics.median(seconds(work) for _ in range(times))


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def insert_bare(path: Path, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert these rows into a new database with nothing but the driver: a floor."""
    connection = sqlite3.connect(path)
    names = ", ".join(f"c{number}" for number in range(len(rows[0])))
    connection.execute(f"CREATE TABLE bare ({names})")
    marks = ", ".join("?" for _ in rows[0])
    connection.executemany(f"INSERT INTO bare VALUES ({marks})", [[str(value) for value in row] for row in rows])
    connection.commit()
    connection.close()
