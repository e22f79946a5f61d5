"""GOV.UK Notify: what goes wrong on the way out."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from apbot.cards import Row, Tone
from apbot.channels.desk import Desk
from apbot.channels.notify import wire
from apbot.channels.notify.channel import make
from apbot.channels.port import Outcome, Outgoing
from apbot.handlers.dispatch import handle
from apbot.settings import Settings as AppSettings
from tests.channels.chatday import ChatDay
from tests.channels.notifyserver import KEY, SECRET, Fails
from tests.channels.notifystand import PUBLIC_URL, NotifyStand, notify_settings, texts_to
from tests.channels.samples import deliver, plain_card
from tests.channels.stand import Failure


@pytest.fixture
def stand() -> NotifyStand:
    return NotifyStand("sms")


@pytest.mark.parametrize(
    "failure",
    [
        Fails(400, "BadRequestError", "Can’t send to this recipient using a team-only API key"),
        Fails(400, "BadRequestError", "Can’t send to this recipient when service is in trial mode"),
        Fails(400, "BadRequestError", "Template not found"),
        Fails(400, "ValidationError", "template_id is not a valid UUID"),
        Fails(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds"),
        Fails(401, "AuthError", "Unauthorized: authentication token must be provided"),
        Fails(404, "NoResultFound", "No result found"),
        Fails(504, "EventletTimeout", "Timeout serving request"),
    ],
)
async def test_what_is_not_the_addresss_fault_is_tried_again_and_gives_no_address_up(
    day: ChatDay, failure: Fails
) -> None:
    day.stand.server.failures.append(failure)  # type: ignore[attr-defined]
    receipt = await deliver(day, plain_card())
    assert receipt.outcome is (Outcome.UNKNOWN if failure.status >= 500 else Outcome.AGAIN)
    assert str(failure.status) in receipt.why
    assert failure.message not in receipt.why, "Notify's words may hold anything"


@pytest.mark.parametrize("error", ["InvalidPhoneError", "InvalidRecipientError"])
async def test_a_number_that_cannot_be_is_refused_by_whatever_name_notify_calls_it(day: ChatDay, error: str) -> None:
    day.stand.server.failures.append(Fails(400, error, "Not enough digits"))  # type: ignore[attr-defined]
    assert (await deliver(day, plain_card())).outcome is Outcome.REFUSED


async def test_a_rate_limit_without_a_time_to_wait_is_given_a_moment(day: ChatDay) -> None:
    day.stand.server.failures.append(Fails(429, "RateLimitError", "Exceeded rate limit"))  # type: ignore[attr-defined]
    receipt = await deliver(day, plain_card())
    assert (receipt.outcome, receipt.retry_after) == (Outcome.AGAIN, timedelta(seconds=10))


async def test_past_the_days_limit_an_alert_goes_to_the_next_channel_within_a_minute(day: ChatDay) -> None:
    await day.until_register()
    await day.until("09:59")
    words = "Exceeded send limits (sms: 250000) for today"
    day.stand.server.failures += [Fails(429, "TooManyRequestsError", words)] * 40  # type: ignore[attr-defined]
    await day.until("10:01")
    day.person("Dorothy Okafor").sees("Not arrived", "AB12")
    day.stand.server.failures.clear()  # type: ignore[attr-defined]


async def test_a_long_pause_that_notify_asks_for_does_not_hold_up_an_alert(day: ChatDay) -> None:
    await day.until_register()
    await day.until("09:59")
    for _ in range(2):
        day.stand.fail_next(Failure.BUSY, timedelta(hours=3))
    await day.until("10:01")
    day.person("Dorothy Okafor").sees("Not arrived", "AB12")


async def test_notify_that_cannot_be_reached_is_tried_again(day: ChatDay) -> None:
    await day.stand.server.stop()  # type: ignore[attr-defined]
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN
    assert "can't be reached" in (await day.channel.check())[0].what


async def test_of_several_texts_those_that_went_out_are_not_sent_again(day: ChatDay) -> None:
    day.stand.server.failures += [Fails(500)]  # type: ignore[attr-defined]
    rows = tuple(Row(f"REFERENCE-{number:02d}", tone=Tone.ASK) for number in range(40))
    card = replace(plain_card(), rows=rows)
    assert (await deliver(day, card)).platform_ref == ""
    whole = await deliver(day, card)
    count = len(texts_to(day, "Dorothy Okafor"))
    assert count > 1
    first_alone = whole.platform_ref.split()[0]
    rest = await deliver(day, card, first_alone)
    assert rest.outcome is Outcome.ACCEPTED
    assert len(texts_to(day, "Dorothy Okafor")) == 2 * count - 1


async def test_messages_to_several_people_go_out_side_by_side(day: ChatDay) -> None:
    batch = [Outgoing(number, f"07700 9001{number:02d}", plain_card()) for number in range(10, 20)]
    receipts = await day.channel.deliver(batch)
    assert {each.outcome for each in receipts} == {Outcome.ACCEPTED}
    assert day.stand.server.most_at_once > 3  # type: ignore[attr-defined]


async def test_no_more_go_out_in_a_second_than_notify_takes(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PER_SECOND", 10)
    own = notify_settings(day.stand.server.url)  # type: ignore[attr-defined]
    (channel, mail) = make(own, AppSettings(public_url=PUBLIC_URL), Desk(day.database, handle))
    began = time.monotonic()
    batch = [Outgoing(number, f"07700 9001{number:02d}", plain_card()) for number in range(10, 25)]
    assert {each.outcome for each in await channel.deliver(batch)} == {Outcome.ACCEPTED}
    assert time.monotonic() - began > 0.4, "ten at once, and five more as the limit gives way"
    await channel.close()
    await mail.close()


async def test_neither_number_nor_reference_nor_key_is_logged(day: ChatDay, capsys: pytest.CaptureFixture[str]) -> None:
    day.stand.fail_next(Failure.REFUSED)
    await day.until("10:01")
    said = "".join(capsys.readouterr())
    assert "address refused" in said
    for kept_quiet in ("07700", "AB12", SECRET, KEY, "Priya", "Sam"):
        assert kept_quiet not in said
