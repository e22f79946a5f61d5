"""Deciding which days are meant: the next such, never one that has just gone by, and asking where it is not sure."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from apbot.domain.dates.typed import NTH, WEEKDAYS, Span, Typed, Unclear, find_spans, on_or_after
from apbot.domain.walltime import spoken_date

FAR = timedelta(days=183)
"""A date further ahead is meant only when its year was typed: 3/9 typed on 4 September was a slip."""

LONG = timedelta(days=100)
"""So many days on end without a year typed are a slip too."""

LONGEST = timedelta(days=366)

HOW = "Write days like today, tomorrow, Monday, 21 Sep, 21/9, or 21 Sep to 25 Sep."


@dataclass(frozen=True)
class Days:
    """From one day to another, both included, and the words that said something else, as they were typed."""

    starts_on: date
    ends_on: date
    rest: tuple[str, ...] = ()


def spoken_days(starts_on: date, ends_on: date) -> str:
    """ "Thu 3 Sep 2026", or "Thu 3 Sep 2026 to Fri 4 Sep 2026"."""
    if starts_on == ends_on:
        return spoken_date(starts_on)
    return f"{spoken_date(starts_on)} to {spoken_date(ends_on)}"


def read_days(text: str, today: date) -> Days:
    """The days that `text` names, not over before `today`, and its other words.

    Raises `Unclear` where there is no date, more than one span, or one that can be read in two ways.
    """
    spans, rest = find_spans(text, today)
    if numbers := [word for word in rest if re.fullmatch(rf"\d+{NTH}\.?", word)]:
        raise Unclear(f"What is {numbers[0][:20]}? {HOW}")
    if not spans:
        raise Unclear(f"Which day? {HOW}")
    if len(spans) > 1:
        raise Unclear(f"That names more than one day or span of days. Write one. {HOW}")
    starts_on, ends_on = _days_of(spans[0], today)
    _refuse_slips(spans[0], starts_on, ends_on, today)
    return Days(starts_on, ends_on, tuple(rest))


def read_day_gone(text: str, today: date) -> tuple[date | None, tuple[str, ...]]:
    """The day up to `today` that `text` names, None where it names none, and its other words.

    Raises `Unclear` where it names more than one, or one that can be read in two ways.
    """
    spans, rest = find_spans(text, today)
    if not spans:
        return None, tuple(rest)
    first = spans[0].first
    if len(spans) > 1 or first is not spans[0].last:
        raise Unclear(f"That names more than one day. Write one. {HOW}")
    if first.fixed is not None:
        return first.fixed, tuple(rest)
    if first.is_weekday_alone:
        assert first.weekday is not None  # noqa: S101  (that is what it means)
        found = on_or_after(first.weekday, today - timedelta(days=6))
        if found == today:
            name = WEEKDAYS[first.weekday].capitalize()
            raise Unclear(f"Today is {name}. Write today, or the date of the last one.")
        return found, tuple(rest)
    return (_checked(first, first.year) if first.year is not None else _until(first, today)), tuple(rest)


def _days_of(span: Span, today: date) -> tuple[date, date]:
    """An open year is the next such date; a span that runs already began with the last such date."""
    first, last = span.first, span.last
    if first is last:
        day = _from(first, today, only_after=True)
        return day, day
    if first.is_day_alone:
        if last.month is None:
            raise Unclear(f"Which month is {first.text}? {HOW}")
        first = replace(first, month=last.month, text=f"{first.text} to {last.text}")
    if first.lacks_year and not last.is_weekday_alone:
        ends_on = _from(last, today)
        starts_on = _until(first, ends_on)
    else:
        starts_on = _from(first, today, only_after=True)
        ends_on = _from(last, starts_on)
    if span.joined and ends_on - starts_on != timedelta(days=1):
        raise Unclear("Those days don't follow each other. Write one span at a time, like 21 Sep to 25 Sep.")
    return starts_on, ends_on


def _from(typed: Typed, earliest: date, *, only_after: bool = False) -> date:
    """The first day from `earliest` on that fits; a full date is just that.

    With `only_after` a weekday that falls on `earliest` is asked back: "Thursday", said on a Thursday.
    """
    if typed.fixed is not None:
        return typed.fixed
    if typed.year is not None:
        return _checked(typed, typed.year)
    if typed.weekday is not None and typed.day is None:
        found = on_or_after(typed.weekday, earliest)
        if only_after and found == earliest:
            again = spoken_date(found + timedelta(days=7))
            name = WEEKDAYS[typed.weekday].capitalize()
            raise Unclear(f"Today is {name}. Write today, or the date of the next one: {again}.")
        return found
    for year in range(earliest.year, earliest.year + 9):  # 29 February comes again within eight years
        day = _in_year(typed, year)
        if day is not None and day >= earliest:
            return _checked(typed, year)
    raise _no_such(typed)


def _until(typed: Typed, latest: date) -> date:
    """The last day up to `latest` that fits a day and a month."""
    for year in range(latest.year, latest.year - 9, -1):
        day = _in_year(typed, year)
        if day is not None and day <= latest:
            return _checked(typed, year)
    raise _no_such(typed)


def _in_year(typed: Typed, year: int) -> date | None:
    try:
        return date(year, typed.month or 0, typed.day or 0)
    except ValueError:
        return None


def _checked(typed: Typed, year: int) -> date:
    """The day in that year; "Mon 22 Sep" has to be a Monday."""
    found = _in_year(typed, year)
    if found is None:
        raise _no_such(typed)
    if typed.weekday is not None and found.weekday() != typed.weekday:
        raise Unclear(f"{spoken_date(found)} is not a {WEEKDAYS[typed.weekday].capitalize()}. Which is meant?")
    return found


def _no_such(typed: Typed) -> Unclear:
    return Unclear(f"There is no date {typed.text}. The day comes first: 3/9 is 3 September.")


def _refuse_slips(span: Span, starts_on: date, ends_on: date, today: date) -> None:
    if ends_on < starts_on:
        raise Unclear(f"{spoken_date(ends_on)} is before {spoken_date(starts_on)}. Write the earlier day first.")
    if ends_on < today:
        raise Unclear(f"{spoken_days(starts_on, ends_on)} is over. Write a day from today on.")
    inferred = span.first.lacks_year or span.last.lacks_year
    if inferred and ends_on - today > FAR:
        raise Unclear(f"{spoken_date(ends_on)} is far ahead. If you mean it, write the year too.")
    if ends_on - starts_on > (LONG if inferred else LONGEST):
        raise Unclear(f"{spoken_days(starts_on, ends_on)} is very long. If you mean it, write the years, or two spans.")
