"""Taps: 50 people pressing buttons at once, and 1,000, beside a bare endpoint doing one same commit.

The server is a process of its own, as in production; the people are another.
"""

import asyncio
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time as wall_time
from datetime import timedelta
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.opening import open_day
from apbot.store.signin import Lasts, make_link, sign_in
from apbot.store.tables import entries, people, registers, roles
from benchmarks.engines import Engine, both
from benchmarks.measure import Figure, percentile
from benchmarks.worlds import DAY, with_roster

TAPS = 3_000
BURST = 1_000
"""So many press once, all at the same moment; fewer press again and again."""
AT_ONCE = (50, BURST)
ROUNDS = 3
WITHIN = 1.0
"""Seconds that 99 of 100 taps of a burst may take."""

FLOOR = "bare endpoint, one same commit"

Press = dict[str, object]


def run(folder: Path) -> list[Figure]:
    """On either database."""
    with both(folder) as engines:
        return [figure for engine in engines for figure in _of(engine)]


def _of(engine: Engine) -> list[Figure]:
    plan = prepare(engine, "taps")
    figures = []
    for at_once in AT_ONCE:
        engine.copy("taps", f"taps-{at_once}")  # a pupil is marked once
        with server(engine.url(f"taps-{at_once}")) as address:
            figures += _burst(engine.kind, [address], plan, at_once)
    return figures


def prepare(engine: Engine, name: str) -> list[Press]:
    """Make a database in which a day is open; one press for each of its entries."""
    database, _ = with_roster(engine, name, 7_000, wall_time(9, 40))
    database.run(open_day, DAY)
    plan = database.run(_plan)
    database.close()
    engine.settle(name)
    return plan


def _burst(kind: str, addresses: Sequence[str], plan: list[Press], at_once: int) -> list[Figure]:
    tap, bare = measured(addresses, plan, at_once)
    return [
        Figure(
            f"{kind}, {at_once:,} at once: one tap, at this rate, takes",
            1000 / tap.rate,
            "ms",
            1000 / bare.rate,
            FLOOR,
            "within 2 times",
            tap.rate * 2 >= bare.rate,
        ),
        Figure("... that is", tap.rate, "taps/s", bare.rate, "bare endpoint, commits/s"),
        Figure(
            "... 99 of 100 within",
            tap.tail * 1000,
            "ms",
            bare.tail * 1000,
            FLOOR,
            f"under {WITHIN:g} s, within 2 times",
            tap.tail < min(WITHIN, 2 * bare.tail),
        ),
    ]


@dataclass(frozen=True)
class Pressed:
    """The rate, in presses a second, and the 99th percentile, in seconds: the medians of the rounds."""

    rate: float
    tail: float


def measured(addresses: Sequence[str], plan: list[Press], at_once: int) -> tuple[Pressed, Pressed]:
    """Taps on these servers, each its share, and in turns with them the bare endpoint."""
    rates: dict[str, list[float]] = {"tap": [], "bare": []}
    tails: dict[str, list[float]] = {"tap": [], "bare": []}
    count = at_once if at_once == BURST else TAPS
    for number in range(ROUNDS):
        for kind in ("bare", "tap"):
            took, each = asyncio.run(_press(addresses, kind, plan[number * count : (number + 1) * count], at_once))
            rates[kind].append(len(each) / took)
            tails[kind].append(percentile(each, 0.99))
    tap, bare = (Pressed(statistics.median(rates[kind]), statistics.median(tails[kind])) for kind in ("tap", "bare"))
    return tap, bare


def _plan(transaction: Transaction) -> list[Press]:
    """One press for each entry: who presses, and what is posted."""
    staff: dict[int, tuple[int, str]] = {}
    for row in transaction.rows(
        sa.select(roles.c.provider_id, people.c.id).join_from(roles, people).where(roles.c.provider_id.is_not(None))
    ):
        if row.provider_id not in staff:
            link = make_link(transaction, row.id, timedelta(days=1))
            staff[row.provider_id] = (
                row.id,
                sign_in(transaction, link.secret, Lasts(timedelta(days=1), timedelta(days=1))) or "",
            )
    return [
        {
            "session": staff[row.provider_id][1],
            "conversation": f"provider:{row.provider_id}",
            "verb": "arrived",
            "subject": row.id,
        }
        for row in transaction.rows(
            sa.select(entries.c.id, registers.c.provider_id).join_from(entries, registers).order_by(entries.c.id)
        )
    ]


@contextmanager
def server(url: str) -> Iterator[str]:
    """A server of apbot's on this database, in a process of its own: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "APBOT_DATABASE_URL": url,
        "APBOT_PORT": str(port),
        "APBOT_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.server"], env=environment)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def wait_for(port: int) -> None:
    """Wait until something listens there."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


async def _press(addresses: Sequence[str], kind: str, plan: list[Press], at_once: int) -> tuple[float, list[float]]:
    waiting = list(enumerate(plan))
    taken: list[float] = []
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def person() -> None:
            while waiting:
                number, press = waiting.pop()
                address = addresses[number % len(addresses)]
                start = time.perf_counter()
                async with session.post(
                    f"{address}/{'chat/act' if kind == 'tap' else 'bare'}",
                    data={
                        "conversation": str(press["conversation"]),
                        "verb": str(press["verb"]),
                        "subject": str(press["subject"]),
                        "event_id": f"press-{press['subject']}-{number}-{id(plan)}",
                        "token": tokens[str(press["session"])],
                    },
                    headers={"Cookie": f"apbot_session={press['session']}", "Accept": "application/json"},
                ) as answer:
                    body = await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{answer.status}: {body[:300]!r}")
                taken.append(time.perf_counter() - start)

        tokens.clear()
        for each in {str(press["session"]) for press in plan}:
            await _token(session, addresses[0], each)
        start = time.perf_counter()
        await asyncio.gather(*(person() for _ in range(at_once)))
        return time.perf_counter() - start, taken


tokens: dict[str, str] = {}


async def _token(session: aiohttp.ClientSession, address: str, signed_in: str) -> str:
    """The token that this person's forms carry, read off their page once."""
    if signed_in not in tokens:
        async with session.get(f"{address}/chat", headers={"Cookie": f"apbot_session={signed_in}"}) as answer:
            found = re.search(r'name="token" value="([^"]+)"', await answer.text())
            tokens[signed_in] = found.group(1) if found else ""
    return tokens[signed_in]
