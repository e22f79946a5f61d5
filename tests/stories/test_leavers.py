"""Leavers: from the day after their last, nothing is sent to them, nothing shown to them anew, and nothing heard."""

from datetime import timedelta

import sqlalchemy as sa

from apbot.app import App
from apbot.channels.desk import Desk, Heard
from apbot.channels.port import Outcome, Receipt
from apbot.handlers.dispatch import handle
from apbot.store.fallback import THEY_HAVE_LEFT, Heeded, Undelivered
from apbot.store.linking import Owner, link
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.tables import addresses, audit, messages, people
from tests.day import Day, Recorder, text_of

DSL = "Dorothy Okafor"
AGAIN = Receipt(Outcome.AGAIN, why="503")


def leaves(day: Day, name: str, days_ago: int = 1) -> None:
    """The roster says that this person's last day was so many days ago."""
    day.change(people, people.c.id == day.ids[name], leaves_on=day.date - timedelta(days=days_ago))


def on(day: Day, channel: str, name: str) -> Recorder:
    """Another platform, on which this person is linked, and reached first."""
    there: Recorder = type("There", (Recorder,), {"name": channel})(day.clock)
    day.app = App(day.settings, day.database, [day.recorder, there])
    day.database.run(link, Owner(day.ids[name], None), channel, f"{channel} of {name}")
    return there


def shown_to(channel: Recorder, name: str) -> list[str]:
    """What stands at somebody's address there, as text."""
    return [text_of(each.card) for each in channel.posted.values() if each.address == f"{channel.name} of {name}"]


async def test_an_old_alert_shows_a_leaver_nothing_new(day: Day) -> None:
    slack = on(day, "slack", DSL)
    await day.until("10:00")
    before = shown_to(slack, DSL)
    assert any("CD34" in each for each in before)
    leaves(day, DSL)
    await day.provider("Oak Farm").types("CD34 just arrived")
    await day.person("Tom Beckett").types("/ap missing")
    await day.until("11:00")
    assert shown_to(slack, DSL) == before
    hers = sa.select(messages).where(messages.c.person_id == day.ids[DSL])
    assert not [row for row in day.rows(hers) if row.next_at is not None], "and nothing waits to be shown"


async def test_the_built_in_chat_shows_them_nothing_new_either(day: Day) -> None:
    await day.until("10:00")
    before = day.person(DSL).text
    assert "CD34" in before
    leaves(day, DSL)
    await day.provider("Oak Farm").types("CD34 just arrived")
    await day.until("11:00")
    assert day.person(DSL).text == before


async def test_on_their_last_day_everything_is_as_ever(day: Day) -> None:
    slack = on(day, "slack", DSL)
    leaves(day, DSL, days_ago=0)
    await day.until("10:00")
    await day.provider("Oak Farm").types("CD34 just arrived")
    assert any("CD34" in each and "rrived" in each for each in shown_to(slack, DSL))


async def test_an_alert_that_somebody_never_got_before_they_left_goes_to_who_answers_now(day: Day) -> None:
    slack = on(day, "slack", DSL)
    day.change(addresses, addresses.c.address == f"person:{day.ids[DSL]}", disabled_at=day.clock.now())
    await day.until("09:59")
    slack.answers = [AGAIN] * 6
    await day.jump("10:00")
    day.person("Tom Beckett").does_not_see("Not arrived")
    leaves(day, DSL)
    await day.until("10:02")
    assert shown_to(slack, DSL) == []
    day.person("Tom Beckett").sees("Not arrived", "CD34")
    hers = sa.select(messages).where(messages.c.person_id == day.ids[DSL], messages.c.kind == "escalation")
    assert {(row.state, row.trouble, row.next_at) for row in day.rows(hers)} == {("cancelled", THEY_HAVE_LEFT, None)}
    assert day.rows(sa.select(audit).where(audit.c.what == "not sent: they have left"))


async def test_what_is_owed_to_a_leaver_closes_no_address_and_troubles_no_admin(day: Day) -> None:
    leaves(day, DSL)
    day.database.run(owe, [Owed(Subject("unreached", 1), 5, day.clock.now(), person_id=day.ids[DSL])])
    await day.app.tick()
    day.person(DSL).sees_nothing()
    assert not day.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None)))
    day.person("Ada Quill").does_not_see("can't be reached")


async def test_a_message_that_did_not_arrive_before_they_left_troubles_no_admin(day: Day) -> None:
    on(day, "slack", DSL)
    await day.until("10:00")
    leaves(day, DSL)
    (row, *_) = day.rows(sa.select(messages).where(messages.c.channel == "slack"))
    told = Undelivered("1", row.id, row.platform_ref, for_good=True, why="told later")
    assert await Desk(day.database, handle).told_later("slack", told) is Heeded.DONE
    await day.until("10:05")
    day.person("Ada Quill").does_not_see("can't be reached")
    day.person("Tom Beckett").sees("Not arrived")


async def test_somebody_who_has_not_left_after_all_is_told_again(day: Day) -> None:
    slack = on(day, "slack", DSL)
    leaves(day, DSL)
    await day.until("09:45")
    day.change(people, people.c.id == day.ids[DSL], leaves_on=None)
    await day.until("10:00")
    assert any("Not arrived" in each for each in shown_to(slack, DSL))


async def test_a_leaver_is_not_heard_and_opens_no_address_again(day: Day) -> None:
    on(day, "slack", DSL)
    day.change(addresses, addresses.c.channel == "slack", disabled_at=day.clock.now(), disabled_why="gone")
    leaves(day, DSL)
    where = f"slack of {DSL}"
    reply = await Desk(day.database, handle).hear("slack", Heard("1", where, where, text="/ap today"))
    assert reply.is_refusal
    assert day.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None)))


async def test_a_conversation_that_a_providers_staff_share_goes_on_without_the_leaver(day: Day) -> None:
    leaves(day, "Sam Taylor")
    await day.until("09:31")
    day.provider("Oak Farm", "Bea Whitlock").sees("Register: Oak Farm")
