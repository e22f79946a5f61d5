"""What people do on Teams: they press, type, quote, add apbot and take it away."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.cards import Reply
from apbot.channels.desk import EmailsOf, Heard
from apbot.channels.teams import webhook
from apbot.channels.teams.inbound import read_activity, words_heard
from apbot.channels.teams.settings import Settings
from apbot.store.linking import detail_of
from apbot.store.tables import addresses, escalations, marks
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.stand import Failure
from tests.channels.teams_cards import actions_of, text_of
from tests.channels.teams_day import heard, stand_of, today
from tests.channels.teams_stand import BOT, TENANT, TeamsStand
from tests.fuzz.bounds import in_time


@pytest.fixture
def stand() -> TeamsStand:
    return TeamsStand()


# Pressing


async def test_a_press_is_answered_with_the_card_as_it_is_now_and_the_answer_on_it(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    message, action = stand.find("Sam Taylor", day.farm, "Arrived", "AB12")
    told = (await stand.invoke("Sam Taylor", day.farm, action, message.id)).json()
    assert told["type"] == "application/vnd.microsoft.card.adaptive"
    assert "Recorded" in text_of(told["value"])
    assert "Arrived · Sam Taylor, 09:31" in text_of(told["value"])
    assert "Here now" not in [each["title"] for each in actions_of(told["value"])]
    assert "Arrived ·" not in text_of(message.card), "the others' card is brought up to date by delivery"


async def test_an_answer_is_seen_by_nobody_else(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:40")
    before = len(stand.messages)
    answer = await stand.tap("Sam Taylor", day.farm, "Late", "AB12", {"at": "11:50"})
    assert "has not come yet" in answer
    assert len(stand.messages) == before
    assert stand.requests.count("edit") == 0


async def test_of_a_card_in_parts_the_part_that_was_pressed_is_shown_anew(day: ChatDay) -> None:
    from apbot.channels.teams.current import with_answer
    from apbot.channels.teams.rendering import pages
    from tests.channels.samples import plain_card

    parts = pages(plain_card(60))
    assert len(parts) > 1
    shown = with_answer(parts, 1, Reply())
    assert shown == parts[1]


async def test_the_inputs_of_other_forms_are_not_taken_for_the_pressed_ones(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:52")
    message, action = stand.find("Sam Taylor", day.farm, "Late", "AB12", {"at": "09:50"})
    action["data"] |= {"at.99": "09:31", "reason.98": "ill", "at": "09:32"}
    await stand.invoke("Sam Taylor", day.farm, action, message.id)
    await day.app.tick()
    day.newest(day.farm, "AB12", "late at 09:50")


async def test_a_client_without_universal_actions_sends_a_press_as_a_message(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    message, action = stand.find("Sam Taylor", day.farm, "Arrived", "AB12")
    sent = {**stand.activity("Sam Taylor", day.farm, "message"), "value": action["data"], "replyToId": message.id}
    assert "Recorded" in await stand.said(sent)
    assert fact(day, "AB12") == "arrived"


async def test_asking_for_the_card_anew_does_nothing_else(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    message, _ = stand.find("Sam Taylor", day.farm, "Arrived")
    action = {"type": "Action.Execute", "verb": "refresh", "data": {}}
    answer = await stand.invoke("Sam Taylor", day.farm, action, message.id)
    assert "AB12" in stand.answered("Sam Taylor", message, answer)
    assert not heard(day)
    answer = await stand.invoke("Passing Stranger", day.farm, action, message.id)
    assert "AB12" not in stand.answered("Passing Stranger", message, answer)


async def test_two_presses_without_a_name_are_two(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    for label in ("Arrived", "Left site", "Here now"):
        message, action = stand.find("Sam Taylor", day.farm, label, "AB12")
        invoke = {**stand.activity("Sam Taylor", day.farm, "invoke"), "name": "adaptiveCard/action"}
        del invoke["id"]
        await stand.send({**invoke, "replyToId": message.id, "value": {"action": action}})
        await day.app.tick()
    assert fact(day, "AB12") in ("arrived", "late"), "the last press counted, though an earlier one looked the same"


async def test_a_press_that_takes_too_long_is_answered_in_time_and_its_outcome_told_later(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    go_on = asyncio.Event()
    desk = stand.channel._desk._desk
    hear = desk.hear

    async def slow(channel: str, heard: Heard, emails_of: EmailsOf) -> Reply:
        await go_on.wait()
        return await hear(channel, heard, emails_of)

    monkeypatch.setattr(desk, "hear", slow)
    monkeypatch.setattr(stand.channel._webhook, "_answer_within", 0.05)
    answer = await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    assert "longer than usual" in answer
    assert (await stand.send({**stand.activity("Sam Taylor", day.farm, "message"), "text": "CD34 ill"})).is_success
    go_on.set()
    await stand.channel._webhook.close()
    assert (fact(day, "AB12"), fact(day, "CD34")) == ("arrived", "not arrived")
    day.newest(day.farm, "Recorded", "AB12")
    day.newest(day.farm, "Recorded", "CD34")


async def test_when_the_database_fails_who_typed_and_who_pressed_are_told_so(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = stand_of(day)
    await day.until("09:31")

    async def broken(channel: str, heard: Heard) -> Reply:
        raise sa.exc.OperationalError("SELECT secret words", {}, Exception("disk"))

    monkeypatch.setattr(stand.channel._desk._desk, "hear", broken)
    assert "not recorded" in await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    assert (
        await stand.send({**stand.activity("Sam Taylor", day.farm, "message"), "text": "all in"})
    ).status_code == 500
    assert "not recorded" in day.stand.shown(day.farm)[-1].text


async def test_what_is_done_is_never_said_not_to_be(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    stand = stand_of(day)
    await day.until("09:31")

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("apbot.channels.teams.desk.load_pages", broken)
    assert "Recorded" in await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    monkeypatch.setattr("apbot.channels.teams.desk.pages", broken)
    assert (await stand.send({**stand.activity("Sam Taylor", day.farm, "message"), "text": "CD34 ill"})).is_success
    assert (fact(day, "AB12"), fact(day, "CD34")) == ("arrived", "not arrived")
    assert "not recorded" not in "".join(each.text for each in stand.shown(day.farm))


async def test_too_much_at_once_is_refused_and_not_swallowed(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST_AT_ONCE", 0)
    assert (await stand_of(day).send(today(day))).status_code == 503


# Typing


async def test_the_mention_and_what_teams_adds_are_not_part_of_the_words(day: ChatDay) -> None:
    activity = today(day)
    typed = {
        "<at>apbot</at>&nbsp;ap today\n": "/ap today",
        "AP  status AB12": "/ap status AB12",
        "/ap link ABCD-EFGH": "/ap link ABCD-EFGH",
        "  <at>apbot</at> <at>Bea</at> says all in &amp; well ": "Bea says all in & well",
        "apple pie": "apple pie",
        "ap": "/ap",
    }
    for text, words in typed.items():
        mention = {"type": "mention", "text": "<at>apbot</at>", "mentioned": {"id": BOT}}
        read = read_activity({**activity, "text": text, "entities": [mention]})
        assert words_heard(read).text == words


@pytest.mark.parametrize("piece", ["<br ", "<at>", "<at ", "<blockquote ", '<blockquote itemid="1">', "itemid='"])
def test_words_made_to_take_for_ever_are_read_in_time(piece: str) -> None:
    long = piece * (200_000 // len(piece))
    quoting = f'<blockquote itemid="1">…</blockquote>{long}'
    attached = [{"contentType": "text/html", "content": each} for each in (long, quoting)]
    raw = {"type": "message", "id": "1", "from": {"id": "29:1"}, "conversation": {"id": "a:1"}}
    with in_time(0.5):
        for each in attached:
            words_heard(read_activity({**raw, "text": long, "attachments": [each] * 5}))


async def test_words_that_quote_a_register_are_about_it(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    shown = day.newest(day.farm, "Register:")
    activity = stand.activity("Sam Taylor", day.stand.address_of("Sam Taylor"), "message")
    content = f'<blockquote itemtype="http://schema.skype.com/Reply" itemid="{shown.ref}">AB12 arrived</blockquote>'
    attachment = {"contentType": "text/html", "content": f"{content}<p>CD34 ill</p>"}
    read = words_heard(read_activity({**activity, "text": "AB12 arrived CD34 ill", "attachments": [attachment]}))
    assert (read.text, read.platform_ref) == ("CD34 ill", shown.ref)


async def test_a_message_that_was_changed_is_not_read_again_and_says_so(day: ChatDay) -> None:
    stand = stand_of(day)
    activity = {**today(day), "type": "messageUpdate"}
    activity["channelData"] = {**activity["channelData"], "eventType": "editMessage"}
    await stand.send(activity)
    day.newest(day.dsl_address, "not read again")
    assert not heard(day)


async def test_an_answer_in_a_channel_stands_in_its_thread(day: ChatDay) -> None:
    stand = stand_of(day)
    garage = stand.shared_by("The Garage")
    await stand.type("Gary Stone", garage, f"/ap link {day.code_for(provider='The Garage')}")
    (message,) = stand.messages.values()
    assert message.conversation == f"{garage};messageid=1600000000000"
    await day.until("09:31")
    assert [each.conversation for each in stand.messages.values() if "EF56" in text_of(each.card)] == [garage]


async def test_the_same_words_told_of_again_are_heard_once(day: ChatDay) -> None:
    await day.until("09:31")
    await day.types("Sam Taylor", day.farm, "AB12 here")
    await day.stand.again()
    assert len(day.rows(sa.select(marks))) == 1


async def test_another_bot_is_not_talked_to(day: ChatDay) -> None:
    stand = stand_of(day)
    assert await stand.said({**today(day), "from": {"id": "28:another-bot", "name": "Other"}}) == ""
    assert not heard(day)


async def test_an_answer_that_cannot_be_posted_at_first_is_tried_again(
    day: ChatDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apbot.channels.teams.desk.PAUSE", timedelta(0))
    day.stand.fail_next(Failure.BROKEN)
    assert "Today" in await day.types("Dorothy Okafor", day.dsl_address, "ap today")


# Where people are


async def test_a_code_typed_where_others_read_links_the_person_to_their_own_chat(day: ChatDay) -> None:
    stand = stand_of(day)
    await stand.type("Tom Beckett", day.farm, f"link {day.code_for(person='Tom Beckett')}")
    tom = stand.address_of("Tom Beckett")
    assert day.rows(sa.select(addresses).where(addresses.c.address == tom, addresses.c.person_id.is_not(None)))
    await day.until("10:31")
    day.newest(tom, "Not arrived")
    assert not [each for each in stand.shown(day.farm) if "Not arrived: 2" in each.text]


async def test_where_somebody_is_written_to_follows_what_teams_says(day: ChatDay) -> None:
    stand = stand_of(day)
    await stand.send(today(day))
    kept = day.database.run(detail_of, "teams", day.dsl_address)
    assert kept == {
        "service_url": f"{stand.teams.url}/teams",
        "conversation": stand.teams.chat_of(day.dsl_address),
        "shared": "",
        "bot": BOT,
        "user": f"29:1{day.dsl_address}",
        "tenant": TENANT,
    }
    moved = {**today(day), "conversation": {"id": "a:another", "conversationType": "personal"}}
    await stand.send(moved)
    await day.until("10:01")
    assert [each.conversation for each in stand.messages.values() if "Not arrived: 2" in text_of(each.card)][:1]
    assert "a:another" in {each.conversation for each in stand.messages.values()}


async def test_who_adds_apbot_is_greeted_once_and_told_how_to_link(day: ChatDay) -> None:
    stand = stand_of(day)
    arrived = stand.activity("Tom Beckett", stand.address_of("Tom Beckett"), "conversationUpdate")
    await stand.send({**arrived, "membersAdded": [{"id": BOT}]})
    await stand.send({**arrived, "type": "installationUpdate", "action": "add"})
    (greeting,) = stand.shown(stand.address_of("Tom Beckett"))
    assert "/ap link CODE" in greeting.text
    await stand.send({**arrived, "membersAdded": [{"id": "29:somebody-else"}]})
    await stand.send({**arrived, "type": "installationUpdate", "action": "remove"})
    await stand.send({**arrived, "membersRemoved": [{"id": BOT}]})
    assert len(stand.messages) == 1
    await stand.send({**arrived, "type": "installationUpdate", "action": "add"})
    assert len(stand.messages) == 2, "added again"


async def test_an_alert_acknowledged_in_one_chat_changes_in_the_other(day: ChatDay) -> None:
    await day.until("10:01")
    await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
    day.newest(day.stand.address_of("Priya Nair"), "Acknowledged by Dorothy Okafor")
    assert day.rows(sa.select(escalations.c.id).where(escalations.c.acknowledged_by_id.is_not(None)))


def test_the_settings_say_what_is_wrong_and_never_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    from apbot.settings import WrongSettings, load

    monkeypatch.setenv("APBOT_TEAMS_SERVICE_URL", "http://example.com/secret")
    with pytest.raises(WrongSettings, match="APBOT_TEAMS_SERVICE_URL: expected an address") as wrong:
        load(Settings)
    assert "secret" not in str(wrong.value)
    monkeypatch.setenv("APBOT_TEAMS_SERVICE_URL", "http://127.0.0.1:3978/x/")
    assert load(Settings).service_url == "http://127.0.0.1:3978/x"
    assert not load(Settings).is_configured


def unmentioned(stand: TeamsStand, person: str, place: str, text: str) -> dict[str, Any]:
    """Words in a shared conversation without apbot's name: Teams tells of them where the team has allowed it."""
    return {**stand.activity(person, place, "message"), "text": text}


