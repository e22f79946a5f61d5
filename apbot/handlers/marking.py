"""Recording what is said about pupils, and all that follows from it, in one transaction.

Buttons, typed words, commands and amendments all come here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.codes import PLANNED, Suggestion, suggest
from apbot.domain.escalation import Kind, Outcome, State
from apbot.domain.marks import Fact
from apbot.domain.priority import Priority
from apbot.domain.register import EntryState, Statement, Verdict, judge, settled
from apbot.store.audit import note_all
from apbot.store.coding import refresh_lists_after
from apbot.store.database import Transaction
from apbot.store.escalations import TOLD, Escalation, Opening, load_escalations_by_id, open_escalations
from apbot.store.outbox import Owed, Subject, owe, refresh, told
from apbot.store.prepared import Prepared
from apbot.store.registers import Entry
from apbot.store.tables import entries, escalated, escalations, marks

AT_ONCE = {Fact.LEFT_SITE: Kind.LEFT_SITE, Fact.NOT_RUNNING: Kind.NOT_RUNNING}
"""Facts that the school is told of the moment they are known."""


@dataclass(frozen=True)
class Marked:
    """What became of the statements."""

    recorded: tuple[tuple[Entry, Statement], ...] = ()
    known: tuple[tuple[Entry, Statement], ...] = ()
    """Said before: nothing changed."""
    needs_reason: tuple[tuple[Entry, Statement], ...] = ()
    """Corrections, which are recorded once a reason is given."""


@dataclass
class _Plan:
    recorded: list[tuple[Entry, Statement]] = field(default_factory=list)
    known: list[tuple[Entry, Statement]] = field(default_factory=list)
    needs_reason: list[tuple[Entry, Statement]] = field(default_factory=list)


def mark(
    transaction: Transaction,
    actor: Actor,
    said: Sequence[tuple[Entry, Statement]],
    *,
    because: str = "",
) -> Marked:
    """Record statements about entries of one or more registers.

    `because` is the reason for a correction; without one, a statement that contradicts what is recorded is
    given back in `needs_reason` and nothing of it is kept.
    """
    plan = _Plan()
    for entry, statement in said:
        over = transaction.now >= entry.ends_at
        # "It should say arrived" is about the start of the session, not about this minute.
        before = None if because and statement.fact is Fact.ARRIVED else entry.said
        full = settled(statement, before, transaction.now, entry.starts_at)
        verdict = judge(entry.said, full, session_over=over)
        if verdict is not Verdict.RECORD and not because and _has_left_again(transaction, entry, full):
            verdict = Verdict.RECORD
        if verdict is Verdict.SAME:
            plan.known.append((entry, full))
        elif verdict is Verdict.AMEND and not because:
            plan.needs_reason.append((entry, full))
        else:
            plan.recorded.append((entry, full))
    if plan.recorded:
        _record(transaction, actor, plan.recorded, because)
        _follow(transaction, actor, plan.recorded)
        refresh(transaction, ["register", "nudge"], {entry.register_id for entry, _ in plan.recorded})
        refresh_lists_after(transaction, [entry for entry, _ in plan.recorded])
    return Marked(tuple(plan.recorded), tuple(plan.known), tuple(plan.needs_reason))


def _has_left_again(transaction: Transaction, entry: Entry, said: Statement) -> bool:
    """The pupil has left site once more: the alert about the last time is settled, though no return was recorded."""
    if entry.said is None or entry.said.fact is not Fact.LEFT_SITE or said.fact is not Fact.LEFT_SITE:
        return False
    live = [each for each in _live_escalations(transaction, [entry.id]) if each.kind is Kind.LEFT_SITE]
    return entry.id not in {pupil.entry.id for each in live for pupil in each.unsettled}


def _record(transaction: Transaction, actor: Actor, recorded: Sequence[tuple[Entry, Statement]], because: str) -> None:
    entry_rows, mark_rows, notes = [], [], []
    for entry, said in recorded:
        suggestion = suggest(said.fact, said.reason, entry.arrangement)
        if entry.state is EntryState.EXCUSED and said.fact is Fact.NOT_ARRIVED and entry.suggested_code in PLANNED:
            suggestion = Suggestion(entry.suggested_code, entry.suggested_why or suggestion.why)
        amends = entry.said is not None and bool(because)
        entry_rows.append(
            {
                "b_id": entry.id,
                "fact": said.fact.value,
                "fact_at": said.at,
                "reason": said.reason and said.reason.value,
                "marked_by_id": actor.person_id,
                "marked_at": transaction.now,
                "suggested_code": suggestion.code,
                "suggested_why": suggestion.why,
                "alert_at": _alert_at(entry, said, transaction.now),
            }
        )
        mark_rows.append(
            {
                "entry_id": entry.id,
                "fact": said.fact.value,
                "fact_at": said.at,
                "reason": said.reason and said.reason.value,
                "made_by_id": actor.person_id,
                "made_as": actor.acts_as(entry.provider_id, entry.school_id),
                "made_at": transaction.now,
                "amends_because": because if amends else "",
            }
        )
        notes.append((f"entry:{entry.id}", {"fact": said.fact.value, "amends": amends}))
    transaction.change(_SAY, *entry_rows)
    transaction.change(_KEEP, *mark_rows)
    note_all(transaction, actor, "marked", notes)


_SAID = ["fact", "fact_at", "reason", "marked_by_id", "marked_at", "suggested_code", "suggested_why", "alert_at"]
_SAY = Prepared(
    sa.update(entries).where(entries.c.id == sa.bindparam("b_id")).values({each: sa.bindparam(each) for each in _SAID})
)
_KEEP = Prepared(sa.insert(marks))


def _alert_at(entry: Entry, said: Statement, now: datetime) -> datetime | None:
    """When the pupil becomes a non-arrival, as it stands after this statement."""
    if said.fact is not Fact.NOT_ARRIVED or entry.state is not EntryState.EXPECTED:
        return None
    if entry.said is not None and entry.said.fact is not Fact.NOT_ARRIVED:
        return max(entry.alert_due, now)  # they were thought to be there, so nobody has been told
    return entry.alert_at


def _follow(transaction: Transaction, actor: Actor, recorded: Sequence[tuple[Entry, Statement]]) -> None:
    """Stand down the escalations of who is there after all, and open those that can't wait."""
    live = _live_escalations(transaction, [entry.id for entry, _ in recorded])
    arrived = {entry.id for entry, said in recorded if said.fact.is_on_site}
    covered = {(pupil.entry.id, each.kind) for each in live for pupil in each.unsettled}
    for escalation in live:
        settle(
            transaction,
            actor,
            escalation,
            {pupil.id: (Outcome.ARRIVED_SINCE, "") for pupil in escalation.unsettled if pupil.entry.id in arrived},
            stand_down=True,
        )
    if live:
        refresh(transaction, TOLD, [each.id for each in live])
    groups: dict[tuple[int, int, Kind], list[int]] = {}
    for entry, said in recorded:
        kind = AT_ONCE.get(said.fact)
        if kind is None or (entry.id, kind) in covered or not (entry.is_expected or kind is Kind.LEFT_SITE):
            continue
        groups.setdefault((entry.register_id, entry.school_id, kind), []).append(entry.id)
    open_escalations(
        transaction,
        actor,
        [
            Opening(register_id, school_id, tuple(entry_ids), kind, transaction.now)
            for (register_id, school_id, kind), entry_ids in groups.items()
        ],
    )


