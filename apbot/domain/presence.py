"""What is known of a pupil in one session: there, expected, excused, or not known to be anywhere."""

from datetime import datetime
from enum import StrEnum

from apbot.domain.marks import Fact
from apbot.domain.register import EntryState


class Presence(StrEnum):
    """Where a pupil stands in one session, as far as anybody has said."""

    ARRIVED = "arrived"
    AWAITED = "awaited"
    """The session has not begun."""
    EXCUSED = "excused"
    """A planned absence."""
    UNANSWERED = "unanswered"
    """The session has begun and nobody has said anything."""
    NOT_ARRIVED = "not arrived"
    LEFT_SITE = "left site"
    NOT_RUNNING = "session not running"

    @property
    def is_missing(self) -> bool:
        """Expected, and not known to be at the provider."""
        return self not in (Presence.ARRIVED, Presence.AWAITED, Presence.EXCUSED)


_OF_FACT = {
    Fact.ARRIVED: Presence.ARRIVED,
    Fact.LATE: Presence.ARRIVED,
    Fact.NOT_ARRIVED: Presence.NOT_ARRIVED,
    Fact.LEFT_SITE: Presence.LEFT_SITE,
    Fact.NOT_RUNNING: Presence.NOT_RUNNING,
}


def presence(state: EntryState, fact: Fact | None, starts_at: datetime, now: datetime) -> Presence:
    """Where a pupil stands at `now`. Who is excused and did not come is where the school said they would be."""
    if state is EntryState.EXCUSED and fact in (None, Fact.NOT_ARRIVED, Fact.NOT_RUNNING):
        return Presence.EXCUSED
    if fact is not None:
        return _OF_FACT[fact]
    return Presence.AWAITED if now < starts_at else Presence.UNANSWERED
