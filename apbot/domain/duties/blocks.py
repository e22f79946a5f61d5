"""What is owed once every half term, or once every term: shared by visits, reviews and reports."""

from collections.abc import Iterator
from datetime import date

from apbot.domain.duties.model import Placed, Window
from apbot.domain.duties.schooldays import (
    DAY,
    Span,
    count_school_days,
    half_term_after,
    half_term_of,
    last_school_day,
    term_of,
)
from apbot.domain.rhythm import Every

TOO_SHORT = 10
"""A block of which the placement has fewer school days than this owes nothing: the next one does."""


def windows(placed: Placed, day: date, every: Every, *, planned: tuple[date, ...] = ()) -> Iterator[Window]:
    """The window of the half term or term of `day`, and the last one's, which lapses at the end of this one.

    A day of `planned` in the block is the day on which it is due; otherwise the block's last school day.
    """
    if every is Every.NEVER:
        return
    here = _block(placed, day, every)
    if here is None:
        return
    before = last_school_day(placed.calendar, here.first - DAY)
    last = _block(placed, before, every) if before is not None else None
    for span in (last, here):
        if span is not None and (window := _window(placed, span, every, planned)):
            yield window


def _block(placed: Placed, day: date, every: Every) -> Span | None:
    return term_of(placed.calendar, day) if every is Every.TERM else half_term_of(placed.calendar, day)


def _window(placed: Placed, span: Span, every: Every, planned: tuple[date, ...]) -> Window | None:
    first = max(span.first, placed.starts_on)
    last = span.last if placed.ends_on is None else min(span.last, placed.ends_on)
    if first > last or count_school_days(placed.calendar, first, last) < TOO_SHORT:
        return None
    due_on = min((day for day in planned if first <= day <= last), default=last)
    following = half_term_after(placed.calendar, span.last)
    if following is not None and every is Every.TERM:
        following = term_of(placed.calendar, following.first)
    return Window(
        period=f"{every.value} {span.first.isoformat()}",
        opens_on=first,
        due_on=last_school_day(placed.calendar, due_on) or due_on,
        lapses_on=following.last if following is not None else None,
    )
