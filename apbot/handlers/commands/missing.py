"""`/ap missing`: pupils whose session has begun and who are not known to have arrived, and what is done about it."""

from datetime import datetime

from apbot.domain.access import Actor
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.today import school_called
from apbot.messages.cards import Card, Reply, Row, Tone
from apbot.messages.sessions import alert_words, how_long, known_words, sentence
from apbot.store.database import Transaction
from apbot.store.missing import Missing, read_missing


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap missing`, or `/ap missing Hillcrest` for one of several schools."""
    only = school_called(transaction, actor, text) if text else None
    return Reply(card(read_missing(transaction, actor, only), transaction.now))


def card(missing: list[Missing], now: datetime) -> Card:
    """Who is missing, the longest first, then those who have turned up since while their alert is open."""
    gone = [each for each in missing if not each.is_known]
    known = [each for each in missing if each.is_known]
    who = "1 pupil is" if len(gone) == 1 else f"{len(gone) or 'No'} pupil{'s are' if gone else ' is'}"
    return Card(
        heading=f"{who} not known to have arrived",
        tone=Tone.ALERT if gone else Tone.ASK if known else Tone.DONE,
        rows=tuple(_row(each, now) for each in (*gone, *known)),
        footer=f"{spoken_date(local_date(now))}, {wall(now)}",
    )


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


COMMAND = Command("missing", "Pupils who are expected and not known to have arrived.", run)
