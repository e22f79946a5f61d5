"""What the commands that write files share: the days, the format, the school, and a file that appears whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING

from apbot.cli.trouble import fail

if TYPE_CHECKING:
    from apbot.store.database import Transaction

MOST_DAYS = 400
"""So many days at a time: a school year and some."""


class Format(StrEnum):
    """What kind of file is written."""

    CSV = "csv"
    XLSX = "xlsx"


def days_given(first: str, last: str) -> tuple[date, date]:
    """The first and the last day. Says what is wrong with them, and ends."""
    starts_on, ends_on = _day("--from", first), _day("--to", last)
    if ends_on < starts_on:
        fail(f"--from {first} is after --to {last}. Swap them.", code=2)
    if (count := (ends_on - starts_on).days + 1) > MOST_DAYS:
        fail(f"That is {count:,} days; at most {MOST_DAYS} go into one file. Export one school year at a time.", code=2)
    return starts_on, ends_on


def _day(option: str, text: str) -> date:
    form = "%Y-%m-%d" if "-" in text else "%d/%m/%Y"
    try:
        return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        fail(f"{option} {text!r} is not a date. Write it like 01/09/2026.", code=2)


def format_given(kind: Format | None, out: Path | None) -> Format:
    """The format asked for, or what the file's name says. They must agree: Excel goes by the name."""
    named = next((each for each in Format if out is not None and out.suffix.lower() == f".{each}"), None)
    found = kind or named or Format.CSV
    if named not in (None, found):
        fail(f"{out} is named as {named}, but --format is {found}. Name it {out and out.stem}.{found}.", code=2)
    if found is Format.XLSX and out is None:
        fail("A workbook can't be shown: say where to write it, with --out FILE.xlsx.", code=2)
    return found


def school_called(transaction: "Transaction", ref: str) -> int:
    """The school with this reference. Says where there is none, and ends."""
    import sqlalchemy as sa

    from apbot.roster.refs import closest, key
    from apbot.store.tables import schools

    known = {row.ref: row.id for row in transaction.rows(sa.select(schools.c.ref, schools.c.id))}
    found = next((school_id for each, school_id in known.items() if key(each) == key(ref)), None)
    if found is None:
        near = closest(ref, known)
        hint = f"Did you mean {near}?" if near else f"There are: {', '.join(sorted(known)) or 'none yet'}."
        fail(f"There is no school with the reference {ref}. {hint}", code=2)
    return int(found)


@contextmanager
def written_whole(out: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file beside `out`, which takes its name once it is whole."""
    beside = out.with_name(f".{out.name}.part")
    try:
        try:
            with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
                yield beside, stream
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as trouble:
        fail(f"{out} can't be written: {trouble.strerror}. Is the folder there, and is there room?")
