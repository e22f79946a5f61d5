"""What platforms and people bring is of any length, and holds any sign: it is kept, or refused with words for them."""

from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from apbot.channels.desk import Desk, Heard
from apbot.channels.port import Outcome, Receipt
from apbot.handlers.dispatch import handle
from apbot.store.fallback import Undelivered
from apbot.store.linkcodes import CannotLink, make_code, use_code
from apbot.store.linking import Owner, link_by_email, owner_of
from apbot.store.tables import addresses, events, people
from tests.day import Day
from tests.post import Post, opened
from tests.web.letterbox import PUBLIC_URL, Letterbox

HOUR = timedelta(hours=1)
LONG = "19:meeting_" + "M2Zk" * 250 + "@thread.v2"


async def test_an_event_with_a_long_name_is_done_once_and_answered_alike(day: Day) -> None:
    person_id = day.ids["Dorothy Okafor"]
    day.database.run(lambda t: t.insert(addresses, person_id=person_id, channel="slack", address="U1"))
    desk = Desk(day.database, handle)
    first, again, other = [
        await desk.hear("slack", Heard(name, "U1", "U1", text="/ap today")) for name in (LONG, LONG, f"{LONG}2")
    ]
    assert (first.is_repeat, again.is_repeat, other.is_repeat) == (False, True, False)
    assert first.card == again.card
    assert len(day.rows(sa.select(events).where(events.c.channel == "slack"))) == 2


async def test_two_events_of_one_stranger_at_one_instant_are_both_answered(day: Day) -> None:
    desk = Desk(day.database, handle)
    replies = [await desk.hear("slack", Heard(name, "U9", "U9", text="/ap today")) for name in ("e1", "e2", "e1")]
    assert all(reply.card is not None for reply in replies)
    assert [reply.is_repeat for reply in replies] == [False, False, True]


def test_what_a_platform_tells_later_of_a_message_fits_whatever_it_is_called() -> None:
    one, other = (Undelivered(name, 1, "ref", True, "why").event_id for name in (LONG, f"{LONG}2"))
    assert one != other
    assert max(len(one), len(other)) <= 100


def test_an_address_that_is_too_long_is_refused_in_words_and_leaves_the_code_as_it_was(day: Day) -> None:
    code = day.database.run(lambda t: make_code(t, HOUR, person_id=day.ids["Dorothy Okafor"])).code
    with pytest.raises(CannotLink, match="too long a name"):
        day.database.run(use_code, code, "teams", sender=LONG, place=LONG)
    email = "d.okafor@hillcrest.example"
    day.change(people, people.c.name == "Dorothy Okafor", email=email)
    assert day.database.run(link_by_email, "teams", LONG, [email]) is None
    day.database.run(use_code, code, "teams", sender="U1", place="U1")
    assert day.database.run(owner_of, "teams", "U1") == Owner(day.ids["Dorothy Okafor"], None)


async def test_a_message_of_many_parts_keeps_the_name_of_each() -> None:
    async with opened(Post()) as post:
        post.owe()
        names = " ".join(f"1789632000.{number:06}" for number in range(60))
        post.web.answers = [Receipt(Outcome.ACCEPTED, names)]
        await post.drain()
        assert (post.row().state, post.row().platform_ref) == ("sent", names)


async def test_a_letters_address_with_what_no_database_takes_shows_the_letter() -> None:
    box = Letterbox()
    await box.day.begin()
    try:
        await box.day.until("09:31")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=box.app), base_url=PUBLIC_URL) as client:
            answer = await client.get(f"{box.link('Sam Taylor')}?done=%00&press=%00")
        assert answer.status_code == 200
        assert "Register: Oak Farm" in answer.text
    finally:
        await box.day.end()
