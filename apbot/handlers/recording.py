"""Writing down what was done: a duty that was open, something done without being asked for, and amendments of both."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import sqlalchemy as sa

from apbot.cards import Action, Button, Reply, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.duties import target_end
from apbot.domain.duties.model import Ask, DutyKind
from apbot.domain.duties.registry import KINDS
from apbot.domain.replies import sounds_like_concern
from apbot.domain.walltime import local_date, spoken_date
from apbot.handlers.port import Handler, Refused, day_given, said
from apbot.messages.duties import amend_button
from apbot.store.database import Transaction
from apbot.store.duties.effects import EFFECTS
from apbot.store.duties.placing import Placing, lent_to, load_placings
from apbot.store.duties.reading import Duty
from apbot.store.duties.records import Record, load_record, load_records, newest_of
from apbot.store.duties.writing import amend, record
from apbot.store.tables import duty_records

LONG_AGO = timedelta(days=120)
"""What was done longer ago than this was a slip of the pen."""

FAR_AHEAD = timedelta(days=366)

LOGGED = ("contact", "visit", "review", "report")
"""What can be written down without a duty that asks for it."""

WORD = re.compile(r"[^\W\d_]+")

WORRIES = frozenset({"a worry", "some worry"})


def write_down_duty(transaction: Transaction, actor: Actor, duty: Duty, inputs: Mapping[str, str]) -> Reply:
    """Write down that an open duty is done. Raises `Refused` for answers that can't be."""
    if duty.placement_id is not None:
        placing = load_placings(transaction, [duty.placement_id])[duty.placement_id]
        return write_down(transaction, actor, duty.kind, placing, inputs, duty.id)
    today = local_date(transaction.now)
    given = _ahead(duty.kind, answers(duty.kind, inputs), today)
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
    given, dropped = _without_concern(kind, _ahead(kind, answers(kind, inputs, placing.names), today))
    if kind.name == target_end.NAME and given["target"] == str(placing.target_end_on):
        raise Refused(
            f"{spoken_date(placing.target_end_on)} is the date that it has. "
            "If it ends then, have that entered in the roster as its last day.",
            "target",
        )
    happened_on, next_on = on_given(inputs, today), next_given(kind, inputs, today)
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


def _ahead(kind: DutyKind, given: dict[str, str], today: date) -> dict[str, str]:
    """The answers as they are. Raises `Refused` for a day that has passed: it settles nothing."""
    for question in kind.questions:
        if question.ask is Ask.DATE and (on := day_given(given[question.name], question.name)) and on < today:
            raise Refused(f"{spoken_date(on)} has passed. Write a day to come.", question.name)
    return given


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
    given, dropped = _without_concern(kind, given)
    record_id = amend(
        transaction,
        actor,
        before,
        happened_on=on_given(action.inputs, today),
        given=given,
        next_on=_next_amended(before, action.inputs, today),
    )
    return _read_back(transaction, actor, record_id, about, placing, dropped=dropped)


def _next_amended(before: Record, inputs: Mapping[str, str], today: date) -> date | None:
    """A day that has gone by since may stay as it was."""
    if before.next_on is not None and inputs.get("next_on", "").strip() == before.next_on.isoformat():
        return before.next_on
    return next_given(KINDS[before.kind], inputs, today)


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
    if pressed_id not in (None, entry.duty_id):
        lines.append("That was before this one began, so this one is still to be done.")
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


def _title(about: str, kind: DutyKind, more: str = "") -> str:
    return f"{about}: {kind.label[0].lower()}{kind.label[1:]}{f' ({more})' if more else ''}"


def _lines(entry: Record) -> list[str]:
    given = ", ".join(value for value in entry.given.values() if value)
    lines = [f"{spoken_date(entry.happened_on)}{f': {given}' if given else ''}."]
    lines += [f"The next one is booked for {spoken_date(entry.next_on)}."] if entry.next_on else []
    return lines


def answers(kind: DutyKind, inputs: Mapping[str, str], names: Iterable[str] = ()) -> dict[str, str]:
    """What was answered to the questions of `kind`. Raises `Refused` for what is missing or was not offered.

    `names` are the pupil's, which belong in no words.
    """
    given = {}
    unwanted = set(names)
    for question in kind.questions:
        value = " ".join(inputs.get(question.name, "").split())
        if not value and not question.optional:
            raise Refused(f"“{question.label}” is needed.", question.name)
        if value and question.ask is Ask.CHOICE and value not in question.choices:
            raise Refused(f"“{question.label}” is one of: {', '.join(question.choices)}.", question.name)
        if len(value) > question.most:
            raise Refused(f"“{question.label}” takes {question.most} characters at most.", question.name)
        if question.ask is Ask.DATE and value:
            day_given(value, question.name)
        if question.ask is Ask.WORDS and unwanted & set(WORD.findall(value)):
            raise Refused(f"“{question.label}” takes no names. Nothing recorded: write it without.", question.name)
        given[question.name] = value
    return given


def _without_concern(kind: DutyKind, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The answers without words that could be a safeguarding concern, which are not kept here; where they stood."""
    dropped = next(
        (each for each in kind.questions if each.ask is Ask.WORDS and sounds_like_concern(given[each.name])),
        None,
    )
    if dropped is None:
        return dict(given), ""
    return {**given, dropped.name: ""}, dropped.label


def on_given(inputs: Mapping[str, str], today: date) -> date:
    """The day on which it was done: today where nothing is said. Raises `Refused` for one to come, or long ago."""
    on = day_given(inputs.get("on", ""), "on") or today
    if on > today:
        raise Refused(f"{spoken_date(on)} has not come yet. Book it for then, or write the day on which it was.", "on")
    if on < today - LONG_AGO:
        raise Refused(f"{spoken_date(on)} is long ago. Is the year right?", "on")
    return on


def next_given(kind: DutyKind, inputs: Mapping[str, str], today: date) -> date | None:
    """The day of the next one, where the kind asks for it. Raises `Refused` where it is missing or has passed."""
    if not kind.asks_next:
        return None
    on = day_given(inputs.get("next_on", ""), "next_on")
    if on is None:
        raise Refused("When is the next one? It is planned before this one is closed.", "next_on")
    return day_ahead(on, today, "next_on")


def day_ahead(on: date, today: date, name: str) -> date:
    """`on`, where it lies ahead and within a year. Raises `Refused` about the input `name` otherwise."""
    if on < today:
        raise Refused(f"{spoken_date(on)} has passed. Write a day to come.", name)
    if on > today + FAR_AHEAD:
        raise Refused(f"{spoken_date(on)} is more than a year away. Is the year right?", name)
    return on


HANDLERS: dict[str, Handler] = {"duty_log": _log, "duty_amend": _amend}
