"""What platforms send: real payloads with something wrong in them, properly signed.

Every one is answered with a status of the platform's protocol, in time; what is refused leaves nothing behind, and
after all of them apbot hears what is right.
"""

import json
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from tests.channels.chatday import begun
from tests.channels.slackstand import SlackStand, as_body
from tests.channels.stand import Stand
from tests.channels.teams_stand import TeamsStand
from tests.channels.telegram_stand import TelegramStand
from tests.channels.test_forged import DOORS, Tried
from tests.fuzz.bounds import examples, in_time
from tests.fuzz.mutants import as_json, bytes_of, mutated

Payload = tuple[str, Any]
"""What kind of content it is posted as, and what it says."""

FORM = "application/x-www-form-urlencoded"
ALLOWED = {200, 202, 204, 400, 401, 404, 413, 501}


def _slack(stand: SlackStand, tried: Tried) -> list[Payload]:
    day = tried.day
    said, element = stand._find(day.farm, "Arrived", "AB12")
    home = {"type": "app_home_opened", "user": stand.user("Dorothy Okafor"), "tab": "home"}
    moved = {"type": "channel_id_changed", "old_channel_id": "C0OLD", "new_channel_id": "C0NEW"}
    form = {
        "type": "view_submission",
        "user": stand.who("Sam Taylor"),
        "team": {"id": "T0HILL"},
        "view": {
            "id": "V1",
            "callback_id": "form",
            "private_metadata": json.dumps({"token": "late:1:x", "place": day.farm}),
            "state": {"values": {"at": {"at": {"type": "timepicker", "selected_time": "09:40"}}}},
        },
    }
    return [
        ("events_api", stand.message("Sam Taylor", day.farm, "AB12 late 9:40")),
        ("events_api", stand.message("Dorothy Okafor", day.dsl_address, "on it")),
        ("events_api", stand.event(home)),
        ("events_api", stand.event(moved)),
        ("interactive", stand.press("Sam Taylor", said, element, stand.trigger())),
        ("interactive", form),
        ("slash_commands", stand.command("Dorothy Okafor", day.dsl_address, "/ap today")),
        ("slash_commands", stand.command("Somebody Else", day.farm, "/ap link ABCD-EFGH")),
    ]


def _telegram(stand: TelegramStand, tried: Tried) -> list[Payload]:
    day = tried.day
    message, data = stand.find(day.farm, "Arrived", "AB12")
    moved = stand.update_of("Sam Taylor", day.farm, "x")
    moved["message"]["migrate_to_chat_id"] = -1001
    told = stand.update_of("Sam Taylor", day.farm, "x")["message"]
    pressed = {
        "update_id": 77,
        "callback_query": {
            "id": "1",
            "from": told["from"],
            "chat_instance": "1",
            "data": data,
            "message": {**told, "message_id": getattr(message, "id", 1)},
        },
    }
    return [
        ("", stand.update_of("Sam Taylor", day.farm, "AB12 late 9:40")),
        ("", stand.update_of("Dorothy Okafor", day.dsl_address, "/ap today")),
        ("", moved),
        ("", pressed),
    ]


def _teams(stand: TeamsStand, tried: Tried) -> list[Payload]:
    day = tried.day
    _, action = stand.find("Sam Taylor", day.farm, "Arrived", "AB12")
    press = {
        **stand.activity("Sam Taylor", day.farm, "invoke"),
        "name": "adaptiveCard/action",
        "value": {"action": dict(action), "trigger": "manual"},
    }
    update = {
        **stand.activity("Sam Taylor", day.farm, "conversationUpdate"),
        "membersAdded": [{"id": "28:bot"}],
    }
    typed = {**stand.activity("Sam Taylor", day.farm, "message"), "text": "<at>apbot</at> AB12 late 9:40"}
    return [("", typed), ("", press), ("", update)]


def _notify(stand: Any, tried: Tried) -> list[Payload]:
    body = json.loads(tried.door.body(stand, tried.day))
    return [("", body), ("", {**body, "status": "delivered"})]


PAYLOADS: dict[str, Any] = {"slack": _slack, "telegram": _telegram, "teams": _teams, "notify": _notify}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=DOORS)
async def tried(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, Tried]]:
    """10:01: registers and an alert stand in the chats."""
    stand: Stand = DOORS[request.param].stand()
    async with begun(stand) as day:
        await day.until_register()
        await day.until("10:01")
        found = Tried(DOORS[request.param], day)
        yield request.param, found
        await found.http.aclose()
        stand.problems.clear()  # what a mutant has it ask of the platform is no fault of apbot's


def body_of(name: str, kind: str, payload: Any) -> tuple[bytes, str]:
    """As the platform posts it."""
    if name == "slack":
        try:
            body, content = as_body(kind, payload)
            return body.encode("utf-8", "replace"), content
        except (TypeError, ValueError, AttributeError):
            return as_json(payload), "application/json"
    return as_json(payload), "application/json"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_payload_with_something_wrong_is_answered_in_its_protocol(tried: tuple[str, Tried]) -> None:
    name, door = tried
    payloads = PAYLOADS[name](door.day.stand, door)
    for chance in examples(f"payloads {name}", 60):
        kind, right = chance.choice(payloads)
        payload = mutated(right, chance)
        body, content = body_of(name, kind, payload)
        if chance.random() < 0.1:
            body = bytes_of(body, chance)
        with capture_logs() as logs, in_time():
            status = await door.posts(door.right(body), content)
            await settled(door)
        assert status in ALLOWED, f"{status}: {body[:2000]!r}"
        errors = [each for each in logs if each["log_level"] == "error" and not is_expected(each)]
        assert not errors, f"{errors}: {body[:3000]!r}"


EXPECTED = (
    "address closed by its platform",  # what a mutant of a membership, or of a receipt, may well say
    "address refused",
    "a person's page could not be shown",
)


def is_expected(entry: MutableMapping[str, Any]) -> bool:
    """Whether an error in the log is as it should be: what Slack's own library makes of nonsense is caught for it."""
    at = entry.get("at") or [""]
    return "slack_bolt" in at[-1] or any(each in entry["event"] for each in EXPECTED)


async def settled(door: Tried) -> None:
    """What was answered later is done."""
    if isinstance(door.day.stand, SlackStand):
        await door.day.stand.channel.answers.settled()
    if isinstance(door.day.stand, TelegramStand):
        await door.day.stand.channel.ears.settle()
