"""A morning of some hundred pupils: schools, providers, and what everybody does, as plain facts."""

import random
from dataclasses import dataclass
from datetime import time, timedelta

from apbot.domain.calendar import Term
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.roster.records import Person, Placement, PlaceTerm, Post, Provider, Pupil, Records, School
from tests.day import THURSDAY

FIRST_NAMES = ("Aisha", "Callum", "Zofia", "Tyrone", "Megan", "Arjun", "Niamh", "Kofi", "Siân", "Luca")
LAST_NAMES = ("Ashdown", "Bello", "Carrow", "Dabrowski", "Eames", "Farrier", "Gill", "Hussain", "Ibe")
STARTS = (time(9, 0), time(9, 3), time(9, 6), time(9, 9))


@dataclass(frozen=True)
class Crowd:
    """`answers` is when a provider says that all have arrived, in minutes after its start; None for never."""

    schools: int
    providers: int
    pupils: int
    answers: dict[int, int | None]

    @staticmethod
    def by_chance(chance: random.Random, schools: int = 8, providers: int = 20, pupils: int = 240) -> "Crowd":
        """Two of five providers say nothing all morning; the others answer soon."""
        answers = {each: None if each % 5 < 2 else chance.randint(1, 8) for each in range(providers)}
        return Crowd(schools, providers, pupils, answers)

    def provider_of(self, pupil: int) -> int:
        """Where a pupil goes."""
        return pupil % self.providers

    def school_of(self, pupil: int) -> int:
        """Whose pupil it is."""
        return (pupil // self.providers) % self.schools

    def starts(self, provider: int) -> time:
        """When a provider's session starts."""
        return STARTS[provider % len(STARTS)]

    @property
    def missing(self) -> dict[tuple[int, int], set[str]]:
        """Who has not arrived when the half hour is over, by provider and school."""
        found: dict[tuple[int, int], set[str]] = {}
        for pupil in range(self.pupils):
            if self.answers[self.provider_of(pupil)] is None:
                found.setdefault((self.provider_of(pupil), self.school_of(pupil)), set()).add(f"U{pupil:03d}")
        return found

    def records(self) -> Records:
        """The same as a roster."""
        pattern = Pattern.from_json(["thu am"])
        return Records(
            schools=tuple(School(f"S{each}", f"School {each}", "01632 960101") for each in range(self.schools)),
            people=tuple(
                Person(f"{word}{each}", f"{name} {each}", frozenset({Post(f"S{each}", role)}))
                for each in range(self.schools)
                for word, name, role in (("D", "Lead", Role.DSL), ("A", "Contact", Role.ATTENDANCE_CONTACT))
            )
            + tuple(
                Person(f"N{each}", f"Keeper {each:02d}", frozenset({Post(f"P{each}", Role.NAMED_CONTACT)}))
                for each in range(self.providers)
            )
            + (Person("ADMIN", "Ada Quill", frozenset({Post("", Role.ADMIN)})),),
            providers=tuple(
                Provider(
                    f"P{each}",
                    f"Provider {each:02d}",
                    hours=Hours({Session.AM: Span(self.starts(each), time(12, 0))}),
                )
                for each in range(self.providers)
            ),
            pupils=tuple(
                Pupil(
                    f"U{each:03d}",
                    FIRST_NAMES[each % len(FIRST_NAMES)],
                    LAST_NAMES[each % len(LAST_NAMES)],
                    f"S{self.school_of(each)}",
                )
                for each in range(self.pupils)
            ),
            placements=tuple(
                Placement(
                    ref=f"U{each:03d}-1",
                    pupil=f"U{each:03d}",
                    provider=f"P{self.provider_of(each)}",
                    starts_on=THURSDAY - timedelta(days=7),
                    pattern=pattern,
                )
                for each in range(self.pupils)
            ),
            terms=tuple(
                PlaceTerm(f"S{each}", Term("Autumn 1", THURSDAY - timedelta(days=10), THURSDAY + timedelta(days=20)))
                for each in range(self.schools)
            ),
        )
