"""A whole school year of two schools, gone through once: who is placed where, what people do, and what they were sent.

Hillcrest's October break is one week, Tarn End's two; Easter falls into Hillcrest's holidays and into Tarn End's term,
with the Sunday on which the clocks go forward. Oak Farm is a provider of both schools, the Garage of Hillcrest alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from apbot.app import App
from apbot.cards import Action, Button, Card, InputKind, Row
from apbot.clock import VirtualClock
from apbot.domain.calendar import Closure, Term
from apbot.domain.marks import Session
from apbot.domain.rhythm import Every, Rhythms
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.domain.walltime import instant, local
from apbot.roster import apply
from apbot.roster.records import (
    Person,
    PlaceClosure,
    Placement,
    PlaceTerm,
    Post,
    Provider,
    ProviderDocument,
    Pupil,
    Records,
    School,
)
from apbot.settings import Settings
from apbot.store.due import next_due
from apbot.store.tables import addresses, covers, duties, people, placements, providers
from tests.blank import blank
from tests.day import Recorder, act
from tests.stories.cast import is_list

FIRST, LAST = date(2026, 9, 1), date(2027, 9, 30)
"""The year, and the weeks after it in which what it left open is done."""

FORWARD = date(2027, 3, 28)
"""The clocks go forward, on Easter Sunday."""

HILLCREST = (
    (date(2026, 9, 2), date(2026, 10, 23)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 2, 12)),
    (date(2027, 2, 22), date(2027, 3, 25)),
    (date(2027, 4, 12), date(2027, 5, 28)),
    (date(2027, 6, 7), date(2027, 7, 21)),
    (date(2027, 9, 2), date(2027, 10, 22)),
)
TARN_END = (
    (date(2026, 9, 2), date(2026, 10, 16)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 5), date(2027, 2, 12)),
    (date(2027, 2, 22), date(2027, 4, 9)),
    (date(2027, 4, 26), date(2027, 5, 28)),
    (date(2027, 6, 7), date(2027, 7, 23)),
    (date(2027, 9, 6), date(2027, 10, 15)),
)
TERMS = {"HILL": HILLCREST, "TARN": TARN_END}
BANK_HOLIDAYS = (date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3))
"""Those of the year that fall into some school's term: Good Friday, Easter Monday, early May."""

INSET = {"HILL": (date(2026, 10, 9), date(2027, 1, 4)), "TARN": (date(2026, 9, 2), date(2026, 11, 20))}
BURST_PIPE = (date(2026, 12, 14), date(2026, 12, 18))
"""Tarn End is closed for the last week before Christmas, which is known only on the Friday before."""

STAFF = (
    ("HELEN", "Helen Marsh", "HILL", Role.NAMED_LEAD),
    ("DOROTHY", "Dorothy Okafor", "HILL", Role.DSL),
    ("DEVI", "Devi Rao", "HILL", Role.DSL),
    ("PRIYA", "Priya Nair", "HILL", Role.ATTENDANCE_CONTACT),
    ("KIT", "Kit Lowry", "HILL", Role.KEY_WORKER),
    ("ROSA", "Rosa Bell", "HILL", Role.KEY_WORKER),
    ("HUGO", "Hugo Ashdown", "TARN", Role.HEAD),
    ("ZAINAB", "Zainab Malik", "TARN", Role.DSL),
    ("ALAN", "Alan Pugh", "TARN", Role.ATTENDANCE_CONTACT),
    ("MOIRA", "Moira Kerr", "TARN", Role.KEY_WORKER),
    ("SAM", "Sam Taylor", "OAK", Role.NAMED_CONTACT),
    ("GARY", "Gary Stone", "GAR", Role.NAMED_CONTACT),
)
KIT_LEAVES, ROSA_TAKES_OVER = date(2027, 1, 22), date(2027, 2, 8)
ROSA_AWAY = (date(2026, 11, 9), date(2026, 11, 13))

