"""/metrics: what Prometheus reads is what happened; only who shows the token reads it, and it names nobody."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from apbot.channels.platform import Platform
from apbot.channels.port import Outcome, Receipt
from apbot.domain.priority import Priority
from apbot.settings import Settings, WrongSettings, load_settings
from apbot.store.backup.archive import Manifest
from apbot.store.backup.made import note_made
from apbot.store.outbox import Owed, Subject, claim, owe
from apbot.store.tables import DUE, escalations
from apbot.watching.health import Health
from apbot.watching.metrics import Metrics
from apbot.watching.pages import metrics_routes
from apbot.watching.watch import Watch
from apbot.watching.webhooks import watched_routes
from tests import school
from tests.day import Day

TOKEN = "a token that is long enough"


@pytest.fixture
def metrics(day: Day) -> Iterator[Metrics]:
    """Metrics of the day's own app."""
    found = Metrics(day.database, Health(day.database))
    day.database.measures = found
    return found


async def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """What /metrics says for this; None where it says nothing."""
    text = (await metrics.read()).decode()
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    assert len(found) <= 1
    return found[0] if found else None


async def test_a_morning_is_counted(day: Day, metrics: Metrics) -> None:
    await day.until("09:31")
    assert await value(metrics, "apbot_registers_unanswered") == 2
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("The Garage").taps("All arrived")
    assert await value(metrics, "apbot_registers_unanswered") == 1
    await day.until("10:01")
    at = {"kind": "escalation", "channel": "web"}
    assert await value(metrics, "apbot_due_to_accepted_seconds_count", **at) == 4
    assert await value(metrics, "apbot_due_to_accepted_seconds_bucket", le="0.1", **at) == 4
    assert await value(metrics, "apbot_escalations_unacknowledged") == 0
    await day.until("10:31")
    assert await value(metrics, "apbot_escalations_unacknowledged") == 2
    assert (await value(metrics, "apbot_deliveries_total", channel="web", outcome="accepted") or 0) > 10
    assert (await value(metrics, "apbot_tick_seconds_count") or 0) > 10
    assert (await value(metrics, "apbot_schedule_seconds_count", schedule="entries") or 0) >= 1
    assert await value(metrics, "apbot_well") == 1
    assert await value(metrics, "apbot_database_up") == 1


@pytest.mark.parametrize(("expected", "said"), [(True, 0), (False, None)])
async def test_when_the_last_backup_was_made_is_given_and_that_none_ever_was_where_one_is_expected(
    day: Day, expected: bool, said: float | None
) -> None:
    metrics = Metrics(day.database, Health(day.database), expects_backups=expected)
    name = "apbot_last_backup_timestamp_seconds"
    assert await value(metrics, name) == said
    day.database.run(note_made, Manifest("0.3.2", "0001", day.clock.now(), "", (), {}), 10)
    assert await value(metrics, name) == day.clock.now().timestamp()


async def test_what_is_late_shows_by_how_much(day: Day, metrics: Metrics) -> None:
    await day.until("09:59")
    await day.jump("10:20")
    at = {"kind": "escalation", "channel": "web"}
    assert await value(metrics, "apbot_due_to_accepted_seconds_bucket", le="600.0", **at) == 0
    assert (await value(metrics, "apbot_due_to_accepted_seconds_bucket", le="1800.0", **at) or 0) >= 4


async def test_what_a_platform_did_not_take_is_counted_by_what_it_said(day: Day, metrics: Metrics) -> None:
    day.recorder.answers = [Receipt(Outcome.AGAIN), Receipt(Outcome.UNKNOWN), Receipt(Outcome.REFUSED)]
    await day.until("09:31")
    for outcome in ("again", "unknown", "refused"):
        assert await value(metrics, "apbot_deliveries_total", channel="web", outcome=outcome) == 1


async def test_what_is_owed_shows_by_priority_with_its_age(day: Day, metrics: Metrics) -> None:
    now = day.clock.now()
    people = [day.ids[name] for name in ("Priya Nair", "Tom Beckett")]
    wanted = [Owed(Subject("escalation", 1), Priority.ESCALATION, now, person_id=each) for each in people]
    day.database.run(owe, wanted)
    day.clock.set(now + timedelta(minutes=5))
    assert await value(metrics, "apbot_queue_age_seconds", priority="escalation") == 300
    assert await value(metrics, "apbot_queue_length", priority="escalation") == 2
    assert await value(metrics, "apbot_queue_length", priority="concern") == 0
    assert await value(metrics, "apbot_overdue", kind="messages") == 2
    assert await value(metrics, "apbot_trouble", part="overdue") == 1
    assert await value(metrics, "apbot_well") == 0
    assert await value(metrics, "apbot_claimed") == 0
    day.database.run(claim, "web", "mine", 10)
    assert await value(metrics, "apbot_claimed") == 2


