"""Answering a duty: it is done, booked, handed over, or not due."""

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.duties.model import State
from apbot.domain.walltime import local_date, spoken_date
from apbot.handlers.colleagues import called
from apbot.handlers.duty_answers import day_ahead
from apbot.handlers.port import Handler, Refused, day_given, said
from apbot.handlers.recording import write_down_duty
from apbot.messages.duties import WAIVERS, standing_words, title
from apbot.store.cover import Places, load_colleagues
from apbot.store.database import Transaction
from apbot.store.duties.placing import lent_to
from apbot.store.duties.reading import Duty, load_duties_by_id
from apbot.store.duties.writing import book, hand_over, waive


def _done(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _duty(transaction, actor, action.subject)
    if duty.state is not State.OPEN:
        return said(f"{title(duty)}: {standing_words(duty, local_date(transaction.now))}", tone=Tone.DONE)
    return write_down_duty(transaction, actor, duty, action.inputs)


def _book(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _open(transaction, actor, action.subject)
    on = day_given(action.inputs.get("on", ""), "on")
    if on is None:
        raise Refused("For which day? Write it like 17/09/2026.", "on")
    on = day_ahead(on, local_date(transaction.now), "on")
    book(transaction, actor, duty, on)
    if duty.lapses_on is not None and on > duty.lapses_on:
        raise Refused(f"That is too late: it can be done until {spoken_date(duty.lapses_on)}.", "on")
    late = on > duty.due_on
    lines = [f"That is after it is due ({spoken_date(duty.due_on)}): it will count as overdue."] if late else []
    return said(f"Booked for {spoken_date(on)}: {title(duty)}", *lines, tone=Tone.ASK if late else Tone.DONE)


def _hand(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    duty = _open(transaction, actor, action.subject)
    colleagues = load_colleagues(transaction, local_date(transaction.now), Places(frozenset({duty.school_id})))
    person = called(action.inputs.get("whom", ""), actor, colleagues)
    when = "today" if hand_over(transaction, actor, duty, person.id) else "in the morning"
    return said(f"Handed to {person.name}: {title(duty)}", f"They are told {when}.", tone=Tone.DONE)


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
    if duty is None or not (duty.may_be_done_by(actor) or _is_lent(transaction, actor, duty)):
        raise Refused("That is not yours to answer.")
    return duty


def _is_lent(transaction: Transaction, actor: Actor, duty: Duty) -> bool:
    """Who stands in for the key worker is told in the key worker's place, and does what is to be done."""
    return duty.placement_id is not None and duty.placement_id in lent_to(transaction, actor, [duty.kind.name])


HANDLERS: dict[str, Handler] = {"duty_done": _done, "duty_book": _book, "duty_hand": _hand, "duty_waive": _waive}
