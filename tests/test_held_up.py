"""Delivery by a process that stood still, and on a database that undid the claim by itself."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot import delivery
from apbot.cards import Card
from apbot.channels.port import Outcome, Receipt
from apbot.delivery import Delivery
from apbot.domain.priority import Priority
from apbot.messages.kinds import MessageKind
from apbot.settling import settle
from apbot.store.database import Transaction
from apbot.store.outbox import LEASE
from apbot.store.savepoints import TransactionLost
from tests.post import ACCEPTED, Platform, Post


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """Two notes are owed."""
    found = Post()
    found.owe(1)
    found.owe(2)
    yield found
    found.database.close()


async def test_what_another_has_sent_while_this_process_stood_still_is_not_sent_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, real = Platform(), delivery.Lane._outgoing

    async def stands_still(self: delivery.Lane, sendable: Sequence[Any]) -> Any:
        monkeypatch.undo()
        post.clock.forward(LEASE)
        await post.another(other).drain()
        return await real(self, sendable)

    monkeypatch.setattr(delivery.Lane, "_outgoing", stands_still)
    await post.drain()
    assert other.said == ["note 1", "note 2"]
    assert post.web.said == []
    assert [row.state for row in post.rows()] == ["sent", "sent"]


async def test_a_process_that_stood_still_alone_makes_its_cards_anew(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = delivery.Lane._outgoing

    async def stands_still(self: delivery.Lane, sendable: Sequence[Any]) -> Any:
        monkeypatch.undo()
        post.clock.forward(LEASE)
        post.says[1] = "note 1, a minute late"
        return await real(self, sendable)

    monkeypatch.setattr(delivery.Lane, "_outgoing", stands_still)
    await post.drain()
    assert post.web.said == [], "what the cards say of the time is not true any more"
    await post.drain(timedelta(seconds=10))
    assert post.web.said == ["note 1, a minute late", "note 2"]


async def test_a_batch_that_was_held_up_does_not_settle_what_its_own_process_has_claimed_since(post: Post) -> None:
    (lane,) = post.delivery._lanes
    first = post.database.run(lane._claim, delivery.EVERYTHING)
    post.clock.forward(LEASE)
    second = post.database.run(lane._claim, delivery.EVERYTHING)
    post.database.run(settle, first, [(each, Receipt(Outcome.UNKNOWN)) for each in first])
    assert all(row.lease for row in post.rows()), "the second batch is under way"
    post.database.run(settle, second, [(each, ACCEPTED) for each in second])
    assert [row.state for row in post.rows()] == ["sent", "sent"]


async def test_where_the_database_undoes_the_claim_while_a_card_is_made_nothing_is_sent(post: Post) -> None:
    def full(transaction: Transaction, _: Sequence[int]) -> dict[int, str]:
        transaction.connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise sa.exc.OperationalError("SELECT", None, Exception("database or disk is full"))

    notes = MessageKind("note", Priority.ESCALATION, full, lambda *_: Card("note"))
    with pytest.raises(TransactionLost):
        await Delivery(post.database, [post.web], {"note": notes}).drain()
    assert post.web.said == []
    await post.drain()
    assert post.web.said == ["note 1", "note 2"]
    assert [each.maybe_repeat for each in post.web.given] == [False, False]


async def test_where_the_database_undoes_what_was_settled_with_the_next_claim_it_is_sent_again_and_says_so(
    post: Post,
) -> None:
    loads = []

    def full(transaction: Transaction, ids: Sequence[int]) -> dict[int, str]:
        loads.append(ids)
        if len(loads) == 2:
            transaction.connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
            raise sa.exc.OperationalError("SELECT", None, Exception("database or disk is full"))
        return {each: f"note {each}" for each in ids}

    post.web.batch = 1
    notes = MessageKind("note", Priority.ESCALATION, full, lambda says, _: Card(says))
    delivery_here = Delivery(post.database, [post.web], {"note": notes})
    with pytest.raises(TransactionLost):
        await delivery_here.drain()
    assert post.web.said == ["note 1", "note 2"], "one batch's trouble holds up no other"
    assert [row.state for row in post.rows()] == ["owed", "sent"], "nobody knows any more that note 1 was taken"
    post.clock.forward(LEASE)
    await delivery_here.drain()
    assert post.web.said == ["note 1", "note 2", "note 1"]
    assert [each.maybe_repeat for each in post.web.given if each.card.heading == "note 1"] == [False, True]
