"""Many rows at once: the same as one after another, on either database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store import prepared
from apbot.store.database import Database, Transaction
from apbot.store.manyrows import FEW
from apbot.store.prepared import Prepared
from apbot.store.tables import events, openings, schools
from tests.blank import blank

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)

WORDS = ("", 'O\'Neill "Kit"', "ö 🦉 \\ \t\n", "null", "{}", "%s %(x)s $1 ;--", "a" * 200)


@pytest.fixture
def database() -> Iterator[Database]:
    """A database with nothing in it."""
    made = blank(VirtualClock(NOW))
    yield made
    made.close()


def test_their_ids_come_in_the_order_of_the_rows(database: Database) -> None:
    rows = [{"ref": f"S{number * 37 % 50}", "name": "A school"} for number in range(50)]

    def work(transaction: Transaction) -> tuple[list[int], dict[str, int]]:
        ids = transaction.insert_each(schools, rows)
        return ids, {row.ref: row.id for row in transaction.rows(sa.select(schools.c.ref, schools.c.id))}

    ids, found = database.run(work)
    assert ids == [found[row["ref"]] for row in rows]


@pytest.mark.parametrize("reply", [None, [], {}, "words", {"card": [None, "ö", {"a": 1.5}]}], ids=str)
def test_whatever_is_in_a_row_stands_there_as_if_it_were_the_only_one(database: Database, reply: object) -> None:
    def rows(of: str) -> list[dict[str, Any]]:
        return [
            {
                "channel": of,
                "event_id": f"{place} {word}"[:100],
                "at": NOW + timedelta(microseconds=place),
                "reply": reply,
            }
            for place, word in enumerate(WORDS)
        ]

    def work(transaction: Transaction) -> None:
        transaction.insert_each(events, rows("together"))
        for row in rows("alone"):
            transaction.insert(events, **row)

    database.run(work)
    query = sa.select(
        events.c.channel, events.c.event_id, events.c.at, events.c.reply, events.c.reply.is_(None).label("is_null")
    ).order_by(events.c.id)
    found = database.run(lambda transaction: transaction.rows(query))
    together, alone = ([row[1:] for row in found if row.channel == of] for of in ("together", "alone"))
    assert together == alone
    assert len(together) == len(WORDS)


def test_those_that_are_there_already_are_passed_over_and_the_others_counted(database: Database) -> None:
    days = [{"day": date(2026, 9, 1) + timedelta(days=number), "next_at": None} for number in range(10)]

    def work(transaction: Transaction) -> list[int]:
        return [transaction.insert_new(openings, part) for part in (days[:6], days, [*days, *days])]

    assert database.run(work) == [6, 4, 0]


RENAME = Prepared(
    sa.update(schools)
    .where(schools.c.id == sa.bindparam("b_id"), schools.c.name != sa.bindparam("b_not"))
    .values(name=sa.bindparam("name"), telephone="01632 960000")
)


def _changed(transaction: Transaction, several: Sequence[Mapping[str, Any]]) -> tuple[int, list[tuple[str, str]]]:
    ids = transaction.insert_each(schools, [{"ref": f"S{number}", "name": "A school"} for number in range(8)])
    count = transaction.change(RENAME, *({**each, "b_id": ids[each["b_id"]]} for each in several))
    rows = transaction.rows(sa.select(schools.c.name, schools.c.telephone).order_by(schools.c.id))
    return count, [(row.name, row.telephone) for row in rows]


def test_a_change_changes_its_own_row_and_says_how_many_it_has_changed(database: Database) -> None:
    several = [
        {"b_id": place, "b_not": "A school" if place == 3 else "", "name": word} for place, word in enumerate(WORDS)
    ]
    count, found = database.run(_changed, several)
    assert count == len(WORDS) - 1
    assert found == [
        ("A school", "") if place == 3 or place >= len(WORDS) else (WORDS[place], "01632 960000") for place in range(8)
    ]


def test_of_two_changes_of_one_row_the_later_stands(database: Database) -> None:
    several = [{"b_id": 0, "b_not": "", "name": f"Name {number}"} for number in range(5)]
    count, found = database.run(_changed, several)
    assert count == 5
    assert found[0][0] == "Name 4"


@pytest.mark.postgresql
def test_many_go_in_one_statement(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    real = prepared.driver_cursor

    def noted(connection: sa.Connection, sql: str) -> Any:
        said.append(sql)
        return real(connection, sql)

    monkeypatch.setattr(prepared, "driver_cursor", noted)
    several = [{"ref": f"S{number}", "name": "A school"} for number in range(FEW + 1)]
    assert len(database.run(lambda transaction: transaction.insert_each(schools, several))) == FEW + 1
    assert len(said) == 1


@pytest.mark.postgresql
def test_what_is_wrong_with_one_of_them_is_an_error_that_holds_no_value(database: Database) -> None:
    rows = [{"ref": f"S{number}", "name": "Jo Bloggs's school"} for number in (1, 2, 3, 4, 1)]
    with pytest.raises(sa.exc.IntegrityError) as caught:
        database.run(lambda transaction: transaction.insert_each(schools, rows))
    assert "Bloggs" not in str(caught.value)
    long = [{"ref": f"S{number}", "name": "Jo Bloggs" * 1000} for number in range(5)]
    with pytest.raises(sa.exc.DataError) as too_long:
        database.run(lambda transaction: transaction.insert_each(schools, long))
    assert "Bloggs" not in str(too_long.value)
