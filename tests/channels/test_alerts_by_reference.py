"""An alert where pupils stand by reference alone: what is of special care is on the board, to which it leads."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
import sqlalchemy as sa

from apbot.store.tables import pupils
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import MailRoom
from tests.channels.notifystand import NotifyStand
from tests.channels.slackstand import SlackStand
from tests.channels.stand import Stand
from tests.channels.telegram_stand import TelegramStand

STANDS: dict[str, Callable[[], Stand]] = {
    "telegram": TelegramStand,
    "email": MailRoom,
    "notify email": lambda: NotifyStand("email"),
    "slack": SlackStand,
}
BOARD = "https://apbot.example/board"


@pytest_asyncio.fixture(params=STANDS)
async def stand(request: pytest.FixtureRequest) -> Stand:
    return STANDS[request.param]()


@pytest_asyncio.fixture
async def day(stand: Stand, request: pytest.FixtureRequest) -> AsyncIterator[ChatDay]:
    a_day = ChatDay(stand, public_url=getattr(request, "param", "https://apbot.example"))
    await a_day.begin()
    yield a_day
    await a_day.end()


def sent(day: ChatDay) -> str:
    """What went over the wire to the DSL, addresses and all."""
    match day.stand:
        case TelegramStand() as stand:
            return "\n".join(given.get("text", "") for _, given in stand.api.calls)
        case MailRoom() as stand:
            return "\n".join(f"{mail.part('plain')}\n{mail.part('html')}" for mail in stand.of(day.dsl_address))
    return "\n".join(shown.text for shown in day.stand.shown(day.dsl_address))


@pytest.mark.parametrize("has_one", [True, False])
async def test_every_alert_leads_to_the_board_so_that_it_says_nothing_of_anybody(day: ChatDay, has_one: bool) -> None:
    day.change(pupils, sa.true(), social_worker=has_one)
    await day.until("10:01")
    day.newest(day.dsl_address, "Not arrived", "AB12")
    assert (BOARD in sent(day)) is day.channel.references_only
    assert ("social worker" in sent(day)) is (has_one and not day.channel.references_only)


@pytest.mark.parametrize("day", [""], indirect=True)
async def test_without_a_public_address_it_leads_nowhere(day: ChatDay) -> None:
    await day.until("10:01")
    day.newest(day.dsl_address, "Not arrived", "AB12")
    assert "/board" not in sent(day)
    assert "on the board" not in sent(day)
