"""The platform's trouble: it asks for a pause, fails, hangs, breaks off, is gone, or lets apbot in no more."""

import pytest
import sqlalchemy as sa

from apbot.channels.port import MAYBE_REPEAT
from apbot.store.channel_troubles import TROUBLE
from apbot.store.database import Transaction
from apbot.store.tables import addresses, chat_lines, messages
from tests.faults.morning import TOLD, Morning
from tests.processes.running import Running
from tests.processes.slack import Do, Seen

MARSH_LANE = [each for each in TOLD if each[0] in ("Zainab Malik", "Alan Pugh")]
WORDS = "Marsh Lane · alert"
"""In the alert that meets with trouble: of the two to whom it goes, one has it."""


async def alerts_with(morning: Morning, point: str, do: Do) -> Running:
    """It is ten, the platform does this with one alert, and everybody else has theirs."""
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.slack.workspace.trap(point, do, method="chat.postMessage", words=WORDS)
    morning.wall("09:59:59.5")
    others = [each for each in TOLD if each not in MARSH_LANE]
    await morning.until(lambda: all(morning.alerts(*each) for each in others), "the others' alerts")
    await morning.until(lambda: any(morning.alerts(*each) for each in MARSH_LANE), "one at Marsh Lane")
    return process


def at_marsh_lane(morning: Morning) -> list[Seen]:
    """What was posted to the two of them, the oldest first."""
    return sorted((seen for each in MARSH_LANE for seen in morning.alerts(*each)), key=lambda seen: seen.at)


async def goes_out_again(morning: Morning, point: str) -> None:
    """What was taken before the trouble came stands there twice, and the second says that it may be a repeat."""
    morning.wall("10:00:10")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alert")
    morning.holds()
    assert len(at_marsh_lane(morning)) == (2 if point == "asked" else 3)
    assert MAYBE_REPEAT in at_marsh_lane(morning)[-1].text


async def test_a_pause_that_is_asked_for_is_kept_and_then_the_alert_goes_out(morning: Morning) -> None:
    await alerts_with(morning, "asked", morning.slack.workspace.error(429, Retry_After="20"))
    assert len(at_marsh_lane(morning)) == 1
    morning.wall("10:00:15")
    assert len(at_marsh_lane(morning)) == 1
    morning.wall("10:00:21")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alert after the pause")
    morning.holds()
    assert not any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)


@pytest.mark.parametrize("point", ["asked", "answering"])
async def test_after_a_servers_error_the_alert_goes_out_again_and_says_so(morning: Morning, point: str) -> None:
    await alerts_with(morning, point, morning.slack.workspace.error(500))
    await goes_out_again(morning, point)


@pytest.mark.parametrize("point", ["asked", "answering"])
async def test_after_a_connection_that_breaks_off_it_goes_out_again_and_says_so(morning: Morning, point: str) -> None:
    do = morning.slack.workspace.reset if point == "asked" else morning.slack.workspace.half
    await alerts_with(morning, point, do)
    await goes_out_again(morning, point)


@pytest.mark.parametrize("point", ["asked", "answering"])
async def test_what_is_taken_or_not_and_never_answered_goes_out_again_and_says_so(morning: Morning, point: str) -> None:
    await alerts_with(morning, point, morning.slack.workspace.hang)
    await morning.until(
        lambda: len(at_marsh_lane(morning)) == (2 if point == "asked" else 3), "the alert, after ten seconds and five"
    )
    await morning.until(lambda: morning.is_settled, "everything settled")
    morning.holds()
    assert MAYBE_REPEAT in at_marsh_lane(morning)[-1].text


@pytest.mark.parametrize(
    "address", ["http://slack.invalid/api/", "https://127.0.0.1:{port}/api/", "http://127.0.0.1:9/"]
)
async def test_while_slack_is_not_reached_it_is_said_and_then_the_alerts_go_out_late(
    morning: Morning, address: str
) -> None:
    port = morning.slack.workspace.url.rpartition(":")[2]
    process = await morning.start(APBOT_SLACK_API_URL=address.format(port=port))
    morning.wall("09:59:59.5")
    await morning.until(lambda: not morning.is_settled and morning.clock.now() > morning.instant("10:00"), "it is ten")
    morning.wall("10:03:00")
    await morning.until_unwell(process, "overdue")
    process.kill()
    await morning.start()
    morning.wall("10:04:10")
    await morning.until(lambda: morning.all_know, "the alerts")
    morning.holds()


async def test_an_edit_of_what_somebody_has_deleted_is_posted_anew(morning: Morning) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    priya = morning.slack.address_of("Priya Nair")
    for shown in morning.slack.shown(priya):
        morning.slack.delete(shown)
    press = morning.press("Dorothy Okafor", "Dorothy Okafor", "Acknowledge")
    assert await morning.tells(process, press) == 200
    await morning.until(lambda: morning.slack.seen_by(priya, "Acknowledged by Dorothy Okafor"), "Priya is told")


def _add_web_chat(transaction: Transaction, ids: dict[str, int]) -> None:
    """Those who must know have the built-in chat as well, after Slack."""
    for name in {person for person, _ in TOLD} | {"Ada Quill"}:
        transaction.insert(addresses, person_id=ids[name], channel="web", address=f"person:{ids[name]}", rank=99)


async def test_a_token_that_is_revoked_has_the_alerts_go_by_the_next_channel_and_the_admin_told(
    morning: Morning,
) -> None:
    morning.reading.run(_add_web_chat, morning.ids)
    process = await morning.start(APBOT_TEST_HITCH="1")
    await morning.until(lambda: morning.are_asked, "the registers")
    for method in ("chat.postMessage", "auth.test"):
        morning.slack.workspace.errors[method] = "token_revoked"
    morning.wall("09:59:59.5")

    def sent_in_web_chat(kind: str = "escalation") -> int:
        here = sa.select(messages.c.id).where(messages.c.channel == "web", messages.c.state == "sent")
        return len(morning.rows(here.where(messages.c.kind == kind)))

    def admin_reads(*words: str) -> bool:
        lines = sa.select(chat_lines.c.card).where(chat_lines.c.conversation == f"person:{morning.ids['Ada Quill']}")
        return any(all(word in str(row.card) for word in words) for row in morning.rows(lines))

    for at in ("10:00:10", "10:00:30", "10:01:10"):  # tried again after five seconds, then ten, then twenty
        tries = len(morning.slack.workspace.calls)
        await morning.until(lambda tries=tries: len(morning.slack.workspace.calls) >= tries + 6, "they are tried")
        morning.wall(at)
    await morning.until(lambda: sent_in_web_chat() == len(TOLD), "the alerts in the built-in chat")
    assert not any(row.disabled_at for row in morning.rows(sa.select(addresses)))
    morning.wall("10:03:00")
    await morning.until_unwell(process, "overdue")
    told = ("Slack does not work", "does not accept the bot token", "APBOT_SLACK_BOT_TOKEN")
    await morning.until(lambda: admin_reads(*told), "the admin reads what is wrong in the built-in chat")
    assert sent_in_web_chat(TROUBLE) == 1
    morning.slack.workspace.errors.clear()
    await morning.until(lambda: morning.all_know, "the alerts, late, when the token is right again")
    await morning.until(lambda: admin_reads("Slack works again"), "the admin reads that it works again")
    morning.holds()
