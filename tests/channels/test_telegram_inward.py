"""What people do on Telegram: questions and answers, commands, groups, and updates as they may come."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from apbot.channels.telegram import channel as polling
from apbot.channels.telegram import hearing, posting
from apbot.channels.telegram.hearing import Ears
from apbot.channels.telegram.webhook import LARGEST
from apbot.store.tables import addresses, marks, people, questions
from tests.channels.chatday import ChatDay
from tests.channels.contract import fact
from tests.channels.stand import Shown
from tests.channels.telegram_server import Message, Refusal
from tests.channels.telegram_stand import TelegramStand, is_question

SAM, BEA = "Sam Taylor", "Bea Whitlock"


@pytest.fixture
def stand(request: pytest.FixtureRequest) -> TelegramStand:
    return TelegramStand(webhook=request.node.name.startswith("test_webhook"))


@pytest_asyncio.fixture
async def day(day: ChatDay) -> ChatDay:
    """It is 09:52, and the registers stand in the chats."""
    await day.until("09:52")
    return day


async def press(day: ChatDay, stand: TelegramStand, label: str, about: str = "", who: str = SAM) -> str:
    """Press one key at Oak Farm, and answer nothing that is asked then."""
    return await stand.press(who, day.farm, *stand.find(day.farm, label, about))


def question(day: ChatDay, stand: TelegramStand) -> Message:
    return next(each for each in reversed(stand.standing(day.farm)) if is_question(each))


def shown(message: Message) -> Shown:
    return Shown(f"{message.chat}/{message.id}", message.text)


async def reply(day: ChatDay, stand: TelegramStand, text: str, who: str = SAM) -> str:
    return await stand.type(who, day.farm, text, shown(question(day, stand)))


async def test_a_wrong_time_is_refused_with_the_reason_and_given_again(day: ChatDay, stand: TelegramStand) -> None:
    asked = await press(day, stand, "Late", "AB12")
    assert "AB12: Late" in asked
    assert "Sam: " in asked, "in a group it says who is asked"
    assert "can't be read" in await reply(day, stand, "a bit")
    assert "has not come yet" in await reply(day, stand, "11.30")
    assert fact(day, "AB12") is None
    assert "late at 09:50" in await reply(day, stand, "0950")
    assert fact(day, "AB12") == "late"
    (row,) = day.rows(sa.select(questions))
    assert (row.given, bool(row.answered_at)) == ({}, True)


async def test_an_optional_answer_may_be_left_empty(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Late", "AB12")
    await reply(day, stand, "-")
    assert fact(day, "AB12") == "late"


async def test_a_question_is_for_who_was_asked(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Late", "AB12")
    assert "asked of somebody else" in await reply(day, stand, "09:50", who=BEA)
    assert fact(day, "AB12") is None
    await press(day, stand, "Not arrived", "CD34")
    told = await stand.press(BEA, day.farm, *stand.find(day.farm, "Ill"))
    assert "asked of somebody else" in told
    assert fact(day, "CD34") is None


async def test_words_that_are_no_reply_to_the_question_do_not_answer_it(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Late", "AB12")
    await stand.type(SAM, day.farm, "09:50")
    assert fact(day, "AB12") is None


@pytest.mark.parametrize("words", ["/cancel", "cancel", "/cancel@apbot_stand_bot"])
async def test_a_question_can_be_given_up(day: ChatDay, stand: TelegramStand, words: str) -> None:
    await press(day, stand, "Late", "AB12")
    assert "nothing was recorded" in await reply(day, stand, words)
    assert fact(day, "AB12") is None


async def test_a_command_ends_the_newest_question_without_a_reply(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Late", "AB12")
    await stand.type(SAM, day.farm, "/empty")
    assert fact(day, "AB12") == "late"
    assert "Nothing is being asked" in await stand.type(SAM, day.farm, "/cancel")


async def test_a_choice_can_be_cancelled_and_then_chosen_no_more(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Not arrived", "CD34")
    message, ill = stand.find(day.farm, "Ill")
    _, cancel = stand.find(day.farm, "Cancel")
    assert "nothing was recorded" in await stand.press(SAM, day.farm, message, cancel)
    assert not message.keys
    assert "closed" in await stand.press(SAM, day.farm, message, ill)
    assert fact(day, "CD34") is None


async def test_choices_follow_one_another_in_one_message(day: ChatDay, stand: TelegramStand) -> None:
    await day.taps(SAM, day.farm, "Arrived", "AB12")
    await press(day, stand, "Correct", "AB12")
    before = len(stand.standing(day.farm))
    await stand.press(SAM, day.farm, *stand.find(day.farm, "Not arrived"))
    assert question(day, stand).forces_reply, "a time is typed"
    await reply(day, stand, "/empty")
    await stand.press(SAM, day.farm, *stand.find(day.farm, "Leave empty"))
    assert "Recorded" in await stand.press(SAM, day.farm, *stand.find(day.farm, "Wrong pupil"))
    assert len(stand.standing(day.farm)) == before + 2
    assert "AB12: not arrived" in stand.standing(day.farm)[-1].text, "the last question has become the answer"
    assert fact(day, "AB12") == "not arrived"


async def test_a_key_that_was_offered_to_somebody_else_is_no_key(day: ChatDay, stand: TelegramStand) -> None:
    """A client of somebody's own making sends whatever data it likes."""
    await day.until("09:31")
    await stand.type("Dorothy Okafor", day.dsl_address, "/ap incident EF56")
    _, data = stand.find(day.dsl_address, "EF56, The Garage Report it")
    message, _ = stand.find(day.farm, "Arrived", "AB12")
    assert "no longer in use" in await stand.press(SAM, day.farm, message, data)
    assert "EF56" not in "\n".join(each.text for each in stand.standing(day.farm))


