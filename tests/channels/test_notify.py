"""Text messages and e-mail by GOV.UK Notify."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from apbot.cards import Button, Card, Row, Tone
from apbot.channels.desk import Desk
from apbot.channels.notify import wire
from apbot.channels.notify.channel import make
from apbot.channels.notify.checking import troubles_of_template
from apbot.channels.notify.letters import BASIC, EXTENDED, cut, length, sendable
from apbot.channels.notify.settings import Settings
from apbot.channels.notify.texts import email, text_messages
from apbot.channels.notify.wire import Answer
from apbot.channels.port import Outcome, Outgoing
from apbot.channels.trial import send_test, trial_card
from apbot.handlers.dispatch import handle
from apbot.settings import Settings as AppSettings
from apbot.settings import WrongSettings, load
from apbot.store.tables import addresses, messages
from tests.channels.chatday import ChatDay
from tests.channels.contract import OutwardContract, deliver, plain_card
from tests.channels.notifyserver import EMAIL_TEMPLATE, KEY, SECRET, SERVICE, SMS_TEMPLATE, Fails, Template
from tests.channels.notifystand import PUBLIC_URL, NotifyStand, notify_settings
from tests.channels.stand import Failure, Shown, Stand
from tests.day import Day

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
LINK = f"{PUBLIC_URL}/m/WzEsMiwzXQ.0123456789012345678901234567"


class TestSms(OutwardContract):
    """What every channel does, by text message."""

    @pytest.fixture
    def stand(self) -> Stand:
        return NotifyStand("sms")


class TestNotifyEmail(OutwardContract):
    """What every channel does, by Notify's e-mail."""

    @pytest.fixture
    def stand(self) -> Stand:
        return NotifyStand("email")


@pytest.fixture
def stand() -> NotifyStand:
    return NotifyStand("sms")


@pytest_asyncio.fixture
async def texting(stand: NotifyStand) -> AsyncIterator[ChatDay]:
    """A day on which Hillcrest and Oak Farm are told by text message."""
    day = ChatDay(stand)
    await day.begin()
    yield day
    await day.end()


def texts_to(day: ChatDay, person: str) -> list[Shown]:
    return list(day.stand.shown(day.stand.address_of(person)))


async def acknowledge(day: ChatDay, person: str = "Tom Beckett") -> None:
    (alert,) = day.rows(
        sa.select(messages.c.subject_id).where(
            messages.c.kind == "escalation", messages.c.person_id == day.ids["Dorothy Okafor"], messages.c.step == 0
        )
    )
    await day.person(person).presses(Button("Acknowledge", "acknowledge", alert.subject_id))


# What is sent afterwards.


async def test_that_somebody_else_has_acknowledged_is_texted_once(texting: ChatDay) -> None:
    await texting.until_register()
    await texting.until("10:31")  # by now there have been alerts at several steps
    before = len(texts_to(texting, "Priya Nair"))
    assert before > 1
    await acknowledge(texting)
    added = texts_to(texting, "Priya Nair")[before:]
    assert len(added) == 1
    assert added[0].text.startswith("Acknowledged by Tom Beckett at 10:31: Not arrived: 2 pupils, Oak Farm, am.")
    await texting.until("10:45")
    assert len(texts_to(texting, "Priya Nair")) == before + 1


async def test_who_acknowledged_in_a_chat_has_a_text_that_says_so_as_well(texting: ChatDay) -> None:
    await texting.until_register()
    await texting.until("10:01")
    before = len(texts_to(texting, "Dorothy Okafor"))
    await acknowledge(texting, "Dorothy Okafor")
    assert len(texts_to(texting, "Dorothy Okafor")) == before + 1
    assert "Acknowledged by Dorothy Okafor" in texts_to(texting, "Priya Nair")[-1].text


async def test_an_arrival_is_texted_once_and_names_the_pupil_by_reference_alone(texting: ChatDay) -> None:
    await texting.until_register()
    await texting.until("10:01")
    before = len(texts_to(texting, "Priya Nair"))
    await texting.provider("Oak Farm", "Sam Taylor").types("AB12 and CD34 arrived")
    added = texts_to(texting, "Priya Nair")[before:]
    assert [each.text.partition(" Sent")[0] for each in added] == [
        "Arrived: 2 pupils at Oak Farm. AB12, CD34. Nobody needs to look for them."
    ]


