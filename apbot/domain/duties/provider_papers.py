"""What a provider has to show: documents and training that expire, the quality visit, the yearly report."""

from collections.abc import Iterator
from datetime import date, timedelta

from apbot.domain.calendar import school_year
from apbot.domain.documents import QUALITY_VISIT
from apbot.domain.duties.model import Ask, DutyKind, Owner, Provided, Question, State, Window
from apbot.domain.duties.schooldays import (
    due_by,
    half_term_after,
    half_term_of,
    last_school_day,
    school_days_after,
)

DOCUMENT, PERFORMANCE = "document", "performance report"
FOUR_WEEKS = timedelta(days=28)
YEAR = timedelta(days=365)
LONG = timedelta(days=100)
MADE_UP_FOR = 20
"""School days of the next year for which a yearly report can still be handed in."""


def documents(provided: Provided, _: date) -> Iterator[Window]:
    """Every document or training whose last day is known, from four weeks before it, or before the last school day
    where it ends in the holidays: a new one is asked for before these."""
    for each in provided.documents:
        if each.expires_on is not None and each.kind != QUALITY_VISIT:
            about = f"{each.kind}, {each.about}" if each.about else each.kind
            due_on = due_by(provided.calendar, each.expires_on)
            yield Window(each.expires_on.isoformat(), due_on - FOUR_WEEKS, due_on, about=about)


def quality_visits(provided: Provided, _: date) -> Iterator[Window]:
    """A year after the last one; where there was none, by the end of the first half term with a pupil there."""
    known = [each.expires_on for each in provided.documents if each.kind == QUALITY_VISIT and each.expires_on]
    if last := provided.last_on.get(QUALITY_VISIT):
        known.append(last + YEAR)
    if known:
        ends_on = max(known)
        due_on = due_by(provided.calendar, ends_on)
        yield Window(ends_on.isoformat(), due_on - FOUR_WEEKS, due_on)
        return
    block = half_term_of(provided.calendar, provided.since) or half_term_after(provided.calendar, provided.since)
    if block is not None:
        yield Window("first", max(provided.since, block.last - FOUR_WEEKS), block.last)


def performance(provided: Provided, day: date) -> Iterator[Window]:
    """By the last school day of the school year that `day` lies in, and of the one before, which is made up for."""
    for number in (school_year(day) - 1, school_year(day)):
        year = [term for term in provided.calendar.half_terms if school_year(term.starts_on) == number]
        due_on = last_school_day(provided.calendar, year[-1].ends_on) if year else None
        if due_on is not None and provided.since <= due_on - FOUR_WEEKS:
            lapses_on = school_days_after(provided.calendar, due_on, MADE_UP_FOR) or due_on + LONG
            yield Window(str(number), due_on - FOUR_WEEKS, due_on, lapses_on)


DOCUMENT_KIND = DutyKind(
    name=DOCUMENT,
    label="Document to renew",
    done="New one is there",
    owner=Owner.LEAD,
    reminders=(28, 7, 0),
    in_calendar_days=True,
    repeat=5,
    of_provider=documents,
    vanishing=State.DONE,
    questions=(Question("expires", "Expires on", Ask.DATE),),
)

QUALITY_VISIT_KIND = DutyKind(
    name=QUALITY_VISIT,
    label="Quality visit",
    done="Log quality visit",
    owner=Owner.LEAD,
    reminders=(28, 7, 0),
    in_calendar_days=True,
    repeat=5,
    of_provider=quality_visits,
    vanishing=State.DONE,
    can_be_booked=True,
    questions=(Question("outcome", "Outcome", Ask.CHOICE, ("assured", "assured with actions", "not assured")),),
)

PERFORMANCE_KIND = DutyKind(
    name=PERFORMANCE,
    label="Yearly performance report",
    done="Report is there",
    owner=Owner.LEAD,
    reminders=(20, 10, 5, 0),
    repeat=5,
    of_provider=performance,
    questions=(Question("how", "How", Ask.CHOICE, ("email", "on paper", "in the school's system")),),
)
