"""What the tests share: a day, and the databases that they are run on."""

import gc
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import structlog

from apbot.store.namekeys.keyfile import VARIABLE, make_file
from tests import blank, postgresql
from tests.day import Day

if os.environ.get("APBOT_TEST_ENCRYPTED"):
    # Before anything is opened, and for every process that a test starts: all of them read the names alike.
    _folder = tempfile.TemporaryDirectory(prefix="apbot-key-")
    make_file(Path(_folder.name) / "names.key")
    os.environ[VARIABLE] = f"{_folder.name}/names.key"

HERE = Path(__file__).parent

ON_BOTH = (
    "stories",
    "store",
    "delivery",
    "test_opening.py",
    "channels/test_revoked_token.py",
    "roster/test_weeks.py",
    "test_audit_command.py",
    "test_register_export.py",
    "test_retention_command.py",
    "web/test_api.py",
    "web/test_board.py",
    "web/test_calendar.py",
    "web/test_files.py",
    "web/test_inspect.py",
)
"""Folders and files here whose tests are run on SQLite and on PostgreSQL: they touch the database themselves."""

ON_BOTH_WHEN_LONG = ("faults/test_killed.py", "faults/test_killed_at_random.py", "faults/test_platform.py")
"""... and what is only with the long variants: each takes a process or more, and a minute or more."""

ON_ONE = ("stories/test_a_year.py", "stories/test_the_worked_year.py", "stories/test_reads.py")
"""... and what of them is not: days on end, of which each is as any other to the database; and a hundred ways to read a
pupil's record, of which each leaves the same row."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which databases."""
    parser.addoption(
        "--database",
        choices=(blank.SQLITE, blank.POSTGRESQL, "both"),
        default="both",
        help="run what touches a database on this one alone; with postgresql, nothing else",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once on each database, where that is called for."""
    kinds = _kinds(metafunc.definition)
    if kinds != [blank.SQLITE]:
        asked = metafunc.config.getoption("--database")
        wanted = [kind for kind in kinds if asked in (kind, "both")]
        metafunc.parametrize("which_database", wanted, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With PostgreSQL alone, leave out what is run on SQLite alone.

    With both, what is told in variations is run on both once, and all variations on SQLite: they tell other words, and
    ask the database the same. `--database postgresql` runs all of them; of the store itself all are run always.
    """
    asked = config.getoption("--database")
    if asked == blank.POSTGRESQL:
        left_out = {item for item in items if _kinds(item) == [blank.SQLITE]}
    elif asked == "both":
        left_out = set(_variations_on_postgresql(items))
    else:
        return
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """What the tests are made of stays as it is: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def _variations_on_postgresql(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    told = set()
    for item in items:
        callspec = getattr(item, "callspec", None)
        is_above = item.path.relative_to(HERE).parts[0] not in ("store", "delivery")
        if is_above and callspec is not None and callspec.params.get("which_database") == blank.POSTGRESQL:
            story = item.nodeid.partition("[")[0]
            if story in told:
                yield item
            told.add(story)


def _kinds(item: pytest.Item) -> list[str]:
    for kind in (blank.SQLITE, blank.POSTGRESQL):
        if item.get_closest_marker(kind) is not None:
            return [kind]
    path = item.path.relative_to(HERE).as_posix()
    on_both = (*ON_BOTH, *ON_BOTH_WHEN_LONG) if "APBOT_FAULT_ROUNDS" in os.environ else ON_BOTH
    return [blank.SQLITE, blank.POSTGRESQL] if path.startswith(on_both) and path not in ON_ONE else [blank.SQLITE]


@pytest.fixture(autouse=True)
def which_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database that the test is run on."""
    blank.kind = getattr(request, "param", blank.SQLITE)
    if blank.kind == blank.SQLITE:
        yield
        return
    if why_not := postgresql.why_not():
        pytest.skip(f"there is no PostgreSQL here: {why_not}")
    yield
    postgresql.take_back()
    blank.kind = blank.SQLITE


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """How a test has set up the log is no other's affair."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def day() -> Iterator[Day]:
    """A Thursday in term, from four in the morning."""
    a_day = Day()
    yield a_day
    a_day.close()
