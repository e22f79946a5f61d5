"""`apbot run`, as a process: it starts with no settings at all, and ends in good order when it is told to."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apbot.domain.access import TERMINAL
from apbot.settings import Settings
from apbot.store.audit import note
from apbot.store.connect import open_database
from apbot.store.sealing import seal_due
from apbot.store.tables import retentions

HERE = Path(__file__).parents[2]


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """apbot on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "apbot", "run"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "APBOT_PORT": "0", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def is_well(process: subprocess.Popen[str]) -> bool:
    """Whether /healthz says so, at the address that apbot says; asked until it has done what was due for once."""
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.match(r"apbot is at (http://127\.0\.0\.1:\d+) ", said)
    assert found, said
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{found[1]}/healthz", timeout=20) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            select.select([], [], [], 0.1)  # it is another process that we wait for
    return False


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["by the system", "by Ctrl-C"])
def test_it_serves_and_ends_in_good_order_when_told_to(tmp_path: Path, told: signal.Signals) -> None:
    with running(tmp_path) as process:
        assert is_well(process)
        process.send_signal(told)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def test_a_wrong_setting_of_a_channel_stops_the_start_by_name(tmp_path: Path) -> None:
    with running(tmp_path, APBOT_TELEGRAM_TOKEN="1:secret", APBOT_TELEGRAM_BASE_URL="nonsense") as process:
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "APBOT_TELEGRAM_BASE_URL" in said
    assert "secret" not in said


def test_a_port_that_is_taken_is_said_so_before_anything_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with running(tmp_path, APBOT_PORT=port) as process:
            said, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}" in said
    assert "APBOT_PORT" in said
    assert "apbot is at" not in said


def test_the_head_of_the_audit_log_goes_to_the_journal_when_retention_has_run(tmp_path: Path) -> None:
    database = open_database(Settings(database_url=f"sqlite:///{tmp_path}/apbot.db"))
    due = datetime.now(UTC) - timedelta(hours=1)
    database.run(lambda t: t.insert(retentions, day=due.date(), next_at=due))
    database.run(note, TERMINAL, "marked", "entry:1")
    database.run(seal_due)
    database.close()
    with running(tmp_path) as process:
        assert process.stdout is not None
        gives_up = threading.Timer(30, process.kill)
        gives_up.start()
        line = next((line for line in process.stdout if "retention has run" in line), "")
        gives_up.cancel()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert re.search(r'"audit_head":"\d+:[0-9a-f]{64}"|"audit_head": "\d+:[0-9a-f]{64}"', line)
