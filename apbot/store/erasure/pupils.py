"""Erasing a pupil: names, UPN and reference go, and whatever somebody wrote in their own words about them.

What stays is counts: that somebody was expected, arrived or did not, and that the school saw to it. Nothing leads from
these to the pupil any more.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.duties.model import Ask
from apbot.domain.duties.registry import KINDS
from apbot.domain.retention import STATUTORY_YEARS, years_before
from apbot.domain.walltime import local_date, spoken_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.erasure.traces import Traces
from apbot.store.lasting import not_over
from apbot.store.messagesabout import load_messages_about
from apbot.store.outbox import refresh
from apbot.store.parts import in_parts
from apbot.store.retention.chat import put_away
from apbot.store.retention.live import LIVE_ALERT, OPEN_DUTY
from apbot.store.tables import (
    code_decisions,
    concerns,
    duties,
    duty_records,
    entries,
    escalated,
    escalations,
    incidents,
    messages,
    placements,
    pupils,
    registers,
)

WORDS_OF_PLACEMENT = ("transport", "calls_home", "authorised_by", "aims", "meals", "rest_of_week")


@dataclass(frozen=True)
class Kept:
    """Why a pupil's record is not to be erased. `for_good`: no basis in law changes that; somebody must see to it."""

    why: str
    for_good: bool = False


def why_pupil_is_kept(transaction: Transaction, pupil_id: int) -> list[Kept]:
    """What speaks against erasing this pupil now; nothing where it may be done."""
    today = local_date(transaction.now)
    of_pupil = sa.select(placements.c.id).where(placements.c.pupil_id == pupil_id)
    found = []
    for count, what in (
        (_count(transaction, escalated.join(entries).join(escalations), entries.c.pupil_id == pupil_id, LIVE_ALERT),
         "alert is open"),
        (_count(transaction, concerns, concerns.c.pupil_id == pupil_id, concerns.c.acknowledged_at.is_(None)),
         "concern is not answered"),
        (_count(transaction, incidents, incidents.c.placement_id.in_(of_pupil), incidents.c.acknowledged_at.is_(None),
                incidents.c.withdrawn_at.is_(None)),
         "incident is not acknowledged"),
        (_count(transaction, duties, duties.c.placement_id.in_(of_pupil), OPEN_DUTY), "duty is open"),
    ):  # fmt: skip
        if count:
            found.append(Kept(f"{count} {what}: somebody must see to it first", for_good=True))
    row = transaction.row(sa.select(pupils.c.ends_on).where(pupils.c.id == pupil_id))
    if row.ends_on is None or row.ends_on >= today:
        found.append(Kept("the pupil is on the roll: give them a last day on the roster"))
    if _count(transaction, placements, placements.c.pupil_id == pupil_id, not_over(placements, today)):
        found.append(Kept("a placement runs, or is to begin: give it a last day on the roster"))
    newest: date | None = transaction.value(
        sa.select(sa.func.max(registers.c.day))
        .join_from(registers, entries, entries.c.register_id == registers.c.id)
        .where(entries.c.pupil_id == pupil_id)
    )
    if newest is not None and newest >= years_before(today, STATUTORY_YEARS):
        until = spoken_date(newest.replace(day=min(newest.day, 28), year=newest.year + STATUTORY_YEARS))
        found.append(Kept(f"register entries are kept for six years from the day they were made: until {until}"))
    return found


def _count(transaction: Transaction, table: sa.FromClause, *which: sa.ColumnElement[bool]) -> int:
    return int(transaction.value(sa.select(sa.func.count()).select_from(table).where(*which)))


def erase_pupil(transaction: Transaction, actor: Actor, pupil_id: int, *, reason: str, basis: str = "") -> Counter[str]:
    """Erase a pupil, and write down who did it, why, and on what basis; how many rows of what were changed.

    Whether it is lawful is for the caller to have looked at (`why_pupil_is_kept`).
    """
    traces = Traces(transaction, pupil_id)
    done: Counter[str] = Counter()
    _messages(transaction, pupil_id, done)
    _placements(transaction, pupil_id, done)
    _words(transaction, pupil_id, done)
    traces.remove(done)
    erased = {"ref": f"ERASED-{pupil_id}", "first_name": "Erased", "last_name": "", "upn": "", "year_group": ""}
    flags = {"social_worker": False, "ehc_plan": False, "looked_after": False}
    transaction.execute(sa.update(pupils).where(pupils.c.id == pupil_id).values({**erased, **flags}))
    done["pupil"] = 1
    note(transaction, actor, "pupil erased", f"pupil:{pupil_id}", reason=reason, basis=basis, **done)
    transaction.touched.add("roster")
    return done


def _messages(transaction: Transaction, pupil_id: int, done: Counter[str]) -> None:
    """What was posted before today is edited down; what was posted today says the new reference."""
    begun = transaction.now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = load_messages_about(transaction, pupil_id).values()
    old = [row.id for row in rows if row.sent_at is not None and row.sent_at < begun and row.put_away_at is None]
    put_away(transaction, old)
    refresh(transaction, {row.kind for row in rows}, {row.subject_id for row in rows})
    for part in in_parts([row.id for row in rows]):
        transaction.execute(sa.update(messages).where(messages.c.id.in_(part)).values(heading=""))
    done["messages edited down"] = len(old)


def _placements(transaction: Transaction, pupil_id: int, done: Counter[str]) -> None:
    for row in transaction.rows(sa.select(placements.c.id).where(placements.c.pupil_id == pupil_id)):
        values = dict.fromkeys(WORDS_OF_PLACEMENT, "") | {"ref": f"ERASED-{row.id}", "touched_at": transaction.now}
        transaction.execute(sa.update(placements).where(placements.c.id == row.id).values(values))
        done["placements"] += 1


def _words(transaction: Transaction, pupil_id: int, done: Counter[str]) -> None:
    """What was written in somebody's own words; what was chosen from a list stays."""
    of_pupil = sa.select(entries.c.id).where(entries.c.pupil_id == pupil_id)
    of_placements = sa.select(placements.c.id).where(placements.c.pupil_id == pupil_id)
    changes: tuple[tuple[str, sa.Table, sa.ColumnElement[bool], dict[str, str]], ...] = (
        ("outcomes", escalated, escalated.c.entry_id.in_(of_pupil), {"outcome_words": ""}),
        ("code decisions", code_decisions, code_decisions.c.entry_id.in_(of_pupil), {"comment": "", "nature": ""}),
        ("concerns", concerns, concerns.c.pupil_id == pupil_id, {"reference": ""}),
        ("duties", duties, duties.c.placement_id.in_(of_placements), {"about": ""}),
    )
    for name, table, which, values in changes:
        done[name] += transaction.execute(sa.update(table).where(which).values(values)).rowcount
    records = sa.select(duty_records.c.id, duty_records.c.kind, duty_records.c.given)
    for row in transaction.rows(records.where(duty_records.c.placement_id.in_(of_placements))):
        kind = KINDS.get(row.kind)
        chosen = {each.name for each in kind.questions if each.ask is Ask.CHOICE} if kind else set()
        given = {name: value for name, value in row.given.items() if name in chosen}
        transaction.execute(sa.update(duty_records).where(duty_records.c.id == row.id).values(given=given))
        done["duty records"] += 1
