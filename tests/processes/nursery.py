"""Starts processes quickly: everything is imported once, here, and each process is a fork of that.

`python -m tests.processes.nursery` takes one request a line on standard input, and answers each with a line:
{"start": {"folder", "output", "environment"}} with the pid of a new `tests.processes.app`, whose output goes to that
named pipe; {"wait": pid} with how it ended, as `os.waitstatus_to_exitcode` has it. When the input ends, all end.
"""

import contextlib
import gc
import json
import os
import signal
import sys
from typing import Any


def main() -> None:
    """Serve until the input ends."""
    import apbot.app
    import apbot.channels.slack.channel
    import apbot.channels.telegram.channel
    import apbot.cli.run
    import apbot.cli.trouble
    import apbot.service  # noqa: F401
    from tests.processes import app, points  # noqa: F401

    gc.freeze()
    running: set[int] = set()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "start" in asked:
            pid = _start(asked["start"])
            running.add(pid)
            print(pid, flush=True)
        else:
            _, status = os.waitpid(asked["wait"], 0)
            running.discard(asked["wait"])
            print(os.waitstatus_to_exitcode(status), flush=True)
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _start(asked: dict[str, Any]) -> int:
    output = os.open(asked["output"], os.O_WRONLY)
    pid = os.fork()
    if pid:
        os.close(output)
        return pid
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for given, as_ours in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(given, as_ours)
        os.close(output)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        from tests.processes.app import main as app

        app()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  (whatever it is, the fork must end here)
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
