"""What only one may do: one holds it, and another has it when it has run out or was given back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from apbot.clock import VirtualClock
from apbot.store.database import Database
from apbot.store.leases import give_back, take
from tests.blank import blank

LASTS = timedelta(seconds=15)
CLOCK = VirtualClock(datetime(2026, 9, 17, 9, 0, tzinfo=UTC))


@pytest.fixture
def database() -> Iterator[Database]:
    found = blank(CLOCK)
    yield found
    found.close()


def has(database: Database, who: str, name: str = "listen telegram") -> bool:
    return database.run(take, name, who, LASTS)


def test_the_first_has_it_and_the_second_does_not(database: Database) -> None:
    assert has(database, "a")
    assert not has(database, "b")


def test_each_name_is_a_lease_of_its_own(database: Database) -> None:
    assert has(database, "a")
    assert has(database, "b", "something else")


def test_whoever_renews_it_keeps_it(database: Database) -> None:
    for _ in range(4):
        assert has(database, "a")
        CLOCK.forward(LASTS * 0.9)
        assert not has(database, "b")


def test_when_it_has_run_out_another_has_it_and_the_first_is_told_no(database: Database) -> None:
    assert has(database, "a")
    CLOCK.forward(LASTS)
    assert has(database, "b")
    assert not has(database, "a")


def test_what_is_given_back_is_anothers_at_once(database: Database) -> None:
    assert has(database, "a")
    database.run(give_back, "listen telegram", "b")
    assert not has(database, "b"), "only its holder gives it back"
    database.run(give_back, "listen telegram", "a")
    assert has(database, "b")
