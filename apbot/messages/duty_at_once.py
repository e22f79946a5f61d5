"""A duty that can't wait for the morning's list: an emergency review, told of the moment that it is opened."""

from apbot.cards import Card, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date
from apbot.messages.duties import buttons, standing_words, title
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.duties.mentioned import AT_ONCE
from apbot.store.duties.reading import Duty, load_duties_by_id


def card(duty: Duty, envelope: Envelope) -> Card | None:
    """The duty as it stands, with the buttons that answer it."""
    if not duty.is_open and not envelope.sent_before:
        return None
    return Card(
        heading=title(duty),
        tone=Tone.ALERT if duty.is_open else Tone.DONE,
        lines=(
            f"{duty.provider}: {standing_words(duty, local_date(envelope.now))}.",
            *([f"Key worker: {duty.key_worker}."] if duty.key_worker_id not in (None, envelope.person_id) else []),
        ),
        buttons=buttons(duty) if duty.is_open else (),
        footer=duty.school,
    )


KIND: MessageKind[Duty] = MessageKind(AT_ONCE, Priority.REMINDER, load_duties_by_id, card)