async def test_that_somebody_else_is_telephoning_about_a_concern_is_texted(texting: ChatDay) -> None:
    await texting.until("09:40")
    ask = Button("Ask", "concern", texting.ids["Hillcrest"])
    await texting.person("Sam Taylor").presses(ask)
    assert "asks you to telephone now" in texts_to(texting, "Dorothy Okafor")[-1].text
    await texting.person("Tom Beckett").taps("I am telephoning now")
    newest = [each.text.partition(".")[0] for each in texts_to(texting, "Dorothy Okafor")]
    assert newest[-1] == "Tom Beckett is telephoning Sam Taylor"
    assert newest.count(newest[-1]) == 1


async def test_a_registers_marks_send_no_further_texts(texting: ChatDay) -> None:
    await texting.until_register()
    before = len(texts_to(texting, "Sam Taylor"))
    await texting.provider("Oak Farm", "Sam Taylor").types("all in")
    assert len(texts_to(texting, "Sam Taylor")) == before == 1


# What a text holds.


def test_a_text_says_what_has_happened_whom_to_ring_and_when_it_was_sent() -> None:
    card = Card(
        heading="Not arrived: 2 pupils, Oak Farm, am",
        tone=Tone.ALERT,
        lines=("The session started at 09:30. Telephone 01632 960201.",),
        rows=(
            Row("AB12", "Transport: taxi 12", Tone.ALERT),
            Row("CD34", "…", Tone.ALERT),
            Row("EF56", "Arrived", Tone.DONE),
        ),
    )
    assert text_messages(card, LINK, NOW, maybe_repeat=True) == [
        "Not arrived: 2 pupils, Oak Farm, am. AB12, CD34. The session started at 09:30. Telephone 01632 960201. "
        "May be a repeat. Sent 10:00 Thu 17 Sep"
    ]


def test_a_pupil_whose_reference_is_like_something_in_the_heading_is_named_all_the_same() -> None:
    card = Card("Register: Oak Farm, am, Thu 17 Sep 2026", Tone.ASK, rows=(Row("17", tone=Tone.ASK),))
    assert text_messages(card, LINK, NOW)[0].startswith("Register: Oak Farm, am, Thu 17 Sep 2026. 17. Sent")


def test_who_is_not_expected_is_not_asked_about() -> None:
    rows = (Row("AB12", "Not expected: ill"), Row("CD34", tone=Tone.ASK), Row("EF56", "Arrived", Tone.DONE))
    (text,) = text_messages(replace(plain_card(), rows=rows, lines=()), LINK, NOW)
    assert "CD34" in text
    assert "AB12" not in text
    assert "EF56" not in text


def test_an_arrival_names_the_pupil_once() -> None:
    card = Card("Arrived: AB12 at Oak Farm", Tone.DONE, rows=(Row("AB12", "Arrived", Tone.DONE),))
    assert text_messages(card, LINK, NOW) == ["Arrived: AB12 at Oak Farm. Sent 10:00 Thu 17 Sep"]


def test_long_lines_are_cut_before_the_references_are() -> None:
    card = replace(plain_card(10), lines=("first " * 40, "second " * 100))
    (text,) = text_messages(card, LINK, NOW)
    assert all(f"AB{number:02d}" in text for number in range(1, 11))
    assert "first first" in text
    assert text.endswith("Sent 10:00 Thu 17 Sep")
    assert length(text) + 1 + length(LINK) <= 459


def test_more_pupils_than_five_texts_hold_are_behind_the_link_and_it_says_how_many() -> None:
    rows = tuple(Row(f"REFERENCE-{number:04d}", tone=Tone.ASK) for number in range(500))
    found = text_messages(replace(plain_card(), rows=rows), LINK, NOW)
    assert len(found) == 5
    assert "(5 of 5)" in found[-1]
    held = sum(text.count("REFERENCE-") for text in found)
    assert f"and {500 - held} more." in found[-1]
    assert all(length(text) + 1 + length(LINK) <= 459 for text in found)


