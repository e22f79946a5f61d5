"""A day on which apbot was not running: that nobody was asked, and about whom."""

from collections import defaultdict

from apbot.cards import Card, Row, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date
from apbot.messages.coding import counted
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.coding import CodesDay, load_days
from apbot.store.opening import MISSED


def card(day: CodesDay, _: Envelope) -> Card | None:
    """Who was expected where, and what is to be done about it now; None where nobody was."""
    expected = [each for each in day.codings if each.entry.is_expected]
    if not expected:
        return None
    at: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in expected:
        at[each.provider][each.session.value].append(each.entry.label)
    pupils = len({each.entry.pupil_id for each in expected})
    return Card(
        heading=f"Nobody was asked about {counted(pupils, 'pupil', 'pupils')}: {spoken_date(day.day)}",
        tone=Tone.ALERT,
        lines=(
            "apbot was not running that day. No provider was asked who was there, and nobody was told who was not.",
            "Ring each provider now and make sure that each pupil is safe. The sessions are in the next list of codes.",
        ),
        rows=tuple(
            Row(provider, "; ".join(f"{session}: {', '.join(labels)}" for session, labels in sorted(sessions.items())))
            for provider, sessions in sorted(at.items())
        ),
        footer=day.school,
    )


KIND = MessageKind(MISSED, Priority.ESCALATION, load_days, card)
