"""Recordings, photos and files sent to apbot: refused with where they belong, and the words with them heeded."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.channels.chatday import ChatDay
from tests.channels.samples import fact
from tests.channels.slackstand import SlackStand
from tests.channels.teams_stand import TeamsStand
from tests.channels.telegram_stand import TelegramStand

SAM = "Sam Taylor"
REFUSED = ("keep no recordings, photos or files", "safeguarding system", "own record")

AnyStand = SlackStand | TelegramStand | TeamsStand
Sends = Callable[[AnyStand, str, str, Any], Coroutine[Any, Any, str]]


async def _slack(stand: Any, place: str, words: str, what: Any) -> str:
    told = stand.message(SAM, place, words, subtype="file_share", files=what)
    before = len(stand.workspace.told)
    await stand.tell("events_api", told)
    await stand.channel.answers.settled()
    return "\n".join(stand.workspace.told[before:])


async def _telegram(stand: Any, place: str, words: str, what: Any) -> str:
    return await stand.tell(stand.update_of(SAM, place, **what, **({"caption": words} if words else {})))


async def _teams(stand: Any, place: str, words: str, what: Any) -> str:
    return await stand.said({**stand.activity(SAM, place, "message"), "text": words, "attachments": what})


KINDS: list[tuple[type[AnyStand], Sends, Any]] = [
    (SlackStand, _slack, [{"id": "F1", "mimetype": "audio/mp4", "subtype": "slack_audio"}]),
    (SlackStand, _slack, ["garbage"]),
    (TelegramStand, _telegram, {"voice": {"file_id": "x", "duration": 2}}),
    (TelegramStand, _telegram, {"photo": []}),
    (TelegramStand, _telegram, {"document": "garbage"}),
    (TeamsStand, _teams, [{"contentType": "image/*", "contentUrl": "https://example.org/1"}]),
    (TeamsStand, _teams, [{"contentType": "application/vnd.microsoft.teams.file.download.info"}, 7]),
]


@pytest.fixture(params=KINDS, ids=[f"{kind.__name__}-{number}" for number, (kind, *_) in enumerate(KINDS)])
def sent(request: pytest.FixtureRequest) -> tuple[type[AnyStand], Sends, Any]:
    found: tuple[type[AnyStand], Sends, Any] = request.param
    return found


@pytest.fixture
def stand(sent: tuple[type[AnyStand], Sends, Any]) -> AnyStand:
    return sent[0]()


async def test_a_file_alone_is_refused_with_where_it_belongs(day: ChatDay, stand: AnyStand, sent: Any) -> None:
    await day.until("09:40")
    answer = await sent[1](stand, stand.address_of(SAM), "", sent[2])
    assert all(words in answer for words in REFUSED), answer


async def test_the_words_with_a_file_are_heeded_and_it_is_said_that_it_was_not_kept(
    day: ChatDay, stand: AnyStand, sent: Any
) -> None:
    await day.until("09:40")
    answer = await sent[1](stand, stand.address_of(SAM), "AB12 is here", sent[2])
    assert "Recorded" in answer
    assert "recording, photo or file with it was not kept" in answer
    assert fact(day, "AB12") is not None


async def test_a_worry_with_a_photo_offers_the_call_and_keeps_neither(day: ChatDay, stand: AnyStand, sent: Any) -> None:
    await day.until("09:40")
    answer = await sent[1](stand, stand.address_of(SAM), "AB12 has bruises on her arm", sent[2])
    assert "safeguarding concern?" in answer
    assert "was not kept" in answer
