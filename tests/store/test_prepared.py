"""Prepared statements give what SQLAlchemy's own way gives, on whatever they are run."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg

from apbot.clock import VirtualClock
from apbot.store import prepared as prepared_statements
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.prepared import LONGEST_FILLED_UP, Prepared, _put_together
from apbot.store.savepoints import TransactionLost
from apbot.store.tables import events, openings, registers, schools
from tests.blank import blank, url_in

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)

BY_REF = sa.select(schools).where(schools.c.ref.in_(sa.bindparam("refs", expanding=True)), schools.c.name != "x")


@pytest.fixture
def database() -> Iterator[Database]:
    """A database with five schools."""
    made = blank(VirtualClock(NOW))
    made.run(
        lambda transaction: [transaction.insert(schools, ref=f"S{number}", name="A school") for number in range(5)]
    )
    yield made
    made.close()


@pytest.mark.parametrize("refs", [[], ["S1"], ["S1", "S3"], ["S1", "no such school"], [f"S{n}" for n in range(300)]])
def test_a_select_gives_the_same_values_for_lists_of_any_length(database: Database, refs: list[str]) -> None:
    prepared = Prepared(BY_REF)
    ours = database.run(lambda transaction: transaction.rows(prepared, refs=refs))
    theirs = database.run(lambda transaction: transaction.rows(BY_REF, refs=refs))
    assert [each._asdict() for each in ours] == [dict(each._mapping) for each in theirs]


def test_instants_dates_and_json_pass_in_and_out(database: Database) -> None:
    insert = Prepared(sa.insert(events).returning(events.c.id, events.c.at))
    select = Prepared(sa.select(events.c.at, events.c.reply).where(events.c.at == sa.bindparam("at")))
    day = Prepared(sa.select(openings.c.day).where(openings.c.day >= sa.bindparam("day")))
    later = NOW.astimezone(UTC) + timedelta(microseconds=7)

    def work(transaction: Transaction) -> None:
        made = transaction.row(insert, channel="web", event_id="1", at=later, reply={"card": ["ö", None]})
        assert made.at == later
        assert transaction.rows(select, at=later) == [(later, {"card": ["ö", None]})]
        assert transaction.row(select, at=NOW) is None
        transaction.insert(openings, day=date(2026, 9, 17), next_at=None)
        assert transaction.value(day, day=date(2026, 9, 17)) == date(2026, 9, 17)

    database.run(work)


@pytest.mark.sqlite
def test_a_column_that_is_not_given_has_its_default_and_one_without_must_be_given(database: Database) -> None:
    mine = {"provider_id": 1, "day": NOW.date(), "session": "am", "starts_at": NOW, "ends_at": NOW}
    compiled = _put_together(sa.insert(registers), database.engine.dialect, mine)
    assert "step" in compiled.sql
    assert 0 in compiled._parameters(mine)


def test_a_change_says_how_many_rows_it_changed_of_one_set_of_values_or_of_several(database: Database) -> None:
    rename = Prepared(
        sa.update(schools).where(schools.c.ref == sa.bindparam("b_ref")).values(name=sa.bindparam("name"))
    )

    def work(transaction: Transaction) -> list[int]:
        return [
            transaction.change(rename),
            transaction.change(rename, {"b_ref": "S1", "name": "One"}),
            transaction.change(rename, {"b_ref": "S2", "name": "Two"}, {"b_ref": "S3", "name": "Three"}),
            transaction.change(rename, {"b_ref": "no such school", "name": "None"}),
        ]

    assert database.run(work) == [0, 1, 2, 0]


def test_the_drivers_errors_are_sqlalchemys_and_hold_no_values(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught:
        database.run(lambda transaction: transaction.insert(schools, ref="S1", name="Jo Bloggs's school"))
    assert "Jo Bloggs" not in str(caught.value)
    assert "Jo Bloggs" not in repr(caught.value.params)


def test_a_connection_that_is_lost_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(url_in(tmp_path), VirtualClock(NOW))
    upgrade(database.engine)
    used = []

    def work(transaction: Transaction) -> None:
        used.append(transaction.connection.connection.dbapi_connection)
        transaction.insert(schools, ref="S1", name="A school")

    database.run(work)
    monkeypatch.setattr(database.engine.dialect, "is_disconnect", lambda *_: True)
    with pytest.raises(sa.exc.IntegrityError):
        database.run(work)
    monkeypatch.undo()
    with pytest.raises(sa.exc.IntegrityError):
        database.run(work)
    assert used[0] is used[1], "the pool hands out what was given back"
    assert used[2] is not used[1]
    database.close()


def test_a_driver_that_takes_parameters_by_name_is_given_them_by_name() -> None:
    dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
    shape = _put_together(BY_REF, dialect, {"refs": ["a", "b"]})
    assert shape._parameters({"refs": ["c", "d"]}) == {"refs_1": "c", "refs_2": "d", "name_1": "x"}


def test_what_is_kept_of_one_statement_is_little_and_has_a_limit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = Prepared(BY_REF)
    for length in range(200):
        refs = ["S1"] * length
        database.run(lambda transaction, refs=refs: transaction.rows(prepared, refs=refs))
    assert len(prepared._shapes) == len({0, 1, 2, 4, 8, 16, 32, 64, 128, 256})
    monkeypatch.setattr(prepared_statements, "MOST_SHAPES", 12)
    for length in range(LONGEST_FILLED_UP, LONGEST_FILLED_UP + 6):
        refs = ["S1"] * length
        assert len(database.run(lambda transaction, refs=refs: transaction.rows(prepared, refs=refs))) == 1
        assert len(prepared._shapes) <= 12


def test_rows_are_inserted_together_and_their_ids_are_in_order(database: Database) -> None:
    def work(transaction: Transaction) -> None:
        ids = transaction.insert_each(schools, [{"ref": f"N{number}", "name": "New"} for number in range(3)])
        found = [transaction.value(sa.select(schools.c.ref).where(schools.c.id == each)) for each in ids]
        assert found == ["N0", "N1", "N2"]
        assert transaction.insert_each(schools, []) == []

    database.run(work)


def test_of_rows_that_are_there_already_only_the_new_are_inserted_and_counted(database: Database) -> None:
    def work(transaction: Transaction) -> list[int]:
        rows = [{"ref": f"S{number}", "name": "New"} for number in range(3, 8)]
        return [transaction.insert_new(schools, each) for each in (rows, rows, rows[:1], [])]

    assert database.run(work) == [3, 0, 0, 0]


def test_a_savepoint_undoes_only_what_is_done_within_it_however_deep(database: Database) -> None:
    def fails(transaction: Transaction, ref: str) -> None:
        with transaction.savepoint():
            transaction.insert(schools, ref=ref, name="Undone")
            raise KeyError(ref)

    def work(transaction: Transaction) -> None:
        with transaction.savepoint():
            transaction.insert(schools, ref="kept", name="Kept")
            for _ in range(2):
                with pytest.raises(KeyError):
                    fails(transaction, "undone")

    database.run(work)
    refs = database.run(lambda transaction: [row.ref for row in transaction.rows(sa.select(schools.c.ref))])
    assert "kept" in refs
    assert "undone" not in refs


def test_a_savepoint_that_is_gone_fails_the_whole_transaction(database: Database) -> None:
    def work(transaction: Transaction) -> None:
        with transaction.savepoint():
            transaction.connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
            raise KeyError

    with pytest.raises(TransactionLost):
        database.run(work)
