"""Commands, codes and words, in groups and to apbot alone."""

from typing import Any

import pytest
import sqlalchemy as sa

from apbot.store.tables import addresses
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.telegram_inward.keys import SAM, shown
from tests.channels.telegram_server import Message, Refusal
from tests.channels.telegram_stand import TelegramStand, is_question


async def test_a_command_in_a_group_is_answered_to_the_person_alone(day: ChatDay, stand: TelegramStand) -> None:
    await stand.type(SAM, day.farm, "/ap@apbot_stand_bot today")
    assert "Oak Farm" in stand.shown(stand.address_of(SAM))[-1].text
    assert stand.shown(day.farm)[-1].text == "The answer is in your own chat with me."


async def test_who_has_not_started_the_bot_is_told_to(day: ChatDay, stand: TelegramStand) -> None:
    own = int(stand.address_of(SAM))
    stand.api.refused_chats[own] = Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    assert "press Start" in await stand.type(SAM, day.farm, "/ap today")


async def test_commands_for_another_bot_are_not_heard(day: ChatDay, stand: TelegramStand) -> None:
    assert not (await stand.type(SAM, day.farm, "/ap@other_bot today")).strip()


async def test_the_bots_name_before_the_words_is_no_part_of_them(day: ChatDay, stand: TelegramStand) -> None:
    await stand.type(SAM, day.farm, "@apbot_stand_bot all here except CD34")
    assert fact(day, "AB12") == "arrived"


async def test_what_is_said_in_a_group_that_is_nobodys_is_left_alone(day: ChatDay, stand: TelegramStand) -> None:
    assert not (await stand.type(SAM, "-55", "see you at lunch")).strip()
    assert (await stand.type(SAM, "-55", "/ap help")).strip()


@pytest.mark.parametrize(
    "typed", ["/start {}", "/start@apbot_stand_bot {}", "/ap link {}", "/AP  LINK {}", "/ap\nlink {}"]
)
async def test_a_code_links_however_it_comes(day: ChatDay, stand: TelegramStand, typed: str) -> None:
    own = stand.address_of("Tom Beckett")
    code = day.code_for(person="Tom Beckett")
    assert "You are linked" in await stand.type("Tom Beckett", own, typed.format(code))


async def test_who_is_linked_in_a_group_and_never_pressed_start_is_told_to(day: ChatDay, stand: TelegramStand) -> None:
    tom = int(stand.address_of("Tom Beckett"))
    stand.api.refused_chats[tom] = Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    said = await stand.type("Tom Beckett", day.farm, f"/ap link {day.code_for(person='Tom Beckett')}")
    assert "You are linked" in said
    assert "press Start" in said
    del stand.api.refused_chats[tom]
    said = await stand.type("Tom Beckett", day.farm, f"/ap link {day.code_for(person='Tom Beckett')}")
    assert "press Start" not in said


async def test_start_says_how_to_be_linked_and_then_what_can_be_asked(day: ChatDay, stand: TelegramStand) -> None:
    stranger = stand.address_of("Passing Stranger")
    assert "/ap link CODE" in await stand.type("Passing Stranger", stranger, "/start")
    assert "/ap today" in await stand.type(SAM, stand.address_of(SAM), "/start")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"voice": {"file_id": "x", "duration": 2}}, "keep no recordings"),
        ({"sticker": {"file_id": "x"}}, "only read words"),
        ({"sender_chat": {"id": -1, "type": "group"}, "text": "all in"}, "can't see who"),
        ({"caption": "all in", "photo": []}, "Recorded"),
        ({"new_chat_members": []}, ""),
    ],
)
async def test_what_has_no_words_is_answered_too(day: ChatDay, stand: TelegramStand, what: Any, said: str) -> None:
    told = await stand.tell(stand.update_of(SAM, day.farm, **what))
    assert said in told if said else not told.strip()


async def test_a_changed_message_is_not_read_and_says_so(day: ChatDay, stand: TelegramStand) -> None:
    update = stand.update_of(SAM, day.farm, "AB12 late 9:40")
    update["edited_message"] = update.pop("message")
    assert "don't read changed messages" in await stand.tell(update)
    assert fact(day, "AB12") is None


