"""The test's hand on apbot's processes: starting, stopping, killing them, and what they say."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[2]
WITHIN = 90.0
"""Seconds that anything a process is waited for may take, on a busy machine."""


class Nursery:
    """The process that all others are forked from; one for a whole test run."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.nursery"],
            cwd=HERE,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def ask(self, **what: Any) -> int:
        """Ask it for something, and give its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it, and whatever it has started."""
        self._process.communicate(timeout=WITHIN)


@pytest.fixture(scope="session", name="nursery")
def one_nursery() -> Iterator[Nursery]:
    """Where processes are started from."""
    one = Nursery()
    yield one
    one.close()


class Running:
    """One process of apbot."""

    def __init__(self, nursery: Nursery, folder: Path, name: str, environment: Mapping[str, str]) -> None:
        """Start it; `folder` is where it runs, and `heard` (to be set) is called whenever it says something."""
        self._nursery = nursery
        self.name = name
        self.said: list[str] = []
        """What it has written, by lines."""
        self.ended: int | None = None
        """How it ended: its exit code, or minus the signal."""
        self.heard: Callable[[], None] = lambda: None
        self._pipe = folder / f"{name}.pipe"
        os.mkfifo(self._pipe)
        self._reading = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "APBOT_PORT": "0", **environment}
        self.pid = nursery.ask(start={"folder": str(folder), "output": str(self._pipe), "environment": given})
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        with os.fdopen(self._reading, "rb") as pipe:
            transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
            self._transport = transport
            while line := await reader.readline():
                self.said.append(line.decode().rstrip())
                self.heard()
            transport.close()
        self.ended = self._nursery.ask(wait=self.pid)
        self.heard()

    @property
    def is_gone(self) -> bool:
        """Whether it runs no more: what is left of it is how it ended."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    def leave_unread(self) -> None:
        """Read nothing more of what it writes, and have its pipe be full."""
        self._transport.pause_reading()
        writing = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while os.write(writing, b"\n"):
                pass
        os.close(writing)

    def read_again(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    @property
    def url(self) -> str:
        """Where it listens; "" until it has said so."""
        found = (re.match(r"apbot is at (http://127\.0\.0\.1:\d+) ", line) for line in self.said)
        return next((each[1] for each in found if each), "")

    def send(self, what: signal.Signals) -> None:
        """Send it a signal; nothing where it has ended."""
        if self.ended is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, what)

    def kill(self) -> None:
        """End it at once, as when the power goes."""
        self.send(signal.SIGKILL)

    async def end(self) -> int:
        """How it ended, once it has."""
        await asyncio.wait_for(asyncio.shield(self._listening), WITHIN)
        assert self.ended is not None
        return self.ended
