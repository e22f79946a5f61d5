"""The day in one line, to the admins: it comes on good days too, so that a day without it is noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apbot.cards import Card, Tone
from apbot.domain.dates import spoken_days
from apbot.domain.priority import Priority
from apbot.domain.walltime import wall
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.checks import schools_told
from apbot.store.database import Transaction
from apbot.store.roundups import RegisterIn, SchoolDay, days_of, school_days

MOST_NAMED = 5
SLOW = timedelta(minutes=2)
"""An alert that reached nobody for longer than this after it was due is trouble of its own."""


@dataclass(frozen=True)
class Told:
    """One day: each school's, and the schools of which each admin is told."""

    day: date
    schools: Mapping[int, SchoolDay]
    told: Mapping[int, frozenset[int]]


def card(told: Told, envelope: Envelope) -> Card | None:
    """How the day has gone at the reader's schools; None where nobody was expected there."""
    ids = told.told.get(envelope.person_id or 0, frozenset())
    schools = [day for school_id, day in told.schools.items() if school_id in ids]
    if not schools:
        return None
    registers = [each for school in schools for each in school.registers]
    begun = [each for each in registers if each.starts_at <= envelope.now or each.is_in]
    late = _named([each for each in begun if not each.is_in])
    alerts, alerts_tone = _alerts(schools)
    undelivered = len({each for school in schools for each in school.undelivered})
    return Card(
        heading=_heading(len({each.id for each in registers}), late, len({each.id for each in begun})),
        tone=Tone.ALERT if late else Tone.ASK if undelivered else alerts_tone,
        lines=(
            f"{spoken_days(told.day, told.day)}, {wall(envelope.now)}.",
            _pupils(begun),
            alerts,
            "Everything was delivered."
            if not undelivered
            else f"{_many(undelivered, 'message')} could not be delivered where it was first sent: run apbot check.",
        ),
        footer="This comes on every school day. A day without it means that apbot did not do its work.",
    )


def _heading(all_: int, late: Sequence[str], begun: int) -> str:
    if late:
        more = f" and {len(late) - MOST_NAMED} more" if len(late) > MOST_NAMED else ""
        return f"{len(late)} of {all_} registers not in: {', '.join(late[:MOST_NAMED])}{more}"
    if begun < all_:
        return f"All registers in so far, {begun} of {all_}"
    return f"All registers in: {all_}"


def _named(late: Sequence[RegisterIn]) -> list[str]:
    """Each register once, though pupils of several schools stand in it."""
    once = {each.id: (each.session, each.provider) for each in late}
    return [f"{provider} {session}" for session, provider in sorted(once.values())]


def _pupils(begun: Sequence[RegisterIn]) -> str:
    expected, arrived, not_arrived, unknown = (
        sum(getattr(each, name) for each in begun) for name in ("expected", "arrived", "not_arrived", "unanswered")
    )
    unsaid = f", {unknown} of whom nothing was said" if unknown else ""
    return f"Pupils, am and pm each: {expected} expected, {arrived} arrived, {not_arrived} not arrived{unsaid}."


def _alerts(schools: Sequence[SchoolDay]) -> tuple[str, Tone]:
    opened, acknowledged, closed = (
        sum(getattr(each, name) for each in schools) for name in ("opened", "acknowledged", "closed")
    )
    if not opened:
        return "No alert was opened.", Tone.DONE
    slowest = max((each.lateness for each in schools if each.lateness is not None), default=None)
    said = f"{_many(opened, 'alert')} opened, {acknowledged} acknowledged, {closed} closed."
    if slowest is None:
        return f"{said} None has reached anybody.", Tone.ALERT
    said += f" The slowest to arrive came {_long(slowest)} after it was due."
    return said, Tone.ASK if slowest > SLOW or (acknowledged < opened and closed < opened) else Tone.DONE


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _long(late: timedelta) -> str:
    seconds = int(late.total_seconds())
    return _many(seconds, "second") if seconds < 120 else _many(seconds // 60, "minute")


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Told]:
    told = schools_told(transaction)
    return {
        roundup_id: Told(day, school_days(transaction, day), told)
        for roundup_id, day in days_of(transaction, ids).items()
    }


KIND = MessageKind("registers in", Priority.DIGEST, _load, card)
