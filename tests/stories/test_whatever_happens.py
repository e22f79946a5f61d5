"""Mornings by chance: whatever is pressed, in whatever order, nobody who is missing is without an alert."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.cards import Action
from apbot.domain.escalation import Outcome
from apbot.domain.marks import Fact, Reason
from apbot.domain.walltime import instant, parse_wall, wall
from apbot.messages.register import CORRECTIONS
from apbot.store.tables import entries, escalated, escalations, marks, openings, planned_absences, registers
from tests.day import Day, act

ON_SITE = {fact.value for fact in Fact if fact.is_on_site}


class Morning:
    """A day on which somebody presses something, somewhere, again and again."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.day = Day()
        self.numbers = iter(range(10_000))

    def press(self, person: str, verb: str, subject: int, **inputs: str) -> None:
        action = Action("web", str(next(self.numbers)), "", verb=verb, subject=subject, inputs=inputs)
        self.day.database.run(act, self.day.ids[person], action)

    def some(self, query: sa.Select[Any]) -> Any:
        return self.chance.choice([row[0] for row in self.day.rows(query)] or [0])

    def a_time(self) -> str:
        earlier = self.day.clock.now() - timedelta(minutes=self.chance.randint(0, 40))
        return self.chance.choice(["", wall(earlier)])

    def something_happens(self) -> None:
        provider = self.chance.choice(["Sam Taylor", "Gary Stone"])
        of_school = self.chance.choice(["Priya Nair", "Dorothy Okafor", "Zainab Malik"])
        entry = self.some(sa.select(entries.c.id))
        register = self.some(sa.select(registers.c.id))
        match self.chance.randrange(13):
            case 0 | 1:
                self.press(provider, "arrived", entry)
            case 2:
                self.press(provider, "late", entry, at=self.a_time())
            case 3 | 4:
                self.press(provider, "absent", entry, reason=self.chance.choice(list(Reason)).value)
            case 5 | 6:
                self.press(provider, "left", entry, at=self.a_time())
            case 7:
                self.press(provider, self.chance.choice(["all_arrived", "not_running"]), register)
            case 8 | 9:
                self.press(
                    self.chance.choice([provider, of_school]),
                    "amend",
                    entry,
                    fact=self.chance.choice(list(Fact)).value,
                    at=self.a_time(),
                    because=CORRECTIONS[0].value,
                )
            case 10:
                self.press(of_school, "acknowledge", self.some(sa.select(escalations.c.id)))
            case 11:
                outcome = self.chance.choice(list(Outcome)).value
                self.press(of_school, "outcome", self.some(sa.select(escalated.c.id)), outcome=outcome, words="there")
            case _:
                self.an_absence_is_planned_or_withdrawn()

    def an_absence_is_planned_or_withdrawn(self) -> None:
        now, day = self.day.clock.now(), self.day.date
        if self.chance.random() < 0.5:
            self.day.change(planned_absences, sa.true(), withdrawn_at=now)
        else:
            pupil = self.some(sa.select(entries.c.pupil_id))
            self.day.database.run(
                lambda t: t.insert(planned_absences, pupil_id=pupil, starts_on=day, ends_on=day, code="M", made_at=now)
            )
        self.day.change(openings, openings.c.day == day, next_at=now)

    def hold(self) -> None:
        """Nobody who is missing is without an alert, and nobody who is there has one."""
        now = self.day.clock.now()
        alerts = self.day.rows(
            sa.select(
                escalated.c.entry_id,
                escalated.c.outcome,
                escalated.c.outcome_at,
                escalations.c.opened_at,
                escalations.c.closed_at,
                escalations.c.next_at,
            ).join_from(escalated, escalations)
        )
        for alert in alerts:
            assert (alert.closed_at is None) == (alert.next_at is not None)
        last_there: dict[int, datetime] = {}
        for mark in self.day.rows(sa.select(marks).where(marks.c.fact.in_(ON_SITE))):
            last_there[mark.entry_id] = mark.made_at
        for entry in self.day.rows(sa.select(entries).where(entries.c.state != "withdrawn")):
            about = [alert for alert in alerts if alert.entry_id == entry.id]
            waiting = [each for each in about if each.outcome in (None, Outcome.CHECK_ASKED.value)]
            if entry.fact in ON_SITE:
                assert not waiting, f"{entry.id} is there, and still looked for"
                assert entry.alert_at is None
                continue
            since = [each for each in about if each.opened_at >= last_there.get(entry.id, each.opened_at)]
            left = entry.fact == Fact.LEFT_SITE.value
            if left or (entry.state == "expected" and now >= entry.alert_due):
                assert since, f"{entry.id} is missing since {last_there.get(entry.id)}, and nobody was told: {entry}"
            elif entry.state == "expected" and entry.fact != Fact.NOT_RUNNING.value:
                assert entry.alert_at is not None or since, f"{entry.id} will never be alerted: {entry}"
            assert len([each for each in waiting if each.closed_at is None]) <= 3, "one of each kind at most"


@pytest.mark.parametrize("seed", range(5))
async def test_nobody_who_is_missing_is_ever_without_an_alert(seed: int) -> None:
    morning = Morning(seed)
    day = morning.day
    await day.app.decide()
    at = instant(day.date, parse_wall("09:10"))
    while at < instant(day.date, parse_wall("12:30")):
        day.clock.set(at)
        await day.app.decide()
        for _ in range(morning.chance.randint(0, 3)):
            morning.something_happens()
            await day.app.decide()
            morning.hold()
        at += timedelta(minutes=morning.chance.randint(1, 12))
    assert day.rows(sa.select(escalations)), "a morning on which nothing happens shows nothing"
    day.close()
