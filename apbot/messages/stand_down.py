"""The all-clear: to everybody who was told that a pupil had not arrived, when the pupil has."""

from collections.abc import Sequence

from apbot.cards import Card, Row, Tone
from apbot.domain.escalation import Outcome
from apbot.domain.priority import Priority
from apbot.messages.kinds import Envelope, MessageKind
from apbot.messages.register import describe
from apbot.store.copies import Copy, load_copies
from apbot.store.escalations import Escalation, Pupil, load_escalations_by_id


def make(escalation: Escalation, pupils: Sequence[Pupil]) -> Card | None:
    """Who of these pupils has arrived since, and how many are still missing; None where nobody has."""
    arrived = [pupil for pupil in pupils if pupil.outcome is Outcome.ARRIVED_SINCE]
    if not arrived:
        return None
    missing = len(escalation.unsettled)
    who = arrived[0].entry.label if len(arrived) == 1 else f"{len(arrived)} pupils"
    return Card(
        heading=f"Arrived: {who} at {escalation.register.provider}",
        tone=Tone.DONE,
        lines=(
            f"Still not arrived: {missing}. That alert stays open." if missing else "Nobody needs to look for them.",
        ),
        rows=tuple(Row(pupil.entry.label, describe(pupil.entry), Tone.DONE) for pupil in arrived),
        footer=f"{escalation.school} · alert {escalation.id}",
    )


def card(escalation: Escalation, _: Envelope) -> Card | None:
    """The all-clear for those who were told as a school's own contacts."""
    return make(escalation, escalation.pupils)


def card_for_key_worker(copy: Copy, envelope: Envelope) -> Card | None:
    """The all-clear for a key worker: their own pupils, and those of who they stand in for."""
    return make(copy.escalation, copy.pupils_of(envelope.person_id))


KIND = MessageKind("stand down", Priority.ESCALATION, load_escalations_by_id, card)
COPY_KIND = MessageKind("stand down copy", Priority.ESCALATION, load_copies, card_for_key_worker)
