"""Which sessions are expected, held against a second opinion, and a day opened any number of times."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.store.tables import (
    entries,
    escalated,
    registers,
)
from tests.deciding import decide
from tests.keptworlds import Kept
from tests.worlds import (
    CLOCK_CHANGES,
    ENDS,
    FIRST,
    LONG_AGO,
    SESSIONS,
    STARTS,
    YEAR,
    Expected,
    Shut,
    World,
    a_placement,
    an_absence,
    by_chance,
    in_utc,
)


@pytest.fixture
def keep() -> Iterator[Any]:
    """Makes kept worlds, and lets them go."""
    made: list[Kept] = []

    def make(world: World, now: datetime = LONG_AGO) -> Kept:
        made.append(Kept(world, now))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("seed", range(2))
def test_every_day_of_the_school_year_expects_what_the_facts_come_to(seed: int, keep: Any) -> None:
    world = by_chance(random.Random(seed))
    kept = keep(world)
    sessions = 0
    for day in YEAR:
        found = kept.worked_out(day)
        assert set(found) == world.expected(day), day
        assert len(set(found)) == len(found)
        sessions += len(found)
    assert sessions > 300, "a world in which nothing happens shows nothing"


@pytest.mark.parametrize("seed", range(5, 7))
def test_an_opened_day_has_an_entry_and_a_register_for_all_that_is_expected_and_no_more(seed: int, keep: Any) -> None:
    chance = random.Random(seed)
    world = by_chance(chance)
    kept = keep(world)
    days = sorted({*CLOCK_CHANGES, *chance.sample(YEAR, 12)})
    for day in days:
        kept.opens(day, in_utc(day, "05:00"))
    live = kept.rows(
        sa.select(entries, registers.c.provider_id, registers.c.session, registers.c.day).join_from(entries, registers)
    )
    for day in days:
        wanted = world.expected(day)
        found = {
            Expected(
                row.placement_id,
                row.provider_id,
                row.session,
                row.starts_at,
                row.ends_at,
                row.alert_minutes,
                row.suggested_code if row.state == "excused" else None,
            )
            for row in live
            if row.day == day
        }
        assert found == wanted, day
        for row in (each for each in live if each.day == day):
            due = row.starts_at + timedelta(minutes=row.alert_minutes)
            assert row.alert_due == due
            assert row.alert_at == (due if row.state == "expected" else None)
        spans = {
            (row.provider_id, row.session): (row.starts_at, row.ends_at, row.next_at)
            for row in kept.rows(sa.select(registers).where(registers.c.day == day))
        }
        assert spans.keys() == {(each.provider, each.session) for each in wanted}
        for (provider, session), (starts_at, ends_at, next_at) in spans.items():
            here = [each for each in wanted if (each.provider, each.session) == (provider, session)]
            assert starts_at == next_at == min(each.starts_at for each in here)
            assert ends_at == max(each.ends_at for each in here)


# Opened again and again, with changes in between.

TERM_DAYS = [day for day in YEAR if day.weekday() < 5 and date(2026, 9, 7) <= day <= date(2026, 10, 16)]


def busy(chance: random.Random) -> tuple[World, date]:
    """A world, and a day of it on which much is expected."""
    for _ in count():
        world, day = by_chance(chance), chance.choice(TERM_DAYS)
        if len(world.expected(day)) >= 4:
            return world, day
    raise AssertionError


def changed(chance: random.Random, world: World, day: date) -> World:
    """The roster after one change of any kind that may matter on `day`."""
    at = chance.randrange(len(world.placed))
    one = world.placed[at]
    other = a_placement(chance, one.id)

    def with_one(**values: Any) -> World:
        return replace(world, placed=(*world.placed[:at], replace(one, **values), *world.placed[at + 1 :]))

    session = chance.choice(SESSIONS)
    times = (chance.choice(STARTS[session]), chance.choice(ENDS[session]))
    match chance.randrange(10):
        case 0:
            return with_one(pattern=other.pattern)
        case 1:
            return with_one(ends_on=chance.choice([None, day - timedelta(days=1), day]))
        case 2:
            return with_one(usual={session: times})
        case 3:
            return with_one(alert_minutes=chance.choice([10, 20, 30, 60]))
        case 4:
            new = a_placement(chance, max(each.id for each in world.placed) + 1)
            return replace(world, placed=(*world.placed, replace(new, starts_on=FIRST)))
        case 5:
            place = chance.choice([("school", 1), ("school", 2), ("provider", 1), ("provider", 2), ("provider", 3)])
            return replace(world, shut=(*world.shut, Shut(place, day, day, chance.choice(["all day", *SESSIONS]))))
        case 6:
            return replace(world, shut=tuple(each for each in world.shut if each.starts_on != day))
        case 7:
            absence = an_absence(chance, one.pupil, day)
            return replace(world, absences=(*world.absences, absence))
        case 8:
            return replace(world, absences=tuple(replace(each, withdrawn=True) for each in world.absences))
        case _:
            usual, on = world.hours[one.provider]
            return replace(world, hours={**world.hours, one.provider: ({**usual, session: times}, on)})


@pytest.mark.parametrize("seed", range(103, 109))
def test_opened_any_number_of_times_before_it_begins_a_day_is_as_if_it_were_opened_once(seed: int, keep: Any) -> None:
    chance = random.Random(seed)
    world, day = busy(chance)
    kept = keep(world)
    at = in_utc(day, "05:00")
    for _ in range(chance.randint(2, 6)):
        for _ in range(chance.randint(1, 2)):
            kept.opens(day, at)
        at += timedelta(minutes=chance.randint(1, 25))
        world = changed(chance, world, day)
        kept.clock.set(at)
        kept.becomes(world)
        if chance.random() < 0.3:
            kept.opens(day, pupil_ids=[chance.randint(1, 4)])
    kept.opens(day, at)
    fresh = keep(world)
    fresh.opens(day, at)
    assert kept.picture() == fresh.picture()
    before = kept.picture()
    kept.opens(day, at + timedelta(minutes=1))
    assert kept.picture() == before


@pytest.mark.parametrize("seed", [216, 219, 220, 223, 225, 227])
def test_changes_during_the_day_never_lose_an_alert_nor_what_was_said(seed: int, keep: Any) -> None:
    chance = random.Random(seed)
    world, day = busy(chance)
    kept = keep(world)
    kept.opens(day, in_utc(day, "05:00"))
    at = in_utc(day, "08:50")
    said: dict[int, tuple[str, datetime]] = {}
    expected_once = set(kept.entries())
    while at < in_utc(day, "16:00"):
        kept.clock.set(at)
        decide(kept.database, registers.c.next_at)
        decide(kept.database, entries.c.alert_at)
        for row in list(kept.entries().values()):
            if row.fact is None and row.starts_at <= at and chance.random() < 0.15:
                said[row.id] = (chance.choice(["arrived", "not arrived"]), at)
                mark(kept, row, said[row.id][0])
        if chance.random() < 0.4:
            world = changed(chance, world, day)
            kept.becomes(world)
            kept.opens(day)
            expected_once |= set(kept.entries())
        at += timedelta(minutes=chance.randint(3, 20))
    kept.clock.set(in_utc(day, "23:00"))
    decide(kept.database, entries.c.alert_at)

    wanted = {(each.placement, each.session): each for each in world.expected(day)}
    alerted = {row.entry_id for row in kept.rows(sa.select(escalated.c.entry_id))}
    live = kept.entries()
    for key, each in wanted.items():
        if key not in live:
            touched = kept.touched[each.placement]
            assert touched >= each.ends_at, f"{each} is expected, and nobody asks for it"
            continue
        row = live[key]
        if row.fact == "arrived":
            continue
        if each.excused is None:
            assert row.id in alerted, f"{each} is missing, and nobody was told"
        else:
            assert row.state == "excused"
    for key, row in live.items():
        assert row.alert_at is None
        assert key in wanted or row.id in said or row.id in alerted, "no longer expected, and nothing is known of it"
    kept_facts = {row.id: row.fact for row in kept.rows(sa.select(entries.c.id, entries.c.fact)) if row.fact}
    assert kept_facts == {entry_id: fact for entry_id, (fact, _) in said.items()}
    before = kept.picture()
    kept.opens(day)
    assert kept.picture() == before


def mark(kept: Kept, row: sa.Row[Any], fact: str) -> None:
    """As a provider's answer leaves the entry."""
    values = {"fact": fact, "alert_at": None if fact == "arrived" or row.state != "expected" else row.alert_at}
    statement = sa.update(entries).where(entries.c.id == row.id).values(**values)
    kept.database.run(lambda t: t.execute(statement))
