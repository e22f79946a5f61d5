"""The alert: pupils who are expected and not known to have arrived, to those who must see that they are safe."""

from datetime import timedelta

from apbot.cards import Button, Card, Choice, Input, InputKind, Page, Row, Style, Tone
from apbot.domain.escalation import Kind, Outcome, State
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date, wall
from apbot.messages.kinds import Envelope, MessageKind
from apbot.messages.register import describe
from apbot.store.escalations import Escalation, Pupil, load_escalations_by_id
from apbot.store.labels import is_by_reference
from apbot.store.registers import Entry

LATE_IS = timedelta(minutes=2)
"""An alert that goes out later than this after it was due says so."""

OUTCOMES = tuple(Choice(outcome.value, outcome.value[0].upper() + outcome.value[1:]) for outcome in Outcome)

SOCIAL_WORKER = "Has a social worker: tell them of an unexplained absence"

ON_THE_BOARD = Page("See on the board who else is to be told", "/board")
"""On every alert where pupils stand by reference alone, whether there is anybody else or not: so it says nothing."""

ASKED = (
    Input("outcome", "What is established", InputKind.CHOICE, OUTCOMES),
    Input("words", "Where, or what else (no names)", InputKind.TEXT, optional=True, max_length=300),
)
"""With an outcome."""


def card(escalation: Escalation, envelope: Envelope) -> Card | None:
    """The alert as it stands; None when every pupil is known to be safe and it was never sent."""
    if not escalation.state.is_live and not envelope.sent_before:
        return None
    return Card(
        heading=heading(escalation),
        tone=Tone.ALERT if escalation.state is State.OPEN else Tone.ASK if escalation.state.is_live else Tone.DONE,
        lines=tuple(_lines(escalation, envelope)),
        rows=tuple(_row(pupil, escalation) for pupil in escalation.pupils),
        buttons=_acknowledge(escalation),
        footer=f"{escalation.school} · alert {escalation.id}"
        + (f" · step {envelope.step + 1}" if envelope.step else ""),
        news=_news(escalation, envelope),
        page=ON_THE_BOARD if is_by_reference() and escalation.state.is_live else None,
    )


def _news(escalation: Escalation, envelope: Envelope) -> str:
    """That somebody else has taken it on, or settled it. That the pupil arrived is a message of its own.

    Whoever took it on in a chat may have it in a letter as well, which must not look open for ever.
    """
    is_own = escalation.acknowledged_by_id == envelope.person_id
    if escalation.acknowledged_by_id is None or (is_own and escalation.acknowledged_by_link):
        return ""
    if escalation.state is State.ACKNOWLEDGED:
        return f"Acknowledged by {escalation.acknowledged_by} at {_wall(escalation)}"
    return f"Settled by {escalation.acknowledged_by}" if escalation.state is State.CLOSED else ""


def heading(escalation: Escalation) -> str:
    """What has happened, where and when, in one line."""
    register = escalation.register
    where = f"{register.provider}, {register.session.value}"
    count = len(escalation.unsettled) or len(escalation.pupils)
    pupils = "1 pupil" if count == 1 else f"{count} pupils"
    if escalation.state is State.STOOD_DOWN:
        return f"Stood down: arrived at {where}"
    if escalation.state is State.CLOSED:
        return f"Closed: {pupils} accounted for, {where}"
    match escalation.kind:
        case Kind.NOT_ARRIVED:
            return f"Not arrived: {pupils}, {where}"
        case Kind.LEFT_SITE:
            return f"Left site: {pupils}, {where}"
        case Kind.NOT_RUNNING:
            return f"Session not running: {pupils} expected, {where}"


def _lines(escalation: Escalation, envelope: Envelope) -> list[str]:
    register = escalation.register
    lines = [f"{spoken_date(register.day)}. {what_the_provider_said(escalation)}"]
    lines += how_late(envelope, is_live=escalation.state.is_live)
    if escalation.state is State.ACKNOWLEDGED:
        lines.append(
            f"Acknowledged by {escalation.acknowledged_by} at {_wall(escalation)}. "
            "It stays open until an outcome is recorded for each pupil."
        )
    elif escalation.state is State.OPEN and escalation.round:
        lines.append("It was acknowledged earlier, but no outcome was recorded. Somebody needs to take it on again.")
    elif escalation.state is State.OPEN and envelope.step:
        lines.append(f"Nobody has acknowledged it since {wall(escalation.opened_at)}.")
    elif not escalation.state.is_live and escalation.acknowledged_by:
        lines.append(f"Acknowledged by {escalation.acknowledged_by} at {_wall(escalation)}.")
    return lines


