"""What happens to a message that a platform puts off for long, or had accepted and did not deliver."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from apbot.channels.port import Outcome, Receipt
from apbot.domain.priority import Priority
from apbot.store.fallback import TRIED_AGAIN_AFTER, Heeded, Undelivered, not_delivered
from apbot.store.tables import addresses
from tests.post import DSL, Post


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    """The DSL is reached by the web chat first, by Slack next."""
    a_post = Post(channels=("web", "slack"))
    a_post.address(DSL, "slack")
    yield a_post
    a_post.database.close()


def tell(post: Post, *, for_good: bool = False, name: str = "1", event: str = "event 1") -> Heeded:
    """The web platform tells that a part of message 1 did not arrive; the parts are called "ref" and "1" there."""
    told = Undelivered(event, post.rows()[0].id, name, for_good, "told later")
    return post.database.run(not_delivered, "web", told)


async def test_a_long_pause_has_an_alert_go_out_elsewhere_at_once_and_a_short_one_does_not(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=60))]
    post.owe(1)
    await post.drain()
    assert not post.platforms["slack"].given
    post.web.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(hours=3))]
    post.owe(2)
    await post.drain()
    assert post.platforms["slack"].said == ["note 2"]


async def test_a_long_pause_before_an_edit_sends_nothing_elsewhere(post: Post) -> None:
    post.owe()
    await post.drain()
    post.web.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(hours=3))]
    post.change(1, "changed")
    await post.drain()
    assert not post.platforms["slack"].given


async def test_a_reminder_that_is_put_off_for_long_waits(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(hours=3))]
    post.owe(priority=Priority.DIGEST)
    await post.drain()
    assert not post.platforms["slack"].given


async def test_a_dead_address_that_is_told_of_later_is_closed_and_any_message_goes_elsewhere(post: Post) -> None:
    post.owe(priority=Priority.DIGEST)
    await post.drain()
    assert tell(post, for_good=True) is Heeded.DONE
    await post.drain()
    assert post.platforms["slack"].said == ["note 1"]
    assert [(row.channel, row.state) for row in post.rows()] == [("web", "failed"), ("slack", "sent")]
    (closed,) = post.database.run(
        lambda t: t.rows(sa.select(addresses.c.disabled_why).where(addresses.c.disabled_at.is_not(None)))
    )
    assert closed.disabled_why == "told later"


async def test_a_reminder_that_did_not_arrive_this_once_is_left_at_that(post: Post) -> None:
    post.owe(priority=Priority.DIGEST)
    await post.drain()
    assert tell(post) is Heeded.DONE
    await post.drain(TRIED_AGAIN_AFTER)
    assert not post.platforms["slack"].given
    assert len(post.web.given) == 1


@pytest.mark.parametrize("for_good", [True, False])
async def test_told_of_once_more_it_changes_nothing(post: Post, for_good: bool) -> None:
    post.owe()
    await post.drain()
    assert tell(post, for_good=for_good) is Heeded.DONE
    before = post.rows()
    assert tell(post, for_good=for_good) is Heeded.NOT_OURS
    assert post.rows() == before


async def test_another_name_is_not_this_messages(post: Post) -> None:
    post.owe()
    await post.drain()
    assert tell(post, name="2", for_good=True) is Heeded.NOT_OURS
    assert tell(post, name="", for_good=True) is Heeded.NOT_OURS


async def test_what_is_under_way_is_to_be_told_again(post: Post) -> None:
    seen: list[Heeded] = []
    post.web.meanwhile = [lambda: seen.append(tell(post, for_good=True))]
    post.owe()
    await post.drain()
    assert seen == [Heeded.UNDER_WAY]
    assert tell(post, for_good=True) is Heeded.DONE


async def test_an_edit_that_is_under_way_does_not_undo_what_was_told(post: Post) -> None:
    post.owe()
    await post.drain()
    post.change(1, "changed")
    post.web.meanwhile = [lambda: tell(post, for_good=True)]
    await post.drain()
    await post.drain()
    assert [(row.channel, row.state) for row in post.rows()] == [("web", "failed"), ("slack", "sent")]
