"""What GOV.UK Notify tells afterwards: that a message did not arrive."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from starlette.applications import Starlette

from apbot.channels.desk import Desk
from apbot.channels.notify import inbound
from apbot.store.fallback import Heeded
from apbot.store.tables import addresses, audit, messages
from tests.channels.chatday import ChatDay
from tests.channels.notifyserver import Notification
from tests.channels.notifystand import TOKEN, NotifyStand


class Told(ChatDay):
    """A day by text message, on which Notify can tell what became of them."""

    stand: NotifyStand

    async def begin(self) -> None:
        await super().begin()
        app = Starlette(routes=list(self.channel.routes))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://apbot")

    def newest_to(self, person: str) -> Notification:
        to = self.stand.address_of(person).replace(" ", "")
        return next(each for each in reversed(self.stand.server.notifications) if each.to == to)

    async def tells(
        self, notification: Notification, status: str, changes: Mapping[str, Any] = MappingProxyType({})
    ) -> int:
        return await self.posts(json.dumps({**self.stand.server.receipt(notification, status), **changes}))

    async def posts(self, body: str | bytes, authorization: str = f"Bearer {TOKEN}") -> int:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        answer = await self.http.post("/notify/status", content=body, headers=headers)
        await self.app.tick()
        return answer.status_code

    def state_of(self, person: str) -> list[tuple[str, str]]:
        rows = self.rows(
            sa.select(messages.c.channel, messages.c.state)
            .where(messages.c.person_id == self.ids[person], messages.c.kind == "escalation")
            .order_by(messages.c.id)
        )
        return [(row.channel, row.state) for row in rows]

    def disabled(self) -> list[int]:
        return [
            row.person_id
            for row in self.rows(sa.select(addresses.c.person_id).where(addresses.c.disabled_at.is_not(None)))
        ]

    async def end(self) -> None:
        await self.http.aclose()
        await super().end()


@pytest_asyncio.fixture
async def told() -> AsyncIterator[Told]:
    """10:01: the alert about Oak Farm's pupils has gone out by text message."""
    day = Told(NotifyStand("sms"))
    await day.begin()
    await day.until_register()
    await day.until("10:01")
    yield day
    await day.end()


async def test_a_dead_number_is_given_up_and_the_next_channel_takes_over_at_once(told: Told) -> None:
    assert await told.tells(told.newest_to("Dorothy Okafor"), "permanent-failure") == 204
    assert told.disabled() == [told.ids["Dorothy Okafor"]]
    assert told.state_of("Dorothy Okafor") == [("sms", "failed"), ("web", "sent")]
    told.person("Dorothy Okafor").sees("Not arrived", "AB12")


async def test_a_dead_number_with_no_other_channel_has_the_next_in_line_told(told: Told) -> None:
    told.unreachable("Tom Beckett")
    for person in ("Dorothy Okafor", "Priya Nair"):
        told.database.run(
            lambda transaction, person=person: transaction.execute(
                sa.delete(addresses).where(addresses.c.person_id == told.ids[person], addresses.c.channel == "web")
            )
        )
    for person in ("Dorothy Okafor", "Priya Nair"):
        await told.tells(told.newest_to(person), "permanent-failure")
    told.person("Helen Marsh").sees("Not arrived", "AB12")


@pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
async def test_an_alert_that_did_not_arrive_goes_to_the_next_channel_too(told: Told, status: str) -> None:
    assert await told.tells(told.newest_to("Dorothy Okafor"), status) == 204
    assert told.disabled() == []
    assert told.state_of("Dorothy Okafor") == [("sms", "sent"), ("web", "sent")]
    told.person("Dorothy Okafor").sees("Not arrived", "AB12")


async def test_an_alert_that_did_not_arrive_is_sent_again_where_there_is_no_other_way(told: Told) -> None:
    told.change(addresses, addresses.c.channel == "web", disabled_at=told.clock.now())
    lost = told.newest_to("Dorothy Okafor")
    await told.tells(lost, "temporary-failure")
    await told.until("10:07")
    again = told.newest_to("Dorothy Okafor")
    assert again.id != lost.id
    assert "Not arrived" in again.text
    assert "May be a repeat." in again.text


async def test_the_same_receipt_twice_changes_nothing(told: Told) -> None:
    lost = told.newest_to("Dorothy Okafor")
    for status in ("temporary-failure", "permanent-failure"):
        await told.tells(lost, status)
        noted = told.rows(sa.select(audit.c.id))
        owed = told.rows(sa.select(messages.c.id, messages.c.wanted, messages.c.state))
        assert await told.tells(lost, status) == 204
        assert told.rows(sa.select(audit.c.id)) == noted
        assert told.rows(sa.select(messages.c.id, messages.c.wanted, messages.c.state)) == owed


async def test_a_second_number_of_the_same_person_gets_the_message_and_an_old_receipt_does_not_close_it(
    told: Told,
) -> None:
    told.database.run(
        lambda transaction: transaction.insert(
            addresses, person_id=told.ids["Dorothy Okafor"], channel="sms", address="07700 900555", rank=-1
        )
    )
    lost = told.newest_to("Dorothy Okafor")
    await told.tells(lost, "permanent-failure")
    assert [each.text for each in told.stand.shown("07700 900555")], "sent to the second number"
    assert await told.tells(lost, "permanent-failure") == 204
    assert len(told.disabled()) == 1