def how_late(envelope: Envelope, *, is_live: bool = True) -> list[str]:
    """By how much an alert, or what is told with it, came late: whoever reads it must know that nobody has been looking
    till then. Still said once it has changed, for it may be then that somebody first looks at it.
    """
    sent_at = envelope.sent_at if envelope.sent_before else envelope.now
    late_by = sent_at - envelope.due_at if sent_at is not None else timedelta()
    if late_by <= LATE_IS:
        return []
    minutes = int(late_by.total_seconds() // 60)
    late = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
    return [f"This alert {'is' if is_live else 'was'} {late} late: it was due at {wall(envelope.due_at)}."]


def what_the_provider_said(escalation: Escalation) -> str:
    """Whether the provider said so, said nothing, or could not be asked."""
    register = escalation.register
    started = f"The session started at {wall(min(pupil.entry.starts_at for pupil in escalation.pupils))}."
    telephone = f" Telephone {register.provider_telephone}." if register.provider_telephone else ""
    if escalation.kind is not Kind.NOT_ARRIVED:
        return f"{register.provider} reported it at {wall(escalation.opened_at)}.{telephone}"
    silent = [pupil for pupil in escalation.pupils if pupil.entry.said is None]
    if not silent:
        return f"{started} {register.provider} has answered.{telephone}"
    if not escalation.provider_was_asked:
        return f"{started} {register.provider} could not be asked: nobody there could be reached by chat.{telephone}"
    who = "" if len(silent) == len(escalation.pupils) else f" about {', '.join(p.entry.label for p in silent)}"
    return f"{started} {register.provider} was asked and has said nothing{who.rstrip('.')}.{telephone}"


def _row(pupil: Pupil, escalation: Escalation) -> Row:
    entry = pupil.entry
    details = [provider_said(entry)]
    if pupil.outcome is not None:
        outcome = f"{pupil.outcome.value}{f': {pupil.words}' if pupil.words else ''}"
        at = wall(pupil.outcome_at) if pupil.outcome_at else ""
        details.append(f"Outcome: {outcome} ({pupil.outcome_by or 'the provider'}, {at})")
    if not pupil.is_settled:
        details.append(f"Transport: {entry.transport or 'not recorded'}")
        details.append(f"Calls home: {entry.calls_home or 'the attendance contact'}")
        if entry.social_worker and not is_by_reference():
            details.append(SOCIAL_WORKER)
    return Row(
        heading=entry.label,
        text=" · ".join(details),
        tone=Tone.DONE if pupil.is_settled else Tone.ALERT,
        buttons=() if pupil.is_settled or not escalation.state.is_live else (outcome_button(pupil),),
    )


def provider_said(entry: Entry) -> str:
    """What the provider last said of the pupil."""
    return describe(entry) if entry.said else "The provider has said nothing"


def outcome_button(pupil: Pupil) -> Button:
    """Record what came of it for one pupil. Recording an outcome also acknowledges."""
    return Button(
        "Record outcome",
        "outcome",
        pupil.id,
        style=Style.PRIMARY if pupil.outcome is None else Style.PLAIN,
        describes=pupil.entry.label,
        inputs=ASKED,
    )


def _acknowledge(escalation: Escalation) -> tuple[Button, ...]:
    if escalation.state is not State.OPEN:
        return ()
    return (Button("Acknowledge: I am dealing with it", "acknowledge", escalation.id, style=Style.DANGER),)


def _wall(escalation: Escalation) -> str:
    return wall(escalation.acknowledged_at) if escalation.acknowledged_at else ""


KIND = MessageKind("escalation", Priority.ESCALATION, load_escalations_by_id, card)
