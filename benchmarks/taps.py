"""Taps: 50 people pressing buttons at once, beside a bare endpoint of the same server doing one same commit.

The server is a process of its own, as in production; the people are another.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.opening import open_day
from apbot.store.signin import Lasts, make_link, sign_in
from apbot.store.tables import entries, people, registers, roles
from benchmarks.measure import Figure, percentile
from benchmarks.worlds import DAY, with_roster

TAPS = 3_000
AT_ONCE = 50
ROUNDS = 3


def run(folder: Path) -> list[Figure]:
    """Taps a second and their 99th percentile, in turns with the bare endpoint; the medians of the rounds."""
    from datetime import time as wall_time

    database, _ = with_roster(folder, "taps", 7_000, wall_time(9, 40))
    database.run(open_day, DAY)
    plan = database.run(_plan)
    database.close()
    rates: dict[str, list[float]] = {"tap": [], "bare": []}
    tails: dict[str, list[float]] = {"tap": [], "bare": []}
    with _server(folder) as address:
        for number in range(ROUNDS):
            for kind in ("bare", "tap"):
                took, each = asyncio.run(_press(address, kind, plan[number * TAPS : (number + 1) * TAPS]))
                rates[kind].append(len(each) / took)
                tails[kind].append(percentile(each, 0.99))
    tap, bare = (sorted(rates[kind])[ROUNDS // 2] for kind in ("tap", "bare"))
    slow, bare_slow = (sorted(tails[kind])[ROUNDS // 2] for kind in ("tap", "bare"))
    return [
        Figure(
            f"{AT_ONCE} at once: one tap, at this rate, takes",
            1000 / tap,
            "ms",
            1000 / bare,
            "bare endpoint, one same commit",
            "within 2 times",
            tap * 2 >= bare,
        ),
        Figure("... that is", tap, "taps/s", bare, "bare endpoint, commits/s"),
        Figure("... 99 of 100 within", slow * 1000, "ms", bare_slow * 1000, "bare endpoint, one same commit"),
    ]


def _plan(transaction: Transaction) -> list[dict[str, object]]:
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
def _server(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "APBOT_DATABASE_URL": f"sqlite:///{folder / 'taps'}.db",
        "APBOT_PORT": str(port),
        "APBOT_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.server"], env=environment)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


async def _press(address: str, kind: str, plan: list[dict[str, object]]) -> tuple[float, list[float]]:
    waiting = list(enumerate(plan))
    taken: list[float] = []
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def person() -> None:
            while waiting:
                number, press = waiting.pop()
                start = time.perf_counter()
                async with session.post(
                    f"{address}/{'chat/act' if kind == 'tap' else 'bare'}",
                    data={
                        "conversation": str(press["conversation"]),
                        "verb": str(press["verb"]),
                        "subject": str(press["subject"]),
                        "event_id": f"press-{press['subject']}-{number}-{id(plan)}",
                        "token": await _token(session, address, str(press["session"])),
                    },
                    headers={"Cookie": f"apbot_session={press['session']}", "Accept": "application/json"},
                ) as answer:
                    body = await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{answer.status}: {body[:300]!r}")
                taken.append(time.perf_counter() - start)

        tokens.clear()
        for each in {str(press["session"]) for press in plan}:
            await _token(session, address, each)
        start = time.perf_counter()
        await asyncio.gather(*(person() for _ in range(AT_ONCE)))
        return time.perf_counter() - start, taken


tokens: dict[str, str] = {}


async def _token(session: aiohttp.ClientSession, address: str, signed_in: str) -> str:
    """The token that this person's forms carry, read off their page once."""
    if signed_in not in tokens:
        import re

        async with session.get(f"{address}/chat", headers={"Cookie": f"apbot_session={signed_in}"}) as answer:
            found = re.search(r'name="token" value="([^"]+)"', await answer.text())
            tokens[signed_in] = found.group(1) if found else ""
    return tokens[signed_in]
