"""What comes back of what is written: instants, rows that are new, and rows that refer to others."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.clock import SystemClock, VirtualClock
from apbot.store.database import Database, Transaction
from apbot.store.tables import openings, people, roles, schools
from tests.blank import url_in
from tests.store.units import NOW


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 9, 17, 9, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        database.run(lambda t: t.insert(openings, day=NOW.date(), next_at=naive))
    with pytest.raises(sa.exc.StatementError, match="an instant needs a time zone"):
        database.run(lambda t: t.rows(sa.select(openings).where(openings.c.next_at <= naive)))
    assert database.run(lambda t: t.rows(sa.select(openings))) == []


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    summer = timezone(timedelta(hours=1))
    database.run(lambda t: t.insert(openings, day=NOW.date(), next_at=NOW.astimezone(summer)))
    database.run(lambda t: t.insert(openings, day=NOW.date() + timedelta(days=1), next_at=None))
    kept = [row.next_at for row in database.run(lambda t: t.rows(sa.select(openings).order_by(openings.c.day)))]
    assert kept == [NOW, None]
    assert kept[0].tzinfo is UTC
    found = database.run(lambda t: t.rows(sa.select(openings).where(openings.c.next_at <= NOW.astimezone(summer))))
    assert len(found) == 1


def test_insert_new_passes_over_what_is_there_and_counts_what_was_new(database: Database) -> None:
    def rows(*names: str) -> list[dict[str, str]]:
        return [{"ref": name, "name": name} for name in names]

    assert database.run(lambda t: t.insert_new(schools, [])) == 0
    assert database.run(lambda t: t.insert_new(schools, rows("A", "B"))) == 2
    assert database.run(lambda t: t.insert_new(schools, rows("B", "C", "C", "D"))) == 2
    assert database.run(lambda t: t.insert_new(schools, rows("A", "B", "C", "D"))) == 0
    assert database.run(lambda t: t.insert_new(schools, rows(*(f"M{number}" for number in range(2500))))) == 2500
    assert database.run(lambda t: t.insert_new(schools, rows("A", *(f"M{number}" for number in range(2501))))) == 1


def test_insert_new_passes_over_nothing_but_what_is_there(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        database.run(lambda t: t.insert_new(schools, [{"ref": "A", "name": None}]))
    with pytest.raises(sa.exc.IntegrityError):
        database.run(lambda t: t.insert_new(roles, [{"person_id": 99, "role": "DSL"}]))


def test_a_row_that_refers_to_nobody_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        database.run(lambda t: t.insert(roles, person_id=99, role="DSL"))
    person = database.run(lambda t: t.insert(people, ref="P", name="Invented"))
    assert database.run(lambda t: t.insert(roles, person_id=person, role="DSL"))


def test_a_transaction_decides_by_the_instant_at_which_it_began(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    database = Database(url_in(tmp_path), clock)

    def work(transaction: Transaction) -> tuple[datetime, datetime]:
        clock.forward(timedelta(minutes=5))
        return transaction.now, clock.now()

    assert database.run(work) == (NOW, NOW + timedelta(minutes=5))
    database.close()


def test_the_machines_clock_tells_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
