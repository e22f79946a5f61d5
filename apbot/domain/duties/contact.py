"""The contact between key worker and provider, apart from attendance and safeguarding messages: every school week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.duties.schooldays import (
    DAY,
    Span,
    block_of,
    expected_days,
    last_school_day,
    next_school_day,
    school_week,
    taught,
)
from apbot.domain.rhythm import CONTACT, Every

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class _Stretch:
    """A school week, or the two of a fortnight: the Monday it is known by, and its school days."""

    monday: date
    span: Span


def windows(placed: Placed, day: date) -> Iterator[Window]:
    """This week's contact (or fortnight's), and the last one's, which can be made up for until the end of this one.

    A week in which the pupil is expected on no day at all, because of a holiday, a closure or the pattern, owes none.
    A short week owes one like any other.
    """
    here = _stretch(placed, day)
    if here is None:
        return
    before = last_school_day(placed.calendar, here.span.first - DAY)
    last = _stretch(placed, before) if before is not None else None
    if last is not None and (window := _window(placed, last, here)):
        yield window
    after = next_school_day(placed.calendar, here.span.last + DAY)
    if window := _window(placed, here, _stretch(placed, after) if after is not None else None):
        yield window


def _stretch(placed: Placed, day: date) -> _Stretch | None:
    """The school week of `day`, or its fortnight: the weeks of a half term are paired from its start.

    A pair is known by the Monday of its first week even where that is closed: closures do not move the pairs.
    """
    monday, week = _monday(day), school_week(placed.calendar, day)
    if week is None:
        return None
    block = block_of(placed.calendar, week.first) if placed.rhythms.every(CONTACT) is Every.FORTNIGHT else None
    if block is None:
        return _Stretch(monday, week)
    first = monday - WEEK * ((monday - block.first_monday).days // 7 % 2)
    pair = taught(placed.calendar, max(first, block.starts_on), min(first + 2 * WEEK - DAY, block.ends_on))
    return None if pair is None else _Stretch(first, pair)


def _window(placed: Placed, stretch: _Stretch, following: _Stretch | None) -> Window | None:
    span = stretch.span
    # A pupil may be expected on the Saturday, which is no school day.
    if not any(expected_days(placed, span.first, _monday(span.last) + WEEK - DAY)):
        return None
    ends = span.last if placed.ends_on is None else min(span.last, placed.ends_on)
    return Window(
        period=stretch.monday.isoformat(),
        opens_on=max(span.first, placed.starts_on),
        due_on=last_school_day(placed.calendar, ends) or ends,
        lapses_on=following.span.last if following is not None else span.last + WEEK,
    )


def _monday(day: date) -> date:
    return day - DAY * day.weekday()


KIND = DutyKind(
    name=CONTACT,
    label="Contact with the provider",
    done="Log contact",
    owner=Owner.KEY_WORKER,
    reminders=(2, 0),
    repeat=2,
    of_placement=windows,
    comes_again=True,
    can_be_booked=True,
    catches_up=True,
    questions=(
        Question(
            "whom", "With whom", Ask.CHOICE, ("named contact", "deputy contact", "other staff", "the pupil as well")
        ),
        Question("how", "How", Ask.CHOICE, ("telephone", "visit", "video call", "email", "message", "meeting")),
        Question(
            "attendance",
            "Attendance and punctuality",
            Ask.CHOICE,
            ("fine", "some worry", "a worry"),
            optional=True,
            lead="attendance: ",
        ),
        Question("follow_up", "To follow up (no names)", Ask.WORDS, optional=True, most=300, lead="follow up: "),
    ),
)
