"""The contact between key worker and provider, apart from attendance and safeguarding messages: every school week."""

from collections.abc import Iterator
from datetime import date, timedelta

from apbot.domain.duties.model import Ask, DutyKind, Owner, Placed, Question, Window
from apbot.domain.duties.schooldays import DAY, Span, expected_days, half_term_of, next_school_day, school_week
from apbot.domain.rhythm import CONTACT, Every

WEEK = timedelta(days=7)


def windows(placed: Placed, day: date) -> Iterator[Window]:
    """This week's contact (or fortnight's), and the last one's, which can be made up for until the end of this one.

    A week in which the pupil is expected on no day at all, because of a holiday, a closure or the pattern, owes none.
    A short week owes one like any other.
    """
    here = _weeks(placed, day)
    if here is None:
        return
    for span in (_before(placed, here), here):
        if span is not None and (window := _window(placed, span, here if span is not here else None)):
            yield window


def _weeks(placed: Placed, day: date) -> Span | None:
    """The school week of `day`, or the two of its fortnight: the weeks of a half term are paired from its start."""
    week = school_week(placed.calendar, day)
    if week is None or placed.rhythms.every(CONTACT) is not Every.FORTNIGHT:
        return week
    block = half_term_of(placed.calendar, week.first)
    if block is None:
        return week
    number = (_monday(week.first) - _monday(block.first)).days // 7
    first = school_week(placed.calendar, week.first - WEEK * (number % 2)) or week
    second = school_week(placed.calendar, _monday(first.first) + WEEK)
    return Span(first.first, second.last if second is not None and second.last <= block.last else first.last)


def _before(placed: Placed, here: Span) -> Span | None:
    """The last week, or fortnight, with a school day before this one."""
    day = here.first - DAY
    for _ in range(100):
        if placed.calendar.is_school_day(day):
            return _weeks(placed, day)
        day -= DAY
    return None


def _window(placed: Placed, span: Span, following: Span | None) -> Window | None:
    days = list(expected_days(placed, span.first, span.last))
    if not days:
        return None
    due_on = span.last if placed.ends_on is None else min(span.last, max(placed.ends_on, days[-1]))
    if following is None:
        after = next_school_day(placed.calendar, span.last + DAY)
        following = _weeks(placed, after) if after is not None else None
    return Window(
        period=_monday(span.first).isoformat(),
        opens_on=max(span.first, placed.starts_on),
        due_on=due_on,
        lapses_on=following.last if following is not None else span.last + WEEK,
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
    can_be_booked=True,
    catches_up=True,
    questions=(
        Question(
            "whom", "With whom", Ask.CHOICE, ("named contact", "deputy contact", "other staff", "the pupil as well")
        ),
        Question("how", "How", Ask.CHOICE, ("telephone", "visit", "video call", "email", "message", "meeting")),
        Question(
            "attendance", "Attendance and punctuality", Ask.CHOICE, ("fine", "some worry", "a worry"), optional=True
        ),
        Question("follow_up", "To follow up (no names)", Ask.WORDS, optional=True, most=300),
    ),
)