SCHOOL_OF = {"AB12": "HILL", "CD34": "HILL", "EF56": "HILL", "GH78": "TARN", "JK90": "TARN", "LM21": "TARN"}
HOURS = Hours({Session.AM: Span(time(9, 30), time(12, 0)), Session.PM: Span(time(13, 0), time(15, 0))})

IN_PLACE: Mapping[str, Any] = {
    "authorised_by": "Helen Marsh",
    "agreement_on": date(2026, 8, 20),
    "aims": "back to full time at the school",
    "risk_shared_on": date(2026, 8, 21),
    "dsl_details_on": date(2026, 8, 21),
    "meals": "none",
    "transport": "taxi 4",
    "target_end_on": date(2027, 7, 16),
}


def _placed(pupil: str, provider: str, pattern: str, starts_on: date, key_worker: str, **more: Any) -> Placement:
    sessions = Pattern.from_json(pattern.split(", "))
    given = {**IN_PLACE, "review_dates": (starts_on,), **more}
    return Placement(f"{pupil}-{provider}", pupil, provider, starts_on, sessions, key_worker=key_worker, **given)


PLACEMENTS = (
    _placed("AB12", "OAK", "mon am, tue am", date(2026, 9, 7), "KIT", target_end_on=date(2027, 3, 24)),
    _placed(
        "CD34",
        "GAR",
        "wed am A, thu am B",
        date(2026, 9, 9),
        "ROSA",
        rhythms=Rhythms(contact=Every.FORTNIGHT, visit=Every.TERM),
    ),
    _placed("EF56", "GAR", "mon am", date(2027, 7, 19), "ROSA", agreement_on=None, target_end_on=date(2028, 7, 14)),
    _placed("GH78", "OAK", "tue pm, fri am", date(2026, 9, 7), "MOIRA"),
    _placed("JK90", "OAK", "thu am", date(2026, 10, 13), "MOIRA"),
    _placed("LM21", "OAK", "wed am", date(2026, 9, 9), "MOIRA", ends_on=date(2026, 11, 25)),
)
RECORDS = Records(
    schools=(School("HILL", "Hillcrest", "01632 960101"), School("TARN", "Tarn End", "01632 960102")),
    people=tuple(
        Person(ref, name, frozenset({Post(at, role)}), leaves_on=KIT_LEAVES if ref == "KIT" else None)
        for ref, name, at, role in STAFF
    ),
    providers=tuple(
        Provider(
            ref,
            name,
            "01632 960201",
            activity="animal care",
            hours=HOURS,
            registered=False,
            registration_checked_on=date(2026, 8, 1),
        )
        for ref, name in (("OAK", "Oak Farm"), ("GAR", "The Garage"))
    ),
    pupils=tuple(
        Pupil(ref, first, last, SCHOOL_OF[ref])
        for ref, first, last in (
            ("AB12", "Jay", "Ward"),
            ("CD34", "Joana", "da Silva"),
            ("EF56", "Mo", "Hassan"),
            ("GH78", "Ellie", "Dunn"),
            ("JK90", "Siân", "Jessop"),
            ("LM21", "Kofi", "Bello"),
        )
    ),
    placements=PLACEMENTS,
    terms=tuple(
        PlaceTerm(school, Term(f"Block {number}", first, last))
        for school, blocks in TERMS.items()
        for number, (first, last) in enumerate(blocks, 1)
    ),
    closures=tuple(
        PlaceClosure(school, Closure(day, day, kind="INSET day")) for school, days in INSET.items() for day in days
    ),
    documents=tuple(
        ProviderDocument(provider, kind, expires_on=expires_on)
        for provider, kind, expires_on in (
            ("OAK", "letter of assurance", date(2028, 8, 31)),
            ("OAK", "public liability insurance", date(2027, 1, 29)),
            ("OAK", "safeguarding policy", date(2028, 8, 31)),
            ("GAR", "letter of assurance", date(2028, 8, 31)),
            ("GAR", "public liability insurance", date(2028, 8, 31)),
            ("GAR", "safeguarding policy", date(2027, 8, 31)),
        )
    ),
)