@given(
    heading=st.text(max_size=300),
    lines=st.lists(st.text(max_size=500), max_size=4),
    rows=st.lists(st.text(max_size=80), max_size=80),
    maybe_repeat=st.booleans(),
    anew=st.booleans(),
)
@example(heading="[" * 300, lines=["|" * 300], rows=["{" * 80] * 80, maybe_repeat=True, anew=False)
def test_whatever_a_card_holds_its_texts_can_be_sent(
    heading: str, lines: list[str], rows: list[str], maybe_repeat: bool, anew: bool
) -> None:
    card = Card(heading, Tone.ASK, tuple(lines), tuple(Row(each) for each in rows), news=heading[:50])
    found = text_messages(card, LINK, NOW, maybe_repeat=maybe_repeat, anew=anew)
    assert 1 <= len(found) <= 5
    for text in found:
        assert set(text) <= BASIC | EXTENDED
        assert length(text) + 1 + length(LINK) <= 459 - 35
        assert text.endswith("Sent 10:00 Thu 17 Sep")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Siân’s “café” – 5 · £3…", 'Sian\'s "café" - 5 - £3...'),
        ("Łukasz Ağıla ŵ", "Lukasz Agila w"),
        ("👩🏽‍🌾 شيماء!", "? ?!"),
        ("Is it? Yes", "Is it? Yes"),
        ("[a] {b} €", "[a] {b} €"),
    ],
)
def test_letters_that_a_text_does_not_have_are_written_as_the_nearest(text: str, right: str) -> None:
    assert sendable(text) == right


def test_brackets_and_the_euro_take_the_room_of_two() -> None:
    assert length("[€]a") == 7
    assert length(cut("[" * 50, 21)) <= 21


async def test_the_telephone_number_is_sent_without_spaces_and_the_reference_holds_nothing_personal(
    texting: ChatDay,
) -> None:
    await deliver(texting, plain_card())
    (taken,) = texting.stand.server.notifications  # type: ignore[attr-defined]
    assert taken.to == texting.dsl_address.replace(" ", "")
    assert taken.reference.startswith("apbot-1-")


def test_what_somebody_typed_makes_no_link_in_an_email() -> None:
    card = replace(plain_card(1, "see [here](https://evil.example) or www.evil.example"), lines=("# Big\n* news",))
    said = email(card, NOW)
    assert "https://" not in said
    assert "www." not in said
    assert "[" not in said
    assert said.startswith("Big * news")


async def test_the_link_opens_that_persons_message(texting: ChatDay) -> None:
    from apbot.channels.links import SIGNED_WITH, Links
    from apbot.store.kept_secrets import keep_secret

    await texting.until("10:01")
    address, _, token = texts_to(texting, "Dorothy Okafor")[-1].text.split("\n")[-1].rpartition("/")
    assert address == f"{PUBLIC_URL}/m"
    letter = Links(PUBLIC_URL, texting.database.run(keep_secret, SIGNED_WITH)).read(token, texting.clock.now())
    assert letter is not None
    assert letter.person_id == texting.ids["Dorothy Okafor"]


async def test_without_a_public_address_there_is_no_link_and_the_check_says_so() -> None:
    stand = NotifyStand("sms", public_url="")
    day = ChatDay(stand)
    await day.begin()
    await day.until("10:01")
    assert texts_to(day, "Dorothy Okafor")[-1].text.endswith("\nAnswer in apbot.")
    assert any("APBOT_PUBLIC_URL" in trouble.do for trouble in await day.channel.check())
    await day.end()


# What goes wrong on the way out.


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
    texting: ChatDay, failure: Fails
) -> None:
    texting.stand.server.failures.append(failure)  # type: ignore[attr-defined]
    receipt = await deliver(texting, plain_card())
    assert receipt.outcome is Outcome.AGAIN
    assert str(failure.status) in receipt.why
    assert failure.message not in receipt.why, "Notify's words may hold anything"


