"""What the commands that write files share: the days, the format, and a file that appears whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer

from apbot.cli.given import day_or_exit
from apbot.cli.trouble import fail
from apbot.store.ondisk import keep

MOST_DAYS = 400
"""So many days at a time: a school year and some."""


class Format(StrEnum):
    """What kind of file is written."""

    CSV = "csv"
    XLSX = "xlsx"


FileFormat = Annotated[
    Format | None, typer.Option("--format", help="csv or xlsx; without it what the name of FILE says, else csv.")
]
FileOut = Annotated[
    Path | None, typer.Option("--out", help="Where to write; without it CSV goes to the output.", metavar="FILE")
]


def days_given(first: str, last: str) -> tuple[date, date]:
    """The first and the last day. Says what is wrong with them, and ends."""
    starts_on, ends_on = day_or_exit("--from", first), day_or_exit("--to", last)
    if ends_on < starts_on:
        fail(f"--from {first} is after --to {last}. Swap them.", code=2)
    if (count := (ends_on - starts_on).days + 1) > MOST_DAYS:
        fail(f"That is {count:,} days; at most {MOST_DAYS} go into one file. Export one school year at a time.", code=2)
    return starts_on, ends_on


def format_given(kind: Format | None, out: Path | None) -> Format:
    """The format asked for, or what the file's name says. They must agree: Excel goes by the name."""
    named = next((each for each in Format if out is not None and out.suffix.lower() == f".{each}"), None)
    found = kind or named or Format.CSV
    if named not in (None, found):
        fail(f"{out} is named as {named}, but --format is {found}. Name it {out and out.stem}.{found}.", code=2)
    if found is Format.XLSX and out is None:
        fail("A workbook can't be shown: say where to write it, with --out FILE.xlsx.", code=2)
    return found


def refuse_to_replace(file: Path, *, force: bool) -> None:
    """Ends the program where the file is there already, and nobody has said that it may go."""
    if file.exists() and not force:
        fail(f"{file} is there already. Give another name, or --force to replace it.")


@contextmanager
def written_whole(out: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file beside `out`, which takes its name once it is whole. Only its owner can read it."""
    beside = out.with_name(f".{out.name}.part")
    try:
        try:
            beside.unlink(missing_ok=True)  # what somebody else may have put there is not written to
            with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
                yield beside, stream
            keep(beside)
            beside.replace(out)
            keep(out.parent)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as trouble:
        fail(f"{out} can't be written: {trouble.strerror}. Is the folder there, and is there room?")
