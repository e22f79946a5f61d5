"""The signed webhook."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from apbot.channels.port import Outcome
from apbot.channels.retrying import pause_asked
from apbot.channels.webhook.settings import Settings
from apbot.settings import WrongSettings, load
from tests.channels.chatday import ChatDay
from tests.channels.contract import EditContract, OutwardContract
from tests.channels.samples import deliver, plain_card
from tests.channels.stand import Failure, Stand
from tests.channels.webhookstand import PUBLIC_URL, SECRET, Answer, WebhookStand


class TestWebhook(OutwardContract, EditContract):
    """What every channel does, by webhook."""

    @pytest.fixture
    def stand(self) -> Stand:
        return WebhookStand()


@pytest.fixture
def stand() -> WebhookStand:
    return WebhookStand()


async def test_an_event_says_what_has_happened_by_reference_and_where_to_answer(
    day: ChatDay, stand: WebhookStand
) -> None:
    await day.until_register()
    await day.until("10:01")
    event = next(each for each in stand.events if each.data["heading"].startswith("Not arrived"))
    assert event.type == "apbot.message.posted"
    assert event.data["person"] in ("PRIYA", "DOROTHY")
    assert (event.data["tone"], event.data["maybe_repeat"]) == ("alert", False)
    assert [row["about"] for row in event.data["rows"]] == ["AB12", "CD34"]
    assert event.data["link"].startswith(f"{PUBLIC_URL}/m/")
    assert event.data["text"].endswith(event.data["link"])
    for name in ("Jay", "Ward", "Joana", "Silva", "J.W.", "J.S."):
        assert name not in json.dumps(event.data)


async def test_the_same_event_posted_again_has_the_same_id_and_a_changed_one_another(
    day: ChatDay, stand: WebhookStand
) -> None:
    stand.fail_next(Failure.SILENT)
    await deliver(day, plain_card())
    first = await deliver(day, plain_card(), maybe_repeat=True)
    changed = await deliver(day, plain_card(words="Left site"), first.platform_ref)
    back = await deliver(day, plain_card(), changed.platform_ref)
    ids = [event.id for event in stand.events]
    assert ids[0] == ids[1] == first.platform_ref
    assert len({first.platform_ref, changed.platform_ref, back.platform_ref}) == 3
    assert [event.type.rpartition(".")[2] for event in stand.events] == ["posted", "posted", "changed", "changed"]
    assert {event.subject for event in stand.events} == {"message/1"}


async def test_a_receiver_with_another_secret_knows_that_it_is_not_from_apbot(
    day: ChatDay, stand: WebhookStand
) -> None:
    await deliver(day, plain_card())
    event = stand.events[0]
    other = Webhook("whsec_" + "A" * 32)
    with pytest.raises(WebhookVerificationError):
        other.verify(json.dumps(event.data), dict(event.headers))


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 408, 413, 429, 500, 502, 504])
async def test_whatever_else_is_answered_is_tried_again(day: ChatDay, stand: WebhookStand, status: int) -> None:
    stand.answers.append(Answer(status, {"Location": "http://127.0.0.1:9/elsewhere"}))
    receipt = await deliver(day, plain_card())
    assert (receipt.outcome, receipt.why) == (Outcome.AGAIN, f"the webhook answered {status}")
    assert not stand.other_requests, "a redirection is not followed"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_kind_of_yes_is_accepted_whatever_comes_with_it(
    day: ChatDay, stand: WebhookStand, status: int
) -> None:
    stand.answers.append(Answer(status, body=b"" if status == 204 else b"x" * 5_000_000))
    assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED


async def test_a_receiver_that_is_gone_has_the_next_channel_take_over(day: ChatDay, stand: WebhookStand) -> None:
    await day.until_register()
    await day.until("09:59")
    stand.answers += [Answer(410)] * 2
    await day.until("10:01")
    day.person("Dorothy Okafor").sees("Not arrived", "AB12")


async def test_a_receiver_that_cannot_be_reached_is_tried_again_and_the_check_says_so(
    day: ChatDay, stand: WebhookStand
) -> None:
    assert await day.channel.check() == []
    assert stand.other_requests == ["HEAD /events"]
    await stand._runner.cleanup()
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN
    (trouble,) = await day.channel.check()
    assert "can't be reached" in trouble.what
    assert stand.url not in trouble.what


async def test_who_is_linked_is_known(day: ChatDay) -> None:
    assert await day.channel.check_address("DOROTHY") is None
    trouble = await day.channel.check_address("NOBODY")
    assert trouble is not None
    assert "--webhook" in trouble.do


async def test_neither_address_nor_secret_nor_pupil_is_logged(
    day: ChatDay, stand: WebhookStand, capsys: pytest.CaptureFixture[str]
) -> None:
    stand.answers += [Answer(401), Answer(410)]
    await day.until("10:01")
    said = "".join(capsys.readouterr())
    assert "does not take events" in said
    for kept_quiet in (stand.url, SECRET, "AB12", "DOROTHY"):
        assert kept_quiet not in said


# Settings.


@pytest.mark.parametrize(
    "url", ["https://flow.example/hook?sig=1", "http://127.0.0.1:9/x", "http://[::1]:9/x", "http://localhost/x"]
)
def test_addresses_that_can_be_used(url: str) -> None:
    settings = load(Settings, url=url, secret=SECRET)
    assert settings.is_configured
    assert "flow" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "http://flow.example/hook",
        "http://127.0.0.1.flow.example/",
        "ftp://flow.example",
        "https:///hook",
        "flow.example",
        "https://[::1",
        "https://someone:secret@flow.example/",
    ],
)
def test_addresses_that_cannot_be_used_are_refused_and_not_shown(url: str) -> None:
    with pytest.raises(WrongSettings, match="APBOT_WEBHOOK_URL: expected an address") as problem:
        load(Settings, url=url, secret=SECRET)
    assert url not in str(problem.value)


@pytest.mark.parametrize("secret", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all!", "A" * 44])
def test_secrets_that_cannot_be_used_are_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(WrongSettings, match="APBOT_WEBHOOK_SECRET: expected whsec_"):
        load(Settings, url="https://flow.example", secret=secret)


def test_an_address_without_a_secret_is_refused() -> None:
    with pytest.raises(WrongSettings, match="belong together"):
        load(Settings, url="https://flow.example")
    assert not load(Settings).is_configured


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ("7", 7),
        ("0", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 30, 3600),
        ("7200", 3600),
        ("Wed, 99 Foo", None),
    ],
)
def test_a_pause_is_read(said: str, pause: int | None) -> None:
    assert pause_asked({"Retry-After": said}) == (None if pause is None else timedelta(seconds=pause))


def test_a_pause_until_a_date_is_read() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    found = pause_asked({"Retry-After": format_datetime(soon, usegmt=True)})
    assert found is not None
    assert timedelta(minutes=4) < found <= timedelta(minutes=5)
