"""An answer that leads to a page of apbot's own: with its whole address, on each platform where people ask."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.channels.chatday import ChatDay
from tests.channels.slackstand import SlackStand
from tests.channels.stand import Stand
from tests.channels.teams_cards import everything
from tests.channels.teams_stand import TeamsStand
from tests.channels.telegram_stand import TelegramStand

ADDRESS = "https://apbot.example/inspect/CD34"
STANDS: dict[str, Callable[[], Stand]] = {"slack": SlackStand, "telegram": TelegramStand, "teams": TeamsStand}


def links(day: ChatDay) -> list[str]:
    """Where what was answered leads."""
    match day.stand:
        case SlackStand() as stand:
            return stand.workspace.told
        case TelegramStand() as stand:
            return [text for method, given in stand.api.calls if method == "sendMessage" and (text := given["text"])]
        case TeamsStand() as stand:
            cards = [message.card for message in stand.teams.messages.values()]
            return [str(each["url"]) for card in cards for each in everything(card) if "url" in each]
    raise AssertionError(day.stand.name)


@pytest_asyncio.fixture(params=STANDS)
async def stand(request: pytest.FixtureRequest) -> Stand:
    return STANDS[request.param]()


@pytest_asyncio.fixture
async def day(stand: Stand, request: pytest.FixtureRequest) -> AsyncIterator[ChatDay]:
    a_day = ChatDay(stand, public_url=getattr(request, "param", "https://apbot.example"))
    await a_day.begin()
    yield a_day
    await a_day.end()


async def test_the_answer_leads_to_the_page(day: ChatDay) -> None:
    answer = await day.types("Dorothy Okafor", day.dsl_address, "/ap inspect CD34")
    assert "what an inspector would ask" in answer
    assert any(ADDRESS in each for each in links(day))
    assert "Silva" not in answer


@pytest.mark.parametrize("day", [""], indirect=True)
async def test_without_a_public_address_it_leads_nowhere(day: ChatDay) -> None:
    answer = await day.types("Dorothy Okafor", day.dsl_address, "/ap inspect CD34")
    assert "what an inspector would ask" in answer
    assert not any("inspect/" in each for each in links(day))