@pytest.mark.parametrize("words", ["see you at lunch", "thanks all", "hello", "good morning"])
async def test_small_talk_in_a_linked_channel_gets_no_answer(day: ChatDay, words: str) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    assert await stand.said(unmentioned(stand, "Passing Stranger", day.farm, words)) == ""
    edited = {**stand.activity("Passing Stranger", day.farm, "messageUpdate"), "text": words}
    edited["channelData"]["eventType"] = "editMessage"
    assert await stand.said(edited) == ""


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "an answer to the register"])
async def test_how_to_be_linked_is_said_to_who_spoke_to_apbot_alone(day: ChatDay, is_named: bool) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    before = len(stand.shown(day.farm))
    if is_named:
        await stand.type("Passing Stranger", day.farm, "all in")
    else:
        await stand.said(unmentioned(stand, "Passing Stranger", day.farm, "all in"))
    assert len(stand.shown(day.farm)) == before
    assert "/ap link" in stand.shown(stand.address_of("Passing Stranger"))[-1].text
    assert fact(day, "AB12") is None


async def test_where_apbot_may_not_write_to_somebody_alone_it_says_no_more_than_that(day: ChatDay) -> None:
    stand = stand_of(day)
    await day.until("09:31")
    stand.fail_next(Failure.REFUSED)
    told = await stand.type("Passing Stranger", day.farm, "all in")
    assert "can't write to you alone" in told
    assert "/ap link" not in told


async def test_who_types_a_command_in_a_channel_is_told_where_the_answer_is(day: ChatDay) -> None:
    await day.until("09:31")
    told = await stand_of(day).type("Dorothy Okafor", day.farm, "ap status EF56")
    assert "in your own chat with me" in stand_of(day).shown(day.farm)[-1].text
    assert "The Garage" in stand_of(day).shown(day.dsl_address)[-1].text
    assert "The Garage" in told


@pytest.mark.parametrize("words", ["help", "hello"])
async def test_help_is_given_to_who_names_apbot_in_a_channel(day: ChatDay, words: str) -> None:
    assert "/ap today" in await stand_of(day).type("Sam Taylor", day.farm, words)
