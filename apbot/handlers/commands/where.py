"""`/ap where REF`: where a pupil should be now, and where they are known to be."""

from collections.abc import Sequence
from datetime import date, datetime

from apbot.cards import Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.presence import Presence
from apbot.domain.walltime import spoken_date, wall
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import absence_words, pupil_called, sees_pupils
from apbot.messages.sessions import alert_words, expected_words, known_words, sentence
from apbot.store.database import Transaction
from apbot.store.pupilsessions import PupilSession
from apbot.store.pupilstatus import PupilStatus, read_status


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap where REF`."""
    pupil = pupil_called(transaction, actor, text, "where")
    return Reply(card(read_status(transaction, actor, pupil, "where read"), transaction.now))


def card(status: PupilStatus, now: datetime) -> Card:
    """Where the pupil should be, is known to be, or is not known to be."""
    label = status.pupil.label
    if not status.today:
        return Card(heading=f"{label}: {_no_session(status)}")
    sessions = now_or_next(status.today, now)
    lost = [each for each in sessions if each.presence.is_missing and not _settled(each)]
    return Card(
        heading=f"{label}: {_heading(sessions, now)}",
        tone=Tone.ALERT if lost else Tone.DONE if _all_there(sessions) else Tone.PLAIN,
        lines=tuple(_line(each, now) for each in sessions),
        rows=tuple(
            Row(f"{each.session.value}, {each.provider}", sentence(_known(each, now)), Tone.ALERT)
            for each in status.today
            if each not in sessions and each.has_open_alert
        ),
        footer=f"{spoken_date(status.day)}, {wall(now)}",
    )


def now_or_next(today: Sequence[PupilSession], now: datetime) -> list[PupilSession]:
    """The sessions that run now; else the next; else the last that ran."""
    running = [each for each in today if each.entry.starts_at <= now < each.entry.ends_at]
    if running:
        return running
    ahead = [each for each in today if now < each.entry.starts_at]
    if ahead:
        return [each for each in ahead if each.entry.starts_at == ahead[0].entry.starts_at]
    return [max(today, key=lambda each: each.entry.ends_at)]


def _all_there(sessions: Sequence[PupilSession]) -> bool:
    return all(each.presence is Presence.ARRIVED for each in sessions)


def _heading(sessions: Sequence[PupilSession], now: datetime) -> str:
    first = sessions[0]
    if first.presence is Presence.EXCUSED:
        return "planned absence"
    if now < first.entry.starts_at:
        return f"expected at {first.provider} from {wall(first.entry.starts_at)}"
    if first.alert is not None and first.alert.outcome is not None and _settled(first):
        return first.alert.outcome.value
    if now >= first.entry.ends_at and not first.presence.is_missing:
        return "no more sessions today"
    if _all_there(sessions):
        return f"at {first.provider}"
    return "not known where"


def _settled(each: PupilSession) -> bool:
    """Somebody has established that the pupil, who is not at the provider, is safe."""
    return each.presence.is_missing and each.alert is not None and not each.alert.is_open


def _line(each: PupilSession, now: datetime) -> str:
    if each.presence is Presence.EXCUSED:
        return f"{each.provider}, {each.session.value}: {known_words(each)}"
    return f"{expected_words(each, now)}; {_known(each, now)}"


def _known(each: PupilSession, now: datetime) -> str:
    alert = f"; {alert_words(each.alert, now)}" if each.alert else ""
    return f"{known_words(each)}{alert}"


def _no_session(status: PupilStatus) -> str:
    """Why nothing is expected today. Where the pupil is instead is the school's to know, not a provider's."""
    planned = [each for each in status.absences if each.absence.starts_on <= status.day <= each.absence.ends_on]
    if planned:
        return f"planned absence: {absence_words(planned[0])}"
    if status.closed_today:
        return f"no session today ({status.closed_today})"
    if not status.is_opened:
        return "not known yet: the registers of today have not been made"
    if not status.pupil.sees_all:
        return "no session is expected with you today"
    if not any(_runs(each.starts_on, each.ends_on, status.day) for each in status.pupil.placements):
        return "in school today: no placement runs"
    return "in school today: no session is expected"


def _runs(starts_on: date, ends_on: date | None, day: date) -> bool:
    return starts_on <= day and (ends_on is None or day <= ends_on)


COMMAND = Command("where REF", "Where a pupil should be now, and is known to be.", run, sees_pupils)
