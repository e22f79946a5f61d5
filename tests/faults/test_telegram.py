"""Telegram's trouble, for somebody who is reached there first and on Slack next."""

from collections.abc import AsyncIterator

import psutil
import pytest
import sqlalchemy as sa
from aiohttp import ClientSession

from apbot.store.database import Transaction
from apbot.store.linking import Owner, link
from apbot.store.tables import audit, events, messages
from tests.channels.telegram_server import TOKEN, Silence
from tests.channels.telegram_stand import TelegramStand
from tests.faults.morning import Morning

SECRET = "a-secret-of-the-webhook"


@pytest.fixture
async def telegram(morning: Morning) -> AsyncIterator[TelegramStand]:
    """Marsh Lane's DSL and the Garage are on Telegram."""
    stand = TelegramStand(webhook=True)
    await stand.api.start()

    def move(transaction: Transaction) -> None:
        for name in ("Zainab Malik", "Gary Stone"):
            link(transaction, Owner(morning.ids[name], None), "telegram", stand.address_of(name))
        link(transaction, Owner(None, morning.ids["The Garage"]), "telegram", stand.shared_by("The Garage"))

    morning.reading.run(move)
    yield stand
    await stand.api.stop()
    assert not stand.problems, stand.problems


def settings(stand: TelegramStand) -> dict[str, str]:
    """What apbot must be told to use it. It is given up after a second, so that nobody waits for ten."""
    return {
        "APBOT_TELEGRAM_TOKEN": TOKEN,
        "APBOT_TELEGRAM_BASE_URL": stand.api.base_url,
        "APBOT_TELEGRAM_WEBHOOK": "true",
        "APBOT_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "APBOT_TELEGRAM_TIMEOUT_SECONDS": "1",
        "APBOT_PUBLIC_URL": "https://apbot.example",
    }


async def begun(morning: Morning, stand: TelegramStand) -> None:
    """The registers are there, in either chat."""
    process = morning.launch(**settings(stand))
    await morning.until(lambda: process.said or process.ended is not None, "it says where it is")
    garage = stand.shared_by("The Garage")
    await morning.until(lambda: morning.registers("Oak Farm") and stand.shown(garage) and morning.is_settled, "asked")


def alerts(stand: TelegramStand) -> list[str]:
    """What Marsh Lane's DSL has on Telegram of pupils who have not arrived."""
    return [each.text for each in stand.shown(stand.address_of("Zainab Malik")) if "Not arrived" in each.text]


async def test_what_telegram_takes_and_does_not_answer_comes_again_and_says_so(
    morning: Morning, telegram: TelegramStand
) -> None:
    await begun(morning, telegram)
    morning.wall("09:46:00")
    gary = telegram.address_of("Gary Stone")
    await morning.until(lambda: telegram.shown(gary) and morning.is_settled, "the nudge")
    telegram.api.failures.append(Silence())
    morning.wall("09:59:59.5")
    await morning.until(lambda: len(alerts(telegram)) == 2, "the alert, twice")
    assert "repeat" not in alerts(telegram)[0]
    assert "May be a repeat" in alerts(telegram)[1]


async def test_a_token_that_telegram_refuses_has_the_alert_go_by_slack(
    morning: Morning, telegram: TelegramStand
) -> None:
    await begun(morning, telegram)
    telegram.api.token = "1:another"
    morning.wall("09:59:59.5")
    tries = sa.select(messages.c.tries).where(messages.c.channel == "telegram", messages.c.kind == "escalation")
    for times, at in enumerate(("10:00:10", "10:00:30"), 1):  # again after five seconds, then ten
        await morning.until(
            lambda times=times: [row.tries for row in morning.rows(tries)] == [times], f"a try, number {times}"
        )
        morning.wall(at)
    await morning.until(lambda: morning.alerts("Zainab Malik", "Oak Farm"), "the alert on Slack")
    assert not alerts(telegram)


async def test_the_same_update_told_five_times_is_done_once(morning: Morning, telegram: TelegramStand) -> None:
    await begun(morning, telegram)
    process = morning.processes[0]
    (port,) = {
        each.laddr.port for each in psutil.Process(process.pid).net_connections("tcp") if each.status == "LISTEN"
    }
    update = telegram.update_of("Gary Stone", telegram.shared_by("The Garage"), "all in")
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with ClientSession() as http:
        for _ in range(5):
            async with http.post(f"http://127.0.0.1:{port}/telegram/webhook", json=update, headers=headers) as answer:
                assert answer.status == 200
    marked = sa.select(audit.c.id).where(audit.c.what == "marked")
    await morning.until(lambda: morning.rows(marked) and morning.is_settled, "it is recorded")
    assert len(morning.rows(marked)) == 1
    assert len(morning.rows(sa.select(events.c.id).where(events.c.channel == "telegram"))) == 1
