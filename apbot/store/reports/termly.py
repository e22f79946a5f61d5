"""A school's term for its governors: counts only, from which nobody can be known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.smallgroups import SMALLEST, suppressed_beside
from apbot.domain.watches import PERSISTENT
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.reports.done import DONE_OF_SCHOOL, Done, count_done
from apbot.store.reports.nonarrivals import NON_ARRIVALS_OF_SCHOOL, Waits, load_non_arrivals, response
from apbot.store.reports.sessions import BY_PUPIL, OF_SCHOOL, count_by, of_school, together
from apbot.store.tables import entries, providers, registers

UNDER, OVER = "under 90%", "90% and over"
SHOWN_DUTIES = ("contact", "visit", "review", "report")


@dataclass(frozen=True)
class TermReport:
    """One school's term from `first` to `last`. None is what is not shown: it is about fewer than five pupils, or
    would give such a group away."""

    school: str
    first: date
    last: date
    pupils: int | None
    """Who were expected at a provider."""
    percent: float | None
    """Of the sessions that count, those attended."""
    by_provider: Mapping[str, int | None]
    by_attendance: Mapping[str, int | None]
    non_arrivals: int | None
    acknowledged: Waits
    done: Mapping[str, Done]
    is_empty: bool = False
    """Nobody was expected anywhere: there is nothing to report."""


def work_out_term(transaction: Transaction, school_id: int, school: str, first: date, last: date) -> TermReport:
    """The report on the term from `first` to `last`. What may not be shown is not even in it."""
    term = of_school(school_id, first, last)
    by_pupil = count_by(transaction, BY_PUPIL, **term)
    pupils = len(by_pupil)
    if pupils < SMALLEST:
        unknown = Waits(None, None)
        return TermReport(school, first, last, None, None, {}, {}, None, unknown, {}, is_empty=not pupils)
    percents = [count.percent for count in by_pupil.values() if count.percent is not None]
    by_attendance = {UNDER: sum(each < PERSISTENT for each in percents), OVER: 0}
    by_attendance[OVER] = pupils - by_attendance[UNDER]
    found = load_non_arrivals(transaction, NON_ARRIVALS_OF_SCHOOL, **term)
    about = {each.pupil_id for each in found}
    answered = response(found)
    return TermReport(
        school=school,
        first=first,
        last=last,
        pupils=pupils,
        percent=together(by_pupil.values()).percent,
        by_provider=suppressed_beside(_pupils_by_provider(transaction, term)),
        by_attendance=suppressed_beside(by_attendance),
        non_arrivals=answered.count if len(about) >= SMALLEST else None,
        acknowledged=answered.acknowledged if len(about) >= SMALLEST else Waits(None, None),
        done=_done(transaction, school_id, first, last),
    )


def _pupils_by_provider(transaction: Transaction, term: Mapping[str, Any]) -> dict[str, int]:
    """How many pupils were at each provider, a pupil of several at the one that they were expected at most."""
    mostly = {row.pupil_id: row.name for row in transaction.rows(_AT_PROVIDERS, **term)}
    return dict(sorted(Counter(mostly.values()).items()))


def _done(transaction: Transaction, school_id: int, first: date, last: date) -> dict[str, Done]:
    """What was owed, of the kinds that a governor asks about."""
    found = count_done(transaction, DONE_OF_SCHOOL, last + timedelta(days=1), first, last, school=school_id)
    return {kind: found[kind] for kind in SHOWN_DUTIES if kind in found}


_AT_PROVIDERS = Prepared(
    sa.select(entries.c.pupil_id, providers.c.name, sa.func.count().label("sessions"))
    .select_from(entries)
    .join(registers, registers.c.id == entries.c.register_id)
    .join(providers, providers.c.id == registers.c.provider_id)
    .where(entries.c.state != "withdrawn", *OF_SCHOOL)
    .group_by(entries.c.pupil_id, providers.c.name)
    .order_by(sa.func.count(), providers.c.name.desc())
)
