"""Delivery: from the outbox to the platforms, through every answer that a platform may give."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot import delivery
from apbot.channels.platform import Platform as AnyPlatform
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.domain.escalation import Policy
from apbot.domain.priority import Priority
from apbot.settling import GIVES_UP_WAITING
from apbot.store.database import Transaction
from apbot.store.outbox import LEASE, Owed, Subject, owe
from apbot.store.tables import addresses, audit, escalations, messages, registers
from apbot.store.unreached import UNREACHED
from tests.blank import url_in
from tests.post import ACCEPTED, CONTACT, DEPUTY, DSL, NOW, Platform, Post, opened, running, until


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """Somebody is owed a note, and the platform is well."""
    found = Post()
    found.owe()
    yield found
    found.database.close()


# What becomes of one message.


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


# When an address is dead.


async def test_a_refused_address_is_disabled_and_the_next_channel_takes_the_message_over_at_once() -> None:
    async with opened(Post(channels=("web", "slack"))) as post:
        post.address(DSL, "slack")
        post.owe()
        post.web.answers = [Receipt(Outcome.REFUSED, why="gone")]
        await post.drain()
        assert post.platforms["slack"].said == ["note 1"]
        first, second = post.rows()
        assert (first.state, first.trouble, first.next_at) == ("failed", "gone", None)
        assert (second.state, second.channel, second.recipient, second.due_at) == (
            "sent",
            "slack",
            first.recipient,
            NOW,
        )
        dead = post.database.run(
            lambda t: t.rows(sa.select(addresses.c.channel).where(addresses.c.disabled_at.is_not(None)))
        )
        assert [row.channel for row in dead] == ["web"]
        post.owe(2)
        await post.drain()
        assert post.platforms["slack"].said == ["note 1", "note 2"]
        assert len(post.web.given) == 1, "a dead address is not tried again"


async def test_a_refused_address_wakes_the_lane_of_the_next() -> None:
    async with opened(Post(channels=("web", "slack"))) as post:
        post.address(DSL, "slack")
        heard: list[frozenset[str]] = []
        post.owe()
        post.database.listeners.append(heard.append)
        post.web.answers = [Receipt(Outcome.REFUSED)]
        await post.drain()
        assert {"messages"} in heard


async def test_a_second_address_on_the_same_channel_takes_it_over_too() -> None:
    async with opened(Post()) as post:
        post.address(DSL, "web", address="a second one")
        post.owe()
        post.web.answers = [Receipt(Outcome.REFUSED)]
        await post.drain()
        await post.drain()
        assert [each.address for each in post.web.given] == [f"person:{post.ids[DSL]}", "a second one"]
        assert post.row().state == "sent"


async def test_an_address_that_is_theirs_no_more_when_it_is_refused_is_no_dead_end() -> None:
    async with opened(Post()) as post:
        post.owe()
        corrected = sa.update(addresses).where(addresses.c.person_id == post.ids[DSL]).values(address="the right one")
        post.web.meanwhile = [lambda: post.database.run(lambda t: t.execute(corrected)) and None]
        post.web.answers = [Receipt(Outcome.REFUSED)]
        await post.drain()
        await post.drain()
        assert [each.address for each in post.web.given] == [f"person:{post.ids[DSL]}", "the right one"]
        assert post.row().state == "sent"


async def test_of_an_address_that_refuses_many_messages_the_admins_are_told_once() -> None:
    async with opened(Post(channels=("web", "slack"))) as post:
        post.address(DSL, "slack", rank=-1)
        for number in range(1, 4):
            post.owe(number)
        post.platforms["slack"].answers = [Receipt(Outcome.REFUSED)] * 3
        await post.drain()
        await post.drain()
        told = sa.select(messages.c.person_id).where(messages.c.kind == UNREACHED)
        people = [row.person_id for row in post.database.run(lambda t: t.rows(told))]
        assert len(people) == len(set(people)) > 0
        assert post.web.said == ["note 1", "note 2", "note 3"]


async def test_an_edit_that_is_refused_goes_out_anew_at_the_second_address() -> None:
    async with opened(Post()) as post:
        post.address(DSL, "web", address="a second one")
        post.owe()
        await post.drain()
        post.web.answers = [Receipt(Outcome.REFUSED)]
        post.change(1, "acknowledged")
        await post.drain()
        await post.drain()
        assert [(each.address, each.platform_ref) for each in post.web.given[1:]] == [
            (f"person:{post.ids[DSL]}", "ref 1"),
            ("a second one", ""),
        ]


async def test_a_person_whose_only_address_is_dead_is_noted(post: Post) -> None:
    post.web.answers = [Receipt(Outcome.REFUSED, why="gone")]
    await post.drain()
    assert post.row().state == "failed"
    noted = post.database.run(lambda t: t.rows(sa.select(audit.c.detail).where(audit.c.what == "address refused")))
    assert [row.detail for row in noted] == [{"why": "gone"}]
    post.change(1, "changed")
    assert await post.drain(timedelta(hours=1)) == 0


async def test_an_alert_whose_reader_turns_out_unreachable_goes_to_the_next_in_line_at_once() -> None:
    async with opened(Post()) as post:
        alert = post.database.run(open_alert, post.ids)
        for name in (CONTACT, DSL):
            post.owe(alert, to=name, kind="escalation")
        post.web.answers = [ACCEPTED, Receipt(Outcome.REFUSED)]
        await post.drain()
        await post.drain()
        assert [each.address for each in post.web.given] == [
            f"person:{post.ids[name]}" for name in (CONTACT, DSL, DEPUTY)
        ]


async def test_nobody_stands_in_for_a_dead_address_once_somebody_is_dealing_with_the_alert() -> None:
    async with opened(Post()) as post:
        alert = post.database.run(open_alert, post.ids)
        post.database.run(lambda t: t.execute(sa.update(escalations).values(state="acknowledged")))
        post.owe(alert, to=DSL, kind="escalation")
        post.web.answers = [Receipt(Outcome.REFUSED)]
        await post.drain()
        await post.drain()
        assert len(post.web.given) == 1


def open_alert(transaction: Transaction, ids: Mapping[str, int]) -> int:
    """An open alert at its first step; its id."""
    register = transaction.insert(
        registers, provider_id=ids["Oak Farm"], day=NOW.date(), session="am", starts_at=NOW, ends_at=NOW
    )
    return transaction.insert(
        escalations,
        register_id=register,
        school_id=ids["Hillcrest"],
        kind="not arrived",
        due_at=NOW,
        opened_at=NOW,
        steps=Policy.standard().to_json(),
        state="open",
        next_at=NOW + timedelta(minutes=10),
    )


# Many messages, many lanes, many processes.


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


async def test_while_every_place_hangs_what_is_owed_goes_out_as_soon_as_one_is_free(tmp_path: Path) -> None:
    post = Post(url_in(tmp_path))
    hanging = HangingOn("note 1", "note 3")
    post.delivery = post.another(hanging)
    async with opened(post), running(post):
        for number in range(1, 4):
            post.owe(number)
        await until(lambda: len(hanging.given) == 3)
        post.owe(4, priority=Priority.PROMPT)
        hanging.on.remove("note 3")
        hanging.changed.set()
        await until(lambda: post.row(4).state == "sent")
        assert post.row(1).state == "owed"


async def test_while_every_place_hangs_an_alert_goes_out_and_what_can_wait_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apbot.places.HANGS_AFTER", 0.01)
    post = Post(f"sqlite:///{tmp_path / 'apbot.db'}")
    hanging = HangingOn("note 1", "note 3")
    post.delivery = post.another(hanging)
    async with opened(post), running(post):
        for number in range(1, 4):
            post.owe(number)
        await until(lambda: len(hanging.given) == 3)
        post.owe(4, priority=Priority.PROMPT)
        post.owe(5, priority=Priority.ESCALATION)
        await until(lambda: post.row(5).state == "sent")
        assert [post.row(number).state for number in (1, 3, 4)] == ["owed"] * 3


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


async def test_a_platform_that_takes_one_message_to_each_at_a_time_is_given_them_all_one_after_another(
    post: Post,
) -> None:
    for number in range(2, 6):
        post.owe(number)
    at_a_pace = HangingOn()
    at_a_pace.most_to_one = 1
    assert await post.another(at_a_pace).drain() == 5
    assert at_a_pace.given == [f"note {number}" for number in range(1, 6)]


class HangingOn(AnyPlatform):
    """A platform with two places. It gives no answer for a batch with one of these notes, until they have changed."""

    name = "web"
    batch = 2
    batches = 2

    def __init__(self, *notes: str) -> None:
        self.on = list(notes)
        self.changed = asyncio.Event()
        self.given: list[str] = []

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        said = [each.card.heading for each in batch]
        self.given += said
        while set(said) & set(self.on):
            await self.changed.wait()
            self.changed.clear()
        return [Receipt(Outcome.ACCEPTED, f"ref {each.message_id}") for each in batch]
