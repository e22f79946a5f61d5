"""Under systemd: it hears that apbot is up, and nothing more once apbot hangs."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apbot.running.supervised import HANGS_AFTER, stay_watched, tell


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


async def test_it_is_told_for_as_long_as_the_ticks_go_on(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "3000")
    quiet = [0.0, HANGS_AFTER - 1, HANGS_AFTER, HANGS_AFTER + 60, 0.0]
    asked = iter(quiet)
    with pytest.raises(RuntimeError):  # the list is at its end
        await stay_watched(lambda: next(asked))
    systemd.setblocking(False)
    heard = [systemd.recv(100) for _ in range(3)]
    assert heard == [b"WATCHDOG=1"] * 3
    with pytest.raises(BlockingIOError):
        systemd.recv(100)


async def test_without_a_watchdog_nothing_is_told_and_it_goes_on(systemd: socket.socket) -> None:
    watched = asyncio.create_task(stay_watched(lambda: 0.0))
    await asyncio.wait({watched}, timeout=0.05)
    assert not watched.done()
    watched.cancel()
    systemd.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.recv(100)


def test_nobody_who_listens_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("", "/nowhere/at/all", "@nobody"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell("READY=1")


def test_apbot_says_when_it_is_up_and_that_it_lives(systemd: socket.socket, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "WATCHDOG_USEC": "300000",
        "APBOT_PORT": "0",
        "APBOT_DATABASE_URL": f"sqlite:///{tmp_path}/apbot.db",
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "apbot", "run"], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    try:
        heard = {systemd.recv(100)}
        while len(heard) < 2:
            heard.add(systemd.recv(100))
        assert heard == {b"READY=1", b"WATCHDOG=1"}
    finally:
        running.terminate()
        assert running.wait(30) == 0
