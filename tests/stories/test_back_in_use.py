"""Addresses that a platform once refused come back into use, and somebody with two accounts is heard at both."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.app import App
from apbot.cards import Reply
from apbot.channels.desk import Desk, Heard
from apbot.channels.port import Outcome, Receipt
from apbot.handlers.dispatch import handle
from apbot.store.linkcodes import make_code
from apbot.store.linking import Owner, link, use_again_all
from apbot.store.roster import open_conversations
from apbot.store.tables import addresses, audit, escalations, people
from tests.day import Day, Recorder, text_of
from tests.stories.cast import answered
from tests.stories.test_where_people_are_told import Elsewhere, at, with_slack

DSL = "Dorothy Okafor"
REFUSED = Receipt(Outcome.REFUSED, why="account inactive")
HERS = f"U-{DSL}"


async def hear(day: Day, sender: str, text: str = "/ap today", place: str = "", **more: Any) -> Reply:
    """Somebody does something on Slack."""
    heard = Heard(f"slack-{next(day.events)}", sender, place or sender, text=text, **more)
    reply = await Desk(day.database, handle).hear("slack", heard)
    await day.app.tick()
    return reply


async def with_a_closed_address(day: Day, *names: str) -> Elsewhere:
    """By 10:01 Slack has refused a message to each of these, and the admin has been told."""
    slack = with_slack(day, *names)
    await day.until("09:29" if "Oak Farm" in names else "09:59")
    slack.answers = [REFUSED]
    await day.until("10:01")
    day.person("Ada Quill").sees("can't be reached by Slack any more")
    return slack


def closed(day: Day) -> int:
    return len(day.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None))))


async def test_who_writes_from_an_address_that_was_refused_is_told_there_again(day: Day) -> None:
    await with_a_closed_address(day, DSL)
    assert closed(day) == 1
    await hear(day, HERS)
    assert closed(day) == 0
    day.person("Ada Quill").sees(f"{DSL} is reached by Slack again")
    (noted,) = day.rows(sa.select(audit).where(audit.c.what == "address used again"))
    assert (noted.person_id, noted.via, noted.detail) == (day.ids[DSL], "slack", {"channel": "slack"})
    assert "stopped working" not in text_of(answered(await day.person(DSL).types("/ap notify")))


async def test_what_they_type_in_a_shared_conversation_opens_that_one_and_not_their_own(day: Day) -> None:
    """They may have blocked apbot and still be in the group."""
    await with_a_closed_address(day, DSL)
    day.database.run(link, Owner(None, day.ids["Oak Farm"]), "slack", "C-farm")
    await hear(day, HERS, place="C-farm")
    assert closed(day) == 1


async def test_a_providers_conversation_is_used_again_when_its_staff_write_there(day: Day) -> None:
    slack = await with_a_closed_address(day, "Oak Farm", "Sam Taylor")
    await hear(day, "U-Passing Stranger", place="U-Oak Farm")
    assert closed(day) == 1, "not when a stranger does"
    await hear(day, "U-Sam Taylor", place="U-Oak Farm")
    assert closed(day) == 0
    await day.until("13:01")
    assert any("Register: Oak Farm" in each for each in at(slack, "Oak Farm"))


async def test_a_code_typed_there_opens_it_too(day: Day) -> None:
    await with_a_closed_address(day, DSL)
    code = day.database.run(make_code, timedelta(hours=1), person_id=day.ids[DSL]).code
    await hear(day, HERS, f"/ap link {code}")
    assert closed(day) == 0
    day.person("Ada Quill").sees(f"{DSL} is reached by Slack again")


async def with_a_closed_inbox(day: Day) -> None:
    """The DSL's email address has been refused, and the admin told."""
    email = type("Email", (Recorder,), {"name": "email"})(day.clock)
    day.app = App(day.settings, day.database, [day.recorder, email])
    day.unreachable(DSL)
    day.change(people, people.c.id == day.ids[DSL], email="d@hillcrest.example")
    day.database.run(open_conversations)
    await day.until("09:59")
    email.answers = [REFUSED]
    await day.until("10:01")
    assert closed(day) == 1
    day.person("Ada Quill").sees("can't be reached by email", "apbot link DOROTHY --again email")


