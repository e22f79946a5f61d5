"""One, two and four processes of apbot on one PostgreSQL: taps, and alerts due at once.

The people, the platform's stand-in and PostgreSQL itself run on the same machine: what more processes bring is what
the cores that these leave can do.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import time as wall_time
from pathlib import Path

from apbot.channels.desk import Desk
from apbot.domain.walltime import instant
from apbot.handlers.dispatch import handle
from apbot.logs import configure
from apbot.settings import Settings
from apbot.store.connect import open_database
from benchmarks import burst, taps
from benchmarks.alerts import ALERTS
from benchmarks.burst import Crowd, RunningClock, prepare, standin
from benchmarks.engines import PostgreSQL, postgresql
from benchmarks.measure import Figure
from benchmarks.slack import BURST
from benchmarks.worlds import DAY

PROCESSES = (1, 2, 4)
AT_ONCE = 50
ROUNDS = 3
DUE = instant(DAY, wall_time(10, 0))


def run(folder: Path) -> list[Figure]:
    """The rates, each beside one process's."""
    with postgresql(folder) as engine:
        return [*_taps(engine), *_alerts(engine)]


def _taps(engine: PostgreSQL) -> list[Figure]:
    plan = taps.prepare(engine, "taps")
    rates = []
    for count in PROCESSES:
        engine.copy("taps", f"taps-{count}")
        with ExitStack() as servers:
            addresses = [servers.enter_context(taps.server(engine.url(f"taps-{count}"))) for _ in range(count)]
            rates.append(taps.measured(addresses, plan, AT_ONCE)[0].rate)
    return _beside_one(f"taps, {AT_ONCE} at once", "taps/s", rates)


def _alerts(engine: PostgreSQL) -> list[Figure]:
    crowd = Crowd(ALERTS, ALERTS, are_prompted=False)
    prepare(engine, "alerts", crowd, BURST.platform, BURST.address)
    rates = []
    for count in PROCESSES:
        taken = sorted(_drained(engine, f"alerts-{count}-{number}", count) for number in range(ROUNDS))
        rates.append(ALERTS / taken[ROUNDS // 2])
    return _beside_one(f"{ALERTS:,} alerts due at once", "alerts/s", rates)


def _beside_one(what: str, unit: str, rates: Sequence[float]) -> list[Figure]:
    return [
        Figure(
            f"{what}: {count} process{'es' if count > 1 else ''}",
            rate,
            unit,
            rates[0] if count > 1 else None,
            "one process" if count > 1 else "",
        )
        for count, rate in zip(PROCESSES, rates, strict=True)
    ]


def _drained(engine: PostgreSQL, name: str, count: int) -> float:
    """Seconds from due to the last accepted, with so many processes deciding and delivering."""
    engine.copy("alerts", name)
    with standin(BURST.platform, with_limits=False) as where:
        command = [sys.executable, "-m", "benchmarks.processes", engine.url(name), where]
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
        ]
        for each in running:
            assert each.stdout is not None
            if each.stdout.readline() != "ready\n":
                raise RuntimeError("a process did not start")
        at = str(time.time() + 0.2)
        for each in running:
            each.communicate(at, timeout=120)
            if each.returncode:
                raise RuntimeError("a process failed")
    database = open_database(Settings(_env_file=None, database_url=engine.url(name)))
    delays = [each for own in database.run(burst.delays, DUE).values() for each in own]
    database.close()
    if len(delays) != ALERTS:
        raise RuntimeError(f"{len(delays)} alerts were accepted, and not {ALERTS}")
    return max(delays)


def _process(url: str, where: str) -> None:
    """One of the processes: it is ten o'clock at the moment that it is told."""
    configure("CRITICAL")
    own = Settings(_env_file=None, database_url=url)
    clock = RunningClock(DUE)
    database = open_database(own, clock)
    channel = BURST.make(where, Desk(database, handle), False)
    app = burst.start(own, database, channel)
    print("ready", flush=True)
    at = float(sys.stdin.read())
    time.sleep(max(0.0, at - time.time()))
    clock.start(DUE)
    asyncio.run(burst.drain(app, channel))
    database.close()


if __name__ == "__main__":
    _process(*sys.argv[1:])
