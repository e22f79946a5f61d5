"""Writing down what was done: a duty that was open, something done without being asked for, and amendments of both."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from apbot.cards import Action, Button, Reply, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.duties import target_end
from apbot.domain.duties.model import DutyKind
from apbot.domain.duties.registry import KINDS
from apbot.domain.walltime import local_date, spoken_date
from apbot.handlers.duty_answers import all_ahead, answers, next_given, on_given, without_concern
from apbot.handlers.port import Handler, Refused, said
from apbot.messages.duties import amend_button
from apbot.store.database import Transaction
from apbot.store.duties.effects import EFFECTS
from apbot.store.duties.placing import Placing, lent_to, load_placings
from apbot.store.duties.reading import Duty, load_duties, load_duties_by_id
from apbot.store.duties.records import Record, load_record, load_records, newest_of
from apbot.store.duties.writing import amend, record
from apbot.store.tables import duties, duty_records

LOGGED = ("contact", "visit", "review", "report")
"""What can be written down without a duty that asks for it."""

WORRIES = frozenset({"a worry", "some worry"})


def write_down_duty(transaction: Transaction, actor: Actor, duty: Duty, inputs: Mapping[str, str]) -> Reply:
    """Write down that an open duty is done. Raises `Refused` for answers that can't be."""
    if duty.placement_id is not None:
        placing = load_placings(transaction, [duty.placement_id])[duty.placement_id]
        return write_down(transaction, actor, duty.kind, placing, inputs, duty.id)
    today = local_date(transaction.now)
    given = all_ahead(duty.kind, answers(duty.kind, inputs), today)
    record_id = record(
        transaction,
        actor,
        duty.kind,
        school_id=duty.school_id,
        happened_on=on_given(inputs, today),
        given=given,
        provider_id=duty.provider_id,
        duty_id=duty.id,
        next_on=next_given(duty.kind, inputs, today),
    )
    return _read_back(transaction, actor, record_id, duty.provider)


def write_down(
    transaction: Transaction,
    actor: Actor,
    kind: DutyKind,
    placing: Placing,
    inputs: Mapping[str, str],
    duty_id: int | None = None,
) -> Reply:
    """Write down that something was done for a placement. Raises `Refused` for answers that can't be."""
    today = local_date(transaction.now)
    given, dropped = without_concern(kind, all_ahead(kind, answers(kind, inputs, placing.names), today))
    if kind.name == target_end.NAME and given["target"] == str(placing.target_end_on):
        raise Refused(
            f"{spoken_date(placing.target_end_on)} is the date that it has. "
            "If it ends then, have that entered in the roster as its last day.",
            "target",
        )
    happened_on = on_given(inputs, today)
    next_on = next_given(kind, inputs, today, is_last=placing.ends_on is not None)
    if duty_id is None and _is_there(transaction, actor, kind, placing, happened_on, next_on, given):
        return said(f"Recorded already: {_title(placing.label, kind)}", tone=Tone.DONE)
    record_id = record(
        transaction,
        actor,
        kind,
        school_id=placing.school_id,
        happened_on=happened_on,
        given=given,
        placement_id=placing.placement_id,
        duty_id=duty_id,
        next_on=next_on,
    )
    return _read_back(transaction, actor, record_id, placing.label, placing, dropped=dropped, pressed_id=duty_id)


