"""The chain of the audit log: whatever is done to an entry behind apbot's back is found."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.domain.access import TERMINAL
from apbot.store.audit import note, note_all
from apbot.store.database import Database
from apbot.store.due import next_due
from apbot.store.sealing import (
    AT_ONCE,
    Head,
    Unreadable,
    read_chain_head,
    read_head,
    seal_due,
    verify,
)
from apbot.store.tables import audit
from apbot.store.tables.append_only import SHORTENED
from tests.blank import blank

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)


@pytest.fixture
def database() -> Iterator[Database]:
    found = blank(VirtualClock(NOW))
    yield found
    found.close()


def written(database: Database, count: int) -> None:
    subjects: list[tuple[str, dict[str, Any]]] = [(f"entry:{n}", {"fact": "arrived", "n": n}) for n in range(count)]
    database.run(note_all, TERMINAL, "marked", subjects)


def sealed(database: Database, count: int) -> Head:
    written(database, count)
    while database.run(seal_due):
        pass
    return database.run(read_chain_head)


def without_triggers(database: Database, *statements: str) -> None:
    """Whoever owns the file can take the triggers away: it is for them that the chain is there."""
    away: Sequence[str] = ("ALTER TABLE audit DISABLE TRIGGER USER",)
    back: Sequence[str] = ("ALTER TABLE audit ENABLE TRIGGER USER",)
    if database.engine.name == "sqlite":
        made = database.run(lambda t: t.rows(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")))
        away, back = [f"DROP TRIGGER {each.name}" for each in made], [each.sql for each in made]
    for statement in (*away, *statements, *back):
        database.run(lambda t, statement=statement: t.execute(sa.text(statement)))


def test_an_entry_waits_a_minute_at_most_for_its_seal(database: Database) -> None:
    written(database, 3)
    assert database.run(next_due) == NOW + timedelta(minutes=1)
    assert database.run(verify).unsealed == 3
    assert database.run(seal_due)
    assert database.run(next_due) is None
    found = database.run(verify)
    assert (found.checked, found.unsealed, found.broken) == (3, 0, None)
    assert found.head.number == 3


def test_more_than_one_batch_is_one_chain(database: Database) -> None:
    head = sealed(database, 2 * AT_ONCE + 7)
    found = database.run(verify)
    assert (head.number, found.checked, found.broken) == (2 * AT_ONCE + 7, 2 * AT_ONCE + 7, None)


def test_an_entry_that_was_committed_late_has_its_place_at_the_end(database: Database) -> None:
    sealed(database, 3)
    late = sa.insert(audit).values(
        id=10_000, at=NOW - timedelta(minutes=5), via="web", what="marked", subject="entry:1", detail={}, next_at=NOW
    )
    early = sa.insert(audit).values(
        id=9_000, at=NOW, via="web", what="marked", subject="entry:2", detail={}, next_at=NOW + timedelta(seconds=1)
    )
    database.run(lambda t: t.execute(late))
    database.run(seal_due)
    database.run(lambda t: t.execute(early))
    database.run(seal_due)
    numbers = database.run(lambda t: t.rows(sa.select(audit.c.id).order_by(audit.c.number)))
    assert [row.id for row in numbers][-2:] == [10_000, 9_000]
    assert database.run(verify).broken is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET person_id = NULL, via = 'web' WHERE number = 4",
        "UPDATE audit SET at = '2026-09-17 08:59:59.000000' WHERE number = 4",
        "UPDATE audit SET what = 'arrived' WHERE number = 4",
        "UPDATE audit SET subject = 'entry:99' WHERE number = 4",
        "UPDATE audit SET detail = '{\"fact\":\"left site\",\"n\":\"x\"}' WHERE number = 4",
        "UPDATE audit SET id = 77 WHERE number = 4",
        "UPDATE audit SET seal = 'f' || substr(seal, 2), detail = '{}' WHERE number = 4",
        "DELETE FROM audit WHERE number = 4",
        "UPDATE audit SET number = NULL, seal = NULL, next_at = '2026-09-17 09:00:00.000000' WHERE number = 4",
    ],
)  # fmt: skip
def test_the_first_entry_that_was_tampered_with_is_named(database: Database, change: str) -> None:
    sealed(database, 9)
    without_triggers(database, change)
    found = database.run(verify)
    assert found.broken is not None
    assert (found.broken.number, found.checked) == (4, 3)


def test_an_entry_hidden_from_the_seal_is_found(database: Database) -> None:
    sealed(database, 2)
    written(database, 1)
    database.run(lambda t: t.execute(sa.update(audit).where(audit.c.seal.is_(None)).values(next_at=None)))
    broken = database.run(verify).broken
    assert broken is not None
    assert "no seal" in broken.why


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET what = 'x'",
        "UPDATE audit SET detail = '{}' WHERE number IS NULL",
        "UPDATE audit SET seal = NULL WHERE number = 1",
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit WHERE number IS NULL",
        "DELETE FROM audit",
    ],
)
def test_the_database_itself_lets_nobody_change_or_remove_an_entry(database: Database, statement: str) -> None:
    sealed(database, 3)
    written(database, 1)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        database.run(lambda t: t.execute(sa.text(statement)))
    assert database.run(verify).broken is None


def test_who_makes_the_whole_chain_anew_is_told_by_a_head_that_was_kept_elsewhere(database: Database) -> None:
    kept = sealed(database, 5)
    anew = "number = NULL, seal = NULL, next_at = '2026-09-17 09:00:00.000000'"
    without_triggers(database, f"UPDATE audit SET what = 'left alone', {anew}")
    database.run(seal_due)
    assert database.run(verify).broken is None, "the chain alone can't tell"
    broken = database.run(verify, kept).broken
    assert broken is not None
    assert (broken.number, broken.why) == (5, "its seal is not the one you kept")


def test_a_log_that_was_cut_off_is_told_by_a_kept_head(database: Database) -> None:
    kept = sealed(database, 5)
    without_triggers(database, "DELETE FROM audit WHERE number > 3")
    assert database.run(verify).broken is None
    broken = database.run(verify, kept).broken
    assert broken is not None
    assert "cut off" in broken.why


def test_a_kept_head_holds_while_the_log_grows(database: Database) -> None:
    kept = sealed(database, 5)
    sealed(database, 5)
    assert database.run(verify, read_head(str(kept))).broken is None


def shorten(database: Database, through: int) -> None:
    (seal,) = database.run(lambda t: t.rows(sa.select(audit.c.seal).where(audit.c.number == through)))
    database.run(note, TERMINAL, SHORTENED, "audit", through=through, seal=seal.seal)


def test_a_log_that_retention_has_shortened_is_verified_from_there(database: Database) -> None:
    early, kept = sealed(database, 3), sealed(database, 6)
    shorten(database, 5)
    database.run(lambda t: t.execute(sa.delete(audit).where(audit.c.number <= 5)))
    database.run(seal_due)
    found = database.run(verify, kept)
    assert (found.broken, found.checked, found.head.number) == (None, 5, 10)
    assert found.shortened is not None
    assert found.shortened.through == 5
    broken = database.run(verify, early).broken
    assert broken is not None
    assert "removed by retention" in broken.why


def test_a_shortening_removes_nothing_beyond_what_it_announced(database: Database) -> None:
    sealed(database, 9)
    shorten(database, 5)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        database.run(lambda t: t.execute(sa.delete(audit).where(audit.c.number <= 6)))


def test_a_log_half_way_through_being_shortened_is_not_broken(database: Database) -> None:
    sealed(database, 9)
    shorten(database, 5)
    database.run(lambda t: t.execute(sa.delete(audit).where(audit.c.number <= 2)))
    database.run(seal_due)
    assert database.run(verify).broken is None


def test_an_empty_log_is_whole(database: Database) -> None:
    found = database.run(verify)
    assert (found.head, found.checked, found.broken) == (Head(0, ""), 0, None)
    assert not database.run(seal_due)


@pytest.mark.parametrize("text", ["", "1", "1:", ":" + "a" * 64, "x:" + "a" * 64, "1:" + "g" * 64, "1:" + "a" * 63,
                                  "-1:" + "a" * 64, "9" * 30 + ":" + "a" * 64,
                                  "²:" + "a" * 64, "1:2:" + "a" * 62])  # fmt: skip
def test_garbage_is_no_head(text: str) -> None:
    with pytest.raises(Unreadable):
        read_head(text)
