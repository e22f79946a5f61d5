"""Rosters as plain facts: the simplest possible second opinion on which sessions are expected.

`World` holds the facts of a roster as plain values; `World.expected` says day by day what they come to. It shares
nothing with the code that it is held against: no calendar, no pattern, no time zone rules.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

FIRST, LAST = date(2026, 9, 1), date(2027, 7, 31)
YEAR = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
CLOCK_CHANGES = [date(2026, 10, 23) + timedelta(days=number) for number in range(5)] + [
    date(2027, 3, 26) + timedelta(days=number) for number in range(5)
]
BANK_HOLIDAYS = {
    date(2026, 12, 25),
    date(2026, 12, 28),
    date(2027, 1, 1),
    date(2027, 3, 26),
    date(2027, 3, 29),
    date(2027, 5, 3),
    date(2027, 5, 31),
}
SUMMER_TIME = [(date(2026, 3, 29), date(2026, 10, 25)), (date(2027, 3, 28), date(2027, 10, 31))]
"""From the first day on which it is summer time at nine in the morning to the first on which it is not."""

LONG_AGO = datetime(2026, 7, 1, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SESSIONS = ("am", "pm")
CODES = ("M", "I", "E", "C")

Times = tuple[str, str]


@dataclass(frozen=True)
class Placed:
    """The facts of one placement."""

    id: int
    pupil: int
    provider: int
    starts_on: date
    ends_on: date | None
    pattern: tuple[str, ...]
    usual: dict[str, Times] = field(default_factory=dict)
    on: dict[str, Times] = field(default_factory=dict)
    alert_minutes: int = 30


@dataclass(frozen=True)
class Absence:
    """The facts of one planned absence."""

    pupil: int
    starts_on: date
    ends_on: date
    sessions: str
    code: str
    withdrawn: bool = False


@dataclass(frozen=True)
class Shut:
    """The facts of one closure; of a school or of a provider."""

    place: tuple[str, int]
    starts_on: date
    ends_on: date
    sessions: str


@dataclass(frozen=True)
class Expected:
    """One pupil expected, or excused, in one session."""

    placement: int
    provider: int
    session: str
    starts_at: datetime
    ends_at: datetime
    alert_minutes: int
    excused: str | None


@dataclass(frozen=True)
class World:
    """A roster: facts, and what they come to."""

    pupils: dict[int, tuple[int, date | None]]
    """The school of each, and the day they leave it."""
    terms: dict[tuple[str, int], tuple[tuple[date, date, str], ...]]
    """Of ("school", 1) or ("provider", 1): first and last day, and the letter of the first week or ""."""
    hours: dict[int, tuple[dict[str, Times], dict[str, Times]]]
    """Of each provider: usual, and on single weekdays."""
    placed: tuple[Placed, ...]
    shut: tuple[Shut, ...] = ()
    absences: tuple[Absence, ...] = ()

    def is_open(self, place: tuple[str, int], day: date, session: str) -> bool:
        if day in BANK_HOLIDAYS:
            return False
        blocks = self.terms.get(place, ())
        if place[0] == "school" or blocks:
            inside = False
            for first, last, _ in blocks:
                if first <= day <= last:
                    inside = True
            if not inside:
                return False
        for each in self.shut:
            if each.place == place and each.starts_on <= day <= each.ends_on and each.sessions in ("all day", session):
                return False
        return True

    def letter(self, school: int, wanted: date) -> str:
        """Walk through the year a day at a time; on each Monday to Friday of term say which week it is."""
        letter, week = "B", None
        for day in YEAR:
            for first, last, first_week in self.terms[("school", school)]:
                if not first <= day <= last or day.weekday() > 4:
                    continue
                monday = day - timedelta(days=day.weekday())
                if monday != week:
                    letter, week = ("B" if letter == "A" else "A"), monday
                if day == first and first_week:
                    letter = first_week
            if day == wanted:
                return letter
        raise AssertionError(wanted)

    def expected(self, day: date) -> set[Expected]:
        found = set()
        for each in self.placed:
            school, leaves = self.pupils[each.pupil]
            if day < each.starts_on or (each.ends_on is not None and day > each.ends_on):
                continue
            if leaves is not None and day > leaves:
                continue
            for session in SESSIONS:
                name = f"{WEEK[day.weekday()]} {session}"
                if name not in each.pattern:
                    if f"{name} A" not in each.pattern and f"{name} B" not in each.pattern:
                        continue
                    if f"{name} {self.letter(school, day)}" not in each.pattern:
                        continue
                if not self.is_open(("school", school), day, session):
                    continue
                if not self.is_open(("provider", each.provider), day, session):
                    continue
                usual, on = self.hours[each.provider]
                times = each.on.get(name) or each.usual.get(session) or on.get(name) or usual.get(session)
                if times is None:
                    continue
                excused = None
                for absence in self.absences:
                    inside = absence.starts_on <= day <= absence.ends_on and absence.sessions in ("all day", session)
                    if absence.pupil == each.pupil and inside and not absence.withdrawn:
                        excused = absence.code
                starts_at, ends_at = (in_utc(day, at) for at in times)
                found.add(Expected(each.id, each.provider, session, starts_at, ends_at, each.alert_minutes, excused))
        return found


def in_utc(day: date, at: str) -> datetime:
    """The instant of a daytime wall time."""
    moment = datetime.combine(day, time.fromisoformat(at), tzinfo=UTC)
    is_summer = any(first <= day < last for first, last in SUMMER_TIME)
    return moment - timedelta(hours=1) if is_summer else moment


# Worlds by chance.

SCHOOL_TERMS = (
    (
        (date(2026, 9, 2), date(2026, 10, 23), ""),
        (date(2026, 11, 2), date(2026, 12, 18), ""),
        (date(2027, 1, 4), date(2027, 2, 12), "B"),
        (date(2027, 2, 22), date(2027, 4, 1), ""),
        (date(2027, 4, 12), date(2027, 5, 28), ""),
        (date(2027, 6, 7), date(2027, 7, 21), "A"),
    ),
    (
        (date(2026, 9, 3), date(2026, 10, 16), "B"),
        (date(2026, 11, 2), date(2026, 12, 16), ""),
        (date(2027, 1, 5), date(2027, 2, 10), ""),
        (date(2027, 2, 12), date(2027, 3, 25), ""),
        (date(2027, 4, 14), date(2027, 5, 28), "A"),
        (date(2027, 6, 7), date(2027, 7, 20), ""),
    ),
)
"""The second has another October, starts in mid-week, and has two blocks that share a week in February."""

STARTS = {"am": ("09:00", "09:30", "10:15"), "pm": ("12:30", "13:00", "13:20")}
ENDS = {"am": ("11:45", "12:00"), "pm": ("14:30", "15:00")}


def by_chance(chance: random.Random) -> World:
    """Two schools, three providers, four pupils, and placements of every kind."""

    def times(session: str) -> Times:
        return chance.choice(STARTS[session]), chance.choice(ENDS[session])

    hours = {
        1: ({"am": times("am"), "pm": times("pm")}, {"fri pm": times("pm")}),
        2: ({"am": times("am"), "pm": times("pm")}, {}),
        3: ({"am": times("am")}, {"wed pm": times("pm"), "sat am": times("am")}),
    }
    a_pupil: dict[int, tuple[int, date | None]] = {number: (1 + number % 2, None) for number in range(1, 5)}
    a_pupil[4] = (1, chance.choice(YEAR[60:]))
    world = World(
        pupils=a_pupil,
        terms={
            ("school", 1): SCHOOL_TERMS[0],
            ("school", 2): SCHOOL_TERMS[1],
            ("provider", 2): ((date(2026, 9, 7), date(2026, 12, 11), ""), (date(2027, 1, 11), date(2027, 7, 9), "")),
        },
        hours=hours,
        placed=tuple(a_placement(chance, number) for number in range(1, 9)),
        shut=tuple(a_closure(chance) for _ in range(8)),
    )
    return replace(world, absences=tuple(an_absence(chance, pupil) for pupil in world.pupils))


def a_placement(chance: random.Random, number: int) -> Placed:
    """The fifth and later ones share pupils with the first four: at another provider, or at the same one."""
    every = [f"{day} {session}" for day in WEEK[:6] for session in SESSIONS]
    pattern = [
        f"{name} {chance.choice(['A', 'B'])}" if chance.random() < 0.35 else name
        for name in chance.sample(every, chance.randint(1, 10))
    ]
    session = chance.choice(SESSIONS)
    times = (chance.choice(STARTS[session]), chance.choice(ENDS[session]))
    ends_on = chance.choice([None, None, chance.choice(YEAR[100:])])
    return Placed(
        id=number,
        pupil=1 + (number - 1) % 4,
        provider=chance.randint(1, 3),
        starts_on=chance.choice([YEAR[0], YEAR[0], chance.choice(YEAR[:100])]),
        ends_on=ends_on,
        pattern=tuple(pattern),
        usual={session: times} if chance.random() < 0.3 else {},
        on={f"{chance.choice(WEEK[:5])} {session}": times} if chance.random() < 0.3 else {},
        alert_minutes=chance.choice([30, 30, 15, 45]),
    )


def a_closure(chance: random.Random) -> Shut:
    starts = chance.choice(YEAR)
    place = chance.choice([("school", 1), ("school", 2), ("provider", 1), ("provider", 2)])
    ends = starts + timedelta(days=chance.randint(0, 2))
    return Shut(place, starts, ends, chance.choice(["all day", "am", "pm"]))


def an_absence(chance: random.Random, pupil: int, day: date | None = None) -> Absence:
    starts = day or chance.choice(YEAR)
    ends = starts + timedelta(days=chance.choice([0, 0, 4, 20]))
    sessions = chance.choice(["all day", "am", "pm"])
    return Absence(pupil, starts, ends, sessions, chance.choice(CODES), withdrawn=chance.random() < 0.2)
