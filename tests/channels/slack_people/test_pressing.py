"""Forms that a button opens, and where the answer to a press goes."""

import pytest
import sqlalchemy as sa

from apbot.channels.slack.modal import digest_of
from apbot.store.tables import marks
from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand
from tests.channels.slackworkspace import words_of


async def opened(day: ChatDay, stand: SlackStand, label: str, about: str) -> str:
    said, element = stand._find(day.farm, label, about)
    trigger = stand.trigger()
    await stand.tell("interactive", stand.press("Sam Taylor", said, element, trigger))
    return stand.workspace.opened_by[trigger]


async def test_a_form_says_what_it_is_about_and_carries_no_name(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    view = stand.workspace.views[await opened(day, stand, "Not arrived", "CD34")]
    assert view["title"]["text"] == "Not arrived"
    assert "CD34 J.S." in words_of("", view["blocks"])
    assert "Silva" not in str(view)
    assert view["blocks"][1]["element"]["initial_option"]["value"] == "no reason known"


async def test_a_refused_form_stays_open_and_the_same_answer_is_tried_again_later(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:40")
    form = await opened(day, stand, "Late", "AB12")
    answer = await stand.tell("interactive", stand.submission("Sam Taylor", form, {"at": "09:50"}))
    assert answer is not None
    assert answer["response_action"] == "errors"
    assert "has not come yet" in answer["errors"]["asked:at"]
    await day.until("09:50")
    assert await stand.tell("interactive", stand.submission("Sam Taylor", form, {"at": "09:50"})) is None
    assert fact(day, "AB12") == "late"


async def test_a_form_sent_twice_is_recorded_once(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:52")
    form = await opened(day, stand, "Late", "AB12")
    for _ in range(2):  # the second has a trigger of its own, as when somebody presses twice
        assert await stand.tell("interactive", stand.submission("Sam Taylor", form, {"at": "09:50"})) is None
    await stand.channel.answers.settled()
    assert len(day.rows(sa.select(marks))) == 1


async def test_a_form_that_opens_too_late_is_explained(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    said, element = stand._find(day.farm, "Late", "AB12")
    await stand.tell("interactive", stand.press("Sam Taylor", said, element, "an old trigger"))
    await stand.channel.answers.settled()
    assert "Press the button again" in stand.workspace.told[-1]
    stand.workspace.errors["views.open"] = "internal_error"
    await stand.tell("interactive", stand.press("Sam Taylor", said, element, stand.trigger()))
    await stand.channel.answers.settled()
    assert "could not be opened" in stand.workspace.told[-1]


async def test_a_press_told_of_again_opens_no_second_form_and_says_nothing(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    await opened(day, stand, "Late", "AB12")
    before = len(stand.workspace.told)
    await stand.again()
    assert len(stand.workspace.told) == before
    assert len(stand.workspace.views) == 1


async def test_the_answer_to_a_press_in_a_channel_is_for_who_pressed(day: ChatDay, stand: SlackStand) -> None:
    await day.until("09:31")
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    (answer,) = [said for said in stand.workspace.standing(day.farm) if "Recorded" in said.shown.text]
    assert answer.only_for == stand.user("Sam Taylor")


@pytest.mark.parametrize("url", ["/gone", "/api/chat.delete"], ids=["404", "not ok"])
@pytest.mark.parametrize("also", ["", "chat.postEphemeral"], ids=["", "nor in the channel"])
async def test_an_answer_that_can_not_be_given_one_way_is_given_another(
    day: ChatDay, stand: SlackStand, url: str, also: str
) -> None:
    await day.until("09:31")
    said, element = stand._find(day.farm, "Arrived", "AB12")
    press = stand.press("Sam Taylor", said, element, stand.trigger())
    press["response_url"] = f"{stand.workspace.url}{url}"
    stand.workspace.errors[also] = "user_not_in_channel"
    before = len(stand.workspace.told)
    await stand.tell("interactive", press)
    await stand.channel.answers.settled()
    assert "Recorded" in "\n".join(stand.workspace.told[before:])


def test_the_order_of_answers_makes_no_other_form() -> None:
    one = {"state": {"values": {"asked:a": {"a": {"value": "1"}}, "asked:b": {"b": {"value": "2"}}}}}
    other = {"state": {"values": {"asked:b": {"b": {"value": "2"}}, "asked:a": {"a": {"value": "1"}}}}}
    assert digest_of(one) == digest_of(other)
