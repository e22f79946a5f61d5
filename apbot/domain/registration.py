"""When a provider that is not registered as a school takes more pupils, or for longer, than guidance allows.

The figures are from a city's guide for schools that commission alternative provision. They are guidance, not read in
the law itself, and authorities differ (an older sheet says four pupils, not five): so they warn, and forbid nothing.
Weeks are counted in the calendar, holidays included, and each placement for itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FULL_TIME_ABOVE = 18
"""In hours a week: whoever is there for more is there full time (city guide)."""

FULL_TIME_PUPILS = 5
"""So many pupils full time, of all schools together: guidance says that it must be registered (city guide)."""

FULL_TIME_FOR = timedelta(weeks=12)
"""The longest that a pupil is full time at a provider that is not registered (city guide)."""

PART_TIME_DAYS = 2
"""... and for longer than that, on at most so many days a week (city guide)."""

IS_SCHOOL = "guidance says that it must be registered as a school"


@dataclass(frozen=True)
class Place:
    """A pupil's placement at the provider. `last_on` is its last day or target end date; None: nobody has said."""

    pupil: str
    starts_on: date
    last_on: date | None
    hours: float
    days: float
    ehc_plan: bool = False
    looked_after: bool = False

    def runs_on(self, day: date) -> bool:
        """Whether the placement goes on on `day`, as far as is planned."""
        return self.starts_on <= day and (self.last_on is None or day <= self.last_on)

    @property
    def is_long(self) -> bool:
        """Whether it is planned for longer than anybody may be there full time, or without an end."""
        return self.last_on is None or self.last_on - self.starts_on >= FULL_TIME_FOR


@dataclass(frozen=True)
class Warned:
    """What guidance says of these pupils at this provider, and what to do. `count` is of all schools together."""

    what: str
    do: str
    pupils: frozenset[str]


def planned_end(ends_on: date | None, target_end_on: date | None, leaves_on: date | None, today: date) -> date | None:
    """The last day that is planned, at most the pupil's last on roll; None where there is none.

    A target end date that has passed, of a placement that goes on, says nothing any more.
    """
    if ends_on is None and target_end_on is not None and target_end_on >= today:
        ends_on = target_end_on
    return min((each for each in (ends_on, leaves_on) if each is not None), default=None)


def warnings(registered: bool | None, places: Sequence[Place], today: date) -> list[Warned]:
    """What guidance says against a provider's placements that run `today` or are to begin; nothing if it is registered.

    `registered` None is that nobody has said, which is warned of like no: the answer is worth having before a start.
    """
    if registered:
        return []
    # More pupils come to be there at a start only, so nothing is missed between two of these days.
    days = sorted({max(today, place.starts_on) for place in places if place.runs_on(max(today, place.starts_on))})
    full_time = {day: _full_time(places, day) for day in days}
    most = max(full_time.values(), key=len, default=frozenset())
    ever = frozenset(pupil for pupils in full_time.values() for pupil in pupils)
    in_care = frozenset(place.pupil for place in places if place.ehc_plan or place.looked_after) & ever
    long = frozenset(
        place.pupil
        for place in places
        if place.is_long and place.runs_on(max(today, place.starts_on)) and _is_too_much(place, places, today)
    )
    do = _do(registered)
    found = [
        Warned(
            f"{len(most)} pupils are there full time (over {FULL_TIME_ABOVE} hours a week); from {FULL_TIME_PUPILS} "
            f"on {IS_SCHOOL}",
            do,
            most if len(most) >= FULL_TIME_PUPILS else frozenset(),
        ),
        Warned(
            f"full time (over {FULL_TIME_ABOVE} hours a week) with an EHC plan or looked after: {IS_SCHOOL}",
            f"{do} Tell the local authority.",
            in_care,
        ),
        Warned(
            f"for longer than {FULL_TIME_FOR.days // 7} weeks on more than {PART_TIME_DAYS} days a week, or full time: "
            "guidance says less, where it is not registered as a school",
            f"{do} Or plan an end date, or fewer days.",
            long,
        ),
    ]
    return [each for each in found if each.pupils]


def _do(registered: bool | None) -> str:
    if registered is None:
        return "Nobody has said whether it is registered: look it up, and enter it under Registered."
    return "It is not registered: ask the provider, and your local authority, before anybody starts."


def _full_time(places: Iterable[Place], day: date) -> frozenset[str]:
    hours: dict[str, float] = {}
    for place in places:
        if place.runs_on(day):
            hours[place.pupil] = hours.get(place.pupil, 0) + place.hours
    return frozenset(pupil for pupil, sum_of_all in hours.items() if sum_of_all > FULL_TIME_ABOVE)


def _is_too_much(place: Place, places: Iterable[Place], today: date) -> bool:
    """Whether the pupil is there on more than the days that may go on for long, on this placement's first day ahead."""
    day = max(today, place.starts_on)
    together = [each for each in places if each.pupil == place.pupil and each.runs_on(day)]
    return sum(each.days for each in together) > PART_TIME_DAYS or (
        sum(each.hours for each in together) > FULL_TIME_ABOVE
    )