async def test_an_import_with_the_same_email_address_opens_nothing_and_a_corrected_one_does(day: Day) -> None:
    await with_a_closed_inbox(day)
    day.database.run(open_conversations)
    assert closed(day) == 1
    day.change(people, people.c.id == day.ids[DSL], email="dorothy@hillcrest.example")
    day.database.run(open_conversations)
    assert closed(day) == 0
    await day.app.tick()
    day.person("Ada Quill").sees(f"{DSL} is reached by email again")


async def test_an_admin_opens_an_email_address_that_is_right(day: Day) -> None:
    await with_a_closed_inbox(day)
    assert day.database.run(use_again_all, Owner(day.ids[DSL], None), "email") == 1
    assert day.database.run(use_again_all, Owner(day.ids[DSL], None), "email") == 0
    await day.app.tick()
    day.person("Ada Quill").sees(f"{DSL} is reached by email again")


def test_a_corrected_email_address_keeps_its_place_in_the_persons_order(day: Day) -> None:
    def rank() -> list[tuple[str, int]]:
        mine = sa.select(addresses).where(addresses.c.person_id == day.ids[DSL], addresses.c.channel == "email")
        return [(row.address, row.rank) for row in day.rows(mine)]

    day.change(people, people.c.id == day.ids[DSL], email="d@hillcrest.example")
    day.database.run(open_conversations)
    day.change(addresses, addresses.c.channel == "email", rank=-3)
    day.change(people, people.c.id == day.ids[DSL], email="dorothy@hillcrest.example")
    day.database.run(open_conversations)
    assert rank() == [("dorothy@hillcrest.example", -3)]


# Two accounts


def with_two_accounts(day: Day) -> Elsewhere:
    """The DSL is linked in two workspaces; in the second last."""
    slack = with_slack(day, DSL)
    day.database.run(link, Owner(day.ids[DSL], None), "slack", "U-Dorothy elsewhere")
    return slack


@pytest.mark.parametrize("acts_from", [HERS, "U-Dorothy elsewhere"])
async def test_of_two_accounts_the_one_linked_last_is_told_and_both_are_heard(day: Day, acts_from: str) -> None:
    slack = with_two_accounts(day)
    await day.until("10:00")
    assert at(slack, DSL) == []
    told = [each for each in slack.posted.values() if each.address == "U-Dorothy elsewhere"]
    (alert,) = [each for each in told if "CD34" in text_of(each.card)]
    button = next(each for each in alert.card.buttons_everywhere() if each.label.startswith("Acknowledge"))
    await hear(day, acts_from, "", verb=button.verb, subject=button.subject, value=button.value)
    mine = sa.select(escalations).where(escalations.c.acknowledged_by_id == day.ids[DSL])
    assert len(day.rows(mine)) == 1
    assert DSL in text_of(alert.card), "and the alert says so, in the account that was told"


async def test_putting_channels_in_order_leaves_two_accounts_in_theirs(day: Day) -> None:
    slack = with_two_accounts(day)
    said = answered(await day.person(DSL).types("/ap notify web"))
    assert [row.heading for row in said.rows] == ["1. the web chat", "2. Slack"], "one line for both"
    answered(await day.person(DSL).types("/ap notify slack"))
    await day.until("10:00")
    assert any(each.address == "U-Dorothy elsewhere" for each in slack.posted.values())
    assert at(slack, DSL) == []


async def test_when_the_first_of_two_accounts_is_refused_the_other_takes_over(day: Day) -> None:
    slack = with_two_accounts(day)
    await day.until("09:59")
    slack.answers = [REFUSED]
    await day.until("10:01")
    assert any("Not arrived" in each for each in at(slack, DSL))
    said = answered(await day.person(DSL).types("/ap notify"))
    assert not said.rows[0].text, "Slack works"
