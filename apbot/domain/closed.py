"""Why there is no session on a day, in words."""

from datetime import date

from apbot.domain.calendar import Calendar
from apbot.domain.marks import Session


def closed_words(calendar: Calendar, day: date) -> str:
    """ "bank holiday", "outside term", "Saturday", "pm: INSET day"; "" where both sessions of the day run."""
    if day.weekday() >= 5:
        return f"{day:%A}"
    reasons = {session: because for session in Session if (because := calendar.closed_because(day, session))}
    if len(reasons) == len(Session) and len(set(reasons.values())) == 1:
        return reasons[Session.AM]
    return ", ".join(f"{session.value}: {because}" for session, because in reasons.items())
