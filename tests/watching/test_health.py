"""Health: what is not well is said, by kinds and counts, in time, and whatever the database does."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from apbot.channels.condition import STALE, Condition
from apbot.channels.port import Outcome, Receipt
from apbot.clock import VirtualClock
from apbot.domain.priority import Priority
from apbot.settings import Settings
from apbot.store.channel_troubles import Found
from apbot.store.connect import open_database
from apbot.store.database import Database
from apbot.store.outbox import Owed, Subject, owe
from apbot.watching import health as watched
from apbot.watching.health import Health, Pulse
from apbot.watching.pages import health_routes
from apbot.watching.platforms import OUT_OF_REACH_AFTER, STUCK_AFTER, found_of, of_channels, of_lanes
from tests import school

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def database(tmp_path: Path, clock: VirtualClock) -> Iterator[Database]:
    """The invented world in a file, read in threads as in production."""
    found = open_database(Settings(database_url=f"sqlite:///{tmp_path}/apbot.db"), clock)
    found.run(school.build)
    yield found
    found.close()


@pytest_asyncio.fixture
async def health(database: Database) -> AsyncIterator[Health]:
    found = Health(database)
    yield found
    await found.close()


async def asked(health: Health, path: str = "/healthz") -> tuple[int, dict[str, object]]:
    """What a monitor gets."""
    app = Starlette(routes=list(health_routes(health)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://apbot") as monitor:
        answer = await monitor.get(path)
    return answer.status_code, answer.json()


async def test_while_nothing_is_overdue_it_is_well(health: Health) -> None:
    assert await asked(health) == (200, {"ok": True})


async def test_what_is_overdue_is_said_by_kind_with_how_many_and_since_when(
    health: Health, database: Database, clock: VirtualClock
) -> None:
    people = [1, 2, 3]
    database.run(owe, [Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, person_id=each) for each in people])
    clock.set(NOW + 2 * MINUTE)
    assert await health.look() == {}
    clock.set(NOW + 3 * MINUTE)
    health._asked_at = 0  # a second has passed
    status, said = await asked(health)
    assert status == 503
    assert said == {"ok": False, "overdue": {"messages": {"count": 3, "since": "2026-09-17T09:00:00Z"}}}


async def test_it_names_nobody(health: Health, database: Database, clock: VirtualClock) -> None:
    database.run(owe, [Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, person_id=1)])
    clock.set(NOW + 9 * MINUTE)
    said = json.dumps((await asked(health))[1])
    assert "messages" in said
    for name in (*school.SCHOOLS, *school.PROVIDERS, *(name for name, _, _ in school.STAFF)):
        assert name not in said


async def test_a_database_that_hangs_is_said_in_time_and_asked_once_however_many_want_to_know(
    health: Health, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for, goes_on = [], threading.Event()

    def hang(*_: object) -> dict[str, object]:
        asked_for.append(1)
        goes_on.wait(20)
        return {}

    monkeypatch.setattr(watched, "overdue", hang)
    monkeypatch.setattr(watched, "ANSWERS_WITHIN", 1.0)
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(asked(health) for _ in range(50)))
    assert asyncio.get_running_loop().time() - began < 5
    assert {status for status, _ in answers} == {503}
    assert all(said["database"]["problem"] == "no answer" for _, said in answers)  # type: ignore[index]
    assert await asked(health, "/livez") == (200, {"ok": True})
    assert len(asked_for) == 1
    goes_on.set()
    assert health._asking is not None
    await health._asking
    assert (await asked(health))[0] == 200


async def test_the_database_is_asked_once_a_second_at_most(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[int] = []
    monkeypatch.setattr(watched, "overdue", lambda *_: asked_for.append(1) or {})
    monkeypatch.setattr(watched, "HOLDS_FOR", 3600.0)
    for _ in range(30):
        assert await health.look() == {}
    assert len(asked_for) == 1


async def test_a_database_that_fails_is_said_without_its_words(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk of Dorothy Okafor")

    monkeypatch.setattr(watched, "overdue", fail)
    assert await health.look() == {"database": {"problem": "OSError"}}


async def test_a_file_that_was_moved_away_is_said_although_it_can_still_be_read(
    health: Health, database: Database, tmp_path: Path
) -> None:
    assert await health.look() == {}
    (tmp_path / "apbot.db").rename(tmp_path / "elsewhere.db")
    health._asked_at = 0
    assert "moved" in (await health.look())["database"]["problem"]
    (tmp_path / "elsewhere.db").rename(tmp_path / "apbot.db")
    health._asked_at = 0
    assert await health.look() == {}


class TestTheTick:
    """A process that has one must have it again and again."""

    def test_before_the_first_it_is_not_well(self) -> None:
        assert Pulse(timedelta(seconds=30)).trouble(NOW) == {"problem": "no tick"}

    def test_after_half_a_minute_of_silence_it_says_since_when(self) -> None:
        pulse = Pulse(timedelta(seconds=30))
        pulse.beat(NOW)
        assert pulse.trouble(NOW + timedelta(seconds=30)) == {}
        assert pulse.trouble(NOW + timedelta(seconds=31)) == {"problem": "no tick", "since": "2026-09-17T09:00:00Z"}

    def test_a_clock_that_is_set_back_makes_no_old_tick_a_new_one(self) -> None:
        pulse = Pulse(timedelta(seconds=30))
        pulse.beat(NOW)
        assert pulse.trouble(NOW - timedelta(hours=1)) == {"problem": "no tick", "since": "2026-09-17T09:00:00Z"}

    def test_it_says_with_what_it_failed_by_its_kind_alone(self) -> None:
        pulse = Pulse(timedelta(seconds=30))
        pulse.failed(ValueError("Joana da Silva"))
        assert pulse.trouble(NOW) == {"problem": "no tick", "failed_with": "ValueError"}
        pulse.beat(NOW)
        assert pulse.trouble(NOW) == {}

    async def test_a_process_without_a_scheduler_misses_none(self, health: Health) -> None:
        assert "scheduler" not in await health.look()


class TestChannels:
    """What sending and listening come to, after two minutes; a hitch is no trouble."""

    @pytest.fixture(autouse=True)
    def _a_channel(self) -> None:
        self.at = 0.0
        self.condition = Condition(lambda: self.at)

    def said(self) -> dict[str, str]:
        found = of_channels({"slack": self.condition})(NOW)
        assert isinstance(found, dict)
        return found.get("slack", {})

    def test_what_is_new_is_well(self) -> None:
        assert self.said() == {}

    def test_a_platform_that_takes_nothing_for_two_minutes_is_not(self) -> None:
        for _ in range(5):
            self.condition.sent([Receipt(Outcome.AGAIN), Receipt(Outcome.UNKNOWN)])
            self.at += OUT_OF_REACH_AFTER / 4
        assert self.said() == {"sends nothing": "since 2026-09-17T08:57:30Z"}
        self.condition.sent([Receipt(Outcome.AGAIN), Receipt(Outcome.ACCEPTED)])
        assert self.said() == {}

    def test_one_that_refuses_an_address_is_there(self) -> None:
        self.condition.sent([Receipt(Outcome.AGAIN)])
        self.condition.sent([Receipt(Outcome.REFUSED)])
        self.at += OUT_OF_REACH_AFTER + 1
        assert self.said() == {}

    def test_what_failed_long_ago_and_is_sent_no_more_counts_for_nothing(self) -> None:
        self.condition.sent([Receipt(Outcome.AGAIN)])
        self.at += STALE + 1
        assert self.said() == {}

    def test_one_that_asks_for_a_long_pause_does_not_work_until_it_is_over(self) -> None:
        self.condition.sent([Receipt(Outcome.ACCEPTED)])
        self.condition.sent([Receipt(Outcome.AGAIN, retry_after=timedelta(hours=1)), Receipt(Outcome.AGAIN)])
        self.at += 3600
        assert self.said() == {"sends nothing": "since 2026-09-17T08:00:00Z"}
        assert not self.condition.works

    def test_a_batch_that_said_nothing_to_anybody_says_nothing(self) -> None:
        self.condition.sent([])
        self.at += OUT_OF_REACH_AFTER + 1
        assert self.said() == {}

    def test_without_a_connection_for_two_minutes_it_hears_nothing(self) -> None:
        self.condition.hears(well=False)
        self.at += OUT_OF_REACH_AFTER
        self.condition.hears(well=False)
        assert self.said() == {}
        self.at += 1
        assert self.said() == {"hears nothing": "since 2026-09-17T08:57:59Z"}
        self.condition.hears(well=True)
        assert self.said() == {}

    def test_one_that_may_not_be_used_says_so_although_nothing_is_sent(self) -> None:
        self.condition.checked(well=False)
        self.at += OUT_OF_REACH_AFTER + 1
        assert "refuses apbot, or does not answer" in self.said()
        self.condition.checked(well=True)
        assert self.said() == {}

    def found(self) -> Found | None:
        return found_of({"slack": self.condition}, NOW).get("slack")

    def test_of_what_nobody_has_tried_nothing_is_written_down(self) -> None:
        assert self.found() is None
        self.condition.hears(well=True)
        assert self.found() is None

    @pytest.mark.parametrize("answer", ["sent", "checked"])
    def test_one_that_answers_works(self, answer: str) -> None:
        if answer == "sent":
            self.condition.sent([Receipt(Outcome.ACCEPTED)])
        else:
            self.condition.checked(well=True)
        assert self.found() == Found()

    def test_one_that_fails_neither_works_nor_is_in_trouble_before_two_minutes_have_passed(self) -> None:
        self.condition.checked(well=True)
        self.condition.sent([Receipt(Outcome.AGAIN)])
        assert self.found() is None
        self.at += OUT_OF_REACH_AFTER + 1
        assert self.found() == Found(NOW - timedelta(seconds=121), "it takes no message", "")

    def test_what_the_platform_says_is_written_down_without_any_address(self) -> None:
        self.condition.checked(well=False, wrong="no way to https://x.example/secret now", remedy="Mend it.")
        self.at += OUT_OF_REACH_AFTER + 1
        assert self.found() == Found(NOW - timedelta(seconds=121), "no way to its address now", "Mend it.")

    def test_since_when_goes_by_what_failed_first(self) -> None:
        self.condition.hears(well=False)
        self.at += 60
        self.condition.checked(well=False)
        self.at += OUT_OF_REACH_AFTER + 1
        found = self.found()
        assert found is not None
        assert found.since == NOW - timedelta(seconds=181)

    def test_a_lane_that_does_not_come_on_hangs(self) -> None:
        hanging = of_lanes({"slack": self.condition})
        assert not hanging(NOW)
        self.condition.moved()
        self.at += STUCK_AFTER
        assert not hanging(NOW)
        self.at += 1
        assert hanging(NOW) == {"slack": {"hangs since": "2026-09-17T08:58:29Z"}}
        self.condition.moved()
        assert not hanging(NOW)
