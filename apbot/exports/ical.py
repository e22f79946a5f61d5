"""A calendar as programs read it (RFC 5545)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from apbot.domain.walltime import instant, local_date
from apbot.store.calendarevents import Event

AGAIN = timedelta(hours=4)
"""How often a calendar program is asked to look again."""


def as_ical(events: Sequence[Event], now: datetime) -> bytes:
    """The file. The same on one day for the same events, so that what has not changed need not be sent."""
    from icalendar import Calendar  # takes a while to import, and few ask for it
    from icalendar import Event as Entry

    stamp = instant(local_date(now), time(0)).astimezone(UTC)
    calendar = Calendar()
    calendar.add("prodid", "-//apbot//placements//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "apbot")
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    for each in events:
        entry = Entry()
        entry.add("uid", f"{each.uid}@apbot")
        entry.add("dtstamp", stamp)
        entry.add("dtstart", each.on)
        entry.add("dtend", each.on + timedelta(days=1))
        entry.add("summary", each.summary)
        entry.add("description", each.words)
        entry.add("transp", "TRANSPARENT")  # it keeps nobody's day busy
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
