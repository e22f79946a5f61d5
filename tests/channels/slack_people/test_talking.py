"""What people type: threads, mentions, words that are changed, and words that are not for apbot."""

from typing import Any

import pytest
import sqlalchemy as sa

from apbot.channels.slack.payloads import words_in
from apbot.store.tables import events
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand
from tests.channels.slackworkspace import BOT_USER


async def test_a_reply_in_a_thread_is_about_the_register_it_stands_under(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    morning = day.newest(day.farm, "Register: Oak Farm, am")
    await day.until("13:01")
    answer = await day.types("Sam Taylor", day.farm, "AB12 was late, 9:50", reply_to=morning)
    assert "AB12" in answer
    assert [each.thread for each in stand.workspace.said if each.thread] == [morning.ref.split(":")[1]]
    assert fact(day, "AB12") == "late", "of the morning"


async def test_one_message_that_names_apbot_comes_as_two_events_and_is_answered_once(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    message = stand.message("Sam Taylor", day.farm, "AB12 is here")
    message["event"]["text"] = f"<@{BOT_USER}> AB12 is here"
    mention = {**message, "event_id": "Ev-other", "event": {**message["event"], "type": "app_mention"}}
    before = len(stand.workspace.told)
    await stand.tell("events_api", message)
    await stand.tell("events_api", mention)
    await stand.channel.answers.settled()
    assert fact(day, "AB12") == "arrived"
    assert len(stand.workspace.told) == before + 1


async def test_what_people_say_elsewhere_is_not_listened_to_unless_apbot_is_named(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    assert await stand.type("Sam Taylor", "CSTAFFROOM", "all in") == ""
    assert not day.rows(sa.select(events))
    named = stand.message("Passing Stranger", "CSTAFFROOM", "")
    named["event"] |= {"type": "app_mention", "text": f"<@{BOT_USER}> hello"}
    await stand.tell("events_api", named)
    await stand.channel.answers.settled()
    assert "not linked" in stand.workspace.told[-1]


async def test_a_command_typed_as_a_message_in_a_channel_is_answered_to_its_author_only(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    await stand.type("Sam Taylor", day.farm, "ap today")
    assert stand.workspace.said[-1].only_for == stand.user("Sam Taylor")


async def test_words_changed_afterwards_are_not_read_and_their_author_knows(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    words = stand.message("Sam Taylor", day.farm, "AB12 is here")
    before = words["event"]
    now = {**before, "text": "CD34 is here", "edited": {"user": before["user"], "ts": "1.2"}}
    changed = {"type": "message", "subtype": "message_changed", "channel": before["channel"], "channel_type": "channel"}
    told = len(stand.workspace.told)
    for _ in range(2):
        await stand.tell("events_api", stand.event({**changed, "message": now, "previous_message": before}))
        await stand.channel.answers.settled()
    assert fact(day, "CD34") is None
    assert "not read again" in stand.workspace.told[told]
    assert stand.workspace.said[-1].only_for == stand.user("Sam Taylor")
    assert len(stand.workspace.told) == told + 1
    same = {**changed, "message": before, "previous_message": before}  # a link's preview has come
    await stand.tell("events_api", stand.event(same))
    await stand.channel.answers.settled()
    assert len(stand.workspace.told) == told + 1


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0APBOT", "user": BOT_USER},
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message", "bot_id": "B0OTHER"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic"},
    ],
    ids=str,
)
async def test_what_no_person_says_is_not_read(day: ChatDay, stand: SlackStand, more: dict[str, Any]) -> None:
    await day.until("09:31")
    await stand.tell("events_api", stand.message("Sam Taylor", day.farm, "all in", **more))
    await stand.channel.answers.settled()
    assert fact(day, "AB12") is None


async def test_words_of_endless_length_are_refused(day: ChatDay) -> None:
    await day.until("09:31")
    assert "too long" in await day.types("Sam Taylor", day.farm, "all in " * 1000)
    assert "too long" in await day.types("Sam Taylor", day.farm, "/ap status " + "x" * 5000)
    assert fact(day, "AB12") is None


def test_words_are_read_without_slacks_marks() -> None:
    raw = "<@U0APBOT> all in &amp; <@U7|Sam> <https://oak.test|Oak>, <mailto:a@oak.test|a@oak.test>\x00"
    assert words_in(raw, "U0APBOT") == "all in & @Sam Oak, a@oak.test"
    assert words_in("<@U0APBOT> all in", "U0APBOT") == "all in"
    assert words_in("a &lt;b&gt; &amp;amp;", "U0APBOT") == "a <b> &amp;"


async def test_words_typed_to_apbot_alone_are_answered_there_and_in_their_thread(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:46")
    own = stand.address_of("Sam Taylor")
    reminder = day.newest(own, "Oak Farm")
    answer = await day.types("Sam Taylor", own, "AB12 late 9:40", reply_to=reminder)
    assert "AB12" in answer
    assert fact(day, "AB12") == "late"
    (said,) = [each for each in stand.workspace.standing(stand.channel_of(own)) if each.thread]
    assert not said.only_for
    assert said.thread == reminder.ref.split(":")[1]


async def test_no_word_that_somebody_typed_is_logged(
    day: ChatDay, stand: SlackStand, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await day.until("09:31")
    await stand.type("Sam Taylor", day.farm, "her uncle hits her")
    await stand.type("Sam Taylor", day.farm, "/ap uncle")
    await stand.tell("events_api", stand.event({"type": "something_new", "text": "uncle"}))
    stand.workspace.errors["chat.postMessage"] = "channel_not_found"
    await stand.type("Sam Taylor", day.farm, "uncle")
    logged = capsys.readouterr()
    assert "an answer could not be given" in logged.out
    assert "uncle" not in logged.out + logged.err + caplog.text


@pytest.mark.parametrize("words", ["see you at lunch", "thanks all", "hello", "good morning"])
async def test_small_talk_in_a_linked_channel_gets_no_answer(day: ChatDay, stand: SlackStand, words: str) -> None:
    await day.until("09:31")
    morning = day.newest(day.farm, "Register: Oak Farm")
    for person in ("Passing Stranger", "Sam Taylor"):
        for under in (None, morning):
            if person != "Sam Taylor" or words != "see you at lunch":
                assert await stand.type(person, day.farm, words, under) == ""


@pytest.mark.parametrize("words", [f"<@{BOT_USER}> hello", "all in", "/ap today", "CD34 is ill"])
async def test_how_to_be_linked_is_said_to_who_spoke_to_apbot_alone(
    day: ChatDay, stand: SlackStand, words: str
) -> None:
    await day.until("09:31")
    before = len(stand.workspace.said)
    if words.startswith("/"):
        assert "/ap link" in await stand.type("Passing Stranger", day.farm, words)  # an ephemeral answer
    else:
        message = stand.message("Passing Stranger", day.farm, "")
        message["event"]["text"] = words
        await stand.tell("events_api", message)
        await stand.channel.answers.settled()
        (said,) = stand.workspace.said[before:]
        assert "/ap link" in said.shown.text
        assert said.only_for == stand.user("Passing Stranger")
    assert fact(day, "CD34") is None


@pytest.mark.parametrize("words", ["help", "", ": help", "hello"])
async def test_help_is_given_to_who_names_apbot_in_a_channel(day: ChatDay, stand: SlackStand, words: str) -> None:
    await day.until("09:31")
    before = len(stand.workspace.told)
    named = stand.message("Sam Taylor", day.farm, "")
    named["event"] |= {"type": "app_mention", "text": f"<@{BOT_USER}>{words}"}
    await stand.tell("events_api", named)
    await stand.channel.answers.settled()
    assert "/ap today" in "\n".join(stand.workspace.told[before:])
