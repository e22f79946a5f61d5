"""The key worker's copy of an alert: their own pupils only, and nothing to do; or the copy of who stands in."""

from dataclasses import replace

from apbot.cards import Card, Row, Tone
from apbot.domain.escalation import State
from apbot.domain.priority import Priority
from apbot.domain.walltime import wall
from apbot.messages.escalation import heading, how_late, provider_said
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.copies import Copy, load_copies


def card(copy: Copy, envelope: Envelope) -> Card | None:
    """What has become of the reader's pupils, and of those of who they stand in for; None when there are none."""
    escalation, own = copy.escalation, copy.pupils_of(envelope.person_id)
    if not own or (not escalation.state.is_live and not envelope.sent_before):
        return None
    handled = (
        f"{escalation.acknowledged_by} is dealing with it."
        if escalation.acknowledged_by and escalation.state is not State.OPEN
        else "The attendance contact and the DSL have been told."
    )
    part = "stand in for" if copy.stands_in(envelope.person_id) else "are"
    return Card(
        heading=f"For information. {heading(replace(escalation, pupils=own))}",
        tone=Tone.PLAIN if escalation.state.is_live else Tone.DONE,
        lines=(handled, *how_late(envelope)),
        rows=tuple(
            Row(
                heading=pupil.entry.label,
                text=f"{pupil.outcome.value.capitalize()}, {wall(pupil.outcome_at)}"
                if pupil.outcome and pupil.outcome_at
                else provider_said(pupil.entry),
                tone=Tone.DONE if pupil.is_settled else Tone.ALERT,
            )
            for pupil in own
        ),
        footer=f"You {part} {'this pupil’s' if len(own) == 1 else 'these pupils’'} key worker.",
        news=f"Settled by {escalation.acknowledged_by or 'the school'}" if escalation.state is State.CLOSED else "",
    )


KIND = MessageKind("copy", Priority.ESCALATION, load_copies, card)
