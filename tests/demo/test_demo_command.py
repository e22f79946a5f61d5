"""`apbot demo` as a stranger runs it."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_it_serves_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    surroundings = os.environ | {
        "APBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'real.db'}",
        "APBOT_BIND": "0.0.0.0",  # noqa: S104  (it must not be heeded)
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    surroundings.pop("DISPLAY", None)
    demo = subprocess.Popen(
        [sys.executable, "-m", "apbot", "demo", "--morning", "ordinary"],
        cwd=tmp_path,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout is not None
        said = demo.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert match, said
        with urllib.request.urlopen(match[0], timeout=10) as answer:  # noqa: S310
            assert "An ordinary morning" in answer.read().decode()
        demo.send_signal(signal.SIGINT)
        out, trouble = demo.communicate(timeout=20)
    finally:
        demo.kill()
        demo.communicate()
    assert demo.returncode == 0, trouble
    assert "Nothing was kept" in out
    assert trouble == ""
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_and_not_replaced_in_silence(tmp_path: Path) -> None:
    from apbot.demo.server import listen

    with listen(None) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "apbot", "demo", "--no-browser", "--port", port],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert f"Port {port} can't be used" in ended.stderr
    assert "Traceback" not in ended.stderr
