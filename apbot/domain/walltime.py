"""Between the clock on the wall, which is what people set, and the instant in UTC, which is what is kept."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2060, 12, 31)
"""No placement, term, closure or register lies outside these years."""


def instant(day: date, at: time, zone: ZoneInfo = LONDON) -> datetime:
    """The UTC instant at which the clock on the wall in `zone` shows `at` on `day`.

    A time that the spring clock change skips is taken as if the clock had not changed yet (01:30 becomes 01:30
    UTC, 02:30 on the wall); of a time that comes twice in autumn, the first is meant. No session starts then;
    the rule is here so that nothing raises.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def local(at: datetime, zone: ZoneInfo = LONDON) -> datetime:
    """`at` as the clock on the wall shows it."""
    return at.astimezone(zone)


def local_date(at: datetime, zone: ZoneInfo = LONDON) -> date:
    """The date on the wall at `at`."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=10_000)
def wall(at: datetime, zone: ZoneInfo = LONDON) -> str:
    """`at` as people write a time of day: "09:30"."""
    return at.astimezone(zone).strftime("%H:%M")


@lru_cache(maxsize=10_000)
def parse_wall(text: str) -> time:
    """The time of day in "09:30" or "9:30". Raises ValueError for anything else: "9:5" might be 9:05 or 9:50."""
    if text[-3:-2] != ":":
        raise ValueError(f"{text!r} is not a time of day such as 09:30")
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  (a time of day has no zone)


def plausible(day: date) -> date:
    """`day` itself. Raises ValueError for one that nobody can mean."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"nothing here is in the year {day.year}")
    return day


def parse_day(text: str) -> date:
    """The day in "2026-09-17". Raises ValueError for anything else, and for a day that nobody can mean."""
    return plausible(date.fromisoformat(text))


@lru_cache(maxsize=1000)
def spoken_date(day: date) -> str:
    """`day` as people write it: "Thu 3 Sep 2026"."""
    return f"{day:%a} {day.day} {day:%b %Y}"
