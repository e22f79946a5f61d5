"""A morning at which things break: the processes, the platform, the people, and what must hold whatever happened.

At Oak Farm and at the Garage nobody has come, and nobody says anything, unless the story has it otherwise. So at ten
Hillcrest's DSL and attendance contact must know of Oak Farm and of the Garage, and Marsh Lane's of Oak Farm.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientSession

from apbot.clock import VirtualClock
from apbot.domain.walltime import instant, parse_wall
from apbot.store.database import Database, Transaction
from apbot.store.linking import Owner, link
from apbot.store.migrate import upgrade
from apbot.store.opening import open_day
from apbot.store.tables import addresses, messages, terms
from tests import school
from tests.day import THURSDAY
from tests.faults.promises import lateness_is_said, only_theirs, repeats_are_marked
from tests.processes.clock import SteeredClock
from tests.processes.points import Points
from tests.processes.running import WITHIN, Nursery, Running
from tests.processes.slack import Seen, Slack

TOLD = {
    ("Dorothy Okafor", "Oak Farm"): {"AB12", "CD34"},
    ("Priya Nair", "Oak Farm"): {"AB12", "CD34"},
    ("Dorothy Okafor", "The Garage"): {"EF56"},
    ("Priya Nair", "The Garage"): {"EF56"},
    ("Zainab Malik", "Oak Farm"): {"GH78"},
    ("Alan Pugh", "Oak Farm"): {"GH78"},
}
"""Who must know at ten, where the pupils were expected, and who these are."""

HILLCREST, MARSH_LANE = frozenset({"AB12", "CD34", "EF56"}), frozenset({"GH78"})
FARM, GARAGE = frozenset({"AB12", "CD34", "GH78"}), frozenset({"EF56"})
THEIRS = {
    **dict.fromkeys(("Dorothy Okafor", "Priya Nair", "Tom Beckett", "Helen Marsh", "Kit Lowry"), HILLCREST),
    **dict.fromkeys(("Zainab Malik", "Alan Pugh"), MARSH_LANE),
    **dict.fromkeys(("Oak Farm", "Sam Taylor", "Bea Whitlock"), FARM),
    **dict.fromkeys(("The Garage", "Gary Stone"), GARAGE),
    "Ada Quill": HILLCREST | MARSH_LANE,
}
"""Of whom each may be told."""


class Morning:
    """A Thursday in term, or another day: its clock goes as real time does from where it is set."""

    def __init__(self, folder: Path, nursery: Nursery, day: date = THURSDAY, url: str = "") -> None:
        """`url` is the database's; a SQLite file in `folder` where there is none."""
        self.folder = folder
        self.day = day
        self.file = folder / "apbot.db"
        self.url = url or f"sqlite:///{self.file}"
        self._nursery = nursery
        self.clock = SteeredClock(folder / "clock")
        self._changed = asyncio.Event()
        self.slack = Slack(self.clock.now, self._changed.set)
        self.points = Points(folder / "points")
        self.processes: list[Running] = []

    async def begin(self, at: str = "09:29:59.5", fill: Callable[[Transaction], object] | None = None) -> None:
        """It is `at` o'clock, the day's registers were made at five, and everybody is linked on Slack.

        `fill` puts another world into the database than the stories' own.
        """
        before = VirtualClock(instant(self.day, parse_wall("05:00")))
        database = Database(self.url, before, inline=True)
        upgrade(database.engine)
        database.run(fill or self._fill)
        database.run(open_day, self.day)
        database.close()
        await self.open(at)

    async def open(self, at: str) -> None:
        """It is `at` o'clock, and Slack is there."""
        self.wall(at)
        await self.slack.begin()
        await self.points.start()
        self._http = ClientSession()
        self.reading = Database(self.url, self.clock, inline=True)

    def _fill(self, transaction: Transaction) -> None:
        self.ids = school.build(transaction)
        for name in school.SCHOOLS:  # what the stories have, and what comes after either clock change
            for starts_on, ends_on in ((date(2026, 10, 26), date(2026, 12, 18)), (date(2027, 2, 22), date(2027, 4, 1))):
                transaction.insert(terms, school_id=self.ids[name], name="T", starts_on=starts_on, ends_on=ends_on)
        self._link(transaction)

    def _link(self, transaction: Transaction) -> None:
        transaction.execute(sa.delete(addresses))
        for name, _, _ in school.STAFF:
            link(transaction, Owner(self.ids[name], None), "slack", self.slack.address_of(name))
        for name in school.PROVIDERS:
            link(transaction, Owner(None, self.ids[name]), "slack", self.slack.shared_by(name))

    async def end(self) -> None:
        """End whatever is left of it. What the platform found wrong with what it was asked fails the test."""
        for each in self.processes:
            each.kill()
            await each.end()
        self.reading.close()
        await self._http.close()
        await self.points.stop()
        await self.slack.end()
        assert not self.slack.problems, self.slack.problems

    # Time.

    def wall(self, at: str, speed: float = 1.0) -> None:
        """The clock shows `at` ("09:59:50"), and goes on from there; so many seconds pass in one."""
        self.clock.set(self.instant(at), speed)

    def instant(self, at: str) -> datetime:
        """The instant of a time on this day's wall."""
        minutes, _, seconds = at.rpartition(":") if at.count(":") == 2 else (at, "", "0")
        return instant(self.day, parse_wall(minutes)) + timedelta(seconds=float(seconds))

    # Processes.

    async def start(self, *, points: bool = False, **environment: str) -> Running:
        """A process of apbot, once it says where it is."""
        process = self.launch(points=points, **environment)
        await self.until(lambda: process.url or process.ended is not None, "a process says where it is")
        assert process.url, process.said
        return process

    def launch(self, *, points: bool = False, **environment: str) -> Running:
        """A process of apbot, that has not said anything yet; with `points` it stops wherever the story wants it to."""
        given = {
            "APBOT_DATABASE_URL": self.url,
            "APBOT_TEST_CLOCK": str(self.folder / "clock"),
            "APBOT_CHECKS_AT": "23:30",
            "APBOT_TICK_SECONDS": "0.1",
            **self.slack.settings,
            **({"APBOT_TEST_POINTS": str(self.points.path)} if points else {}),
            **environment,
        }
        process = Running(self._nursery, self.folder, f"apbot-{len(self.processes) + 1}", given)
        process.heard = self._changed.set
        self.processes.append(process)
        return process

    async def until(self, holds: Callable[[], object], what: str, within: float = WITHIN) -> None:
        """Wait for what others do; `what` is said where it does not come in so many seconds."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    self._changed.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), 0.05)
        except TimeoutError:
            said = "\n".join(line for each in self.processes for line in each.said)
            seen = "\n".join(f"{each.at:%H:%M:%S} {each.channel} {each.text!r}" for each in self.slack.workspace.seen)
            raise AssertionError(f"not in {within:.0f} seconds: {what}\n{seen}\n{said}") from None

    async def health(self, process: Running) -> tuple[int, dict[str, Any]]:
        """What /healthz says."""
        async with self._http.get(f"{process.url}/healthz") as answer:
            return answer.status, json.loads(await answer.read())

    async def until_well(self, process: Running) -> None:
        """Wait until /healthz says that all is well."""
        async with asyncio.timeout(WITHIN):
            while (await self.health(process))[0] != 200:
                await asyncio.sleep(0.05)  # it is another process that we wait for

    async def until_unwell(self, process: Running, why: str) -> None:
        """Wait until /healthz says that all is not well, for this reason."""
        async with asyncio.timeout(WITHIN):
            while why not in (await self.health(process))[1]:
                await asyncio.sleep(0.05)

    # What people see.

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        """What stands in the database."""
        with self.reading.engine.connect().execution_options(apbot_read_only=True) as connection:
            return list(connection.execute(query))

    def outbox(self) -> list[Any]:
        """Every message as it is kept."""
        return [tuple(row) for row in self.rows(sa.select(messages).order_by(messages.c.id))]

    def alerts(self, person: str, provider: str) -> list[Seen]:
        """The alerts about pupils at this provider that were posted to this person, as they were when posted."""
        seen = self.slack.seen_by(self.slack.address_of(person), "Not arrived", provider)
        return [each for each in seen if not each.is_edit]

    def registers(self, provider: str) -> list[Seen]:
        """The registers that were posted to this provider."""
        seen = self.slack.seen_by(self.slack.shared_by(provider), "Register")
        return [each for each in seen if not each.is_edit]

    @property
    def are_asked(self) -> bool:
        """Every provider has its register, and that is written down."""
        return all(self.registers(name) for name in school.PROVIDERS) and self.is_settled

    @property
    def all_know(self) -> bool:
        """Everybody who must know at ten does."""
        return all(self.alerts(*each) for each in TOLD)

    @property
    def is_settled(self) -> bool:
        """Nothing is owed, under way, or due to be brought up to date."""
        return not self.rows(sa.select(messages.c.id).where(messages.c.next_at.is_not(None)).limit(1))

    def press(self, person: str, place: str, label: str, about: str = "") -> dict[str, Any]:
        """What Slack tells when this person presses that button in `place`: a person's name, or a provider's."""
        there = self.slack.shared_by(place) if place in school.PROVIDERS else self.slack.address_of(place)
        return self.slack.presses(person, there, label, about)

    async def tells(
        self, process: Running, payload: dict[str, Any], *, kind: str = "interactive", retry: int = 0
    ) -> int:
        """Slack tells a process of it; the status that it answers with, 0 where it gives none."""
        return await self.slack.says(process.url, kind, payload, retry)

    # What must hold.

    def holds(self, told: dict[tuple[str, str], set[str]] | None = None) -> None:
        """No alert was lost or late in silence, repeats are marked, and nobody was told of a pupil not theirs."""
        for (person, provider), references in (TOLD if told is None else told).items():
            alerts = self.alerts(person, provider)
            assert alerts, f"{person} was never told of {references} at {provider}"
            assert all(reference in alerts[0].text for reference in references), alerts[0].text
        seen = self.slack.workspace.seen
        lateness_is_said(seen, lambda _: self.instant("10:00"))
        repeats_are_marked(seen)
        only_theirs(seen, {self._channel_of(name): theirs for name, theirs in THEIRS.items()}, "AB12|CD34|EF56|GH78")

    def _channel_of(self, name: str) -> str:
        is_shared = name in school.PROVIDERS
        return self.slack.channel_of(self.slack.shared_by(name) if is_shared else self.slack.address_of(name))
