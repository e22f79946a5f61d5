"""A channel does not work: to the admins, by their others, at once and each morning while it lasts."""

from apbot.cards import Card, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.channel_names import called
from apbot.messages.coding import counted
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.channel_troubles import TROUBLE, ChannelTrouble, load_troubles


def card(trouble: ChannelTrouble, envelope: Envelope) -> Card | None:
    """Which, since when, why, what waits there and what to do; None where it works before anybody was told."""
    name = called(trouble.channel)
    name = name[:1].upper() + name[1:]
    if trouble.ended_at is not None:
        if not envelope.sent_before:
            return None
        ended = f"{name} works again" if trouble.is_used else f"{name} is not used any more"
        return Card(
            heading=ended,
            tone=Tone.DONE,
            lines=(
                f"It did not work from {_spoken(trouble, envelope)} until {wall(trouble.ended_at)}. "
                + ("What waited there goes out now." if trouble.is_used else ""),
            ),
            news=ended,
        )
    still = "still does" if envelope.step else "does"
    return Card(
        heading=f"{name} {still} not work",
        tone=Tone.ALERT,
        lines=(
            f"Since {_spoken(trouble, envelope)}: {trouble.said}.",
            _waiting(trouble.waiting),
        ),
        footer=f"To mend it: {_remedy(trouble.remedy)}",
    )


def _spoken(trouble: ChannelTrouble, envelope: Envelope) -> str:
    day = local_date(trouble.since)
    on = "" if day == local_date(envelope.due_at) else f" on {spoken_date(day)}"
    return f"{wall(trouble.since)}{on}"


def _waiting(count: int) -> str:
    waits = "waits" if count == 1 else "wait"
    return (
        f"{counted(count, 'message', 'messages')} {waits} there. " if count else "Nothing waits there yet. "
    ) + "Alerts that it does not take go out on people's next channel; whoever has no other is not reached."


def _remedy(known: str) -> str:
    """What is known to help, then how to see that it did."""
    return f"{known or 'apbot check says what is wrong.'} Then try it: apbot check --send-test all"


KIND = MessageKind(TROUBLE, Priority.ESCALATION, load_troubles, card)
