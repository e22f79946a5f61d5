"""Somebody can't be reached any more where they were: to the admins, before the next alert finds out."""

from apbot.cards import Card, Tone
from apbot.domain.priority import Priority
from apbot.messages.channel_names import called, how_to_mend
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.unreached import UNREACHED, Unreached, load_unreached


def card(address: Unreached, envelope: Envelope) -> Card | None:
    """Who, where, why, and how they are reached meanwhile; None where it was mended before anybody was told."""
    where = called(address.channel)
    if address.is_mended:
        if not envelope.sent_before:
            return None
        return Card(heading=f"{address.name} is reached by {where} again", tone=Tone.DONE)
    return Card(
        heading=f"{address.name} can't be reached by {where} any more",
        tone=Tone.ASK if address.instead else Tone.ALERT,
        lines=(
            f"A message was refused: {address.why or 'no reason was given'}.",
            f"They are told by {called(address.instead)} instead."
            if address.instead
            else "Nothing else reaches them. Alerts go to the next in line until this is mended.",
        ),
        footer=f"To mend it: {how_to_mend(address.channel, address.ref)}.",
    )


KIND = MessageKind(UNREACHED, Priority.REMINDER, load_unreached, card)
