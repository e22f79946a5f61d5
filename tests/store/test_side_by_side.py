"""Threads and processes with databases of their own, all on one file: they wait for one another."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from apbot.store.database import Database
from tests.store.units import open_in, read_then_write, refs


def test_threads_with_databases_of_their_own_on_one_file_wait_for_one_another(tmp_path: Path) -> None:
    databases = [open_in(tmp_path) for _ in range(4)]

    def write(database: Database, ref: str) -> None:
        for _ in range(15):
            database.run(read_then_write, ref)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, database, f"T{number}") for number, database in enumerate(databases)]:
            done.result()
    assert len(databases[0].run(refs)) == 60
    for database in databases:
        database.close()


OTHER_PROCESS = """
import sys
from datetime import UTC, datetime
from apbot.clock import VirtualClock
from apbot.store.database import Database
from tests.blank import blank, url_in
from tests.store.units import read_then_write
database = Database(sys.argv[1], VirtualClock(datetime(2026, 9, 17, 8, 0, tzinfo=UTC)))
for _ in range(25):
    database.run(read_then_write, sys.argv[2])
database.close()
"""


def test_two_processes_on_one_file_wait_for_one_another(on_file: Database) -> None:
    url = on_file.engine.url.render_as_string(hide_password=False)
    root = Path(__file__).parents[2]
    other = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, url, "other"], cwd=root, stderr=subprocess.PIPE)
    while other.poll() is None:
        on_file.run(read_then_write, "one")
    _, problem = other.communicate()
    assert other.returncode == 0, problem.decode()
    found = on_file.run(refs)
    assert sum(ref.startswith("other") for ref in found) == 25
    assert len(set(found)) == len(found) == int(found[-1].split("-")[1]) + 1, "each saw all that came before it"
