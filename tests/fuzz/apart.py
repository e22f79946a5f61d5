"""A roster is read in a process of its own, which may have a gigabyte and twenty seconds."""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

_forked = multiprocessing.get_context("forkserver")  # from one that has imported apbot, once for all files
_forked.set_forkserver_preload(["apbot.roster"])


def read_apart(path: Path) -> str:
    """What became of it: "read", or "refused: " and why. Raises whatever else happened there, also its death."""
    with ProcessPoolExecutor(1, mp_context=_forked) as one:
        return one.submit(_read, path).result(timeout=120)


def _read(path: Path) -> str:
    from apbot.roster import RosterProblems, load

    resource.setrlimit(resource.RLIMIT_AS, (1024**3, 1024**3))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    try:
        load(path)
    except RosterProblems as trouble:
        return f"refused: {str(trouble.problems[0])[:200]}"
    return "read"
