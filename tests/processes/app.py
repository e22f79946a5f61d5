"""`apbot run`, with a steered clock: `python -m tests.processes.app`. Nothing else is changed.

Settings come from the environment, as ever; APBOT_TEST_CLOCK names the clock's file, APBOT_TEST_RUN holds what comes
after `apbot run` ("--only web"), and APBOT_TEST_HITCH for how many seconds a channel may not work before it is said.
With APBOT_TEST_POINTS, the path of a Unix socket, it says there what it has come to, and waits until it is told to go
on (`points.py`).
"""

import os
import sys
from pathlib import Path

from tests.processes.clock import SteeredClock


def main() -> None:
    """Run until it is stopped or killed."""
    import apbot.store.connect

    clock = SteeredClock(Path(os.environ["APBOT_TEST_CLOCK"]))
    apbot.store.connect.SystemClock = lambda: clock  # type: ignore[assignment,misc]
    if hitch := os.environ.get("APBOT_TEST_HITCH"):
        import apbot.watching.platforms as watched

        watched.OUT_OF_REACH_AFTER = watched.ASKED_AGAIN_AFTER = float(hitch)
    if socket := os.environ.get("APBOT_TEST_POINTS"):
        from tests.processes.points import announce

        announce(socket)
    from apbot.cli import main as apbot

    sys.argv = ["apbot", "run", *os.environ.get("APBOT_TEST_RUN", "").split()]
    apbot()


if __name__ == "__main__":
    main()
