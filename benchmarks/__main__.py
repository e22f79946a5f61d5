"""Measure, and write benchmarks/RESULTS.md: python -m benchmarks [NAME ...]."""

import importlib
import os
import platform
import sqlite3
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.measure import Figure

NAMES = ("program", "statements", "opening", "ticking", "taps", "year")
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run what the arguments name, or everything; only a run of everything is recorded."""
    wanted = sys.argv[1:] or NAMES
    figures: list[Figure] = []
    for name in wanted:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="apbot-bench-") as folder:
            figures += importlib.import_module(f"benchmarks.{name}").run(Path(folder))
    table = "\n".join(
        ["| What | Figure | Floor of the same run | Ratio | Aim |", "|---|---|---|---|---|", *map(_row, figures)]
    )
    print(table)
    if tuple(wanted) == NAMES:
        RESULTS.write_text(f"# Results\n\n{_machine()}\n\n{table}\n\nMade by `scripts/bench`.\n", encoding="utf-8")


def _row(figure: Figure) -> str:
    floor = f"{figure.floor:,.3g} {figure.unit}: {figure.floor_is}" if figure.floor is not None else ""
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    aim = "" if not figure.aim else f"{figure.aim}: {'met' if figure.met else 'NOT met'}"
    return f"| {figure.what} | {figure.value:,.3g} {figure.unit} | {floor} | {ratio} | {aim} |"


def _machine() -> str:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return (
        f"Measured on {date.today():%d %b %Y}: {os.cpu_count()} cores ({model}), {platform.system()}, "  # noqa: DTZ011
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}."
    )


main()
