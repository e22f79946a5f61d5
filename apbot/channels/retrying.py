"""How long a server asks to be left alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)
"""However long it asks for: whoever mends it must not have to wait for a day."""


def pause_asked(headers: Mapping[str, str]) -> timedelta | None:
    """What Retry-After says, in seconds or as a date as HTTP has it, an hour at most; None where it says neither."""
    said = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if said.isdecimal() and said.isascii():
        return timedelta(seconds=min(int(said[:9]), int(LONGEST.total_seconds())))
    at = http_date(said)
    return None if at is None else min(max(timedelta(), at - datetime.now(UTC)), LONGEST)


def http_date(said: str) -> datetime | None:
    """A date of an HTTP header, or None where it is none."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
