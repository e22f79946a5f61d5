"""What people do on Slack besides pressing and typing plainly: forms, threads, mentions, edits, other workspaces."""

from typing import Any

import pytest
import sqlalchemy as sa

from apbot.channels.slack.api import Identity
from apbot.channels.slack.modal import digest_of
from apbot.channels.slack.payloads import sender_of, words_in
from apbot.store.linking import Owner, link
from apbot.store.tables import addresses, events, marks
from tests.channels.chatday import ChatDay
from tests.channels.contract import fact
from tests.channels.slackstand import SlackStand
from tests.channels.slackworkspace import BOT_USER, TEAM, words_of


@pytest.fixture(params=[False, True], ids=["socket", "http"])
def stand(request: pytest.FixtureRequest) -> SlackStand:
    return SlackStand(over_http=request.param)


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


async def test_a_colleague_in_another_workspace_is_told_apart_from_a_namesake_here(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until("09:31")
    stand.teams["Sam Taylor"] = "T0OTHER"
    assert "not linked" in await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    assert "not linked" in await day.types("Sam Taylor", day.farm, "all in")
    assert fact(day, "AB12") is None
    address = stand.address_of("Sam Taylor")
    assert address.startswith("T0OTHER:U")
    day.database.run(link, Owner(day.ids["Sam Taylor"], None), "slack", address)
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    await day.types("Sam Taylor", day.farm, "CD34 is here")
    await day.taps("Sam Taylor", day.farm, "Not arrived", "GH78", reason="ill")
    assert [fact(day, ref) for ref in ("AB12", "CD34", "GH78")] == ["arrived", "arrived", "not arrived"]


async def test_a_channel_that_gets_a_new_address_is_found_there(day: ChatDay, stand: SlackStand) -> None:
    moved = {"type": "channel_id_changed", "old_channel_id": day.farm, "new_channel_id": "CNEW", "event_ts": "1.1"}
    await stand.tell("events_api", stand.event(moved))
    await day.until("09:31")
    assert not stand.shown(day.farm)
    day.newest("CNEW", "Register: Oak Farm")
    assert day.rows(sa.select(addresses).where(addresses.c.address == "CNEW"))


async def test_a_channel_linked_before_apbot_is_in_it_is_told_to_invite_it(day: ChatDay, stand: SlackStand) -> None:
    stand.workspace.errors["conversations.info"] = "channel_not_found"
    garage = stand.shared_by("The Garage")
    code = day.code_for(provider="The Garage")
    answer = await day.types("Gary Stone", garage, f"/ap link {code}")
    assert "The Garage's" in answer
    assert "/invite @apbot" in answer


async def test_a_providers_code_is_of_no_use_in_a_private_conversation(day: ChatDay, stand: SlackStand) -> None:
    code = day.code_for(provider="The Garage")
    assert "Not linked" in await day.types("Gary Stone", stand.address_of("Gary Stone"), f"/ap link {code}")


async def test_apbots_page_shows_what_is_open_and_can_be_shown_anew(day: ChatDay, stand: SlackStand) -> None:
    await day.until("10:01")
    user = stand.user("Dorothy Okafor")
    home = {"type": "app_home_opened", "user": user, "channel": stand.workspace.dm_of(user), "tab": "home"}
    await stand.tell("events_api", stand.event(home))
    await stand.channel.answers.settled()
    page = words_of("", stand.workspace.homes[user]["blocks"])
    assert "not known to have arrived" in page
    assert "AB12" in page
    assert "Today" in page
    await day.types("Sam Taylor", day.farm, "AB12 and CD34 are here")
    refresh = stand.workspace.homes[user]["blocks"][-1]["elements"][0]
    pressed = {
        "type": "block_actions",
        "user": stand.who("Dorothy Okafor"),
        "team": {"id": TEAM},
        "container": {"type": "view", "view_id": "V1"},
        "trigger_id": stand.trigger(),
        "actions": [{**refresh, "action_ts": "1.5"}],
    }
    await stand.tell("interactive", pressed)
    await stand.channel.answers.settled()
    assert "Awaiting an answer: AB12" not in words_of("", stand.workspace.homes[user]["blocks"])
    messages = {**home, "tab": "messages"}
    count = len(stand.workspace.calls)
    await stand.tell("events_api", stand.event(messages))
    await stand.channel.answers.settled()
    assert len(stand.workspace.calls) == count


async def test_a_strangers_page_says_how_to_be_linked(day: ChatDay, stand: SlackStand) -> None:
    await stand.tell("events_api", stand.event({"type": "app_home_opened", "user": "U0WHO", "tab": "home"}))
    await stand.channel.answers.settled()
    page = words_of("", stand.workspace.homes["U0WHO"]["blocks"])
    assert page.count("not linked") == 1
    assert "/ap link" in page


def test_words_are_read_without_slacks_marks() -> None:
    raw = "<@U0APBOT> all in &amp; <@U7|Sam> <https://oak.test|Oak>, <mailto:a@oak.test|a@oak.test>\x00"
    assert words_in(raw, "U0APBOT") == "all in & @Sam Oak, a@oak.test"
    assert words_in("<@U0APBOT> all in", "U0APBOT") == "all in"
    assert words_in("a &lt;b&gt; &amp;amp;", "U0APBOT") == "a <b> &amp;"


def test_a_person_of_the_own_organisation_is_no_foreigner() -> None:
    me = Identity("T1", "E1", "U0", "B0")
    assert sender_of(me, "U5", "T1") == sender_of(me, "U5", "E1") == sender_of(me, "U5", "") == "U5"
    assert sender_of(me, "U5", "T2") == "T2:U5"


def test_the_order_of_answers_makes_no_other_form() -> None:
    one = {"state": {"values": {"asked:a": {"a": {"value": "1"}}, "asked:b": {"b": {"value": "2"}}}}}
    other = {"state": {"values": {"asked:b": {"b": {"value": "2"}}, "asked:a": {"a": {"value": "1"}}}}}
    assert digest_of(one) == digest_of(other)


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


async def test_a_person_of_another_workspace_links_answers_and_acknowledges_in_a_shared_channel(
    day: ChatDay, stand: SlackStand
) -> None:
    """Slack Connect: the provider's own workspace shares a channel with apbot's."""
    stand.teams["Gary Stone"] = "T123"
    garage = stand.shared_by("The Garage")
    await day.types("Gary Stone", garage, f"/ap link {day.code_for(provider='The Garage')}")
    linked = await day.types("Gary Stone", garage, f"/ap link {day.code_for(person='Gary Stone')}")
    assert "You are linked, Gary Stone" in linked
    (kept,) = day.rows(
        sa.select(addresses.c.address).where(
            addresses.c.person_id == day.ids["Gary Stone"], addresses.c.channel == "slack"
        )
    )
    assert kept.address == f"T123:{stand.user('Gary Stone')}"
    await day.until("09:31")
    await day.taps("Gary Stone", garage, "Not arrived", "EF56", reason="ill")
    assert fact(day, "EF56") == "not arrived"
    assert stand.workspace.said[-1].only_for == stand.user("Gary Stone"), "the answer is for who pressed"
    day.newest(garage, "EF56", "Not arrived: ill · Gary Stone, 09:31")
    await day.until("09:46")
    assert "/ap today" in await day.types("Gary Stone", stand.address_of("Gary Stone"), "hello")
    assert "EF56" in await day.types("Gary Stone", garage, "EF56 just arrived")
    day.newest(garage, "EF56", "Gary Stone, 09:46")


async def test_the_page_of_somebody_with_the_same_name_in_another_workspace_shows_nothing(
    day: ChatDay, stand: SlackStand
) -> None:
    """Slack's names of users are unique within a workspace alone: Dorothy's is not another's Dorothy's."""
    await day.until("10:01")
    user = stand.user("Dorothy Okafor")
    home = {"type": "app_home_opened", "user": user, "tab": "home"}
    for elsewhere in ({"team_id": "T0ELSEWHERE"}, {"team_id": "T0ELSEWHERE", "enterprise_id": "E0ELSEWHERE"}):
        await stand.tell("events_api", {**stand.event(home), **elsewhere})
        await stand.channel.answers.settled()
        page = words_of("", stand.workspace.homes[user]["blocks"])
        assert "AB12" not in page
        assert "not linked" in page
    await stand.tell("events_api", stand.event(home))
    await stand.channel.answers.settled()
    assert "AB12" in words_of("", stand.workspace.homes[user]["blocks"])


async def test_words_from_another_workspace_are_not_taken_for_those_of_who_has_the_same_name(
    day: ChatDay, stand: SlackStand
) -> None:
    await day.until_register()
    said = stand.message("Sam Taylor", day.farm, "all in")
    del said["event"]["team"]
    await stand.tell("events_api", {**said, "team_id": "T0ELSEWHERE"})
    await stand.channel.answers.settled()
    assert fact(day, "AB12") is None
