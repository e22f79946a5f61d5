"""What is due at once has its turn, whatever else is due."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.schedules import tick as tick_module
from apbot.schedules.tick import OF_WHAT_CAN_WAIT, tick
from apbot.schedules.turns import Schedule
from apbot.store.database import Transaction
from apbot.store.tables import audit, openings, retentions
from tests.blank import blank

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)


async def test_what_becomes_due_amid_a_long_piece_of_what_can_wait_does_not_wait_for_its_end() -> None:
    clock = VirtualClock(NOW)
    database = blank(clock)
    batches: list[int] = []

    def much(transaction: Transaction, _: Sequence[Any]) -> None:
        clock.forward(timedelta(seconds=1))
        batches.append(1)
        if len(batches) >= 200:
            transaction.execute(sa.update(retentions).values(next_at=None))

    def an_alert(transaction: Transaction, _: Sequence[Any]) -> None:
        transaction.execute(sa.update(audit).values(next_at=None))
        batches.append(0)
        transaction.execute(sa.update(retentions).values(next_at=None))

    soon = {"at": NOW, "via": "", "what": "", "subject": "", "detail": {}, "next_at": NOW + timedelta(seconds=1)}
    database.run(lambda t: t.execute(sa.insert(audit).values(soon)))
    database.run(lambda t: t.insert(retentions, day=NOW.date(), next_at=NOW))
    alerts = Schedule(audit.c.next_at, an_alert, (audit.c.id,), 1)
    await tick(database, [alerts, Schedule(retentions.c.next_at, much, (retentions.c.id,), 1, can_wait=True)])
    assert batches.index(0) <= OF_WHAT_CAN_WAIT
    database.close()


@pytest.mark.parametrize(("waited_at_most", "still_tried"), [(0.0, 0), (20.0, 1)], ids=["for long", "in a moment"])
async def test_where_the_database_is_waited_for_in_vain_the_others_do_not_wait_as_long_each(
    monkeypatch: pytest.MonkeyPatch, waited_at_most: float, still_tried: int
) -> None:
    monkeypatch.setattr(tick_module, "LOCKED_AT_MOST", waited_at_most)
    database = blank(VirtualClock(NOW))
    others: list[int] = []

    def locked(_: Transaction, __: Sequence[Any]) -> None:
        raise sa.exc.OperationalError("", None, Exception("database is locked"))

    def another(transaction: Transaction, _: Sequence[Any]) -> None:
        others.append(1)
        transaction.execute(sa.update(retentions).values(next_at=None))

    database.run(lambda t: t.insert(openings, day=NOW.date(), next_at=NOW))
    database.run(lambda t: t.insert(retentions, day=NOW.date(), next_at=NOW))
    first = Schedule(openings.c.next_at, locked, (openings.c.id,), 1)
    with pytest.raises(sa.exc.OperationalError):
        await tick(database, [first, Schedule(retentions.c.next_at, another, (retentions.c.id,), 1)])
    assert len(others) == still_tried
    database.close()
