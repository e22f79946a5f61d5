"""The buttons of a register: arrived, late, not arrived, left site, all arrived, not running, correct."""

from collections.abc import Sequence
from typing import TypeVar

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.marks import Fact, Reason
from apbot.domain.register import Statement
from apbot.domain.walltime import local_date
from apbot.handlers.marking import Marked, mark
from apbot.handlers.port import Handler, Refused, instant_given, said
from apbot.messages.register import CLOSURES, CORRECTIONS, describe_statement
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.registers import Entry, Register, load_entries_by_id, load_registers_by_id

Choice = TypeVar("Choice", Fact, Reason)


def _arrived(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    entry = _entry(transaction, actor, action)
    return read_back(mark(transaction, actor, [(entry, Statement(Fact.ARRIVED))]))


def _late(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    entry = _entry(transaction, actor, action)
    at = instant_given(action.inputs.get("at", ""), local_date(entry.starts_at), transaction.now)
    if at is None and transaction.now >= entry.ends_at:
        raise Refused("That session is over. Late needs the time of arrival, like 09:50.", "at")
    return read_back(mark(transaction, actor, [(entry, Statement(Fact.LATE, at))]))


def _absent(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    entry = _entry(transaction, actor, action)
    reason = _choice(Reason, action.inputs.get("reason") or Reason.UNKNOWN.value)
    return read_back(mark(transaction, actor, [(entry, Statement(Fact.NOT_ARRIVED, reason=reason))]))


def _left(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    entry = _entry(transaction, actor, action)
    at = instant_given(action.inputs.get("at", ""), local_date(entry.starts_at), transaction.now)
    return read_back(mark(transaction, actor, [(entry, Statement(Fact.LEFT_SITE, at))]))


def _all_arrived(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    register = _register(transaction, actor, action)
    waiting = _marked_by(actor, register.asked_about(transaction.now))
    return read_back(mark(transaction, actor, [(entry, Statement(Fact.ARRIVED)) for entry in waiting]))


def _not_running(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    register = _register(transaction, actor, action)
    missing = [
        entry
        for entry in _marked_by(actor, register.entries)
        if entry.is_expected and not (entry.said and entry.said.fact.is_on_site)
    ]
    given = action.inputs.get("reason", "")
    why = given if given in {choice.value for choice in CLOSURES} else ""  # the log keeps no words of anybody's
    note(transaction, actor, "session not running", f"register:{register.id}", why=why)
    return read_back(mark(transaction, actor, [(entry, Statement(Fact.NOT_RUNNING)) for entry in missing]))


def _amend(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    entry = _entry(transaction, actor, action)
    because = action.inputs.get("because", "")
    if because not in {choice.value for choice in CORRECTIONS}:
        raise Refused("A correction needs a reason: choose why.")
    fact = _choice(Fact, action.inputs.get("fact", ""))
    at = instant_given(action.inputs.get("at", ""), local_date(entry.starts_at), transaction.now)
    if fact is Fact.LATE and at is None:
        raise Refused("Late needs the time of arrival, like 09:50.", "at")
    reason = _choice(Reason, action.inputs["reason"]) if action.inputs.get("reason") else None
    return read_back(mark(transaction, actor, [(entry, Statement(fact, at, reason))], because=because))


def read_back(marked: Marked) -> Reply:
    """What was recorded, was known, or needs a reason, by reference."""
    if marked.needs_reason:
        entry, _ = marked.needs_reason[0]
        return said(
            f"{entry.label} is already marked",
            "To change a mark, press Correct beside the pupil and choose why. The first mark is kept.",
            tone=Tone.ASK,
        )
    if not marked.recorded:
        return said("That was recorded already", tone=Tone.DONE)
    return said(
        "Recorded",
        *(f"{entry.label}: {statement_words(statement, entry)}" for entry, statement in marked.recorded),
        tone=Tone.DONE,
    )


def statement_words(statement: Statement, entry: Entry) -> str:
    """A statement in the words of the register."""
    return describe_statement(statement, entry).lower()


def _entry(transaction: Transaction, actor: Actor, action: Action) -> Entry:
    entry = load_entries_by_id(transaction, [action.subject]).get(action.subject)
    if entry is None or not actor.may_mark(entry.provider_id, entry.school_id):
        raise Refused("That pupil is not on a register of yours.")
    return entry


def _register(transaction: Transaction, actor: Actor, action: Action) -> Register:
    register = load_registers_by_id(transaction, [action.subject]).get(action.subject)
    if register is None or not _marked_by(actor, register.entries):
        raise Refused("That is not a register of yours.")
    return register


def _marked_by(actor: Actor, candidates: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in candidates if actor.may_mark(entry.provider_id, entry.school_id)]


def _choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise Refused("Choose one of the answers that are offered.") from None


HANDLERS: dict[str, Handler] = {
    "arrived": _arrived,
    "late": _late,
    "absent": _absent,
    "left": _left,
    "all_arrived": _all_arrived,
    "not_running": _not_running,
    "amend": _amend,
}
