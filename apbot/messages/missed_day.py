"""A day on which apbot was not running: that nobody was asked, about whom, and who sees to it."""

from collections import defaultdict

from apbot.cards import Button, Card, Row, Style, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date, wall
from apbot.messages.coding import counted
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.missed_days import MISSED, MissedDay, load_missed_days


def card(missed: MissedDay, envelope: Envelope) -> Card | None:
    """Who was expected where, and what is to be done about it now; None where nobody was, or somebody sees to it."""
    day = missed.codes
    expected = [each for each in day.codings if each.entry.is_expected]
    is_taken = missed.acknowledged_at is not None
    if not expected or (is_taken and not envelope.sent_before):
        return None
    at: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in expected:
        at[each.provider][each.session.value].append(each.entry.label)
    pupils = len({each.entry.pupil_id for each in expected})
    taken = f"Acknowledged by {missed.acknowledged_by}"
    return Card(
        heading=f"Nobody was asked about {counted(pupils, 'pupil', 'pupils')}: {spoken_date(day.day)}",
        tone=Tone.ASK if is_taken else Tone.ALERT,
        lines=(
            *([f"{taken} at {wall(missed.acknowledged_at)}."] if missed.acknowledged_at else []),
            *([f"Nobody has acknowledged it since {wall(missed.found_at)}."] if envelope.step and not is_taken else []),
            "apbot was not running that day. No provider was asked who was there, and nobody was told who was not.",
            "Ring each provider now and make sure that each pupil is safe. The sessions are in the next list of codes.",
        ),
        rows=tuple(
            Row(provider, "; ".join(f"{session}: {', '.join(labels)}" for session, labels in sorted(sessions.items())))
            for provider, sessions in sorted(at.items())
        ),
        buttons=() if is_taken else (_button(day.id),),
        footer=day.school,
        news=taken if is_taken and missed.acknowledged_by_id != envelope.person_id else "",
    )


def _button(missed_day_id: int) -> Button:
    return Button("Acknowledge: I am seeing to it", "missed_day_acknowledge", missed_day_id, style=Style.DANGER)


KIND = MessageKind(MISSED, Priority.ESCALATION, load_missed_days, card)
