"""GOV.UK Notify: which settings there are, and what the check finds."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from apbot.channels.desk import Desk
from apbot.channels.notify.channel import make
from apbot.channels.notify.checking import troubles_of_template
from apbot.channels.notify.settings import Settings
from apbot.channels.notify.wire import Answer
from apbot.channels.port import Outcome
from apbot.handlers.dispatch import handle
from apbot.settings import Settings as AppSettings
from apbot.settings import WrongSettings, load
from tests.channels.chatday import ChatDay
from tests.channels.notifyserver import EMAIL_TEMPLATE, KEY, SECRET, SERVICE, SMS_TEMPLATE, Fails, Template
from tests.channels.notifystand import PUBLIC_URL, NotifyStand, notify_settings
from tests.channels.samples import deliver, plain_card
from tests.day import Day


@pytest.fixture
def stand() -> NotifyStand:
    return NotifyStand("sms")


def test_one_service_can_be_two_channels_and_the_first_hears_the_receipts(bare: Day) -> None:
    own = notify_settings("http://127.0.0.1:9")
    sms, mail = make(own, AppSettings(public_url=PUBLIC_URL), Desk(bare.database, handle))
    assert (sms.name, mail.name) == ("sms", "email")
    assert (len(sms.routes), len(mail.routes)) == (1, 0)


def test_a_template_that_is_not_set_makes_no_channel(bare: Day) -> None:
    own = notify_settings("http://127.0.0.1:9", sms_template="", callback_token=SecretStr(""))
    (mail,) = make(own, AppSettings(), Desk(bare.database, handle))
    assert mail.name == "email"
    assert not mail.routes, "without a token anybody could tell anything"


@pytest.mark.parametrize("key", [KEY, f"{SERVICE}-{SECRET}", f"a key-with 3 hyphens-{SERVICE}-{SECRET}"])
def test_the_key_is_read_from_its_end(key: str) -> None:
    own = notify_settings("https://notify.example/", api_key=SecretStr(key))
    assert own.service_and_secret == (SERVICE, SECRET)
    assert own.base_url == "https://notify.example"


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ({"APBOT_NOTIFY_API_KEY": f"only-{SECRET}"}, "APBOT_NOTIFY_API_KEY: expected the whole API key"),
        ({"APBOT_NOTIFY_API_KEY": KEY}, "an API key without a template"),
        ({"APBOT_NOTIFY_API_KEY": KEY, "APBOT_NOTIFY_SMS_TEMPLATE": "alert"}, "APBOT_NOTIFY_SMS_TEMPLATE: expected an"),
        ({"APBOT_NOTIFY_BASE_URL": "notify.example"}, "APBOT_NOTIFY_BASE_URL: expected an address"),
        ({"APBOT_NOTIFY_BASE_URL": "https://[::1"}, "APBOT_NOTIFY_BASE_URL: expected an address"),
    ],
)
def test_wrong_settings_are_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], right: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings, match=right) as problem:
        load(Settings)
    assert SECRET not in str(problem.value)


def test_without_a_key_it_is_not_used() -> None:
    assert not load(Settings).is_configured


async def test_a_service_that_is_well_set_up_has_no_troubles(day: ChatDay) -> None:
    assert await day.channel.check() == []


async def test_a_wrong_key_is_said(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day.channel._api, "_secret", SERVICE * 2)  # type: ignore[attr-defined]
    (trouble,) = await day.channel.check()
    assert "API key" in trouble.what
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN


async def test_a_service_in_trial_mode_is_said_once_messages_wait_for_it(day: ChatDay) -> None:
    words = "Can’t send to this recipient when service is in trial mode"
    day.stand.server.failures += [Fails(400, "BadRequestError", words)] * 40  # type: ignore[attr-defined]
    await day.until_register()
    troubles = await day.channel.check()
    assert any("takes none of 2 waiting messages" in each.what and "trial mode" in each.do for each in troubles)
    day.stand.server.failures.clear()  # type: ignore[attr-defined]


def test_a_wrong_clock_is_said() -> None:
    (trouble,) = troubles_of_template("sms", Answer(403, {}, timedelta(minutes=5)))
    assert "clock is wrong by 300 seconds" in trouble.what


@pytest.mark.parametrize(
    ("template", "right"),
    [
        (None, "no template with the id in APBOT_NOTIFY_SMS_TEMPLATE"),
        (Template("email", "((message)) ((link))", "Hello"), "is not for a text message"),
        (Template("sms", "((message))"), "has no ((link))"),
        (Template("sms", "Dear ((first name)): ((Message)) ((LINK))"), "has a ((firstname))"),
    ],
)
async def test_a_template_that_does_not_fit_is_said(day: ChatDay, template: Template | None, right: str) -> None:
    templates = day.stand.server.templates  # type: ignore[attr-defined]
    if template is None:
        del templates[SMS_TEMPLATE]
    else:
        templates[SMS_TEMPLATE] = template
    (trouble,) = await day.channel.check()
    assert right in trouble.what


async def test_an_email_template_must_have_the_subject_too() -> None:
    answer = Answer(200, {"type": "email", "subject": "apbot", "body": "((message))\n((link))"})
    assert EMAIL_TEMPLATE
    (trouble,) = troubles_of_template("email", answer)
    assert "((subject))" in trouble.what


@pytest.mark.parametrize(("address", "is_well"), [("07700 900123", True), ("+353 85 012 3456", True), ("none", False)])
async def test_an_address_is_looked_at(day: ChatDay, address: str, is_well: bool) -> None:
    assert (await day.channel.check_address(address) is None) is is_well
