"""What stands in place of a message that was sent long ago: what it was about, the day, and nothing else."""

from datetime import datetime

from apbot.cards import Card
from apbot.domain.walltime import local_date, spoken_date

CALLED = {
    "register": "Register",
    "registers in": "Registers of the day",
    "nudge": "Reminder of a register",
    "escalation": "Alert",
    "copy": "Copy of an alert",
    "stand down": "End of an alert",
    "stand down copy": "End of an alert",
    "codes": "Codes of the day",
    "codes overdue": "Codes to settle",
    "codes overdue copy": "Codes to settle",
    "concern": "Concern",
    "concern answered": "Answer to a concern",
    "duties": "List of duties",
    "duty at once": "Duty",
    "incident": "Incident",
}
"""What a kind of message is called afterwards; any other is "Message"."""


def called(kind: str) -> str:
    """What a message of this kind is called."""
    return CALLED.get(kind, "Message")


def card(kind: str, due_at: datetime) -> Card:
    """What it was, and of which day."""
    return Card(heading=f"{called(kind)} of {spoken_date(local_date(due_at))}: kept in apbot")
