"""What a file has no column for stays as it is stored: an older workbook, or a list of three columns, empties nothing.

An empty cell is another thing: the column is there, and says that there is nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from apbot.roster.duty_columns import RHYTHM_KEYS
from apbot.roster.placement_sheet import WEEKDAY_KEYS
from apbot.roster.records import Person, Placement, Provider, ProviderDocument, Pupil, Records, School
from apbot.roster.refs import key
from apbot.roster.rows import Row

_KINDS: Mapping[str, tuple[type[Any], str]] = {
    "schools": (School, "schools"),
    "people": (Person, "people"),
    "providers": (Provider, "providers"),
    "pupils": (Pupil, "placements"),
    "placements": (Placement, "placements"),
    "documents": (ProviderDocument, "documents"),
}
"""What is known by a reference, and the sheet that it stands in."""

_STARTS = ("am_start", "pm_start", "other_times")
_COLUMNS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("schools", "policy"): ("second_after", "third_after", "then_every"),
    ("schools", "rhythms"): tuple(RHYTHM_KEYS.values()),
    ("people", "posts"): ("roles",),
    ("providers", "hours"): (*_STARTS, "am_end", "pm_end"),
    ("pupils", "ends_on"): ("pupil_ends_on",),
    ("pupils", "ref"): ("pupil",),
    ("placements", "pattern"): WEEKDAY_KEYS,
    ("placements", "hours"): _STARTS,
    ("placements", "rhythms"): tuple(RHYTHM_KEYS.values()),
}
"""The columns that a field is made of, where it is not the one of its own name. One of them speaks for all."""


def unsaid(rows: Mapping[str, Sequence[Row]]) -> dict[str, frozenset[str]]:
    """By kind, the fields of which the sheets have no column."""
    found = {}
    for kind, (record, sheet) in _KINDS.items():
        absent = rows[sheet][0].absent if rows.get(sheet) else frozenset()
        found[kind] = frozenset(
            each.name
            for each in fields(record)
            if each.compare and absent.issuperset(_COLUMNS.get((kind, each.name), (each.name,)))
        )
    return found


def filled(given: Records, stored: Records) -> Records:
    """`given`, where each record that is stored already has from there what the file had no column for."""
    changed: dict[str, Any] = {}
    for kind, names in given.unsaid.items():
        if not names:
            continue
        before = {key(each.ref): each for each in getattr(stored, kind)}
        changed[kind] = tuple(
            replace(each, **{name: getattr(before[key(each.ref)], name) for name in names})
            if key(each.ref) in before
            else each
            for each in getattr(given, kind)
        )
    return replace(given, **changed)
