"""Half terms out of what a calendar gives: blocks of teaching, the days terms start and end, or the breaks between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from apbot.domain.calendar import Term
from apbot.domain.walltime import spoken_date

LONGEST_WEEKS = 10
"""Between two breaks lie at most so many weeks, or a break is lacking."""

SUMMER_DAYS = 28
"""A break of so many days or more is the summer's."""

_DAY = timedelta(days=1)


class Unclear(Exception):
    """The half terms don't follow from what is there; the text says what is lacking."""


@dataclass(frozen=True)
class Break:
    """A holiday, both days included."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Marker:
    """A day on which a term starts, or ends."""

    day: date
    starts: bool
    name: str


def half_terms(blocks: Sequence[Term], breaks: Sequence[Break], markers: Sequence[Marker]) -> list[Term]:
    """The half terms, in order. Raises `Unclear`. With nothing to go by, none."""
    breaks = sorted(breaks, key=lambda each: each.starts_on)
    if blocks:
        return _without_breaks(sorted(blocks, key=lambda each: each.starts_on), breaks)
    if markers:
        return _without_breaks(_between_markers(markers), breaks)
    return _between_breaks(breaks) if breaks else []


def _without_breaks(blocks: Iterable[Term], breaks: Sequence[Break]) -> list[Term]:
    """The blocks, each cut where a break lies within it."""
    found = []
    for block in blocks:
        starts_on, parts = block.starts_on, []
        for each in breaks:
            if each.ends_on < starts_on or each.starts_on > block.ends_on:
                continue
            if each.starts_on > starts_on:
                parts.append((starts_on, each.starts_on - _DAY))
            starts_on = each.ends_on + _DAY
        if starts_on <= block.ends_on:
            parts.append((starts_on, block.ends_on))
        spans = [span for span in (_weekdays(*part) for part in parts) if span is not None] if len(parts) > 1 else parts
        for number, (first, last) in enumerate(spans, 1):
            name = block.name if len(spans) == 1 else f"{block.name} ({number})"
            found.append(replace(block, name=name, starts_on=first, ends_on=last))
    for before, after in pairwise(found):
        if after.starts_on <= before.ends_on:
            raise Unclear(f"'{before.name}' and '{after.name}' overlap")
    return found


def _between_markers(markers: Sequence[Marker]) -> list[Term]:
    ordered = sorted(markers, key=lambda each: (each.day, not each.starts))
    if not ordered[0].starts or ordered[-1].starts or any(a.starts == b.starts for a, b in pairwise(ordered)):
        raise Unclear("the days on which terms start and end do not come in turn")
    pairs = list(zip(ordered[::2], ordered[1::2], strict=True))
    return [Term(_name(number), starts.day, ends.day) for number, (starts, ends) in enumerate(pairs, 1)]


def _between_breaks(breaks: Sequence[Break]) -> list[Term]:
    if len(breaks) < 2:
        raise Unclear("one holiday alone does not say when terms start and end")
    spans = [_weekdays(a.ends_on + _DAY, b.starts_on - _DAY) for a, b in pairwise(breaks)]
    found = [span for span in spans if span is not None]
    for first, last in found:
        if (last - first).days > LONGEST_WEEKS * 7:
            raise Unclear(f"between {spoken_date(first)} and {spoken_date(last)} there should be a holiday")
    if any((each.ends_on - each.starts_on).days + 1 < SUMMER_DAYS for each in (breaks[0], breaks[-1])):
        raise Unclear("without the summer holiday before and after it, the year's first and last day are not known")
    return [Term(_name(number), first, last) for number, (first, last) in enumerate(found, 1)]


def _weekdays(first: date, last: date) -> tuple[date, date] | None:
    """The span without the weekends at its ends; None if nothing is left."""
    while first.weekday() > 4:
        first += _DAY
    while last.weekday() > 4:
        last -= _DAY
    return (first, last) if first <= last else None


def _name(number: int) -> str:
    return f"Half term {number}"
