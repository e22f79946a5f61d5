"""A file that the user whom apbot runs as may not read: a command says so in a sentence."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import contextlib, os, sys
from apbot.cli import main

asked_for = sys.argv[1]

def run(file):
    sys.argv = ["apbot", "restore", file, "--verify"]
    main()

with contextlib.suppress(SystemExit):
    run("nothing")  # what it needs of Python is loaded by now: another user may not read that either
if os.geteuid() == 0:
    os.setuid(65534)
run(asked_for)
"""


def test_a_file_that_may_not_be_read_is_named_in_a_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    asked_for = str(closed / "apbot.backup.gz")
    said = subprocess.run([sys.executable, "-c", PROGRAM, asked_for], capture_output=True, text=True, timeout=60)
    told = said.stderr.splitlines()[1:]
    assert len(told) == 1, said.stderr
    assert told[0].startswith(f"{asked_for}: permission denied.")
    assert said.returncode == 1
