"""The morning's list: absences without a reason for too long, and whatever else earlier days have left to settle."""

from apbot.cards import Button, Card, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date
from apbot.messages.codes import confirm_all
from apbot.messages.coding import counted, left_out, make_rows
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.chases import Chase, load_chases
from apbot.store.coding import OVERDUE, OVERDUE_COPY

DAYS_SHOWN = 5
"""For so many days at once the sessions that only want confirming have a button."""


def card(chase: Chase, envelope: Envelope) -> Card | None:
    """What is left from earlier days; None where nothing is and nothing was sent."""
    if chase.is_empty and not envelope.sent_before:
        return None
    if not chase.is_newest:
        return _replaced(chase)
    return Card(
        heading=_heading(chase),
        tone=Tone.DONE if chase.is_empty else Tone.ASK,
        lines=(*_waiting(chase), *_settled(chase), *left_out(chase.codings)),
        rows=make_rows(chase.codings, dated=True),
        buttons=_buttons(chase),
        footer=f"{chase.school} · Asked again each school morning until it is settled.",
    )


def copy(chase: Chase, envelope: Envelope) -> Card | None:
    """The DSL's copy: what has been without a reason for twice as long."""
    if not chase.copied and not envelope.sent_before:
        return None
    if not chase.is_newest:
        return _replaced(chase)
    return Card(
        heading=f"Reason still not established: {counted(len(chase.copied), 'session', 'sessions')}"
        if chase.copied
        else f"Settled: every absence on the list of {spoken_date(chase.day)}",
        tone=Tone.ASK if chase.copied else Tone.DONE,
        lines=("The attendance contact has been asked each school morning.", *left_out(chase.copied)),
        rows=make_rows(chase.copied, dated=True),
        footer=f"{chase.school} · You are told because it has been open for long.",
    )


def _replaced(chase: Chase) -> Card:
    return Card(
        heading=f"Codes to settle, {spoken_date(chase.day)}: see the newest list",
        lines=("Whatever was left has moved to a newer morning's list.",),
        footer=chase.school,
    )


def _heading(chase: Chase) -> str:
    parts = [
        f"{len(chase.overdue)} without a reason for too long" if chase.overdue else "",
        f"{len(chase.again)} to look at again" if chase.again else "",
        f"{len(chase.undecided)} to decide" if chase.undecided else "",
        f"{sum(each.count for each in chase.waiting)} suggested" if chase.waiting else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"Codes of earlier days: {said or 'all settled'}"


def _waiting(chase: Chase) -> list[str]:
    lines = [
        f"{spoken_date(each.day)}: {counted(each.count, 'session', 'sessions')} attended or absent as planned, "
        "not confirmed yet."
        for each in chase.waiting[:DAYS_SHOWN]
    ]
    if (further := len(chase.waiting) - DAYS_SHOWN) > 0:
        lines.append(f"{counted(further, 'more day', 'more days')} to confirm: shown here as these are confirmed.")
    return lines


def _settled(chase: Chase) -> list[str]:
    return [f"{count} settled since by {name}." for name, count in chase.settled]


def _buttons(chase: Chase) -> tuple[Button, ...]:
    return tuple(
        button
        for each in chase.waiting[:DAYS_SHOWN]
        for button in confirm_all(each.day_id, each.count, f"Confirm {each.count} of {spoken_date(each.day)}")
    )


KIND = MessageKind(OVERDUE, Priority.DIGEST, load_chases, card)
COPY_KIND = MessageKind(OVERDUE_COPY, Priority.DIGEST, load_chases, copy)
