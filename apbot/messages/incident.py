"""Something has happened at a provider: to the pupil's school, at once, until somebody there has taken it."""

from collections.abc import Mapping, Sequence

from apbot.cards import Button, Card, Choice, Input, InputKind, Row, Style, Tone
from apbot.domain.incident import Kind, ParentsTold
from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.database import Transaction
from apbot.store.incidents import INCIDENTS, TOLD, Incident, load_incidents

EVERY = int(INCIDENTS.calling.repeat_every.total_seconds() // 60)

KINDS = tuple(Choice(kind.value, kind.value.capitalize()) for kind in Kind)

PARENTS = tuple(Choice(told.value, told.value.capitalize()) for told in ParentsTold)

PARENTS_ARE_TOLD = {
    ParentsTold.YES: "The parents have been told",
    ParentsTold.NO: "The parents have not been told: that is for the school",
    ParentsTold.NOT_YET: "The parents have not been told yet",
}


def inputs(kind: str = "", at: str = "", parents: str = "") -> tuple[Input, ...]:
    """What is asked of whoever reports one, with what is known already filled in."""
    return (
        Input("kind", "What kind", InputKind.CHOICE, KINDS, value=kind),
        Input("at", "When today (empty: now)", InputKind.TIME, optional=True, value=at),
        Input("parents", "Have the parents been told", InputKind.CHOICE, PARENTS, value=parents),
    )


INPUTS = inputs()


def card(incident: Incident, envelope: Envelope) -> Card | None:
    """The incident, with a button to take it; then who did."""
    if (incident.withdrawn_at or incident.acknowledged_at) and not envelope.sent_before:
        return None
    day = spoken_date(local_date(incident.happened_at))
    telephone = f" Telephone {incident.provider_telephone}." if incident.provider_telephone else ""
    lines = [
        f"{day}, {wall(incident.happened_at)}. {incident.raised_by} reported it at {wall(incident.raised_at)}.",
        f"{PARENTS_ARE_TOLD[incident.parents_told]}.{telephone if _is_open(incident) else ''}",
    ]
    if envelope.step and _is_open(incident):
        lines.append(f"Told again: nobody has taken it since {wall(incident.raised_at)}.")
    return Card(
        heading=_heading(incident),
        tone=Tone.ALERT if _is_open(incident) else Tone.DONE,
        lines=tuple(lines),
        rows=(Row(incident.label, f"{incident.kind.value} at {incident.provider}", _tone(incident)),),
        buttons=_buttons(incident),
        footer=f"{incident.school} · incident {incident.id} · what it was belongs in your own record",
        news=_news(incident, envelope),
    )


def _is_open(incident: Incident) -> bool:
    return incident.acknowledged_at is None and incident.withdrawn_at is None


def _tone(incident: Incident) -> Tone:
    return Tone.ALERT if _is_open(incident) else Tone.DONE


def _heading(incident: Incident) -> str:
    what = f"{incident.kind.value} at {incident.provider}"
    if incident.withdrawn_at is not None:
        return f"Withdrawn, reported by mistake: {what}"
    if incident.acknowledged_at is not None:
        return f"{incident.acknowledged_by} has taken it: {what}"
    return f"Incident: {what}"


def _buttons(incident: Incident) -> tuple[Button, ...]:
    if not _is_open(incident):
        return ()
    label = "Acknowledge: I am dealing with it"
    return (Button(label, "incident_acknowledge", incident.id, style=Style.DANGER, describes=incident.label),)


def _news(incident: Incident, envelope: Envelope) -> str:
    if incident.withdrawn_at is not None:
        return f"Withdrawn by {incident.withdrawn_by}: it was reported by mistake"
    if incident.acknowledged_by_id in (None, envelope.person_id):
        return ""
    return f"{incident.acknowledged_by} has taken it"


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Incident]:
    return load_incidents(transaction, ids)


KIND = MessageKind(TOLD, Priority.ESCALATION, _load, card)