@pytest.mark.parametrize("error", ["InvalidPhoneError", "InvalidRecipientError"])
async def test_a_number_that_cannot_be_is_refused_by_whatever_name_notify_calls_it(
    texting: ChatDay, error: str
) -> None:
    texting.stand.server.failures.append(Fails(400, error, "Not enough digits"))  # type: ignore[attr-defined]
    assert (await deliver(texting, plain_card())).outcome is Outcome.REFUSED


async def test_a_rate_limit_without_a_time_to_wait_is_given_a_moment(texting: ChatDay) -> None:
    texting.stand.server.failures.append(Fails(429, "RateLimitError", "Exceeded rate limit"))  # type: ignore[attr-defined]
    receipt = await deliver(texting, plain_card())
    assert (receipt.outcome, receipt.retry_after) == (Outcome.AGAIN, timedelta(seconds=10))


async def test_past_the_days_limit_an_alert_goes_to_the_next_channel_within_a_minute(texting: ChatDay) -> None:
    await texting.until_register()
    await texting.until("09:59")
    words = "Exceeded send limits (sms: 250000) for today"
    texting.stand.server.failures += [Fails(429, "TooManyRequestsError", words)] * 40  # type: ignore[attr-defined]
    await texting.until("10:01")
    texting.person("Dorothy Okafor").sees("Not arrived", "AB12")
    texting.stand.server.failures.clear()  # type: ignore[attr-defined]


async def test_a_long_pause_that_notify_asks_for_does_not_hold_up_an_alert(texting: ChatDay) -> None:
    await texting.until_register()
    await texting.until("09:59")
    for _ in range(2):
        texting.stand.fail_next(Failure.BUSY, timedelta(hours=3))
    await texting.until("10:01")
    texting.person("Dorothy Okafor").sees("Not arrived", "AB12")


async def test_notify_that_cannot_be_reached_is_tried_again(texting: ChatDay) -> None:
    await texting.stand.server.stop()  # type: ignore[attr-defined]
    assert (await deliver(texting, plain_card())).outcome is Outcome.AGAIN
    assert "can't be reached" in (await texting.channel.check())[0].what


async def test_of_several_texts_those_that_went_out_are_not_sent_again(texting: ChatDay) -> None:
    texting.stand.server.failures += [Fails(500)]  # type: ignore[attr-defined]
    rows = tuple(Row(f"REFERENCE-{number:02d}", tone=Tone.ASK) for number in range(40))
    card = replace(plain_card(), rows=rows)
    assert (await deliver(texting, card)).platform_ref == ""
    whole = await deliver(texting, card)
    count = len(texts_to(texting, "Dorothy Okafor"))
    assert count > 1
    first_alone = whole.platform_ref.split()[0]
    rest = await deliver(texting, card, first_alone)
    assert rest.outcome is Outcome.ACCEPTED
    assert len(texts_to(texting, "Dorothy Okafor")) == 2 * count - 1


async def test_messages_to_several_people_go_out_side_by_side(texting: ChatDay) -> None:
    batch = [Outgoing(number, f"07700 9001{number:02d}", plain_card()) for number in range(10, 20)]
    receipts = await texting.channel.deliver(batch)
    assert {each.outcome for each in receipts} == {Outcome.ACCEPTED}
    assert texting.stand.server.most_at_once > 3  # type: ignore[attr-defined]


