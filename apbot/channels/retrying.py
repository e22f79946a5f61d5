"""How long a server asks to be left alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def pause_asked(headers: Mapping[str, str]) -> timedelta | None:
    """What Retry-After says, in seconds or as a date as HTTP has it; None where it says neither."""
    said = headers.get("Retry-After", "").strip()
    if said.isdecimal() and said.isascii() and len(said) <= 6:
        return timedelta(seconds=int(said))
    at = http_date(said)
    return None if at is None else max(timedelta(), at - datetime.now(UTC))


def http_date(said: str) -> datetime | None:
    """A date of an HTTP header, or None where it is none."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