async def test_a_kind_of_which_nothing_is_overdue_says_0(day: Day, metrics: Metrics) -> None:
    for column in DUE:
        assert await value(metrics, "apbot_overdue", kind=column.table.name) == 0


async def test_where_the_database_fails_its_figures_are_left_out_and_not_what_they_were(
    day: Day, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await value(metrics, "apbot_overdue", kind="messages") == 0

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("apbot.watching.metrics.read_figures", fail)
    assert await value(metrics, "apbot_overdue", kind="messages") is None
    assert await value(metrics, "apbot_database_up") == 0


async def test_it_names_nobody_and_no_place(day: Day, metrics: Metrics) -> None:
    await day.until("10:31")
    said = (await metrics.read()).decode()
    assert "escalation" in said
    names = [*school.SCHOOLS, *school.PROVIDERS, *(name for name, _, _ in school.STAFF)]
    names += [each for pupil in school.PUPILS for each in pupil[:3] if len(each) > 2]
    assert not [name for name in names if name in said]


async def test_its_registry_is_its_own(day: Day, metrics: Metrics) -> None:
    await day.until("09:31")
    assert not [each for each in REGISTRY.collect() if each.name.startswith("apbot")]
    assert await value(metrics, "process_resident_memory_bytes")


async def test_links_that_do_not_work_are_counted(day: Day, metrics: Metrics) -> None:
    day.database.measures.sign_in_failed()
    assert await value(metrics, "apbot_sign_in_failures_total") == 1


class TestWhoMayRead:
    """Whoever shows the token; where none is set there is nothing to read."""

    @pytest_asyncio.fixture
    async def monitor(self, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
        app = Starlette(routes=list(metrics_routes(metrics, TOKEN)))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://apbot") as client:
            yield client

    async def test_who_shows_the_token_reads(self, monitor: httpx.AsyncClient) -> None:
        answer = await monitor.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert "apbot_well 1.0" in answer.text

    @pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
    async def test_nobody_else_does(self, monitor: httpx.AsyncClient, shown: str) -> None:
        answer = await monitor.get("/metrics", headers={"authorization": shown} if shown else {})
        assert answer.status_code == 401
        assert "apbot_" not in answer.text

    async def test_a_token_that_stands_there_twice_is_none(self, monitor: httpx.AsyncClient) -> None:
        twice = [("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer wrong")]
        assert (await monitor.get("/metrics", headers=twice)).status_code == 401

    def test_without_a_token_there_is_no_such_page(self, day: Day) -> None:
        assert "/metrics" not in [getattr(each, "path", "") for each in Watch(day.settings, day.database).routes]
        settings = Settings(metrics_token=TOKEN)  # type: ignore[arg-type]
        assert "/metrics" in [getattr(each, "path", "") for each in Watch(settings, day.database).routes]

    def test_a_token_that_can_be_guessed_stops_the_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("APBOT_METRICS_TOKEN", "short")
        with pytest.raises(WrongSettings, match="APBOT_METRICS_TOKEN"):
            load_settings()


async def test_what_a_webhook_refuses_is_counted_by_why(day: Day, metrics: Metrics) -> None:
    class Fake(Platform):
        name = "slack"

        async def deliver(self, batch: object) -> list[Receipt]:
            return []

        @property
        def routes(self) -> list[BaseRoute]:
            async def answer(request: Request) -> Response:
                return PlainTextResponse("", int(request.query_params["status"]))

            return [Route("/slack/events", answer, methods=["POST"])]

    app = Starlette(routes=list(watched_routes([Fake()], day.database)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://apbot") as slack:
        for status in (200, 401, 401, 413, 500):
            await slack.post(f"/slack/events?status={status}")
    for reason, count in {"not from the platform": 2, "too long": 1, "failed": 1, "can't be read": None}.items():
        assert await value(metrics, "apbot_webhook_refusals_total", channel="slack", reason=reason) == count


async def test_an_escalation_that_is_acknowledged_is_not_counted_as_unheeded(day: Day, metrics: Metrics) -> None:
    await day.until("10:31")
    assert await value(metrics, "apbot_escalations_unacknowledged") == 3
    day.change(escalations, escalations.c.id > 0, state="acknowledged")
    assert await value(metrics, "apbot_escalations_unacknowledged") == 0
