"""Where people are told: the order they choose, and what happens when a channel fails or nobody looks at it."""

import sqlalchemy as sa

from apbot.app import App
from apbot.channels.port import Outcome, Receipt
from apbot.store.linking import Owner, link
from apbot.store.tables import addresses, audit, messages, people
from tests.day import Day, Recorder, text_of
from tests.stories.cast import answered

AGAIN = Receipt(Outcome.AGAIN, why="503")


class Elsewhere(Recorder):
    """A second platform."""

    name = "slack"


def with_slack(day: Day, *names: str) -> Elsewhere:
    """apbot is started with a second channel, on which these people, or providers, are linked."""
    slack = Elsewhere(day.clock)
    day.app = App(day.settings, day.database, [day.recorder, slack])
    for name in names:
        owner = Owner(None, day.ids[name]) if name in ("Oak Farm", "The Garage") else Owner(day.ids[name], None)
        day.database.run(link, owner, "slack", f"U-{name}")
    return slack


def at(channel: Recorder, name: str) -> list[str]:
    """The headings that stand at somebody's address there."""
    return [posted.card.heading for posted in channel.posted.values() if posted.address == f"U-{name}"]


async def test_the_channel_that_was_linked_last_comes_first(day: Day) -> None:
    slack = with_slack(day, "Dorothy Okafor")
    await day.until("10:00")
    assert any("Not arrived" in each for each in at(slack, "Dorothy Okafor"))
    day.person("Dorothy Okafor").sees_nothing()


async def test_everybody_puts_their_own_channels_in_order(day: Day) -> None:
    slack = with_slack(day, "Dorothy Okafor")
    said = answered(await day.person("Dorothy Okafor").types("/ap notify web"))
    assert [row.heading for row in said.rows] == ["1. the web chat", "2. Slack"]
    await day.until("10:00")
    day.person("Dorothy Okafor").sees("Not arrived")
    assert at(slack, "Dorothy Okafor") == []


async def test_a_channel_is_put_first_with_one_press(day: Day) -> None:
    with_slack(day, "Dorothy Okafor")
    await day.person("Dorothy Okafor").types("/ap notify")
    said = answered(await day.person("Dorothy Okafor").taps("Put first"))
    assert said.rows[0].heading == "1. the web chat"


async def test_a_channel_that_somebody_does_not_have_is_refused_by_name(day: Day) -> None:
    said = text_of(answered(await day.person("Dorothy Okafor").types("/ap notify pigeon")))
    assert "not reached by pigeon" in said
    assert "web" in said


async def test_an_alert_that_is_not_acknowledged_goes_to_the_next_channel(day: Day) -> None:
    slack = with_slack(day, "Dorothy Okafor", "Priya Nair")
    await day.until("10:00")
    day.person("Dorothy Okafor").sees_nothing()
    await day.until("11:30")
    assert at(slack, "Dorothy Okafor")
    day.person("Dorothy Okafor").sees("Not arrived", "Nobody has acknowledged it")


async def test_an_alert_on_a_platform_that_is_down_goes_out_on_the_next_channel_within_a_minute(day: Day) -> None:
    slack = with_slack(day, "Dorothy Okafor")
    await day.until("09:59")
    slack.answers = [AGAIN] * 40
    await day.until("10:01")
    day.person("Dorothy Okafor").sees("Not arrived")
    assert day.rows(sa.select(audit).where(audit.c.what == "sent elsewhere too"))
    slack.answers = []
    await day.until("10:07")
    assert at(slack, "Dorothy Okafor"), "and still on the first, once that works again"


async def test_a_prompt_waits_for_its_platform_and_is_not_sent_twice(day: Day) -> None:
    slack = with_slack(day, "Oak Farm")
    await day.until("09:29")
    slack.answers = [AGAIN] * 5
    await day.until("09:45")
    assert len(at(slack, "Oak Farm")) == 1
    day.provider("Oak Farm").does_not_see("Register: Oak Farm")


async def test_a_provider_with_a_conversation_on_a_platform_is_asked_there_only(day: Day) -> None:
    slack = with_slack(day, "Oak Farm", "Sam Taylor")
    await day.until("09:30")
    assert len(at(slack, "Oak Farm")) == 1
    assert at(slack, "Sam Taylor") == []
    day.provider("Oak Farm").sees_nothing()


async def test_a_provider_without_one_has_its_contacts_asked_where_they_are(day: Day) -> None:
    slack = with_slack(day, "Sam Taylor")
    await day.until("09:30")
    assert any("Register: Oak Farm" in each for each in at(slack, "Sam Taylor"))
    day.provider("Oak Farm").sees("Register: Oak Farm")  # Bea Whitlock reads the built-in chat