async def test_a_receipt_that_comes_before_the_answer_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notify may know that a number is dead before apbot has written down what the message is called."""
    told = Told(NotifyStand("sms"))
    await told.begin()
    await told.until_register()
    await told.until("09:59")
    looked, asked = asyncio.Event(), []
    real = Desk.told_later

    async def watched(*given: Any) -> Heeded:
        heeded = await real(*given)
        looked.set()
        return heeded

    async def at_once(notification: Notification) -> None:
        if notification.to == told.stand.address_of("Priya Nair").replace(" ", ""):
            body = json.dumps(told.stand.server.receipt(notification, "permanent-failure"))
            post = told.http.post("/notify/status", content=body, headers={"Authorization": f"Bearer {TOKEN}"})
            asked.append(asyncio.create_task(_status(post)))
            async with asyncio.timeout(5):
                await looked.wait()

    monkeypatch.setattr(Desk, "told_later", watched)
    told.stand.server.when_taken = at_once
    await told.until("10:01")
    assert [await each for each in asked] == [204]
    await told.app.tick()
    assert told.disabled() == [told.ids["Priya Nair"]]
    told.person("Priya Nair").sees("Not arrived", "AB12")
    await told.end()


async def _status(post: Any) -> int:
    return int((await post).status_code)


async def test_delivered_is_good_news_that_changes_nothing(told: Told) -> None:
    before = told.rows(sa.select(messages))
    for _ in range(2):
        assert await told.tells(told.newest_to("Dorothy Okafor"), "delivered") == 204
    assert told.rows(sa.select(messages)) == before


async def test_a_number_at_which_a_text_has_arrived_is_not_closed_by_a_receipt_that_says_otherwise(told: Told) -> None:
    """Nobody but Notify should know the token; whoever does, could else cut a DSL off."""
    there = told.newest_to("Dorothy Okafor")
    await told.tells(there, "delivered")
    assert await told.tells(there, "permanent-failure") == 204
    assert told.disabled() == []
    assert told.state_of("Dorothy Okafor") == [("sms", "sent"), ("web", "sent")], "in doubt it goes out once more"


async def test_good_news_that_comes_after_the_bad_opens_nothing(told: Told) -> None:
    lost = told.newest_to("Dorothy Okafor")
    await told.tells(lost, "permanent-failure")
    await told.tells(lost, "delivered")
    assert told.disabled() == [told.ids["Dorothy Okafor"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": None},
        {"reference": "apbot-999999-00ff"},
        {"reference": "apbot-99999999999999999999-00ff"},
        {"reference": "somebody else's"},
        {"id": "740e5834-3a29-46b4-9a6f-16142fde533a"},
        {"notification_type": "letter"},
        {"status": "pending"},
    ],
)
async def test_what_is_not_ours_is_taken_and_ignored(told: Told, changes: dict[str, Any]) -> None:
    assert await told.tells(told.newest_to("Dorothy Okafor"), "permanent-failure", changes) == 204
    assert told.disabled() == []


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ünknown"])
async def test_a_wrong_token_is_turned_away(told: Told, authorization: str) -> None:
    body = json.dumps(told.stand.server.receipt(told.newest_to("Dorothy Okafor"), "permanent-failure"))
    headers = {"Authorization": authorization.encode()}
    assert (await told.http.post("/notify/status", content=body, headers=headers)).status_code == 401
    assert told.disabled() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"\xff\xfe\x00", 400),
        (b"[]", 400),
        (b"[" * 10_000, 400),
        (b'{"id": 1, "status": "delivered"}', 400),
        (b'{"id": "", "status": "permanent-failure"}', 400),
        (b'{"id": "1", "status": {}}', 400),
        (b'{"id": "1", "status": "permanent-failure", "reference": ["x"], "notification_type": {}}', 204),
        (b'{"id": "' + b"x" * 100_000 + b'"}', 413),
    ],
)
async def test_garbage_is_answered_with_a_clear_status(told: Told, body: bytes, status: int) -> None:
    assert await told.posts(body) == status


async def test_a_database_that_fails_has_notify_tell_again(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = told.newest_to("Dorothy Okafor")

    async def fails(*_: object) -> None:
        raise sa.exc.OperationalError("select 1", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(told.database, "write", fails)
        body = json.dumps(told.stand.server.receipt(lost, "permanent-failure"))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert (await told.http.post("/notify/status", content=body, headers=headers)).status_code == 503
    assert await told.tells(lost, "permanent-failure") == 204
    assert told.disabled() == [told.ids["Dorothy Okafor"]]


async def test_a_database_that_does_not_answer_holds_notify_up_no_longer_than_it_waits(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(inbound, "ANSWERED_WITHIN", 0.05)
    monkeypatch.setattr(told.database, "write", hangs)
    body = json.dumps(told.stand.server.receipt(told.newest_to("Dorothy Okafor"), "permanent-failure"))
    async with asyncio.timeout(3):
        answer = await told.http.post("/notify/status", content=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 503
    monkeypatch.undo()


async def test_an_alert_that_was_settled_meanwhile_is_not_sent_anew(told: Told) -> None:
    await told.provider("Oak Farm", "Sam Taylor").types("AB12 and CD34 arrived")
    lost = next(each for each in told.stand.server.notifications if "Not arrived" in each.text)
    await told.tells(lost, "temporary-failure")
    assert told.state_of("Priya Nair") == [("sms", "sent"), ("web", "cancelled")]
