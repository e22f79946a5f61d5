"""kill -9 at any moment of a morning of some hundred pupils, again and again, with one to three processes."""

import asyncio
import contextlib
import os
import random
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web

from apbot.channels.port import MAYBE_REPEAT
from apbot.domain.walltime import instant
from apbot.roster import apply
from apbot.store.database import Transaction
from apbot.store.linking import Owner, link
from apbot.store.sealing import verify
from apbot.store.tables import people, providers
from tests.blank import url_in
from tests.day import THURSDAY
from tests.faults.crowd import Crowd
from tests.faults.morning import Morning
from tests.faults.promises import lateness_is_said, only_theirs, repeats_are_marked
from tests.processes.running import Nursery, Running

KILLS = int(os.environ.get("APBOT_FAULT_ROUNDS", "16"))
SPEED = 50.0
"""Seconds that pass in one."""

PARTS = (("08:59:50", "09:18:00"), ("09:29:50", "09:41:00"))
"""Of the morning: the registers and their answers, and the alerts. Between them nothing happens."""


class BadMorning:
    """Everybody's part in it."""

    def __init__(self, morning: Morning, crowd: Crowd, chance: random.Random) -> None:
        self.morning = morning
        self.crowd = crowd
        self.chance = chance
        self.running: list[Running] = []
        self.kills = 0
        self.thanked: dict[int, datetime] = {}
        """When each provider saw that its answer was taken."""

    def fill(self, transaction: Transaction) -> None:
        """The roster, and everybody on Slack."""
        apply(transaction, self.crowd.records())
        for row in transaction.rows(sa.select(people.c.id, people.c.ref)):
            link(transaction, Owner(row.id, None), "slack", self.morning.slack.address_of(row.ref))
        for row in transaction.rows(sa.select(providers.c.id, providers.c.ref)):
            link(transaction, Owner(None, row.id), "slack", self.morning.slack.shared_by(row.ref))

    def instant_of(self, provider: int, minutes: int) -> datetime:
        """So many minutes after a provider's session starts."""
        return instant(THURSDAY, self.crowd.starts(provider)) + timedelta(minutes=minutes)

    async def kill(self, kills: int, over: float) -> None:
        """Kill so many within about `over` seconds, half of them while something is being posted; and start others."""
        for number in range(kills):
            await self._moment(over / kills)
            if number % 2:
                posted = len(self.morning.slack.workspace.calls)
                calls = self.morning.slack.workspace.calls
                with contextlib.suppress(AssertionError):  # nothing is posted just now: then whenever it falls
                    await self.morning.until(
                        lambda posted=posted, calls=calls: len(calls) > posted, "a post", over / kills
                    )
                await self._moment(0.05)
            victim = self.chance.choice(self.running)
            victim.kill()
            self.running.remove(victim)
            self.kills += 1
            await victim.end()
            for _ in range(self.chance.randint(0 if self.running else 1, 3 - len(self.running))):
                await self._moment(0.1)
                self.running.append(self.morning.launch())

    async def _moment(self, usual: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, 2 * usual))  # the fault itself: nobody can tell when it comes

    async def _takes_its_time(self, _: web.Request) -> None:
        """As Slack does: so that there is always something under way."""
        await self._moment(0.1)

    async def answer(self, provider: int, minutes: int) -> None:
        """A provider says that all have arrived, and again until it sees that this was taken."""
        morning, place = self.morning, self.morning.slack.shared_by(f"P{provider}")
        at = self.instant_of(provider, minutes)
        await morning.until(lambda: morning.clock.now() >= at, "its moment", within=120)
        while not morning.slack.seen_by(place, "All answered"):
            up = [each for each in self.running if each.url and each.ended is None]
            if up and morning.slack.shown(place):
                press = morning.slack.presses(f"N{provider}", place, "All arrived")
                await morning.tells(self.chance.choice(up), press)
            await self._moment(0.3)
        self.thanked[provider] = morning.clock.now()

    async def go(self) -> None:
        """The whole of it."""
        self.morning.slack.workspace.trap("done", self._takes_its_time, times=1_000_000)
        self.running.append(await self.morning.start())
        answering = [
            asyncio.create_task(self.answer(provider, minutes))
            for provider, minutes in self.crowd.answers.items()
            if minutes is not None
        ]
        for number, (first, last) in enumerate(PARTS):
            self.morning.wall(first, SPEED)
            end = self.morning.instant(last)
            over = (end - self.morning.clock.now()).total_seconds() / SPEED
            await self.kill(KILLS // 2 + (KILLS % 2 if number else 0), over)
            await self.morning.until(lambda end=end: self.morning.clock.now() >= end, "the end of a part", within=120)
            if not number:
                await asyncio.gather(*answering)
        if not self.running:
            self.running.append(await self.morning.start())
        self.morning.wall("09:43:30", 5)  # whatever a process that is gone had claimed is free again
        await self.morning.until(lambda: self.morning.is_settled, "everything settled")

    def holds(self) -> None:
        """What must."""
        slack, crowd = self.morning.slack, self.crowd
        seen = slack.workspace.seen
        for (provider, school), missing in crowd.missing.items():
            for person in (f"D{school}", f"A{school}"):
                told = slack.seen_by(slack.address_of(person), "Not arrived", f"Provider {provider:02d}", *missing)
                assert told, f"{person} was never told of {missing} at provider {provider}"
        for provider in range(crowd.providers):
            assert slack.seen_by(slack.shared_by(f"P{provider}"), "Register:"), f"{provider} was never asked"
        lateness_is_said(seen, lambda text: self.instant_of(int(text.partition("Provider ")[2][:2]), 30))
        repeats_are_marked(seen)
        only_theirs(seen, self._theirs(), r"U\d{3}")
        for provider, at in self.thanked.items():
            if at < self.instant_of(provider, 30):
                chased = [
                    each for each in seen if "Not arrived" in each.text and f"Provider {provider:02d}" in each.text
                ]
                assert not chased, f"provider {provider} has answered at {at:%H:%M}, and yet: {chased[0]}"

        assert self.morning.reading.run(verify).broken is None, "the audit log's chain"

    def _theirs(self) -> dict[str, set[str]]:
        slack, crowd = self.morning.slack, self.crowd
        theirs: dict[str, set[str]] = defaultdict(set)
        for pupil in range(crowd.pupils):
            school, provider = crowd.school_of(pupil), crowd.provider_of(pupil)
            for person in (f"D{school}", f"A{school}", f"N{provider}", "ADMIN"):
                theirs[slack.channel_of(slack.address_of(person))].add(f"U{pupil:03d}")
            theirs[slack.shared_by(f"P{provider}")].add(f"U{pupil:03d}")
        return theirs


@pytest.fixture
async def bad_morning(tmp_path: Path, nursery: Nursery) -> BadMorning:  # type: ignore[misc]
    """A morning of 240 pupils, before anybody has run anything."""
    chance = random.Random(int(os.environ.get("APBOT_FAULT_SEED", "1")))
    morning = Morning(tmp_path, nursery, url=url_in(tmp_path))
    bad = BadMorning(morning, Crowd.by_chance(chance), chance)
    await morning.begin("08:59:50", bad.fill)
    yield bad
    await morning.end()


async def test_however_often_processes_are_killed_everybody_is_told_and_nobody_twice_unmarked(
    bad_morning: BadMorning,
) -> None:
    await bad_morning.go()
    assert bad_morning.kills == KILLS
    bad_morning.holds()
    repeats = sum(MAYBE_REPEAT in each.text for each in bad_morning.morning.slack.workspace.seen)
    print(f"{KILLS} kills, {len(bad_morning.morning.slack.workspace.seen)} posts and edits, {repeats} marked repeats")
