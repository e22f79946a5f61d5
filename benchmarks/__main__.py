"""Measure, and write benchmarks/RESULTS.md: python -m benchmarks [NAME ...]."""

import importlib
import os
import platform
import sqlite3
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.engines import postgresql_version
from benchmarks.measure import Figure

NAMES = (
    "program",
    "statements",
    "opening",
    "planning",
    "ticking",
    "taps",
    "alerts",
    "processes",
    "slack",
    "telegram",
    "memory",
    "profile",
    "year",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = ("| What | Figure | Floor of the same run | Ratio | Aim |", "|---|---|---|---|---|")


def main() -> None:
    """Run what the arguments name, or everything, and record each measurement in a section of its own."""
    for name in sys.argv[1:] or NAMES:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="apbot-bench-") as folder:
            figures: list[Figure] = importlib.import_module(f"benchmarks.{name}").run(Path(folder))
        section = "\n".join([f"## {name}", "", _machine(), "", *HEAD, *map(_row, figures), ""])
        print(section, flush=True)
        _record(name, section)


def _record(name: str, section: str) -> None:
    """Replace this measurement's section, and leave the others as they were measured."""
    kept = RESULTS.read_text(encoding="utf-8").split("\n## ")[1:] if RESULTS.exists() else []
    sections = {text.split("\n", 1)[0]: f"## {text}".rstrip() + "\n" for text in kept} | {name: section}
    ordered = [sections[each] for each in NAMES if each in sections]
    RESULTS.write_text("\n".join(["# Results", "", "Made by `scripts/bench`.", "", *ordered]), encoding="utf-8")


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
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {postgresql_version()}."
    )


main()