def _log(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Log what no duty asks for: the button's subject is the placement, its value the kind."""
    kind = KINDS.get(action.value) if action.value in LOGGED else None
    placing = load_placings(transaction, [action.subject]).get(action.subject)
    if kind is None or placing is None:
        raise Refused("That is not yours to log.")
    if not placing.may_be_logged_by(actor, kind, lent_to(transaction, actor, [kind.name])):
        raise Refused("That is not yours to log.")
    return write_down(transaction, actor, kind, placing, action.inputs)


def _amend(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Correct an entry: the button's subject. The first one is kept."""
    # Two who amend at once must see each other.
    transaction.row(sa.select(duty_records.c.id).where(duty_records.c.id == action.subject).with_for_update())
    before = newest_of(transaction, action.subject)
    if before is None or before.kind not in KINDS:
        raise Refused("That is not yours to amend.")
    kind, placing = KINDS[before.kind], None
    if before.placement_id is not None:
        placing = load_placings(transaction, [before.placement_id])[before.placement_id]
    if not may_amend(actor, before, placing):
        raise Refused("That is not yours to amend.")
    about = placing.label if placing is not None else before.about
    if before.id != action.subject:
        return said(
            f"That has been amended since, by {before.made_by}: {_title(about, kind)}",
            "Nothing was changed. This is how it stands now.",
            *_lines(before),
            tone=Tone.ASK,
            buttons=(amend_button(before, about),),
        )
    today = local_date(transaction.now)
    given = answers(kind, action.inputs, placing.names if placing is not None else ())
    given, dropped = without_concern(kind, given)
    record_id = amend(
        transaction,
        actor,
        before,
        happened_on=on_given(action.inputs, today),
        given=given,
        next_on=_next_amended(
            before, action.inputs, today, is_last=placing is not None and placing.ends_on is not None
        ),
    )
    return _read_back(transaction, actor, record_id, about, placing, dropped=dropped)


def _next_amended(before: Record, inputs: Mapping[str, str], today: date, *, is_last: bool) -> date | None:
    """A day that has gone by since may stay as it was."""
    if before.next_on is not None and inputs.get("next_on", "").strip() == before.next_on.isoformat():
        return before.next_on
    return next_given(KINDS[before.kind], inputs, today, is_last=is_last)


def may_amend(actor: Actor, entry: Record, placing: Placing | None) -> bool:
    """Whoever wrote it, and who answers for the pupil: the school, and the key worker. A leaver's is the school's."""
    owners = {entry.made_by_id, placing.key_worker_id if placing is not None else None} - {None}
    return actor.may_answer(entry.school_id) or (actor.person_id in owners and bool(actor.roles))


def _is_there(
    transaction: Transaction,
    actor: Actor,
    kind: DutyKind,
    placing: Placing,
    happened_on: date,
    next_on: date | None,
    given: Mapping[str, str],
) -> bool:
    """The same person has written down the very same: typed twice it is one."""
    same = load_records(
        transaction,
        duty_records.c.placement_id == placing.placement_id,
        duty_records.c.kind == kind.name,
        duty_records.c.happened_on == happened_on,
        duty_records.c.made_by_id == actor.person_id,
    )
    return any((each.given, each.next_on) == (given, next_on) for each in same)


def _read_back(
    transaction: Transaction,
    actor: Actor,
    record_id: int,
    about: str,
    placing: Placing | None = None,
    *,
    dropped: str = "",
    pressed_id: int | None = None,
) -> Reply:
    """Do what follows from an entry, and say what was written down, with a way to mend a slip."""
    entry = load_record(transaction, record_id)
    if effect := EFFECTS.get(entry.kind):
        effect(transaction, actor, entry)
    lines = _lines(entry)
    buttons = [amend_button(entry, about)]
    if pressed_id not in (None, entry.duty_id) and load_duties_by_id(transaction, [pressed_id])[pressed_id].is_open:
        lines.append("That was before this one began, so this one is still to be done.")
    lines += [
        f"The one that was due {spoken_date(each.due_on)} is settled with it, and does not count as done."
        for each in _settled_with(transaction, entry)
    ]
    is_worry = any(value in WORRIES for value in entry.given.values())
    if dropped:
        lines.append(
            f"What was written under “{dropped}” was not kept: it could be a concern. "
            "Speak to the DSL now, and write it in the safeguarding system only."
        )
    elif is_worry:
        lines.append("If that is a safeguarding concern, speak to the DSL now.")
    if placing is not None and (dropped or is_worry):
        buttons.append(
            Button("Raise a concern", "concern", placing.school_id, style=Style.DANGER, describes=placing.school)
        )
    verb = "Amended" if entry.amends_id is not None else "Recorded"
    tone = Tone.ASK if dropped else Tone.DONE
    return said(f"{verb}: {_title(about, KINDS[entry.kind], entry.about)}", *lines, tone=tone, buttons=tuple(buttons))


def _settled_with(transaction: Transaction, entry: Record) -> list[Duty]:
    """The earlier ones that this entry has settled besides its own."""
    if entry.amends_id is not None or not KINDS[entry.kind].catches_up:
        return []
    return load_duties(
        transaction,
        duties.c.placement_id == entry.placement_id,
        duties.c.kind == entry.kind,
        duties.c.id != entry.duty_id,
        duties.c.closed_at == transaction.now,
    )


def _title(about: str, kind: DutyKind, more: str = "") -> str:
    return f"{about}: {kind.label[0].lower()}{kind.label[1:]}{f' ({more})' if more else ''}"


def _lines(entry: Record) -> list[str]:
    given = ", ".join(entry.spoken)
    lines = [f"{spoken_date(entry.happened_on)}{f': {given}' if given else ''}."]
    lines += [f"The next one is booked for {spoken_date(entry.next_on)}."] if entry.next_on else []
    return lines


HANDLERS: dict[str, Handler] = {"duty_log": _log, "duty_amend": _amend}
