"""Each process does its part, together they do it all; and when one dies another takes over, or somebody knows."""

import asyncio
import json
import signal

import pytest
import sqlalchemy as sa

from apbot.channels.port import MAYBE_REPEAT
from apbot.store.tables import channels, leases
from tests.channels.telegram_server import TOKEN, BotApi
from tests.faults.morning import TOLD, Morning
from tests.growing.parts import InTheWebChat, OpenPage, start
from tests.processes.running import WITHIN, Running


async def nobody_does(morning: Morning, process: Running) -> list[str]:
    """What /healthz says that no process does."""
    return list((await morning.health(process))[1].get("nobody does", ()))


async def until_nobody_does(morning: Morning, process: Running, *parts: str) -> None:
    async with asyncio.timeout(WITHIN):
        while await nobody_does(morning, process) != list(parts):
            await asyncio.sleep(0.05)  # it is another process that we wait for


async def all_is_well(*processes: Running) -> None:
    """They end in good order, and nothing has failed that nobody had thought of."""
    for each in processes:
        each.send(signal.SIGTERM)
    assert await asyncio.gather(*(each.end() for each in processes)) == [0] * len(processes)
    said = "\n".join(line for each in processes for line in each.said)
    assert "Traceback" not in said, said


async def test_three_processes_with_a_part_each_do_what_one_does(morning: Morning) -> None:
    web = await start(morning, "web")
    assert await nobody_does(morning, web) == ["schedules", "delivery"]
    schedules, delivery = await start(morning, "schedules"), await start(morning, "delivery")
    for each in (web, schedules, delivery):
        await morning.until_well(each)
    await morning.until(lambda: morning.are_asked, "the registers")
    assert await morning.tells(web, morning.press("Sam Taylor", "Oak Farm", "Arrived", "AB12")) == 200
    morning.wall("09:59:59.5")
    known = {**TOLD, ("Dorothy Okafor", "Oak Farm"): {"CD34"}, ("Priya Nair", "Oak Farm"): {"CD34"}}
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds(known)
    assert all(len(morning.alerts(*each)) == 1 for each in TOLD)
    assert not any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)
    for each in (schedules, delivery):
        await morning.until_well(each)
        assert await status(each, "/chat") == await status(each, "/slack/events") == 404
    await all_is_well(web, schedules, delivery)


async def status(process: Running, path: str) -> int:
    from aiohttp import ClientSession

    async with ClientSession() as http, http.get(f"{process.url}{path}") as answer:
        return answer.status


async def test_processes_that_are_first_started_together_on_an_empty_postgresql_all_come_up(bare: Morning) -> None:
    together = [bare.launch() for _ in range(4)]
    await bare.until(lambda: all(each.url or each.ended is not None for each in together), "where they are")
    for each in together:
        await bare.until_well(each)
    await all_is_well(*together)


async def test_an_open_page_shows_live_what_another_process_has_delivered(chat: InTheWebChat) -> None:
    web, schedules, delivery = [await start(chat, part) for part in ("web", "schedules", "delivery")]
    page = OpenPage(web, chat.signed_in("Dorothy Okafor"))
    provider = OpenPage(web, chat.signed_in("Sam Taylor"))
    await chat.until(lambda: "Register" in provider.text, "the register on the provider's page")
    chat.wall("09:59:59.5")
    await chat.until(lambda: "Not arrived" in page.text and "CD34" in page.text, "the alert on the DSL's page")
    await page.close()
    await provider.close()
    await all_is_well(web, schedules, delivery)


async def test_when_the_one_that_decides_is_killed_another_goes_on(morning: Morning) -> None:
    web, delivery = await start(morning, "web"), await start(morning, "delivery")
    first, second = await start(morning, "schedules"), await start(morning, "schedules")
    await morning.until(lambda: morning.are_asked, "the registers")
    first.kill()
    await first.end()
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    assert all(len(morning.alerts(*each)) == 1 for each in TOLD)
    await all_is_well(web, delivery, second)


async def test_where_nobody_decides_any_more_health_says_so_until_somebody_does(morning: Morning) -> None:
    web, delivery = await start(morning, "web"), await start(morning, "delivery")
    schedules = await start(morning, "schedules")
    await morning.until(lambda: morning.are_asked, "the registers")
    schedules.kill()
    await schedules.end()
    morning.wall("09:58:00")
    for each in (web, delivery):
        await until_nobody_does(morning, each, "schedules")
    morning.wall("10:01:00")
    another = await start(morning, "schedules")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    await until_nobody_does(morning, web)
    await all_is_well(web, delivery, another)


async def test_one_that_was_started_without_slack_takes_slack_from_nobody(morning: Morning) -> None:
    with_it = await start(morning, "delivery")
    without = await start(
        morning, "web", "schedules", "delivery", APBOT_SLACK_BOT_TOKEN="", APBOT_SLACK_SIGNING_SECRET=""
    )
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    assert {row.name for row in morning.rows(sa.select(channels.c.name))} == {"slack"}
    await all_is_well(with_it, without)


async def test_a_second_process_needs_a_port_of_its_own_and_is_told_so(morning: Morning) -> None:
    first = await start(morning)
    port = first.url.rpartition(":")[2]
    second = morning.launch(APBOT_PORT=port)
    assert await second.end() == 2
    assert f"give this one a port of its own: APBOT_PORT={int(port) % 65535 + 1}" in " ".join(second.said)
    await all_is_well(first)


def test_a_part_that_there_is_not_is_refused_by_name() -> None:
    import typer
    from typer.testing import CliRunner

    from apbot.cli import run

    app = typer.Typer()
    run.add_to(app)
    answer = CliRunner().invoke(app, ["--only", "everything"])
    assert answer.exit_code == 2
    assert all(part in answer.output for part in ("web", "schedules", "delivery"))


class Updates(BotApi):
    """Telegram, which tells each update once to whoever asks."""

    @property
    def polls(self) -> int:
        return sum(method == "getUpdates" for method, _ in self.calls)


@pytest.fixture
async def telegram() -> Updates:
    """A Bot API server."""
    made = Updates([])
    await made.start()
    yield made
    await made.stop()
    assert not made.problems, made.problems


async def test_one_process_asks_telegram_for_updates_and_another_takes_over(
    chat: InTheWebChat, telegram: Updates
) -> None:
    settings = {"APBOT_TELEGRAM_TOKEN": TOKEN, "APBOT_TELEGRAM_BASE_URL": telegram.base_url}
    first = await start(chat, "web", **settings)
    await chat.until(lambda: telegram.polls, "the first asks")
    second = await start(chat, "web", **settings)
    holder = chat.rows(sa.select(leases.c.holder).where(leases.c.name == "listen telegram"))[0].holder
    assert holder.startswith(f"{first.pid:x}-")
    assert not any("this process does it now" in line for line in second.said)
    first.kill()
    await first.end()
    asked = telegram.polls
    chat.wall("09:31:00")  # its lease has run out
    await chat.until(lambda: telegram.polls > asked, "the second asks")
    said = [json.loads(line) for line in second.said if line.startswith("{")]
    assert any(each.get("what") == "listen telegram" for each in said)
    await all_is_well(second)
