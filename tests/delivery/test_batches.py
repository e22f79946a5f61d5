"""Many messages at once, and many processes: each is settled by itself, and sent by one."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot import delivery
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.domain.priority import Priority
from apbot.settling import GIVES_UP_WAITING
from apbot.store.outbox import LEASE, Owed, Subject, owe
from apbot.store.tables import messages
from tests.blank import url_in
from tests.post import ACCEPTED, CONTACT, DSL, NOW, Platform, Post, opened


async def test_the_weightiest_goes_first(post: Post) -> None:
    post.owe(2, priority=Priority.DIGEST)
    post.owe(3, priority=Priority.CONCERN)
    post.owe(4, priority=Priority.PROMPT)
    await post.drain()
    assert post.web.said == ["note 3", "note 1", "note 4", "note 2"]


async def test_more_than_a_batch_are_all_sent_in_one_go(post: Post) -> None:
    for number in range(2, 36):
        post.owe(number)
    assert await post.drain() == 35
    assert len(set(post.web.said)) == 35


async def test_answers_of_every_kind_in_one_batch_go_to_the_right_messages() -> None:
    async with opened(Post()) as post:
        for number in range(1, 6):
            post.owe(number)
        post.says[3] = None
        post.web.answers = [
            ACCEPTED,
            Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=9)),
            Receipt(Outcome.REFUSED),
            Receipt(Outcome.UNKNOWN),
        ]
        assert await post.drain() == 1
        assert [(row.state, row.maybe_repeat) for row in post.rows()] == [
            ("sent", False),
            ("owed", False),
            ("cancelled", False),
            ("failed", False),
            ("owed", True),
        ]
        assert post.row(2).next_at == NOW + timedelta(seconds=9)


async def test_a_message_that_cannot_be_made_holds_up_no_other_and_is_tried_again(post: Post) -> None:
    post.owe(2)
    post.says[1] = ValueError("a row that no card can be made of")
    assert await post.drain() == 1
    assert post.web.said == ["note 2"]
    assert (post.row().state, post.row().trouble) == ("owed", "ValueError")
    post.says[1] = "made after all"
    await post.drain(timedelta(minutes=1))
    assert post.web.said[-1] == "made after all"


async def test_a_kind_that_this_version_does_not_know_holds_up_no_other(post: Post) -> None:
    post.database.run(owe, [Owed(Subject("of a newer version", 1), Priority.CONCERN, NOW, person_id=post.ids[CONTACT])])
    assert await post.drain() == 1


async def test_a_channel_that_raises_loses_nothing(post: Post) -> None:
    post.owe(2)
    post.web.answers = [ACCEPTED, OSError("no route to host")]
    assert await post.drain() == 0
    assert await post.drain(timedelta(seconds=10)) == 2
    assert [(each.card.heading, each.maybe_repeat) for each in post.web.given[2:]] == [
        ("note 1", True),
        ("note 2", True),
    ]


async def test_an_alert_on_a_channel_that_raises_again_and_again_goes_out_on_the_next() -> None:
    async with opened(Post(channels=("web", "slack"))) as post:
        post.address(DSL, "slack")
        post.owe()
        post.web.answers = [OSError("broken")] * GIVES_UP_WAITING
        for _ in range(GIVES_UP_WAITING):
            assert not post.platforms["slack"].given
            await post.drain(LEASE)
        assert post.platforms["slack"].said == ["note 1"]


async def test_a_channel_that_never_answers_is_given_up_and_what_it_had_may_be_a_repeat(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Platform):
        async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
            return await asyncio.Future()

    monkeypatch.setattr(delivery, "PATIENCE", timedelta())
    post.owe()
    await post.another(Silent()).drain()
    (row,) = post.rows()
    assert (row.state, row.lease, row.maybe_repeat) == ("owed", None, True)


async def test_a_channel_that_answers_for_fewer_than_it_was_given_loses_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgetful(batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        return []

    monkeypatch.setattr(post.web, "deliver", forgetful)
    assert await post.drain() == 0
    monkeypatch.undo()
    assert await post.drain(LEASE) == 1


async def test_a_lease_that_is_no_longer_ours_settles_nothing(post: Post) -> None:
    other = Platform()

    def the_others_turn() -> None:
        post.clock.forward(LEASE)
        claimed = sa.update(messages).values(lease="another process", next_at=post.clock.now() + LEASE)
        post.database.run(lambda t: t.execute(claimed))

    post.web.meanwhile = [the_others_turn]
    await post.drain()
    row = post.row()
    assert (row.state, row.lease, row.sent_at) == ("owed", "another process", None)
    post.clock.forward(LEASE)
    await post.another(other).drain()
    assert [each.maybe_repeat for each in other.given] == [True]
    assert post.row().state == "sent"


async def test_two_processes_send_each_message_once(tmp_path: Path) -> None:
    post = Post(url_in(tmp_path))
    async with opened(post):
        for number in range(1, 61):
            post.owe(number)
        others = [Platform(batch=3), Platform(batch=3)]
        sent = await asyncio.gather(*(post.another(each).drain() for each in others))
        assert sum(sent) == 60
        assert sorted(others[0].said + others[1].said) == sorted(f"note {number}" for number in range(1, 61))


async def test_where_the_next_batch_cannot_be_claimed_the_one_before_it_is_settled(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2, 16):
        post.owe(number)

    def not_now(*_: object) -> None:
        raise LookupError("no such table")

    post.web.meanwhile = [lambda: monkeypatch.setattr(delivery, "claim", not_now)]
    with pytest.raises(LookupError):
        await post.drain()
    assert [row.state for row in post.rows()] == ["sent"] * 10 + ["owed"] * 5
    monkeypatch.undo()
    assert await post.drain() == 5