def is_school_day(school: str, day: date) -> bool:
    """What anybody would say who has the term dates on the wall."""
    is_in_term = any(first <= day <= last for first, last in TERMS[school])
    is_shut = day in INSET[school] or day in BANK_HOLIDAYS
    is_flooded = school == "TARN" and BURST_PIPE[0] <= day <= BURST_PIPE[1]
    return day.weekday() < 5 and is_in_term and not is_shut and not is_flooded


@dataclass(frozen=True)
class List:
    """One list as it was posted: to whom, when, and what stood on it."""

    person: str
    at: datetime
    rows: tuple[Row, ...]

    @property
    def day(self) -> date:
        """The day of it, on the wall."""
        return local(self.at).date()

    @property
    def text(self) -> str:
        """Everything on it."""
        return "\n".join(f"{row.heading}: {row.text}" for row in self.rows)


@dataclass
class Year:
    """The year as it was: every list, and what stands in the database in the end."""

    clock: VirtualClock = field(default_factory=lambda: VirtualClock(instant(FIRST, time(4, 0))))
    lists: list[List] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The roster is taken in on the first morning, and everybody signs in."""
        self.database = blank(self.clock)
        self.recorder = Recorder(self.clock)
        self.app = App(Settings(database_url="sqlite://", _env_file=None), self.database, [self.recorder])
        self.events = count(1)
        self.database.run(apply, RECORDS)
        self.names = {row.id: row.ref for row in self.rows(sa.select(people.c.id, people.c.ref))}
        self.ids = {ref: person_id for person_id, ref in self.names.items()}
        self.staff_at = {
            row.id: next(ref for ref, _, at, _ in STAFF if at == row.ref)
            for row in self.rows(sa.select(providers.c.id, providers.c.ref))
        }
        self.placement = {row.ref[:4]: row.id for row in self.rows(sa.select(placements.c.id, placements.c.ref))}
        signed_in = [{"person_id": each, "channel": "web", "address": f"person:{each}"} for each in self.names]
        self.database.run(lambda transaction: transaction.insert_new(addresses, signed_in))
        self._seen = 0

    def rows(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        """What stands in the database."""
        return list(self.database.run(lambda transaction: transaction.rows(query)))

    async def go_on(self, changes: Mapping[date, Callable[["Year"], None]]) -> "Year":
        """From the first day to the last; the roster changes at seven in the morning of some days."""
        day = FIRST
        while day <= LAST:
            if day in changes:
                await self._until(instant(day, time(7, 0)))
                changes[day](self)
            await self._until(instant(day + timedelta(days=1), time(0, 0)))
            day += timedelta(days=1)
        return self

    async def _until(self, end: datetime) -> None:
        while self.clock.now() < end:
            due = self.database.run(next_due)
            soon = self.clock.now() + timedelta(seconds=self.app.settings.tick_seconds)
            self.clock.set(end if due is None else min(end, max(due, soon)))
            await self.app.tick()
            for posted in list(self.recorder.posted.values())[self._seen :]:
                self._seen += 1
                self._reads(posted.address, posted.history[0])

    def _reads(self, address: str, card: Card) -> None:
        """Everybody who is asked for a register, codes or a duty answers at once; but see `_forgets`."""
        kind, _, number = address.partition(":")
        person = self.names[int(number)] if kind == "person" else self.staff_at[int(number)]
        if is_list(card):
            self.lists.append(List(person, self.clock.now(), card.rows))
            for row in card.rows:
                self._answers(person, row)
        for button in card.buttons:
            if button.verb in ("all_arrived", "codes_all"):
                self._presses(person, address, button)

    def _answers(self, person: str, row: Row) -> None:
        today = local(self.clock.now()).date()
        is_others = "you are told because" in row.text
        done = next((button for button in row.buttons if button.verb == "duty_done"), None)
        if done is None or (is_others and person != "HELEN") or _forgets(person, row.heading, today):
            return
        self._presses(person, f"person:{self.ids[person]}", done, **_answers(done, today))

    def _presses(self, person: str, address: str, button: Button, **inputs: str) -> None:
        event_id = f"event-{next(self.events)}"
        given = {each.name: inputs.get(each.name, each.value) for each in button.inputs}
        action = Action(
            "web", event_id, address, verb=button.verb, subject=button.subject, value=button.value, inputs=given
        )
        reply = self.database.run(act, self.ids[person], action)
        if reply.is_refusal:
            self.refusals.append(
                f"{local(self.clock.now())} {person} {button.label}: {reply.card and reply.card.heading}"
            )

    def duties(self, kind: str, pupil: str = "") -> list[sa.Row[Any]]:
        """The duties of one kind, by due day; of one pupil, or those about a provider."""
        about = duties.c.placement_id == self.placement[pupil] if pupil else duties.c.placement_id.is_(None)
        return self.rows(sa.select(duties).where(duties.c.kind == kind, about).order_by(duties.c.due_on))

    def told(self, *words: str) -> list[tuple[date, str]]:
        """On which days who was told of something with these words."""
        return [
            (each.day, each.person)
            for each in self.lists
            if any(all(word in f"{row.heading}: {row.text}" for word in words) for row in each.rows)
        ]

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


def _forgets(person: str, heading: str, today: date) -> bool:
    """Moira leaves GH78 alone for two weeks in November, and the end of LM21's placement for some days."""
    if person == "MOIRA" and "GH78" in heading and "contact" in heading:
        return date(2026, 11, 16) <= today <= date(2026, 11, 27)
    return "LM21" in heading and "end of placement" in heading and today < date(2026, 12, 7)


