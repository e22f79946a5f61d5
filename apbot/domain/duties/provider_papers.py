"""What a provider has to show: documents and training that expire, the quality visit, the yearly report."""

from collections.abc import Iterator
from datetime import date, timedelta

from apbot.domain.calendar import school_year
from apbot.domain.documents import QUALITY_VISIT
from apbot.domain.duties.model import Ask, DutyKind, Owner, Provided, Question, State, Window
from apbot.domain.duties.schooldays import DAY, half_term_after, half_term_of, half_terms, last_school_day

DOCUMENT, PERFORMANCE = "document", "performance report"
FOUR_WEEKS = timedelta(days=28)
YEAR = timedelta(days=365)


def documents(provided: Provided, _: date) -> Iterator[Window]:
    """Every document or training whose last day is known, from four weeks before it."""
    for each in provided.documents:
        if each.expires_on is not None and each.kind != QUALITY_VISIT:
            about = f"{each.kind}, {each.about}" if each.about else each.kind
            due_on = last_school_day(provided.calendar, each.expires_on) or each.expires_on
            yield Window(each.expires_on.isoformat(), each.expires_on - FOUR_WEEKS, due_on, about=about)


def quality_visits(provided: Provided, _: date) -> Iterator[Window]:
    """A year after the last one; where there was none, by the end of the first half term with a pupil there."""
    known = [each.expires_on for each in provided.documents if each.kind == QUALITY_VISIT and each.expires_on]
    if last := provided.last_on.get(QUALITY_VISIT):
        known.append(last + YEAR)
    if known:
        due_on = max(known)
        yield Window(due_on.isoformat(), due_on - FOUR_WEEKS, last_school_day(provided.calendar, due_on) or due_on)
        return
    block = half_term_of(provided.calendar, provided.since) or half_term_after(provided.calendar, provided.since)
    if block is not None:
        yield Window("first", max(provided.since, block.last - FOUR_WEEKS), block.last)


def performance(provided: Provided, day: date) -> Iterator[Window]:
    """By the last school day of the school year that `day` lies in."""
    year = [term for term in half_terms(provided.calendar) if school_year(term.starts_on) == school_year(day)]
    if not year:
        return
    due_on = last_school_day(provided.calendar, year[-1].ends_on)
    if due_on is not None and provided.since <= due_on - FOUR_WEEKS:
        yield Window(str(school_year(day)), due_on - FOUR_WEEKS, due_on, due_on + 60 * DAY)


DOCUMENT_KIND = DutyKind(
    name=DOCUMENT,
    label="Document of the provider",
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
