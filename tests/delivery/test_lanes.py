"""Lanes, and places in them: what hangs holds up nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from apbot.channels.port import Outgoing, Receipt
from apbot.domain.priority import Priority
from apbot.store.outbox import LEASE
from tests.blank import url_in
from tests.delivery.hanging import HangingOn
from tests.post import CONTACT, DSL, Post, opened, running, until


async def test_a_slow_lane_does_not_hold_another(tmp_path: Path) -> None:
    post = Post(url_in(tmp_path), channels=("web", "slack"))
    async with opened(post), running(post):
        go_on = asyncio.Event()
        quick = post.web.deliver

        async def slow(batch: Sequence[Outgoing]) -> Sequence[Receipt]:
            await go_on.wait()
            return await quick(batch)

        post.web.deliver = slow  # type: ignore[method-assign]
        post.address(CONTACT, "slack", rank=-1)
        post.owe(1, to=DSL)
        await until(lambda: post.row(1).lease is not None)
        post.owe(2, to=CONTACT)
        post.owe(3, to=CONTACT)
        await until(lambda: len(post.platforms["slack"].given) == 2)
        assert post.web.given == []
        go_on.set()
        await until(lambda: len(post.web.given) == 1)


async def test_a_lane_that_fails_goes_on_and_so_do_the_others(tmp_path: Path) -> None:
    post = Post(url_in(tmp_path), channels=("web", "slack"))
    async with opened(post), running(post):
        post.address(CONTACT, "slack", rank=-1)
        post.web.answers = [OSError("down")]
        post.owe(1, to=DSL)
        await until(lambda: len(post.web.given) == 1)
        post.owe(2, to=CONTACT)
        post.owe(3, to=DSL)
        await until(lambda: len(post.web.given) == 2 and len(post.platforms["slack"].given) == 1)
        post.clock.forward(LEASE)
        post.delivery.wake()
        await until(lambda: len(post.web.given) == 3)
        assert post.web.given[2].maybe_repeat


async def test_what_is_owed_while_a_lane_is_busy_goes_out_right_after(tmp_path: Path) -> None:
    post = Post(url_in(tmp_path))
    async with opened(post), running(post):
        post.web.meanwhile = [lambda: post.owe(2)]
        post.owe(1)
        await until(lambda: post.web.said == ["note 1", "note 2"])
        await until(lambda: post.row(2).state == "sent")


async def test_a_batch_that_hangs_keeps_its_own_place_and_no_later_alert_waits_for_it(tmp_path: Path) -> None:
    post = Post(url_in(tmp_path))
    post.delivery = post.another(HangingOn("note 1"))
    async with opened(post), running(post):
        for number in range(1, 4):
            post.owe(number)
        await until(lambda: post.row(3).state == "sent")
        post.owe(4)
        await until(lambda: post.row(4).state == "sent")
        assert [post.row(number).state for number in (1, 2)] == ["owed", "owed"]


@asynccontextmanager
async def every_place_hanging(post: Post) -> AsyncIterator[tuple[Post, HangingOn]]:
    """Delivery runs, and neither of the platform's two places gives an answer."""
    hanging = HangingOn("note 1", "note 3")
    post.delivery = post.another(hanging)
    async with opened(post), running(post):
        for number in range(1, 4):
            post.owe(number)
        await until(lambda: len(hanging.given) == 3)
        yield post, hanging


async def test_while_every_place_hangs_what_is_owed_goes_out_as_soon_as_one_is_free(tmp_path: Path) -> None:
    async with every_place_hanging(Post(url_in(tmp_path))) as (post, hanging):
        post.owe(4, priority=Priority.PROMPT)
        hanging.on.remove("note 3")
        hanging.changed.set()
        await until(lambda: post.row(4).state == "sent")
        assert post.row(1).state == "owed"


async def test_while_every_place_hangs_an_alert_goes_out_and_what_can_wait_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apbot.places.HANGS_AFTER", 0.01)
    async with every_place_hanging(Post(f"sqlite:///{tmp_path / 'apbot.db'}")) as (post, _):
        post.owe(4, priority=Priority.PROMPT)
        post.owe(5, priority=Priority.ESCALATION)
        await until(lambda: post.row(5).state == "sent")
        assert [post.row(number).state for number in (1, 3, 4)] == ["owed"] * 3


async def test_a_platform_that_takes_one_message_to_each_at_a_time_is_given_them_all_one_after_another(
    post: Post,
) -> None:
    for number in range(2, 6):
        post.owe(number)
    at_a_pace = HangingOn()
    at_a_pace.most_to_one = 1
    assert await post.another(at_a_pace).drain() == 5
    assert at_a_pace.given == [f"note {number}" for number in range(1, 6)]
