"""How long things are kept. Six years from the day they were made is what is asked of a school's attendance registers
(School Attendance (Pupil Registration) (England) Regulations 2024); the rest follows from what each is for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from apbot.domain.walltime import instant, local_date

STATUTORY_YEARS = 6
COVER_DAYS = 366


def years_before(day: date, years: int) -> date:
    """The same day so many years before; of 29 February the 28th, where that year has none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@dataclass(frozen=True)
class Limits:
    """What is older than these goes."""

    now: datetime
    chat: datetime
    """What was posted, typed or answered before, wherever people write to each other."""
    chat_days: int
    kept_from: date
    """What was made before this day has been kept for six years."""
    cover: date

    @property
    def kept_since(self) -> datetime:
        """The instant at which `kept_from` begins."""
        return instant(self.kept_from, time())


def limits(now: datetime, chat_days: int) -> Limits:
    """The limits as they are at `now`."""
    today = local_date(now)
    return Limits(
        now=now,
        chat=now - timedelta(days=chat_days),
        chat_days=chat_days,
        kept_from=years_before(today, STATUTORY_YEARS),
        cover=today - timedelta(days=COVER_DAYS),
    )
