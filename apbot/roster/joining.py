"""Rows that belong together: the same reference twice, and what several rows say about one person or pupil."""

from collections.abc import Iterable, Sequence
from typing import Any

from apbot.roster.cells import display
from apbot.roster.directory import fold
from apbot.roster.refs import key
from apbot.roster.rows import Row


def by_ref(rows: Iterable[Row], column: str) -> list[list[Row]]:
    """The rows grouped by a reference, in the order of the sheet; rows without it are left out."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row[column]:
            groups.setdefault(key(row[column]), []).append(row)
    return list(groups.values())


def once(rows: Iterable[Row], notes: list[str]) -> list[Row]:
    """One row for each reference. The same row again is passed over; another one with its reference is wrong."""
    firsts = []
    for first, *others in by_ref(rows, "ref"):
        firsts.append(first)
        for other in others:
            if other.values == first.values:
                notes.append(f"{other.place} row {other.number} repeats row {first.number}, and was passed over.")
            elif other.is_blank("ref"):
                wrong = f"is missing, and row {first.number} has the same pupil and provider"
                other.report("ref", wrong, "give each of the rows a ref of its own")
            else:
                other.report("ref", f"stands in row {first.number} too", "give each its own ref, or delete one row")
    return firsts


def agreed(rows: Sequence[Row], column: str) -> Any:
    """What the rows about one person or pupil say in a column; a row may leave it out, none may contradict."""
    said = [row for row in rows if not row.is_blank(column) and column not in row.bad]
    if not said:
        return rows[0][column]
    for other in said[1:]:
        if _comparable(other[column]) != _comparable(said[0][column]):
            who = f"{other.place} row {said[0].number} has '{display(said[0].cells[column])}' for the same ref"
            other.report(column, f"differs: {who}", "write the same in both rows, or give them different refs")
    return said[0][column]


def _comparable(value: object) -> object:
    return fold(value) if isinstance(value, str) else value
