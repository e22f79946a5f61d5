"""Reporting an incident, taking one, and taking back one that was reported by mistake. Fixed choices, no narrative."""

from collections.abc import Mapping

import sqlalchemy as sa

from apbot.cards import Action, Button, Reply, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.duties.schooldays import half_term_of
from apbot.domain.incident import CALLING, Kind, ParentsTold
from apbot.domain.marks import Fact
from apbot.domain.register import Statement
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.handlers.marking import mark
from apbot.handlers.port import Handler, Refused, instant_given, said
from apbot.handlers.register import read_back
from apbot.messages.incident import PARENTS_ARE_TOLD
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.placing import Placing, load_placings
from apbot.store.incidents import (
    INCIDENTS,
    Incident,
    count_in,
    load_incidents,
    open_review,
    report,
    same_as,
    withdraw,
)
from apbot.store.registers import Entry, load_entries, load_registers_by_id
from apbot.store.tables import entries, registers, schools

EVERY = int(CALLING.repeat_every.total_seconds() // 60)

NOT_YOURS = "That pupil is not on a register of yours."


def _report(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Report one of a placement: the button's subject."""
    placing = load_placings(transaction, [action.subject]).get(action.subject)
    if placing is None:
        raise Refused(NOT_YOURS)
    return report_one(transaction, actor, placing, action.inputs)


def _report_at(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Report one of a pupil on a register: the button's subject."""
    register = load_registers_by_id(transaction, [action.subject]).get(action.subject)
    own = [
        entry
        for entry in (register.entries if register is not None else ())
        if actor.may_mark(entry.provider_id, entry.school_id)
    ]
    if not own:
        raise Refused("That is not a register of yours.")
    wanted = _plain(action.inputs.get("pupil", ""))
    found = {entry.placement_id for entry in own if wanted in (_plain(entry.reference), _plain(entry.label))}
    if len(found) != 1:
        raise Refused("Which pupil? Write the reference as it stands on the register, like CD34.", "pupil")
    placement_id = found.pop()
    return report_one(transaction, actor, load_placings(transaction, [placement_id])[placement_id], action.inputs)


def _plain(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def report_one(transaction: Transaction, actor: Actor, placing: Placing, inputs: Mapping[str, str]) -> Reply:
    """Keep it, tell the school at once, and open an emergency review where it is the third. Raises `Refused`."""
    if actor.person_id is None or not may_report(actor, placing):
        raise Refused(NOT_YOURS)
    try:
        kind = Kind(inputs.get("kind", ""))
    except ValueError:
        raise Refused("What kind of incident? Choose one of those that are offered.", "kind") from None
    today = local_date(transaction.now)
    at = instant_given(inputs.get("at", ""), today, transaction.now)
    if kind is Kind.LEFT_SITE:
        entry = _entry_now(transaction, placing)
        if entry is None or not actor.may_mark(placing.provider_id, placing.school_id):
            number = transaction.value(sa.select(schools.c.telephone).where(schools.c.id == placing.school_id))
            raise Refused(f"No register of today has {placing.label}. Telephone {placing.school} now: {number}.")
        return read_back(mark(transaction, actor, [(entry, Statement(Fact.LEFT_SITE, at))]))
    try:
        parents = ParentsTold(inputs.get("parents", ""))
    except ValueError:
        raise Refused("Have the parents been told? Choose yes, no or not yet.", "parents") from None
    happened_at = at or transaction.now
    known = same_as(transaction, placing, kind, happened_at)
    if known is not None:
        return _reported(transaction, load_incidents(transaction, [known])[known], "Reported already", is_told=True)
    incident, is_told = report(transaction, actor, placing, kind, happened_at, parents)
    due_on = open_review(transaction, actor, placing, today) if kind.is_behaviour else None
    more = (
        f"An emergency review is due by {spoken_date(due_on)}. The key worker and the lead are told." if due_on else ""
    )
    return _reported(transaction, incident, f"{incident.school} is told", more, is_told=is_told)


def may_report(actor: Actor, placing: Placing) -> bool:
    """The provider's staff, the pupil's school, and the key worker, who may hear of it on a visit."""
    return actor.may_see(placing.school_id, placing.provider_id, placing.key_worker_id)


def _entry_now(transaction: Transaction, placing: Placing) -> Entry | None:
    """Where the pupil stands on the register that runs, or that has run last today."""
    today = local_date(transaction.now)
    begun = load_entries(
        transaction,
        entries.c.placement_id == placing.placement_id,
        registers.c.day == today,
        entries.c.starts_at <= transaction.now,
    )
    return max(begun, key=lambda entry: entry.starts_at, default=None)


def _reported(transaction: Transaction, incident: Incident, what: str, more: str = "", *, is_told: bool) -> Reply:
    lines = [
        f"{incident.label}, {incident.provider}, at {wall(incident.happened_at)}. "
        f"{PARENTS_ARE_TOLD[incident.parents_told]}."
    ]
    if not is_told:
        number = transaction.value(sa.select(schools.c.telephone).where(schools.c.id == incident.school_id))
        lines.append(f"Nobody there can be reached by chat. Telephone {incident.school} now: {number or 'no number'}.")
    elif incident.acknowledged_at is None:
        lines.append(f"They are told every {EVERY} minutes until somebody takes it.")
    lines += [_number(transaction, incident)] if incident.kind.is_behaviour else []
    lines += [more] if more else []
    lines.append("What it was belongs in your own record, and a worry about a child with the DSL.")
    mistake = Button(
        "Reported by mistake", "incident_withdraw", incident.id, style=Style.DANGER, describes=incident.label
    )
    heading = f"{what}: {incident.kind.value}" if is_told else f"Telephone {incident.school} now"
    tone = Tone.DONE if is_told else Tone.ALERT
    return said(heading, *lines, tone=tone, buttons=(mistake,))


def _number(transaction: Transaction, incident: Incident) -> str:
    calendar = load_calendars(transaction).school(incident.school_id)
    block = half_term_of(calendar, local_date(incident.happened_at))
    if block is None:
        return "It is a holiday of the school's: it counts towards no review."
    count = count_in(transaction, [incident.placement_id], block).behaviour
    return f"It is number {count} of poor behaviour in this half term."


def _acknowledge(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    incident = _incident(transaction, action.subject)
    if incident is None or not actor.may_answer(incident.school_id):
        raise Refused("That incident is not yours to take.")
    if incident.withdrawn_at is not None:
        return said(f"{incident.withdrawn_by} has withdrawn it: it was reported by mistake", tone=Tone.DONE)
    if not INCIDENTS.take_on(transaction, actor, incident.id):
        at = wall(incident.acknowledged_at) if incident.acknowledged_at else ""
        return said(f"{incident.acknowledged_by} took it at {at}", tone=Tone.DONE)
    return said(
        f"Yours: {incident.label}, {incident.kind.value}",
        f"{PARENTS_ARE_TOLD[incident.parents_told]}.",
        "Everybody who was told sees your name. Keep what it was in your own record.",
        tone=Tone.DONE,
    )


def _withdraw(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    incident = _incident(transaction, action.subject)
    is_own = incident is not None and incident.raised_by_id == actor.person_id and bool(actor.roles)
    if incident is None or not (is_own or actor.may_answer(incident.school_id)):
        raise Refused("That incident is not yours to withdraw.")
    if incident.withdrawn_at is not None:
        return said("That was withdrawn already", tone=Tone.DONE)
    withdraw(transaction, actor, incident)
    return said(
        f"Withdrawn: {incident.label}, {incident.kind.value}",
        "It counts no more, and everybody who was told sees that it was a mistake.",
        "An emergency review that it opened stays open: the school decides.",
        tone=Tone.DONE,
    )


def _incident(transaction: Transaction, incident_id: int) -> Incident | None:
    return load_incidents(transaction, [incident_id]).get(incident_id)


HANDLERS: dict[str, Handler] = {
    "incident": _report,
    "incident_at": _report_at,
    "incident_acknowledge": _acknowledge,
    "incident_withdraw": _withdraw,
}
