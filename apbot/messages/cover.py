"""To whoever stands in: for whom, and when. Being told by a colleague alone is easily forgotten."""

from collections.abc import Mapping, Sequence

from apbot.cards import Card, Tone
from apbot.domain.dates import spoken_days
from apbot.domain.priority import Priority
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.cover import Away, load_covers
from apbot.store.database import Transaction


def card(away: Away, envelope: Envelope) -> Card | None:
    """For whom they stand in; once it is withdrawn, that they don't."""
    days = spoken_days(away.starts_on, away.ends_on)
    if away.is_withdrawn:
        if not envelope.sent_before:
            return None
        heading = f"Withdrawn: you don't stand in for {away.name}"
        return Card(heading, Tone.DONE, (days,), news=heading)
    return Card(
        f"You stand in for {away.name}",
        Tone.ASK,
        (days, "You get what they would get: registers, alerts, codes, concerns, duties. Tell an admin if you can't."),
    )


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Away]:
    return load_covers(transaction, ids)


KIND = MessageKind("cover", Priority.REMINDER, _load, card)
