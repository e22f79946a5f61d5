"""What becomes of one message, through every answer that a platform may give."""

from datetime import timedelta

from apbot.channels.port import Outcome, Receipt
from tests.post import NOW, Post


async def test_an_accepted_message_is_sent_once_and_keeps_its_place_on_the_platform(post: Post) -> None:
    assert await post.drain() == 1
    assert await post.drain(timedelta(hours=1)) == 0
    row = post.row()
    assert (row.state, row.platform_ref, row.sent_at, row.heading) == ("sent", "ref 1", NOW, "note 1")
    assert (row.lease, row.next_at, row.trouble) == (None, None, "")
    assert post.web.said == ["note 1"]


async def test_a_changed_message_is_brought_up_to_date_in_its_place(post: Post) -> None:
    await post.drain()
    post.change(1, "acknowledged")
    await post.drain(timedelta(minutes=1))
    assert [(each.card.heading, each.platform_ref) for each in post.web.given] == [
        ("note 1", ""),
        ("acknowledged", "ref 1"),
    ]
    assert post.row().sent_at == NOW, "when it was first sent"


async def test_a_platform_that_gives_no_new_place_for_an_edit_keeps_the_old_one(post: Post) -> None:
    await post.drain()
    for words in ("acknowledged", "closed"):
        post.web.answers = [Receipt(Outcome.ACCEPTED)]
        post.change(1, words)
        await post.drain()
    assert [each.platform_ref for each in post.web.given] == ["", "ref 1", "ref 1"]


async def test_what_is_no_longer_true_is_cancelled_and_not_sent(post: Post) -> None:
    post.change(1, None)
    assert await post.drain() == 0
    assert post.row().state == "cancelled"
    assert post.row().next_at is None
    assert post.web.given == []


async def test_what_was_sent_and_has_nothing_more_to_say_stays_as_it_was_sent(post: Post) -> None:
    await post.drain()
    post.change(1, None)
    await post.drain()
    assert post.row().state == "sent"
    assert post.web.said == ["note 1"]
    post.change(1, "again")
    await post.drain()
    assert post.web.said == ["note 1", "again"]


async def test_cancelled_and_true_again_while_that_was_settled_it_is_sent_after_all(post: Post) -> None:
    post.owe(2)
    post.says[1] = None
    post.web.meanwhile = [lambda: post.change(1, "true again")]
    await post.drain()
    await post.drain()
    assert post.web.said == ["note 2", "true again"]
    assert post.row(1).state == "sent"


async def test_a_message_that_changes_while_it_is_under_way_is_sent_again_as_it_now_is(post: Post) -> None:
    post.web.meanwhile = [lambda: post.change(1, "arrived")]
    await post.drain()
    assert post.row().next_at == NOW
    await post.drain()
    assert post.web.said == ["note 1", "arrived"]
    assert post.web.given[1].platform_ref == "ref 1"
    assert (post.row().shown, post.row().wanted) == (2, 2)


async def test_one_that_changed_before_it_went_out_goes_out_once_as_it_is(post: Post) -> None:
    for words in ("changed", "changed again"):
        post.change(1, words)
    await post.drain()
    await post.drain()
    assert post.web.said == ["changed again"]


async def test_a_rate_limit_is_kept_to_the_second_and_says_the_newest_when_it_is_over(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=30), why="429")]
    await post.drain()
    row = post.row()
    assert (row.state, row.tries, row.trouble) == ("owed", 1, "429")
    assert row.next_at == NOW + timedelta(seconds=30)
    post.change(1, "meanwhile")
    await post.drain(timedelta(seconds=29))
    assert len(post.web.given) == 1
    await post.drain(timedelta(seconds=1))
    assert post.web.said == ["note 1", "meanwhile"]
    assert not post.web.given[1].maybe_repeat, "it was not accepted the first time"


async def test_a_change_while_a_rate_limit_is_being_answered_does_not_cut_it_short(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=30))]
    post.web.meanwhile = [lambda: post.change(1, "meanwhile")]
    await post.drain()
    assert post.row().next_at == NOW + timedelta(seconds=30)


async def test_an_unknown_outcome_is_tried_again_and_says_that_it_may_be_a_repeat(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.UNKNOWN, why="time-out")]
    await post.drain()
    await post.drain(timedelta(seconds=10))
    assert [each.maybe_repeat for each in post.web.given] == [False, True]
    assert not post.row().maybe_repeat, "it has been accepted, so what follows is an edit"


async def test_an_edit_whose_outcome_is_unknown_is_no_repeat(post: Post) -> None:
    await post.drain()
    post.web.answers = [Receipt(Outcome.UNKNOWN)]
    post.change(1, "acknowledged")
    await post.drain()
    await post.drain(timedelta(seconds=10))
    assert [(each.platform_ref, each.maybe_repeat) for each in post.web.given[1:]] == [("ref 1", False)] * 2


async def test_a_long_account_of_what_went_wrong_is_cut_to_what_can_be_kept(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.AGAIN, why="x" * 5000)]
    await post.drain()
    assert post.row().trouble == "x" * 200
    post.web.answers = [Receipt(Outcome.REFUSED, why="y" * 5000)]
    await post.drain(timedelta(minutes=1))
    assert post.row().trouble == "y" * 200