async def test_a_restart_in_the_middle_loses_no_answer(day: ChatDay, stand: TelegramStand) -> None:
    await day.taps(SAM, day.farm, "Arrived", "AB12")
    await press(day, stand, "Correct", "AB12")
    await stand.press(SAM, day.farm, *stand.find(day.farm, "Late"))
    old = stand.channel.ears
    stand.channel.ears = Ears("telegram", day.channel._desk, old._poster)  # type: ignore[attr-defined]
    stand.channel.ears.name = old.name
    await reply(day, stand, "09:45")
    await stand.press(SAM, day.farm, *stand.find(day.farm, "Leave empty"))
    await stand.press(SAM, day.farm, *stand.find(day.farm, "Found out since"))
    assert fact(day, "AB12") == "late"


async def test_a_leavers_open_question_is_answered_by_nobody(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Late", "AB12")
    day.change(people, people.c.name == SAM, leaves_on=day.date - timedelta(days=1))
    assert "not linked" in await reply(day, stand, "09:50")
    assert not day.rows(sa.select(marks))


async def test_every_step_told_of_again_is_done_once(day: ChatDay, stand: TelegramStand) -> None:
    await press(day, stand, "Late", "AB12")
    await stand.again()
    assert len(day.rows(sa.select(questions))) == 1
    await reply(day, stand, "09:50")
    await stand.again()
    assert len(day.rows(sa.select(marks))) == 1


async def test_what_was_answered_is_not_answered_again_when_it_is_told_of_again(
    day: ChatDay, stand: TelegramStand
) -> None:
    for act in (stand.type(SAM, day.farm, "CD34 ill"), press(day, stand, "Arrived", "AB12")):
        await act
        before = _answers(stand)
        await stand.again()
        assert _answers(stand) == before


def _answers(stand: TelegramStand) -> int:
    return sum(method in ("sendMessage", "answerCallbackQuery") for method, _ in stand.api.calls)


async def test_a_question_that_did_not_reach_the_chat_is_asked_when_the_tap_is_told_of_again(
    day: ChatDay, stand: TelegramStand
) -> None:
    stand.api.failures.append(Refusal(400, "Bad Request: not now"))
    await press(day, stand, "Late", "AB12")
    assert not any(map(is_question, stand.standing(day.farm)))
    assert "AB12: Late" in await stand.again()


async def test_a_stale_key_says_what_has_changed(day: ChatDay, stand: TelegramStand) -> None:
    message, late = stand.find(day.farm, "Late", "AB12")
    await day.taps(BEA, day.farm, "Arrived", "AB12")
    assert "already marked" in await stand.press(SAM, day.farm, message, late)
    assert fact(day, "AB12") == "arrived"


@pytest.mark.parametrize(
    "data", ["", "x", "?", "?9:9:9", "?1:x:1", "=7", "=x", "#none", "arrived:999999999999999999999:", "\N{FIRE}:1:"]
)
async def test_a_key_that_nobody_made_does_nothing(day: ChatDay, stand: TelegramStand, data: str) -> None:
    message, _ = stand.find(day.farm, "Late", "AB12")
    assert await stand.press(SAM, day.farm, message, data)
    assert not day.rows(sa.select(marks))


async def test_an_answer_waits_for_its_turn_where_telegram_is_busy(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "WAITS", (0.0, 0.0, 0.0))
    stand.api.failures.extend([Refusal(429, "Too Many Requests", retry_after=0), Refusal(502, "Bad Gateway")])
    assert "AB12: Late" in await press(day, stand, "Late", "AB12")


async def test_a_tap_that_is_too_old_to_be_answered_is_still_done(day: ChatDay, stand: TelegramStand) -> None:
    stand.api.refuse_next["answerCallbackQuery"] = Refusal(
        400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )
    await press(day, stand, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"
    assert "Recorded" in stand.shown(stand.address_of(SAM))[-1].text, "as a message instead"


async def test_a_tap_on_a_message_that_telegram_does_not_show_any_more(day: ChatDay, stand: TelegramStand) -> None:
    message, data = stand.find(day.farm, "Late", "AB12")
    message.is_deleted = True
    old = {"message_id": message.id, "date": 0, "chat": {"id": int(day.farm), "type": "group"}}
    assert "AB12: Late" in await stand.press(SAM, day.farm, message, data, {"message": old})


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


@pytest.mark.parametrize(
    "broken",
    [
        {"callback_query": {"id": 5}},
        {"callback_query": {"id": "1", "data": "x", "message": {"message_id": "x"}}},
        {"message": {"text": "all in"}},
        {"message": {"chat": {"id": "x"}, "message_id": 1}},
        {"poll": {}},
        {"message": 7},
    ],
)
async def test_broken_updates_keep_nobody_from_being_heard(day: ChatDay, stand: TelegramStand, broken: Any) -> None:
    await stand.tell({"update_id": next(stand.numbers), **broken})
    await press(day, stand, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_another_poller_is_said_clearly_and_tried_again(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(polling, "OTHER_POLLER_SECONDS", 0.0)
    stand.api.refuse_next["getUpdates"] = Refusal(409, "Conflict: terminated by other getUpdates request")
    await press(day, stand, "Arrived", "AB12")  # the poll that waits now ends with this, the next one is refused
    await press(day, stand, "Arrived", "CD34")
    assert fact(day, "CD34") == "arrived"
    assert "only one may" in capsys.readouterr().out


async def test_a_database_that_fails_is_tried_again_and_the_person_is_told(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = _Down(day, monkeypatch)
    assert "could not be recorded" in await press(day, stand, "Arrived", "AB12")
    assert down.tries == polling.TRIES
    down.is_up = True
    await press(day, stand, "Arrived", "AB12")
    assert fact(day, "AB12") == "arrived"


async def test_webhook_calls_without_the_secret_are_refused(day: ChatDay, stand: TelegramStand) -> None:
    update = stand.update_of(SAM, day.farm, "all in")
    for secret in ("", "wrong", "wröng"):
        response = await stand.client.post(
            "/telegram/webhook",
            json=update,
            headers={b"X-Telegram-Bot-Api-Secret-Token": secret.encode()},  # type: ignore[dict-item]
        )
        assert response.status_code == 401
    assert fact(day, "AB12") is None


async def test_webhook_calls_that_are_no_updates_are_refused_and_the_next_is_heard(
    day: ChatDay, stand: TelegramStand
) -> None:
    secret = {"X-Telegram-Bot-Api-Secret-Token": stand.api.webhook["secret_token"]}
    for body, status in (
        (b"", 400),
        (b"{", 400),
        (b"[" * 10_000, 400),
        (b"[]", 400),
        (b'{"update_id": "x"}', 400),
        (b'{"update_id": 1, "message": {"text": "x"}}', 400),
        (b'{"update_id": 1, "poll": {}}', 200),
        (b"x" * (LARGEST + 1), 413),
    ):
        response = await stand.client.post("/telegram/webhook", content=body, headers=secret)
        assert response.status_code == status, body[:50]
    await stand.type(SAM, day.farm, "all in")
    assert fact(day, "AB12") == "arrived"


async def test_webhook_calls_that_could_not_be_written_down_are_told_again(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = _Down(day, monkeypatch)
    update = stand.update_of(SAM, day.farm, "all in")
    assert (await stand.call(update)).status_code == 503
    assert (await stand.call(update)).status_code == 503
    await stand.channel.ears.settle()
    sorry = [each for each in stand.shown(day.farm) if "could not be recorded" in each.text]
    assert len(sorry) == 1, "said once"
    down.is_up = True
    assert (await stand.call(update)).status_code == 200
    assert fact(day, "AB12") == "arrived"


async def test_webhook_is_set_with_a_secret_and_keeps_it(day: ChatDay, stand: TelegramStand) -> None:
    assert stand.api.webhook["url"] == "https://apbot.example/telegram/webhook"
    assert len(stand.api.webhook["secret_token"]) > 30
    assert not await day.channel.check()
    stand.api.webhook["url"] = "https://elsewhere.example/"
    assert [each.what for each in await day.channel.check()] == ["Telegram calls another address, or none"]


async def test_webhook_stops_the_clock_on_a_key_while_the_database_is_slow(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "QUICK", 0.0)
    database = day.channel._desk.database  # type: ignore[attr-defined]
    write, may_go_on = database.write, asyncio.Event()

    async def slow(work: Any, *args: Any) -> Any:
        await may_go_on.wait()
        return await write(work, *args)

    message, data = stand.find(day.farm, "Arrived", "AB12")
    monkeypatch.setattr(database, "write", slow)
    pressing = asyncio.create_task(stand.press(SAM, day.farm, message, data))
    async with asyncio.timeout(5):
        while not stand.api.answered:
            await asyncio.sleep(0)
    assert fact(day, "AB12") is None
    may_go_on.set()
    assert "Recorded" in await pressing


async def test_the_address_of_a_stranger_is_kept_nowhere(day: ChatDay, stand: TelegramStand) -> None:
    before = len(day.rows(sa.select(addresses)))
    await stand.type("Passing Stranger", stand.address_of("Passing Stranger"), "hello")
    assert len(day.rows(sa.select(addresses))) == before


class _Down:
    """A database that can't be written to until `is_up`."""

    def __init__(self, day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_up = False
        self.tries = 0
        database = day.channel._desk.database  # type: ignore[attr-defined]
        write = database.write

        async def fails(work: Any, *args: Any) -> Any:
            if not self.is_up:
                self.tries += 1
                raise OperationalError("", {}, Exception("down"))
            return await write(work, *args)

        monkeypatch.setattr(database, "write", fails)
        monkeypatch.setattr(polling, "AGAIN_SOON", 0.0)


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
