"""`apbot run`, as a process: it starts with no settings at all, and ends in good order when it is told to."""

import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """apbot on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "apbot", "run"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "APBOT_PORT": str(port), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def is_well(port: int) -> bool:
    """Whether /healthz says so; asked until it answers."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
            except OSError:
                select.select([], [], [], 0.1)  # it is another process that we wait for
    return False


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["by the system", "by Ctrl-C"])
def test_it_serves_and_ends_in_good_order_when_told_to(tmp_path: Path, told: signal.Signals) -> None:
    with running(tmp_path) as (process, port):
        assert is_well(port)
        process.send_signal(told)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def test_a_wrong_setting_of_a_channel_stops_the_start_by_name(tmp_path: Path) -> None:
    with running(tmp_path, APBOT_TELEGRAM_TOKEN="1:secret", APBOT_TELEGRAM_BASE_URL="nonsense") as (process, _):
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "APBOT_TELEGRAM_BASE_URL" in said
    assert "secret" not in said


def test_a_port_that_is_taken_is_said_so_before_anything_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with running(tmp_path, APBOT_PORT=port) as (process, _):
            said, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}" in said
    assert "APBOT_PORT" in said
    assert "apbot is at" not in said
