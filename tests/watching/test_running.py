"""A real `apbot run` that can't do its work: somebody outside knows, by /healthz, by the ping, and by the metrics."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.linking import Owner, link
from apbot.store.tables import concerns
from tests import school
from tests.channels.telegram_server import TOKEN, BotApi, Silence

HERE = Path(__file__).parents[2]
METRICS = "a token that is long enough"
DSL = "Dorothy Okafor"


class Running:
    """The process, the platform it talks to, and the monitors that look at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.telegram = BotApi([])
        self.pings = 0
        self.fails: list[bytes] = []

    async def start(self) -> None:
        await self.telegram.start()
        outside = web.Application()
        outside.router.add_post("/ping-secret", self._pinged)
        outside.router.add_post("/fail-secret", self._failed)
        self._outside = web.AppRunner(outside, access_log=None, shutdown_timeout=0.1)
        await self._outside.setup()
        await web.TCPSite(self._outside, "127.0.0.1", 0).start()
        at = f"http://127.0.0.1:{self._outside.addresses[0][1]}"
        log = (self.folder / "log").open("w")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.watching.impatient",
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(HERE),
                "APBOT_PORT": "0",
                "APBOT_TICK_SECONDS": "0.1",
                "APBOT_LOG_LEVEL": "DEBUG",
                "APBOT_METRICS_TOKEN": METRICS,
                "APBOT_DEADMAN_URL": f"{at}/ping-secret",
                "APBOT_DEADMAN_FAIL_URL": f"{at}/fail-secret",
                "APBOT_TELEGRAM_TOKEN": TOKEN,
                "APBOT_TELEGRAM_BASE_URL": self.telegram.base_url,
                "APBOT_TELEGRAM_TIMEOUT_SECONDS": "1",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        log.close()
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            said = (await self.process.stdout.readline()).decode()
        found = re.match(r"apbot is at (http://127\.0\.0\.1:\d+) ", said)
        assert found, (said, self.log)
        self.monitor = httpx.AsyncClient(base_url=found[1], timeout=20)

    async def stop(self) -> None:
        await self.monitor.aclose()
        self.process.kill()
        await self.process.wait()
        await self.telegram.stop()
        await self._outside.cleanup()

    async def _pinged(self, _: web.Request) -> web.Response:
        self.pings += 1
        return web.Response()

    async def _failed(self, request: web.Request) -> web.Response:
        self.fails.append(await request.read())
        return web.Response()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    async def says(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask /healthz until it says this; the whole of what it says then."""
        said: dict[str, Any] = {}
        try:
            async with asyncio.timeout(30):
                while True:
                    answer = await self.monitor.get("/healthz")
                    said = answer.json()
                    assert answer.status_code == (200 if said["ok"] else 503)
                    if what(said):
                        return said
                    await asyncio.sleep(0.05)  # it is another process that we wait for
        except TimeoutError:
            raise AssertionError(f"/healthz says {said}; the log:\n{self.log[-3000:]}") from None

    async def is_well(self) -> None:
        """All is well, and the ping comes."""
        await self.says(lambda said: said["ok"])
        before = self.pings
        async with asyncio.timeout(30):
            while self.pings == before:
                await asyncio.sleep(0.02)

    async def keeps_silent(self) -> None:
        """The address outside is told that all is not well, again and again, and is not pinged."""
        async with asyncio.timeout(30):
            before = len(self.fails)
            while len(self.fails) == before:  # a ping that was on its way has arrived
                await asyncio.sleep(0.02)
            pings, before = self.pings, len(self.fails)
            while len(self.fails) < before + 2:
                await asyncio.sleep(0.02)
        assert self.pings == pings

    async def metric(self, line: str) -> float:
        """What /metrics says on the line that begins so."""
        answer = await self.monitor.get("/metrics", headers={"authorization": f"Bearer {METRICS}"})
        return float(next(each for each in answer.text.splitlines() if each.startswith(f"{line} ")).rpartition(" ")[2])


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """apbot with the DSL on Telegram."""
    database = open_database(Settings(database_url=f"sqlite:///{tmp_path}/apbot.db"))
    ids = database.run(school.build)
    database.run(link, Owner(ids[DSL], None), "telegram", "10000001")
    database.close()
    found = Running(tmp_path)
    await found.start()
    yield found
    await found.stop()
    for never in (TOKEN, "ping-secret", "fail-secret", METRICS, DSL):
        assert never not in found.log


def raise_concern(folder: Path) -> None:
    """Somebody asks for a call about a pupil, in another process."""
    database = open_database(Settings(database_url=f"sqlite:///{folder}/apbot.db"))
    now = datetime.now(UTC)

    def _raise(transaction: Any) -> None:
        raised_by_id = school.person_id(transaction, "Sam Taylor")
        transaction.insert(concerns, school_id=1, raised_by_id=raised_by_id, raised_at=now, next_at=now)

    database.run(_raise)
    database.close()


async def test_while_all_is_well_it_is_pinged(running: Running) -> None:
    await running.is_well()
    assert (await running.monitor.get("/livez")).json() == {"ok": True}
    assert await running.metric("apbot_well") == 1


async def test_a_database_that_another_program_holds(running: Running) -> None:
    await running.is_well()
    other = sqlite3.connect(running.folder / "apbot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = await running.says(lambda said: "database" in said)
    assert said["database"]["problem"] in ("OperationalError", "no answer")
    await running.keeps_silent()
    assert (await running.monitor.get("/livez")).status_code == 200
    other.execute("ROLLBACK")
    other.close()
    await running.is_well()


async def test_a_database_that_was_moved_away(running: Running) -> None:
    await running.is_well()
    (running.folder / "apbot.db").rename(running.folder / "elsewhere.db")
    said = await running.says(lambda said: "database" in said)
    assert "moved" in said["database"]["problem"]
    await running.keeps_silent()
    assert await running.metric('apbot_trouble{part="database"}') == 1
    (running.folder / "elsewhere.db").rename(running.folder / "apbot.db")
    await running.is_well()


async def test_a_tick_that_has_stopped(running: Running) -> None:
    await running.is_well()
    running.process.send_signal(signal.SIGUSR1)
    said = await running.says(lambda said: "scheduler" in said)
    assert said["scheduler"]["problem"] == "no tick"
    await running.keeps_silent()
    assert await running.metric('apbot_trouble{part="scheduler"}') == 1
    running.process.send_signal(signal.SIGUSR2)
    await running.is_well()


async def test_a_platform_that_refuses_the_token_although_nothing_is_sent(running: Running) -> None:
    await running.is_well()
    running.telegram.token = "revoked"
    said = await running.says(lambda said: len(said.get("channels", {}).get("telegram", {})) >= 2)
    assert {"hears nothing", "refuses apbot, or does not answer"} <= said["channels"]["telegram"].keys()
    await running.keeps_silent()
    running.telegram.token = TOKEN
    await running.is_well()
    assert await running.metric('apbot_trouble{part="channels"}') == 0


async def test_an_alert_that_a_platform_does_not_take(running: Running) -> None:
    await running.is_well()
    running.telegram.token = "revoked"
    raise_concern(running.folder)
    said = await running.says(lambda said: "overdue" in said and "sends nothing" in str(said))
    assert said["overdue"]["messages"]["count"] >= 1
    await running.keeps_silent()
    assert await running.metric('apbot_overdue{kind="messages"}') >= 1
    assert await running.metric('apbot_deliveries_total{channel="telegram",outcome="again"}') >= 1
    running.telegram.token = TOKEN
    await running.is_well()
    assert await running.metric('apbot_overdue{kind="messages"}') == 0
    assert await running.metric('apbot_due_to_accepted_seconds_count{channel="telegram",kind="concern"}') == 1


async def test_a_platform_that_hangs(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await running.is_well()

    async def hang(*_: object) -> None:
        raise Silence

    monkeypatch.setattr(running.telegram, "_do", hang)
    await running.says(lambda said: "hears nothing" in said.get("channels", {}).get("telegram", {}))
    await running.keeps_silent()
    monkeypatch.undo()
    await running.is_well()
