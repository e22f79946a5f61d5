"""apbot's own page in Slack."""

from tests.channels.chatday import ChatDay
from tests.channels.slackstand import SlackStand
from tests.channels.slackworkspace import TEAM, words_of


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
