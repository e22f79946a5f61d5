"""The tick: everything that has become due, until nothing is. Any number of processes may run it at once."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

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
from apbot.schedules.turns import Schedule, Turn, is_of_the_database
from apbot.settings import Settings
from apbot.store.database import Database, Transaction
from apbot.store.engines import LOCKED_AT_MOST
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
    unopened,
)

BATCHES = 1000
"""At a turn one schedule takes at most so many batches, so that one that never ends holds up no other for ever."""

OF_WHAT_CAN_WAIT = 10
"""... and one that can wait so many: an alert may become due meanwhile, and nobody has decided upon it yet."""


def schedules(settings: Settings) -> Sequence[Schedule]:
    """Every schedule, the most urgent after what it depends on. A new one is one module, and one line here."""
    opens_at, chased_at, checks_at = settings.opens_at, settings.chased_at, settings.checks_at
    return (
        Schedule(
            openings.c.next_at,
            partial(opening.open_days, opens_at=opens_at, chased_at=chased_at),
            (openings.c.id, openings.c.day),
            opening.BATCH,
        ),
        Schedule(
            unopened.c.next_at,
            partial(opening.open_for_pupils, chased_at=chased_at),
            tuple(unopened.c),
            opening.PUPILS,
        ),
        Schedule(concerns.c.next_at, repeating.repeat_concerns, _when(concerns), repeating.BATCH),
        Schedule(
            entries.c.alert_at,
            escalating.open_alerts,
            escalating.ENTRY,
            escalating.BATCH,
            escalating.FIRST_BATCH,
            together=entries.c.register_id,
        ),
        Schedule(
            escalations.c.next_at,
            escalating.take_further,
            tuple(escalations.c),
            escalating.BATCH,
            escalating.FIRST_BATCH,
        ),
        Schedule(incidents.c.next_at, repeating.repeat_incidents, _when(incidents), repeating.BATCH),
        Schedule(registers.c.next_at, prompting.prompt, (registers.c.id,), prompting.BATCH),
        Schedule(missed_days.c.next_at, repeating.repeat_missed_days, _when(missed_days), repeating.BATCH),
        Schedule(
            channel_troubles.c.next_at,
            partial(warning.warn, checks_at=checks_at),
            tuple(channel_troubles.c),
            warning.BATCH,
        ),
        Schedule(
            plannings.c.next_at,
            partial(planning.plan_duties, opens_at=opens_at),
            (plannings.c.id, plannings.c.day),
            opening.BATCH,
            can_wait=True,
        ),
        Schedule(
            duties.c.next_at,
            reminding.remind,
            (duties.c.id,),
            reminding.BATCH,
            order=(duties.c.school_id, duties.c.id),
            can_wait=True,
        ),
        Schedule(school_reports.c.next_at, reporting.report, tuple(school_reports.c), reporting.BATCH, can_wait=True),
        Schedule(
            school_days.c.next_at,
            partial(coding.settle_days, codes_at=settings.codes_at, reason_school_days=settings.reason_school_days),
            tuple(school_days.c),
            coding.BATCH,
            can_wait=True,
        ),
        Schedule(
            checks.c.next_at,
            partial(
                checking.make_checks,
                checks_at=checks_at,
                reason_school_days=settings.reason_school_days,
                expects_backups=settings.expects_backups,
            ),
            (checks.c.id, checks.c.day),
            opening.BATCH,
            can_wait=True,
        ),
        Schedule(
            roundups.c.next_at,
            partial(rounding_up.round_up, opens_at=opens_at, by=settings.rounds_up_at),
            (roundups.c.id, roundups.c.day),
            opening.BATCH,
            can_wait=True,
        ),
        # The chain has one end: what can't be sealed is not left out of it.
        Schedule(audit.c.next_at, _seal, (audit.c.id,), 1, can_wait=True, as_one=True),
        Schedule(
            retentions.c.next_at,
            partial(retaining.retain, chat_days=settings.chat_days, retains_at=settings.retains_at),
            tuple(retentions.c),
            retaining.BATCH,
            can_wait=True,
        ),
    )


def _when(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    return (table.c.id, table.c.next_at)


def _seal(transaction: Transaction, _: Sequence[Any]) -> None:
    seal_due(transaction)


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

    One that fails holds up no other; what it failed with is raised when all have had their turn. Where the database was
    waited for in vain, that is raised at once.
    """
    failures: list[Exception] = []
    began = time.perf_counter()
    pending, has_waiting = list(wanted), False
    # Looked for beside the writer: processes that have nothing to do hold nobody up.
    while pending and (due := await database.read(_due, pending)):
        for schedule in due:
            turn, waits, since = Turn(database, schedule), False, time.perf_counter()
            try:
                waits = not await _run(database, schedule, turn)
                await turn.again()
            except Exception as failure:
                if is_of_the_database(failure) and time.perf_counter() - since >= LOCKED_AT_MOST:
                    raise  # each of the others would wait as long for nothing, and the tick look dead
                turn.problems.append(failure)
            if waits or turn.problems or schedule.aside:
                pending.remove(schedule)  # the next tick comes soon
            has_waiting |= waits
            failures += turn.problems[:1]
    if failures:
        raise failures[0] if len(failures) == 1 else ExceptionGroup("schedules failed", failures)
    database.measures.ticked(time.perf_counter() - began)
    return has_waiting


async def _run(database: Database, schedule: Schedule, turn: Turn) -> bool:
    """Run batch after batch. False where something more urgent is owed first."""
    for _ in range(OF_WHAT_CAN_WAIT if schedule.can_wait else BATCHES):
        if schedule.can_wait and await database.read(is_urgent):
            return False
        since = time.perf_counter()
        goes_on = await turn.batch()
        database.measures.ran(schedule.due.table.name, time.perf_counter() - since)
        if not goes_on:
            break
    return True


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
