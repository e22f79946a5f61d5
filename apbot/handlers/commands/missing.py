"""`/ap missing`: pupils whose session has begun and who are not known to have arrived, and what is done about it."""

from datetime import datetime

from apbot.cards import Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import sees_pupils
from apbot.handlers.commands.today import school_called
from apbot.handlers.port import Refused
from apbot.messages.sessions import alert_words, how_long, known_words, sentence
from apbot.store.database import Transaction
from apbot.store.missing import Missing, MissingNow, read_missing


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap missing`, or `/ap missing Hillcrest` for one of several schools."""
    if not sees_pupils(actor):
        raise Refused("Your role shows no pupils. Ask your admin if it should.")
    only = school_called(transaction, actor, text) if text else None
    return Reply(card(read_missing(transaction, actor, only), transaction.now))


def card(found: MissingNow, now: datetime) -> Card:
    """Who is missing, the longest first, then those who have turned up since while their alert is open."""
    gone = [each for each in found.sessions if not each.is_known]
    known = [each for each in found.sessions if each.is_known]
    return Card(
        heading=_heading(len(gone), found),
        tone=Tone.ALERT if gone else Tone.ASK if known or not found.is_opened else Tone.DONE,
        rows=tuple(_row(each, now) for each in (*gone, *known)),
        footer=f"{spoken_date(local_date(now))}, {wall(now)}",
    )


def _heading(missing: int, found: MissingNow) -> str:
    """How many are missing; that nobody is, only with what is known of the others."""
    if missing:
        return f"{missing} {'pupil is' if missing == 1 else 'pupils are'} not known to have arrived"
    if not found.is_opened:
        return "Not known: the registers of today have not been made yet"
    if not found.expected:
        return "Nobody is missing: no session in which a pupil is expected has begun today"
    return f"Nobody is missing of {found.expected} expected so far"


def _row(each: Missing, now: datetime) -> Row:
    session = each.session
    day = "" if session.day == local_date(now) else f", {spoken_date(session.day)}"
    parts = [
        f"{session.provider}, {session.session.value}{day}",
        f"expected since {wall(session.entry.starts_at)} ({how_long(session.entry.starts_at, now)})",
        known_words(session),
        alert_words(session.alert, now) if session.alert else _no_alert(session.entry.alert_at),
    ]
    if each.since_then:
        parts.append(f"since then: {each.since_then}")
    return Row(
        f"{session.entry.label}, {session.school}",
        sentence(" · ".join(parts)),
        Tone.ASK if each.is_known else Tone.ALERT,
    )


def _no_alert(alert_at: datetime | None) -> str:
    return f"the school is alerted at {wall(alert_at)}" if alert_at else "no alert"


COMMAND = Command("missing", "Pupils who are expected and not known to have arrived.", run, sees_pupils)
