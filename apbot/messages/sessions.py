"""Words for what is known of a pupil in a session, shared by everything that answers "where is ...?"."""

from datetime import datetime

from apbot.domain.presence import Presence
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.register import describe
from apbot.store.pupilsessions import Alert, PupilSession


def expected_words(each: PupilSession, now: datetime) -> str:
    """ "Expected at Oak Farm since 09:30", "... from 13:00", "... until 12:00 (am)"."""
    entry = each.entry
    if now < entry.starts_at:
        return f"Expected at {each.provider} from {wall(entry.starts_at)}"
    if now < entry.ends_at:
        return f"Expected at {each.provider} since {wall(entry.starts_at)}"
    return f"Expected at {each.provider} from {wall(entry.starts_at)} to {wall(entry.ends_at)}"


def known_words(each: PupilSession) -> str:
    """What is known: "arrived, said by Sam Taylor at 09:31"; "nobody has said anything"; "planned absence: ..."."""
    if each.presence is Presence.EXCUSED:
        return each.entry.suggested_why or "planned absence"
    if each.presence is Presence.AWAITED:
        return "the session has not begun"
    if each.presence is Presence.UNANSWERED:
        return f"{each.provider} has said nothing"
    said = describe(each.entry)
    by = each.entry.marked_by or "the school"
    at = f" at {wall(each.entry.marked_at)}" if each.entry.marked_at else ""
    return f"{said[0].lower()}{said[1:]}, said by {by}{at}"


def alert_words(alert: Alert, now: datetime) -> str:
    """The alert as it stands: "alert 12 open since 10:00, acknowledged by Priya Nair at 10:04"."""
    if not alert.is_open and alert.outcome is not None:
        by = f", established by {alert.outcome_by}" if alert.outcome_by else ""
        at = f" at {_at(alert.outcome_at, now)}" if alert.outcome_at else ""
        return f"alert {alert.id} settled: {alert.outcome.value}{by}{at}"
    since = f"alert {alert.id} open since {_at(alert.opened_at, now)}"
    if alert.outcome is not None:
        return f"{since}, {alert.outcome.value} ({alert.outcome_by})"
    if not alert.acknowledged_by:
        return f"{since}, nobody has acknowledged it"
    at = f" at {_at(alert.acknowledged_at, now)}" if alert.acknowledged_at else ""
    return f"{since}, acknowledged by {alert.acknowledged_by}{at}"


def _at(moment: datetime, now: datetime) -> str:
    """The time, with the date where that is not today's."""
    if local_date(moment) == local_date(now):
        return wall(moment)
    return f"{wall(moment)} on {spoken_date(local_date(moment))}"


def sentence(words: str) -> str:
    """With a capital in front, the rest as it is."""
    return words[:1].upper() + words[1:]


def how_long(since: datetime, now: datetime) -> str:
    """ "35 minutes", "2 hours 5 minutes", "1 day"."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = ((days, "day"), (0 if days else hours, "hour"), (0 if days else minutes, "minute"))
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(words) or "0 minutes"
