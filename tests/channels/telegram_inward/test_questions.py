"""What a key asks, one question after another, and who may answer."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.channels.telegram.hearing import Ears
from apbot.store.tables import marks, people, questions
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.telegram_inward.keys import BEA, SAM, press, question, reply
from tests.channels.telegram_server import Refusal
from tests.channels.telegram_stand import TelegramStand, is_question


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
