"""How long delivery waits before it tries again, where the platform does not say."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from apbot.channels.port import Outcome, Receipt
from apbot.domain.priority import Priority
from apbot.settling import LAST_RETRY, LAST_RETRY_OF_WHAT_PRESSES
from tests.post import Post


@pytest.fixture
def post() -> Iterator[Post]:
    """An outbox in which nothing is owed yet."""
    found = Post()
    yield found
    found.database.close()


@pytest.mark.parametrize("outcome", [Outcome.AGAIN, Outcome.UNKNOWN])
@pytest.mark.parametrize(
    ("priority", "longest"),
    [
        (Priority.ESCALATION, LAST_RETRY_OF_WHAT_PRESSES),
        (Priority.PROMPT, LAST_RETRY_OF_WHAT_PRESSES),
        (Priority.REMINDER, LAST_RETRY),
    ],
)
async def test_the_pauses_grow_but_an_alert_is_never_far_from_its_next_try_and_nothing_is_given_up(
    post: Post, outcome: Outcome, priority: Priority, longest: timedelta
) -> None:
    post.owe(priority=priority)
    pauses = []
    for number in range(20):
        post.web.answers = [Receipt(outcome)]
        await post.drain()
        assert len(post.web.given) == number + 1
        row = post.row()
        assert row.state == "owed"
        pauses.append(row.next_at - post.clock.now())
        post.clock.set(row.next_at)
    assert timedelta(seconds=3) < pauses[0] < timedelta(seconds=7)
    assert max(pauses) <= longest * 1.25
    assert min(pauses[10:]) >= longest * 0.75
    assert await post.drain() == 1
