"""`apbot run` where it may not write to its SQLite file, or to the folder: one sentence, and no traceback."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apbot.settings import Settings
from apbot.store.connect import open_database
from tests.processes.running import HERE

Lock = Callable[[Path], None]


@pytest.fixture
def read_only() -> Iterator[Lock]:
    """Makes a file or a folder read-only; for root, whom no mode stops, by a mount."""
    locked: list[tuple[Path, int]] = []

    def lock(path: Path) -> None:
        if os.geteuid() != 0:
            locked.append((path, path.stat().st_mode))
            path.chmod(path.stat().st_mode & 0o555)
            return
        if subprocess.run(["mount", "--bind", path, path], capture_output=True, check=False).returncode:
            pytest.skip("root, who may write everywhere, is not allowed to mount anything here")
        locked.append((path, 0))
        subprocess.run(["mount", "-o", "remount,ro,bind", path], check=True)

    yield lock
    for path, mode in reversed(locked):
        if mode:
            path.chmod(mode)
        else:
            subprocess.run(["umount", "-l", path], check=True)


@pytest.mark.parametrize("what", ["the file", "the folder", "a folder without a file"])
def test_where_it_may_not_write_it_says_so_in_a_sentence(tmp_path: Path, read_only: Lock, what: str) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    url = f"sqlite:///{folder}/apbot.db"
    if what != "a folder without a file":
        open_database(Settings(_env_file=None, database_url=url)).close()
    read_only(folder / "apbot.db" if what == "the file" else folder)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "APBOT_DATABASE_URL": url, "APBOT_PORT": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "apbot", "run"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode in (1, 2)
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert "the folder that it lies in" in ran.stderr
