"""When the next thing is due, and what is overdue."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.domain.priority import Priority
from apbot.store.database import Database
from apbot.store.due import Overdue, next_due, overdue
from apbot.store.outbox import LEASE, Owed, Subject, claim, owe
from apbot.store.tables import DUE, Instant, messages
from tests import school
from tests.blank import blank, leave_unchecked

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
DAY = NOW.date()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database() -> Iterator[Database]:
    """The invented world, in which nothing is due."""
    found = blank(VirtualClock(NOW))
    found.run(school.build)
    yield found
    found.close()


def one_of_each(database: Database, at: datetime | None) -> None:
    """One row in every table of things that can be due, all of them due at the same time."""
    values: dict[type, Any] = {str: "", int: 1, bool: False, dict: {}, date: DAY, datetime: NOW}

    def value(column: sa.Column[Any]) -> Any:
        python_type = dict if isinstance(column.type, sa.JSON) else column.type.python_type
        return values[datetime if isinstance(column.type, Instant) else python_type]

    leave_unchecked(database)  # what they refer to is of no account here
    for column in DUE:
        given = [each for each in column.table.c if each.name != "id" or each.foreign_keys]
        needed = [each for each in given if not each.nullable and each.default is None]
        row = {each.name: value(each) for each in needed} | {column.name: at}
        insert = sa.insert(column.table).values(row)
        database.run(lambda t, insert=insert: t.execute(insert))
    if at is None:
        done = sa.update(messages).values(state="sent", sent_at=NOW)
        database.run(lambda t: t.execute(done))


def test_where_nothing_is_kept_nothing_is_due(database: Database) -> None:
    assert database.run(next_due) is None
    assert database.run(overdue, NOW) == {}


def test_what_is_done_is_not_due(database: Database) -> None:
    one_of_each(database, None)
    assert database.run(next_due) is None
    assert database.run(overdue, NOW + timedelta(days=365)) == {}


@pytest.mark.parametrize("column", DUE, ids=[column.table.name for column in DUE])
def test_the_earliest_of_all_tables_is_the_next(database: Database, column: sa.Column[datetime]) -> None:
    one_of_each(database, NOW + 10 * MINUTE)
    earlier = sa.update(column.table).values({column.name: NOW - 3 * MINUTE})
    database.run(lambda t: t.execute(earlier))
    assert database.run(next_due) == NOW - 3 * MINUTE
    assert database.run(overdue, NOW - 2 * MINUTE) == {column.table.name: Overdue(1, NOW - 3 * MINUTE)}


def test_every_table_of_things_that_can_be_due_is_looked_at(database: Database) -> None:
    one_of_each(database, NOW)
    assert database.run(overdue, NOW + MINUTE).keys() == {column.table.name for column in DUE}
    tables = {table.name for table in DUE[0].table.metadata.sorted_tables if "next_at" in table.c}
    assert tables | {"entries"} == {column.table.name for column in DUE}


def test_what_is_due_just_then_is_not_overdue(database: Database) -> None:
    one_of_each(database, NOW)
    assert database.run(overdue, NOW) == {}


def test_an_alert_that_a_platform_will_not_take_is_overdue_although_it_is_tried_again_and_again(
    database: Database,
) -> None:
    # Each try puts it off by minutes, so that it never looks due for long; but nobody has got it.
    database.run(owe, [Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, person_id=1)])
    again = sa.update(messages).values(tries=9, next_at=NOW + 12 * MINUTE)
    database.run(lambda t: t.execute(again))
    assert database.run(overdue, NOW + 8 * MINUTE) == {"messages": Overdue(1, NOW)}


def test_an_edit_that_a_platform_will_not_take_yet_is_not_overdue(database: Database) -> None:
    database.run(owe, [Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, person_id=1)])
    edit = sa.update(messages).values(state="sent", sent_at=NOW, wanted=2, tries=1, next_at=NOW + 12 * MINUTE)
    database.run(lambda t: t.execute(edit))
    assert database.run(overdue, NOW + 8 * MINUTE) == {}


def test_what_is_under_way_is_not_overdue_until_its_lease_has_run_out_for_long(database: Database) -> None:
    database.run(owe, [Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, person_id=1)])
    database.run(claim, "web", "mine", 10)
    assert database.run(next_due) == NOW + LEASE
    assert database.run(overdue, NOW) == {}
