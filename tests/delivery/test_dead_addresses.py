"""When an address is dead: the person's next, and then the next person."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from apbot.channels.port import Outcome, Receipt
from apbot.domain.escalation import Policy
from apbot.store.database import Transaction
from apbot.store.tables import addresses, audit, escalations, messages, registers
from apbot.store.unreached import UNREACHED
from tests.post import ACCEPTED, CONTACT, DEPUTY, DSL, NOW, Post, opened


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