def _answers(button: Button, today: date) -> dict[str, str]:
    given = {}
    for each in button.inputs:
        if each.kind is InputKind.CHOICE and not each.optional:
            given[each.name] = "yes" if each.name in ("parents", "governors") else each.choices[0].value
        elif each.kind is InputKind.DATE and not each.optional:
            ahead = {"target": 120, "expires": 365}
            given[each.name] = (today + timedelta(days=ahead.get(each.name, 45))).isoformat()
    return given


def _take_in(year: Year, sheet: str, **records: Any) -> None:
    """The roster is corrected: one sheet of it is taken in."""
    year.database.run(apply, Records(given=frozenset({sheet}), **records))


def _placement(year: Year, ref: str, **changes: Any) -> None:
    changed = next(replace(each, **changes) for each in PLACEMENTS if each.pupil == ref)
    pupil = next(each for each in RECORDS.pupils if each.ref == ref)
    _take_in(year, "placements", placements=(changed,), pupils=(pupil,))


def _rosa_is_covered_for(year: Year) -> None:
    first, last = ROSA_AWAY
    ids = year.ids
    year.database.run(
        lambda t: t.insert(
            covers, person_id=ids["ROSA"], covered_by_id=ids["KIT"], starts_on=first, ends_on=last, made_at=t.now
        )
    )


def _pipe_bursts(year: Year) -> None:
    pipe = PlaceClosure("TARN", Closure(*BURST_PIPE, kind="burst pipe"))
    _take_in(year, "closures", closures=(*RECORDS.closures, pipe))


CHANGES: Mapping[date, Callable[[Year], None]] = {
    date(2026, 11, 5): _rosa_is_covered_for,
    date(2026, 12, 11): _pipe_bursts,
    ROSA_TAKES_OVER: lambda year: _placement(year, "AB12", key_worker="ROSA"),
    date(2027, 7, 9): lambda year: _placement(year, "EF56", agreement_on=date(2027, 7, 8)),
}
"""What happens to the roster, on which day."""


async def go_through() -> Year:
    """The year, gone through from its first day to its last."""
    return await Year().go_on(CHANGES)