async def test_nothing_is_posted_to_a_chat_that_nobody_there_reads(day: Day) -> None:
    day.unreachable("Sam Taylor")
    day.unreachable("Bea Whitlock")
    slack = with_slack(day, "Sam Taylor")
    await day.until("09:30")
    assert at(slack, "Sam Taylor")
    day.provider("Oak Farm", "Sam Taylor").sees_nothing()


async def test_an_answer_in_one_place_is_seen_in_the_other(day: Day) -> None:
    slack = with_slack(day, "Sam Taylor")
    await day.until("09:31")
    await day.provider("Oak Farm", "Bea Whitlock").taps("All arrived")
    (posted,) = [each for each in slack.posted.values() if "Register" in each.card.heading]
    assert "All answered" in text_of(posted.card)


async def test_after_a_restart_without_a_platform_its_addresses_are_passed_over(day: Day) -> None:
    with_slack(day, "Dorothy Okafor")
    day.app = App(day.settings, day.database, [day.recorder])
    await day.until("10:00")
    day.person("Dorothy Okafor").sees("Not arrived")
    said = answered(await day.person("Dorothy Okafor").types("/ap notify"))
    assert "not set up here" in said.rows[0].text


async def test_of_two_people_who_share_an_inbox_one_refusal_closes_one_way(day: Day) -> None:
    email = type("Email", (Recorder,), {"name": "email"})(day.clock)
    day.app = App(day.settings, day.database, [day.recorder, email])
    for name in ("Dorothy Okafor", "Priya Nair"):
        day.database.run(
            lambda t, name=name: t.insert(
                addresses, person_id=day.ids[name], channel="email", address="office@hillcrest.example", rank=-1
            )
        )
    await day.until("09:59")
    email.answers = [Receipt(Outcome.REFUSED, why="no such box")]
    await day.until("10:00")
    closed = day.rows(sa.select(addresses.c.person_id).where(addresses.c.disabled_at.is_not(None)))
    assert len(closed) == 1
    told = day.rows(sa.select(messages.c.person_id).where(messages.c.kind == "escalation", messages.c.state == "sent"))
    assert {row.person_id for row in told} >= {day.ids["Dorothy Okafor"], day.ids["Priya Nair"]}


async def test_email_and_text_addresses_follow_the_roster(day: Day) -> None:
    from apbot.store.roster import open_conversations

    def rows() -> dict[str, str]:
        found = day.rows(sa.select(addresses).where(addresses.c.person_id == day.ids["Dorothy Okafor"]))
        return {row.channel: row.address for row in found}

    day.change(people, people.c.id == day.ids["Dorothy Okafor"], email="d@hillcrest.example", mobile="07700 900123")
    day.database.run(open_conversations)
    assert (rows()["email"], rows()["sms"]) == ("d@hillcrest.example", "07700 900123")
    day.change(people, people.c.id == day.ids["Dorothy Okafor"], email="dorothy@hillcrest.example", mobile="")
    day.database.run(open_conversations)
    assert rows()["email"] == "dorothy@hillcrest.example"
    assert "sms" not in rows()


async def test_the_admin_is_told_at_once_that_somebody_cannot_be_reached_any_more(day: Day) -> None:
    slack = with_slack(day, "Dorothy Okafor")
    await day.until("09:59")
    slack.answers = [Receipt(Outcome.REFUSED, why="account inactive")]
    await day.until("10:01")
    day.person("Dorothy Okafor").sees("Not arrived")  # by the web chat, at once
    day.person("Ada Quill").sees(
        "Dorothy Okafor can't be reached by Slack any more", "account inactive", "by the web chat instead"
    )
    day.database.run(link, Owner(day.ids["Dorothy Okafor"], None), "slack", "U-Dorothy Okafor")
    await day.until("10:02")
    day.person("Ada Quill").sees("Dorothy Okafor is reached by Slack again")


async def test_a_provider_conversation_that_is_refused_is_told_to_the_admins_of_its_schools(day: Day) -> None:
    slack = with_slack(day, "Oak Farm")
    await day.until("09:29")
    slack.answers = [Receipt(Outcome.REFUSED, why="archived")]
    await day.until("09:31")
    day.provider("Oak Farm").sees("Register: Oak Farm")
    day.person("Ada Quill").sees("Oak Farm can't be reached by Slack any more")
