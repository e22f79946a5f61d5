"""The tick: everything that has become due, until nothing is. Any number of processes may run it at once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.schedules import (
    checking,
    coding,
    escalating,
    opening,
    planning,
    prompting,
    reminding,
    repeating,
    reporting,
    retaining,
    rounding_up,
    warning,
)
from apbot.settings import Settings
from apbot.store.database import Database, Transaction
from apbot.store.prepared import Prepared
from apbot.store.sealing import seal_due
from apbot.store.tables import (
    Instant,
    audit,
    channel_troubles,
    checks,
    concerns,
    duties,
    entries,
    escalations,
    incidents,
    messages,
    missed_days,
    openings,
    plannings,
    registers,
    retentions,
    roundups,
    school_days,
    school_reports,
)

BATCHES = 1000
"""At a turn one schedule takes at most so many batches, so that one that never ends holds up no other for ever."""

OF_WHAT_CAN_WAIT = 10
"""... and one that can wait so many: an alert may become due meanwhile, and nobody has decided upon it yet."""


@dataclass(frozen=True)
class Schedule:
    """One thing that happens by the clock.

    `due` is the column that says when a row of it is due. `run` takes a batch of what is due, in a transaction of
    its own, and says whether there was any.
    """

    due: sa.Column[datetime]
    run: Callable[[Transaction], bool]
    can_wait: bool = False
    """Whether it may take seconds, and nobody is looked for because of it: it waits while an alert or a prompt is
    owed, so that it does not keep them from going out."""


def schedules(settings: Settings) -> Sequence[Schedule]:
    """Every schedule, the most urgent after what it depends on. A new one is one module, and one line here."""
    return (
        Schedule(
            openings.c.next_at,
            lambda transaction: opening.open_due(transaction, opens_at=settings.opens_at, chased_at=settings.chased_at),
        ),
        Schedule(concerns.c.next_at, repeating.repeat_concerns),
        Schedule(entries.c.alert_at, escalating.open_due),
        Schedule(escalations.c.next_at, escalating.advance_due),
        Schedule(incidents.c.next_at, repeating.repeat_incidents),
        Schedule(registers.c.next_at, prompting.prompt_due),
        Schedule(missed_days.c.next_at, repeating.repeat_missed_days),
        Schedule(
            channel_troubles.c.next_at,
            lambda transaction: warning.warn_due(transaction, checks_at=settings.checks_at),
        ),
        Schedule(
            plannings.c.next_at,
            lambda transaction: planning.plan_due(transaction, opens_at=settings.opens_at),
            can_wait=True,
        ),
        Schedule(duties.c.next_at, reminding.remind_due, can_wait=True),
        Schedule(school_reports.c.next_at, reporting.report_due, can_wait=True),
        Schedule(
            school_days.c.next_at,
            lambda transaction: coding.settle_due(
                transaction, codes_at=settings.codes_at, reason_school_days=settings.reason_school_days
            ),
            can_wait=True,
        ),
        Schedule(
            checks.c.next_at,
            lambda transaction: checking.check_due(
                transaction,
                checks_at=settings.checks_at,
                reason_school_days=settings.reason_school_days,
                expects_backups=settings.expects_backups,
            ),
            can_wait=True,
        ),
        Schedule(
            roundups.c.next_at,
            lambda transaction: rounding_up.round_up_due(
                transaction, opens_at=settings.opens_at, by=settings.rounds_up_at
            ),
            can_wait=True,
        ),
        Schedule(audit.c.next_at, seal_due, can_wait=True),
        Schedule(
            retentions.c.next_at,
            lambda transaction: retaining.retain_due(
                transaction, chat_days=settings.chat_days, retains_at=settings.retains_at
            ),
            can_wait=True,
        ),
    )


def plan(transaction: Transaction, settings: Settings) -> None:
    """See to it that what comes every day stands in the database; each time it comes, it plans the next by itself.

    Any number of processes may do so at once: what is there already is left as it is.
    """
    opening.plan(transaction, opens_at=settings.opens_at)
    planning.plan(transaction, opens_at=settings.opens_at)
    checking.plan(transaction, checks_at=settings.checks_at)
    rounding_up.plan(transaction, opens_at=settings.opens_at)
    retaining.plan(transaction, retains_at=settings.retains_at)


async def tick(database: Database, wanted: Sequence[Schedule]) -> bool:
    """Run each schedule of which something is due until nothing is. Whether something waits for what is owed.

    One that fails holds up no other; what it failed with is raised when all have had their turn.
    """
    failures: list[Exception] = []
    began = time.perf_counter()
    pending, has_waiting = list(wanted), False
    # Looked for beside the writer: processes that have nothing to do hold nobody up.
    while pending and (due := await database.read(_due, pending)):
        for schedule in due:
            try:
                for _ in range(OF_WHAT_CAN_WAIT if schedule.can_wait else BATCHES):
                    if schedule.can_wait and await database.read(is_urgent):
                        pending.remove(schedule)  # the next tick comes soon
                        has_waiting = True
                        break
                    since = time.perf_counter()
                    was_due = await database.write_long(schedule.run)
                    database.measures.ran(schedule.due.table.name, time.perf_counter() - since)
                    if not was_due:
                        break
            except Exception as failure:  # noqa: BLE001  (whatever it is, the other schedules must run)
                failures.append(failure)
                pending.remove(schedule)
    if failures:
        raise failures[0] if len(failures) == 1 else ExceptionGroup("schedules failed", failures)
    database.measures.ticked(time.perf_counter() - began)
    return has_waiting


def _due(transaction: Transaction, wanted: Sequence[Schedule]) -> list[Schedule]:
    """Those of which something is due, found in one query."""
    answers = transaction.row(_is_due(tuple(each.due for each in wanted)), now=transaction.now)
    return [each for each, is_due in zip(wanted, answers or (), strict=True) if is_due]


def is_urgent(transaction: Transaction) -> bool:
    """Whether an alert or a prompt is owed that nobody has begun to send."""
    return bool(transaction.value(_URGENT, now=transaction.now))


_URGENT = Prepared(
    sa.select(
        sa.exists()
        .where(
            messages.c.next_at.is_not(None),
            messages.c.next_at <= sa.bindparam("now", type_=Instant),
            messages.c.priority <= Priority.PROMPT,
            messages.c.state == "owed",
        )
        .label("urgent")
    )
)


@lru_cache
def _is_due(columns: tuple[sa.Column[datetime], ...]) -> Prepared:
    now = sa.bindparam("now", type_=Instant)
    return Prepared(
        sa.select(
            *(
                sa.exists().where(each.is_not(None), each <= now).label(f"{each.table.name}_{each.name}")
                for each in columns
            )
        )
    )