async def test_no_more_go_out_in_a_second_than_notify_takes(texting: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PER_SECOND", 10)
    own = notify_settings(texting.stand.server.url)  # type: ignore[attr-defined]
    (channel, mail) = make(own, AppSettings(public_url=PUBLIC_URL), Desk(texting.database, handle))
    began = time.monotonic()
    batch = [Outgoing(number, f"07700 9001{number:02d}", plain_card()) for number in range(10, 25)]
    assert {each.outcome for each in await channel.deliver(batch)} == {Outcome.ACCEPTED}
    assert time.monotonic() - began > 0.4, "ten at once, and five more as the limit gives way"
    await channel.close()
    await mail.close()


async def test_neither_number_nor_reference_nor_key_is_logged(
    texting: ChatDay, capsys: pytest.CaptureFixture[str]
) -> None:
    texting.stand.fail_next(Failure.REFUSED)
    await texting.until("10:01")
    said = "".join(capsys.readouterr())
    assert "address refused" in said
    for kept_quiet in ("07700", "AB12", SECRET, KEY, "Priya", "Sam"):
        assert kept_quiet not in said


# Which settings there are.


def test_one_service_can_be_two_channels_and_the_first_hears_the_receipts(day: Day) -> None:
    own = notify_settings("http://127.0.0.1:9")
    sms, mail = make(own, AppSettings(public_url=PUBLIC_URL), Desk(day.database, handle))
    assert (sms.name, mail.name) == ("sms", "email")
    assert (len(sms.routes), len(mail.routes)) == (1, 0)


def test_a_template_that_is_not_set_makes_no_channel(day: Day) -> None:
    own = notify_settings("http://127.0.0.1:9", sms_template="", callback_token=SecretStr(""))
    (mail,) = make(own, AppSettings(), Desk(day.database, handle))
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


# What the check finds.


async def test_a_service_that_is_well_set_up_has_no_troubles(texting: ChatDay) -> None:
    assert await texting.channel.check() == []


async def test_a_wrong_key_is_said(texting: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texting.channel._api, "_secret", SERVICE * 2)  # type: ignore[attr-defined]
    (trouble,) = await texting.channel.check()
    assert "API key" in trouble.what
    assert (await deliver(texting, plain_card())).outcome is Outcome.AGAIN


async def test_a_service_in_trial_mode_is_said_once_messages_wait_for_it(texting: ChatDay) -> None:
    words = "Can’t send to this recipient when service is in trial mode"
    texting.stand.server.failures += [Fails(400, "BadRequestError", words)] * 40  # type: ignore[attr-defined]
    await texting.until_register()
    troubles = await texting.channel.check()
    assert any("takes none of 2 waiting messages" in each.what and "trial mode" in each.do for each in troubles)
    texting.stand.server.failures.clear()  # type: ignore[attr-defined]


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
async def test_a_template_that_does_not_fit_is_said(texting: ChatDay, template: Template | None, right: str) -> None:
    templates = texting.stand.server.templates  # type: ignore[attr-defined]
    if template is None:
        del templates[SMS_TEMPLATE]
    else:
        templates[SMS_TEMPLATE] = template
    (trouble,) = await texting.channel.check()
    assert right in trouble.what


async def test_an_email_template_must_have_the_subject_too() -> None:
    answer = Answer(200, {"type": "email", "subject": "apbot", "body": "((message))\n((link))"})
    assert EMAIL_TEMPLATE
    (trouble,) = troubles_of_template("email", answer)
    assert "((subject))" in trouble.what


@pytest.mark.parametrize(("address", "is_well"), [("07700 900123", True), ("+353 85 012 3456", True), ("none", False)])
async def test_an_address_is_looked_at(texting: ChatDay, address: str, is_well: bool) -> None:
    assert (await texting.channel.check_address(address) is None) is is_well


async def test_two_people_with_one_telephone_are_both_told(texting: ChatDay) -> None:
    shared = texting.dsl_address
    texting.change(addresses, addresses.c.person_id == texting.ids["Priya Nair"], rank=50)
    texting.database.run(
        lambda transaction: transaction.insert(
            addresses, person_id=texting.ids["Priya Nair"], channel="sms", address=shared, rank=-9
        )
    )
    await texting.until_register()
    await texting.until("10:01")
    assert len([each for each in texts_to(texting, "Dorothy Okafor") if "Oak Farm" in each.text]) == 2


async def test_a_test_text_leads_to_the_chat_and_not_nowhere(texting: ChatDay) -> None:
    address = texting.stand.address_of("Sam Taylor")
    assert await send_test(texting.channel, address, texting.clock.now()) is None
    assert texts_to(texting, "Sam Taylor")[-1].text.endswith(f"\n{PUBLIC_URL}/chat")


def test_when_a_test_was_sent_is_said_once() -> None:
    said = email(trial_card(NOW), NOW)
    assert said.count("Sent") == 1
