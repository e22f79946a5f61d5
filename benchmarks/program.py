"""The program itself: how long `apbot --help` takes, and how much memory `apbot run` holds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Figure, median
from benchmarks.taps import wait_for

PORT = 18_431


def run(folder: Path) -> list[Figure]:
    """Medians of ten starts, beside Python importing nothing; resident memory after the first page."""
    help_ = median(lambda: _quiet("-m", "apbot", "--help"), 10)
    bare = median(lambda: _quiet("-c", "pass"), 10)
    memory = _memory(folder)
    return [
        Figure("apbot --help", help_, "s", bare, "python -c pass", "under 0.3 s", help_ < 0.3),
        Figure("memory of apbot run", memory, "MB", aim="under 120 MB", met=memory < 120),
    ]


def _quiet(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def _memory(folder: Path) -> float:
    environment = {**os.environ, "APBOT_DATABASE_URL": f"sqlite:///{folder}/memory.db", "APBOT_PORT": str(PORT)}
    process = subprocess.Popen([sys.executable, "-m", "apbot", "run"], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(PORT)
        subprocess.run(
            [sys.executable, "-c", f"import urllib.request as u; u.urlopen('http://127.0.0.1:{PORT}/').read()"],
            check=True,
        )
        status = Path(f"/proc/{process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
