"""Answering a duty: it is done, booked, handed over, or not due. And writing down what was done without one."""

from collections.abc import Mapping
from datetime import date, timedelta

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.duties.model import Ask, DutyKind, State
from apbot.domain.walltime import local_date, spoken_date
from apbot.handlers.colleagues import called
from apbot.handlers.port import Handler, Refused, day_given, said
from apbot.messages.duties import WAIVERS, standing_words, title
from apbot.store.cover import Places, load_colleagues
from apbot.store.database import Transaction
from apbot.store.duties.effects import EFFECTS
from apbot.store.duties.reading import Duty, load_duties_by_id
from apbot.store.duties.writing import book, hand_over, record, waive

LONG_AGO = timedelta(days=120)
"""What was done longer ago than this was a slip of the pen."""

FAR_AHEAD = timedelta(days=366)


def _done(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _duty(transaction, actor, action.subject)
    if duty.state is not State.OPEN:
        return said(f"{title(duty)}: {standing_words(duty, local_date(transaction.now))}", tone=Tone.DONE)
    today = local_date(transaction.now)
    given = answers(duty.kind, action.inputs)
    happened_on = on_given(action.inputs, today)
    next_on = next_given(duty.kind, action.inputs, today)
    record(
        transaction,
        actor,
        duty.kind,
        school_id=duty.school_id,
        happened_on=happened_on,
        given=given,
        placement_id=duty.placement_id,
        provider_id=None if duty.placement_id is not None else duty.provider_id,
        duty_id=duty.id,
        next_on=next_on,
    )
    if effect := EFFECTS.get(duty.kind.name):
        effect(transaction, actor, duty, given)
    lines = [f"{spoken_date(happened_on)}: {', '.join(value for value in given.values() if value)}."]
    lines += [f"The next one is booked for {spoken_date(next_on)}."] if next_on else []
    return said(f"Recorded: {title(duty)}", *lines, tone=Tone.DONE)


def answers(kind: DutyKind, inputs: Mapping[str, str]) -> dict[str, str]:
    """What was answered to the questions of `kind`. Raises `Refused` for what is missing or was not offered."""
    given = {}
    for question in kind.questions:
        value = " ".join(inputs.get(question.name, "").split())
        if not value and not question.optional:
            raise Refused(f"“{question.label}” is needed.", question.name)
        if value and question.ask is Ask.CHOICE and value not in question.choices:
            raise Refused(f"“{question.label}” is one of: {', '.join(question.choices)}.", question.name)
        if len(value) > question.most:
            raise Refused(f"“{question.label}” takes {question.most} characters at most.", question.name)
        given[question.name] = value
    return given


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
    return _ahead(on, today, "next_on")


def _ahead(on: date, today: date, name: str) -> date:
    if on < today:
        raise Refused(f"{spoken_date(on)} has passed. Write a day to come.", name)
    if on > today + FAR_AHEAD:
        raise Refused(f"{spoken_date(on)} is more than a year away. Is the year right?", name)
    return on


def _book(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _open(transaction, actor, action.subject)
    on = day_given(action.inputs.get("on", ""), "on")
    if on is None:
        raise Refused("For which day? Write it like 17/09/2026.", "on")
    on = _ahead(on, local_date(transaction.now), "on")
    book(transaction, actor, duty, on)
    late = on > duty.due_on
    lines = [f"That is after it is due ({spoken_date(duty.due_on)}): it will count as overdue."] if late else []
    return said(f"Booked for {spoken_date(on)}: {title(duty)}", *lines, tone=Tone.ASK if late else Tone.DONE)


def _hand(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _open(transaction, actor, action.subject)
    colleagues = load_colleagues(transaction, local_date(transaction.now), Places(frozenset({duty.school_id})))
    person = called(action.inputs.get("whom", ""), actor, colleagues)
    hand_over(transaction, actor, duty, person.id)
    return said(f"Handed to {person.name}: {title(duty)}", "They are told in the morning.", tone=Tone.DONE)


def _waive(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _open(transaction, actor, action.subject)
    why = action.inputs.get("why", "")
    if not duty.kind.can_be_waived:
        raise Refused("That one is always due.")
    if why not in WAIVERS:
        raise Refused("Choose why it is not due.", "why")
    waive(transaction, actor, duty, why)
    return said(f"Not due: {title(duty)}", f"{why.capitalize()}.", tone=Tone.DONE)


def _open(transaction: Transaction, actor: Actor, duty_id: int) -> Duty:
    duty = _duty(transaction, actor, duty_id)
    if duty.state is not State.OPEN:
        raise Refused(f"{title(duty)}: {standing_words(duty, local_date(transaction.now))}.")
    return duty


def _duty(transaction: Transaction, actor: Actor, duty_id: int) -> Duty:
    duty = load_duties_by_id(transaction, [duty_id]).get(duty_id)
    if duty is None or not duty.may_be_done_by(actor):
        raise Refused("That is not yours to answer.")
    return duty


HANDLERS: dict[str, Handler] = {"duty_done": _done, "duty_book": _book, "duty_hand": _hand, "duty_waive": _waive}