async def test_words_that_may_be_a_concern_are_deleted_where_telegram_lets_it(
    day: ChatDay, stand: TelegramStand
) -> None:
    own = stand.address_of(SAM)
    update = stand.update_of(SAM, own, "she told me her uncle hits her")
    stand.api.messages[int(own), update["message"]["message_id"]] = Message(
        int(own), update["message"]["message_id"], ""
    )
    assert "please delete it yourself" not in await stand.tell(update)
    assert ("deleteMessage", {"chat_id": own, "message_id": str(update["message"]["message_id"])}) in stand.api.calls
    assert "please delete it yourself" in await stand.type(SAM, day.farm, "she told me her uncle hits her")


async def test_the_address_of_a_stranger_is_kept_nowhere(day: ChatDay, stand: TelegramStand) -> None:
    before = len(day.rows(sa.select(addresses)))
    await stand.type("Passing Stranger", stand.address_of("Passing Stranger"), "hello")
    assert len(day.rows(sa.select(addresses))) == before


STRANGER = "Passing Stranger"


@pytest.mark.parametrize("words", ["see you at lunch", "thanks all", "hello", "good morning"])
async def test_small_talk_in_a_linked_group_gets_no_answer(day: ChatDay, stand: TelegramStand, words: str) -> None:
    assert not (await stand.type(STRANGER, day.farm, words)).strip()
    told = await stand.tell(stand.update_of(STRANGER, day.farm, photo=[{"file_id": "x"}]))
    assert not told.strip()
    edited = stand.update_of(STRANGER, day.farm, "see you")
    assert not (await stand.tell({"update_id": 7, "edited_message": edited["message"]})).strip()
    if words not in ("see you at lunch",):
        assert not (await stand.type(SAM, day.farm, words)).strip(), "nor between those who are linked"


@pytest.mark.parametrize("words", ["@apbot_stand_bot all in", "/ap today", "all in", "CD34 is ill"])
async def test_how_to_be_linked_is_said_to_who_spoke_to_apbot_alone(
    day: ChatDay, stand: TelegramStand, words: str
) -> None:
    before = len(stand.shown(day.farm))
    said = await stand.type(STRANGER, day.farm, words)
    assert "/ap link" not in said
    assert "press Start" in said, "nobody may be written to who has not"
    own = stand.address_of(STRANGER)
    stand.api.refused_chats.pop(int(own), None)
    await stand.type(STRANGER, day.farm, words)
    assert "/ap link CODE" in stand.shown(own)[-1].text
    assert not any("/ap link" in each.text for each in stand.shown(day.farm)[before:])
    assert fact(day, "CD34") is None


@pytest.mark.parametrize("words", ["@apbot_stand_bot help", "@apbot_stand_bot", "@apbot_stand_bot hello"])
async def test_help_is_given_to_who_names_apbot_in_a_group(day: ChatDay, stand: TelegramStand, words: str) -> None:
    assert "/ap today" in await stand.type(SAM, day.farm, words)


async def test_what_is_said_in_a_forums_topic_is_asked_and_answered_there(day: ChatDay, stand: TelegramStand) -> None:
    topic, general = "-1009876543210:77", "-1009876543210"
    await stand.type("Gary Stone", topic, f"/ap link {day.code_for(provider='The Garage')}")
    await stand.type("Gary Stone", stand.address_of("Gary Stone"), f"/start {day.code_for(person='Gary Stone')}")
    await day.until("13:01")
    await day.until("13:10")
    register = day.newest(topic, "Register: The Garage, pm")
    assert "recorded nothing" in await stand.type("Gary Stone", topic, "the van is blue", register)
    await stand.press("Gary Stone", topic, *stand.find(topic, "Late", "EF56"))
    question = next(each for each in reversed(stand.standing(topic)) if is_question(each))
    assert "late at 13:05" in await stand.type("Gary Stone", topic, "13:05", shown(question))
    assert "/ap today" in await stand.type("Gary Stone", topic, "@apbot_stand_bot help")
    await day.app.tick()
    day.newest(topic, "EF56", "late at 13:05")
    assert not stand.standing(general), "nothing outside the topic"