def _live_escalations(transaction: Transaction, entry_ids: Sequence[int]) -> list[Escalation]:
    """The escalations that are still live in which one of these entries is."""
    ids = {row.escalation_id for row in transaction.rows(_LIVE, ids=list(entry_ids))}
    return list(load_escalations_by_id(transaction, ids).values()) if ids else []


_LIVE = Prepared(
    sa.select(escalated.c.escalation_id)
    .join_from(escalated, escalations)
    .where(escalated.c.entry_id.in_(sa.bindparam("ids", expanding=True)), escalations.c.closed_at.is_(None))
)


def settle(
    transaction: Transaction,
    actor: Actor,
    escalation: Escalation,
    outcomes: Mapping[int, tuple[Outcome, str]],
    *,
    stand_down: bool = False,
) -> None:
    """Record welfare outcomes in one escalation, by the ids of its pupils, and close it when every pupil is safe.

    With `stand_down` everybody who was told of it is told that the pupils have arrived.
    """
    if not outcomes:
        return
    transaction.change(
        _OUTCOME,
        *(
            {
                "b_id": member_id,
                "outcome": outcome.value,
                "outcome_words": words,
                "outcome_by_id": actor.person_id,
                "outcome_at": transaction.now,
            }
            for member_id, (outcome, words) in outcomes.items()
        ),
    )
    now = {pupil.id: pupil.outcome for pupil in escalation.pupils} | {
        member_id: outcome for member_id, (outcome, _) in outcomes.items()
    }
    settled_now = [outcome for outcome in now.values() if outcome is not None and outcome.settles]
    if len(settled_now) == len(now):
        all_arrived = all(outcome is Outcome.ARRIVED_SINCE for outcome in settled_now)
        state = State.STOOD_DOWN if all_arrived else State.CLOSED
        transaction.change(_CLOSE, {"b_id": escalation.id, "state": state.value, "closed_at": transaction.now})
    note_all(
        transaction,
        actor,
        "outcome recorded",
        [(f"escalated:{member_id}", {"outcome": outcome.value}) for member_id, (outcome, _) in outcomes.items()],
    )
    if stand_down:
        # Each arrival is news of its own, so the step is the number of pupils settled so far.
        step = len(settled_now)
        owe(
            transaction,
            [
                Owed(Subject(answer, escalation.id, step), Priority.ESCALATION, transaction.now, person)
                for kind, answer in (("escalation", "stand down"), ("copy", "stand down copy"))
                for person in told(transaction, [kind], escalation.id)
            ],
        )
    refresh(transaction, TOLD, [escalation.id])
    refresh_lists_after(transaction, [pupil.entry for pupil in escalation.pupils if pupil.id in outcomes])


_OUTCOME = Prepared(
    sa.update(escalated)
    .where(escalated.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in ("outcome", "outcome_words", "outcome_by_id", "outcome_at")})
)
_CLOSE = Prepared(
    sa.update(escalations)
    .where(escalations.c.id == sa.bindparam("b_id"))
    .values(state=sa.bindparam("state"), closed_at=sa.bindparam("closed_at"), next_at=None)
)
