"""Email, on a real mail server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosmtplib import SMTPDataError, SMTPRecipientRefused, SMTPSenderRefused
from structlog.testing import capture_logs

from apbot.cards import Button, Card, Row, Tone
from apbot.channels.desk import Desk
from apbot.channels.email import channel as email_channel
from apbot.channels.email.channel import Email
from apbot.channels.email.letter import Content, Way, text_of
from apbot.channels.email.settings import Server, Settings
from apbot.channels.email.wire import judge
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.registry import load_channel_settings, make_channels
from apbot.channels.trial import send_test
from apbot.handlers.dispatch import handle
from apbot.settings import Settings as AppSettings
from apbot.settings import WrongSettings, load
from apbot.store.linking import Owner, link
from apbot.store.tables import addresses, escalations, messages
from tests.channels.certificates import make_certificate
from tests.channels.chatday import ChatDay
from tests.channels.contract import OutwardContract, PressContract, plain_card
from tests.channels.forms import Page
from tests.channels.mailroom import HANGS_UP, RIGHT_PASSWORD, Answer, MailRoom
from tests.channels.stand import Failure
from tests.day import Day

LOGIN = "right%20%26%20proper"


class TestEmail(OutwardContract, PressContract):
    """Everything that the contract asks; what people do, they do on the page behind a letter's link."""

    @pytest.fixture
    def stand(self) -> MailRoom:
        return MailRoom()


MakeDay = Callable[..., "Morning"]


class Morning(ChatDay):
    """A day with a mail room."""

    stand: MailRoom

    async def sends(self, *cards: Card, to: str = "") -> list[Receipt]:
        """Deliver cards by hand, as one batch."""
        batch = [Outgoing(number, to or self.dsl_address, card) for number, card in enumerate(cards, start=9001)]
        return list(await self.channel.deliver(batch))


@pytest.fixture
async def make_day() -> AsyncIterator[MakeDay]:
    """Begins days with a mail room each."""
    made: list[Morning] = []

    def make(room: MailRoom | None = None) -> Morning:
        made.append(Morning(room or MailRoom()))
        return made[-1]

    yield make
    for each in made:
        await each.end()


@pytest.fixture
async def morning(make_day: MakeDay) -> Morning:
    """A day with a mail room."""
    made = make_day()
    await made.begin()
    return made


# What a letter says


async def test_a_letter_says_when_it_was_sent_and_until_when_its_links_work(morning: Morning) -> None:
    await morning.until("09:31")
    (mail,) = morning.stand.of(morning.farm)
    text = mail.part("plain")
    assert mail.message["Subject"] == "Register: Oak Farm, am, Thu 17 Sep 2026"
    assert mail.message["Date"] == "Thu, 17 Sep 2026 08:30:00 +0000"
    assert "Sent at 09:30 on Thu 17 Sep 2026. Nobody reads replies to this email." in text
    assert "The links work until 12:00, for Sam Taylor alone" in text
    assert "Or type it" not in text, "what is typed in reply to a letter, nobody reads"
    assert [words for _, words in mail.links] == ["Open the register", "All arrived", "Session not running…"]


async def test_automatic_replies_are_kept_away_and_an_alert_is_urgent(morning: Morning) -> None:
    await morning.until("10:01")
    (mail, *_) = morning.stand.of(morning.dsl_address)
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "OOF" in mail.message["X-Auto-Response-Suppress"]
    assert "NDR" not in mail.message["X-Auto-Response-Suppress"], "who is not reached is to be known"
    assert mail.message["Importance"] == "high"


async def test_one_tap_in_an_alert_acknowledges_it_and_opening_the_link_does_not(morning: Morning) -> None:
    await morning.until_register()
    await morning.until("10:01")
    (mail,) = morning.stand.of(morning.dsl_address)
    for _ in range(2):  # the scanner, then the reader
        page = Page((await morning.stand.browser.get(mail.link("Acknowledge"))).text)
        assert not morning.rows(sa.select(escalations).where(escalations.c.state == "acknowledged"))
    yes = page.find("Yes, I acknowledge")
    assert yes is not None
    assert "Acknowledged" in await morning.stand.submit(yes)


async def test_words_can_be_typed_on_the_page(morning: Morning) -> None:
    await morning.until("09:31")
    assert "AB12: arrived" in await morning.types("Sam Taylor", morning.farm, "all in except CD34")


async def test_two_who_share_an_inbox_have_a_letter_and_a_link_each(morning: Morning) -> None:
    shared = morning.stand.address_of("Office")
    for name in ("Priya Nair", "Dorothy Okafor"):
        morning.database.run(link, Owner(morning.ids[name], None), "email", f"{name.split()[0].lower()}@x.example")
        morning.change(addresses, addresses.c.address == f"{name.split()[0].lower()}@x.example", address=shared)
    await morning.until_register()
    await morning.until("10:01")
    first, second = morning.stand.of(shared)
    assert first.link() != second.link()
    names = {Page((await morning.stand.browser.get(each.link())).text).text.split()[2] for each in (first, second)}
    assert names == {"Priya", "Dorothy"}


async def test_a_letter_to_nobody_in_particular_leads_to_the_chat(morning: Morning) -> None:
    (receipt,) = await morning.sends(plain_card())
    assert receipt.outcome is Outcome.ACCEPTED
    (mail,) = morning.stand.of(morning.dsl_address)
    assert mail.links == [("https://apbot.example/chat", "Open apbot")]


async def test_without_a_public_url_there_are_no_links_and_the_letter_and_the_check_say_so(make_day: MakeDay) -> None:
    day = make_day(MailRoom(public_url=""))
    await day.begin()
    await day.until("10:01")
    (mail, *_) = day.stand.of(day.dsl_address)
    assert mail.links == []
    assert "http" not in mail.part("plain")
    assert "open apbot as you always do" in mail.part("plain")
    (trouble,) = await day.channel.check()
    assert "APBOT_PUBLIC_URL" in trouble.do


async def test_nothing_in_a_heading_becomes_a_header(morning: Morning) -> None:
    heading = "Not arrived\r\nBcc: everybody@evil.example\r\n\r\n<script>x</script>\u2028\x00 👩🏽‍🌾" + "Ağıla " * 60
    card = Card(heading, Tone.ALERT, ("<b>bold</b> & more",), (Row("AB12", "line\r\n.\r\nQUIT"),))
    (receipt,) = await morning.sends(card)
    assert receipt.outcome is Outcome.ACCEPTED
    (mail,) = morning.stand.of(morning.dsl_address)
    assert mail.message["Bcc"] is None
    assert "\n" not in mail.message["Subject"]
    assert "&lt;b&gt;bold&lt;/b&gt;" in mail.part("html")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a b@example.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a@example.org, b@example.org",
        "<a@example.org>",
        "müller@example.org",
        "a@-.." + "x" * 70,
    ],
)
async def test_what_is_no_address_is_refused_before_the_server_sees_it(morning: Morning, address: str) -> None:
    (receipt,) = await morning.channel.deliver([Outgoing(1, address, plain_card())])
    assert (receipt.outcome, receipt.why) == (Outcome.REFUSED, "that is no email address")
    trouble = await morning.channel.check_address(address)
    assert trouble is not None
    assert not morning.stand.mails


async def test_a_domain_with_other_letters_is_reached(morning: Morning) -> None:
    (receipt,) = await morning.channel.deliver([Outgoing(1, "a@schule-grün.example", plain_card())])
    assert receipt.outcome is Outcome.ACCEPTED
    assert morning.stand.mails[0].recipient == "a@xn--schule-grn-ieb.example"


# Threads, and what is worth another letter


async def test_an_acknowledgement_is_a_letter_in_the_same_thread(morning: Morning) -> None:
    await morning.until_register()
    await morning.until("10:01")
    await morning.taps("Dorothy Okafor", morning.dsl_address, "Acknowledge")
    first, second = morning.stand.of(morning.stand.address_of("Priya Nair"))
    assert second.message["In-Reply-To"] == second.message["References"] == first.message["Message-ID"]
    heading = f"Acknowledged by Dorothy Okafor at 10:01: {first.message['Subject']}"
    assert second.message["Subject"].strip() == heading  # which a line of its own may begin
    assert second.part("plain").startswith(heading)
    assert second.message["Importance"] is None
    assert "Acknowledged by Dorothy Okafor" in second.part("plain")
    await morning.until("10:20")
    assert len(morning.stand.of(morning.stand.address_of("Priya Nair"))) == 2


async def test_a_stand_down_is_one_letter_in_the_thread_and_not_two(morning: Morning) -> None:
    await morning.until_register()
    await morning.until("10:01")
    await morning.taps("Sam Taylor", morning.farm, "All ")
    first, second = morning.stand.of(morning.dsl_address)
    assert second.message["In-Reply-To"] == first.message["Message-ID"]
    assert second.message["Subject"] == "Arrived: 2 pupils at Oak Farm"
    assert "Arrived: 2 pupils at Oak Farm" in second.part("plain")
    assert "Nobody needs to look for them" in second.part("plain")


async def test_an_alert_that_is_closed_by_somebody_else_is_a_letter(morning: Morning) -> None:
    await morning.until_register()
    await morning.taps("Sam Taylor", morning.farm, "Arrived", "AB12")
    await morning.until("10:01")
    await morning.taps(
        "Dorothy Okafor", morning.dsl_address, "Record outcome", "CD34", outcome="found safe", words="barn"
    )
    last = morning.stand.of(morning.stand.address_of("Priya Nair"))[-1]
    assert "Closed: 1 pupil accounted for" in last.part("plain")


async def test_who_acknowledges_an_alert_gets_no_letter_about_it_and_the_key_worker_one_that_it_is_settled(
    morning: Morning,
) -> None:
    kit = morning.stand.address_of("Kit Lowry")
    owner = Owner(morning.ids["Kit Lowry"], None)
    morning.database.run(link, owner, "email", kit)
    await morning.until_register()
    await morning.taps("Sam Taylor", morning.farm, "Arrived", "AB12")
    await morning.until("10:01")
    before = len(morning.stand.of(morning.dsl_address))
    await morning.taps("Dorothy Okafor", morning.dsl_address, "Acknowledge")
    await morning.taps(
        "Dorothy Okafor", morning.dsl_address, "Record outcome", "CD34", outcome="found safe", words="barn"
    )
    assert len(morning.stand.of(morning.dsl_address)) == before
    first, settled = morning.stand.of(kit)
    assert settled.message["In-Reply-To"] == first.message["Message-ID"]
    assert "Closed: 1 pupil accounted for" in settled.part("plain")


async def test_whoever_was_told_several_times_is_told_once_that_it_is_acknowledged(morning: Morning) -> None:
    await morning.until_register()
    await morning.until("10:50")
    before = morning.stand.of(morning.dsl_address)
    assert len(before) > 1
    (alert,) = morning.rows(sa.select(escalations.c.id).where(escalations.c.school_id == morning.ids["Hillcrest"]))
    await morning.person("Tom Beckett").presses(Button("Acknowledge", "acknowledge", alert.id))
    (told,) = morning.stand.of(morning.dsl_address)[len(before) :]
    assert "Acknowledged by Tom Beckett" in told.part("plain")
    assert before[1].message["Subject"] == f"Re: {before[0].message['Subject']}"
    assert {mail.message["References"] for mail in [*before[1:], told]} == {before[0].message["Message-ID"]}


async def test_the_marks_of_a_register_are_no_letters(morning: Morning) -> None:
    await morning.until("09:31")
    for pupil in ("AB12", "CD34", "GH78"):
        await morning.taps("Sam Taylor", morning.farm, "Arrived", pupil)
    await morning.until("09:50")
    assert len(morning.stand.of(morning.farm)) == 1
    assert "All answered" in morning.stand.of(morning.farm)[0].page


async def test_the_reminder_stands_in_the_registers_thread(morning: Morning) -> None:
    await morning.until("09:46")
    register, nudge = morning.stand.of(morning.farm)
    assert nudge.message["In-Reply-To"] == register.message["Message-ID"]
    assert "Register not answered" in nudge.part("plain")


async def test_a_repeat_has_a_name_of_its_own(morning: Morning) -> None:
    """A mail program that knows the name of a letter may throw the second away unseen."""
    morning.stand.fail_next(Failure.SILENT)
    await morning.until("09:32")
    first, second, *_ = morning.stand.of(morning.farm) + morning.stand.of(morning.stand.address_of("Bea Whitlock"))
    repeats = [mail for mail in morning.stand.mails if "May be a repeat." in mail.part("plain")]
    assert len(repeats) == 1
    assert first.message["Message-ID"] != second.message["Message-ID"]


# What the mail server answers


REFUSALS = [
    (SMTPRecipientRefused, 550, "5.1.1 no such user", Outcome.REFUSED),
    (SMTPRecipientRefused, 550, "No such user here", Outcome.REFUSED),
    (SMTPRecipientRefused, 553, "5.1.3 bad address syntax", Outcome.REFUSED),
    (SMTPRecipientRefused, 551, "user not local", Outcome.REFUSED),
    (SMTPRecipientRefused, 550, "5.2.1 mailbox disabled", Outcome.REFUSED),
    (SMTPRecipientRefused, 550, "5.7.1 recipient does not want this", Outcome.REFUSED),
    (SMTPRecipientRefused, 552, "5.2.2 mailbox full", Outcome.AGAIN),
    (SMTPRecipientRefused, 550, "5.7.1 relaying denied", Outcome.AGAIN),
    (SMTPRecipientRefused, 554, "Relay access denied", Outcome.AGAIN),
    (SMTPRecipientRefused, 530, "5.7.0 authentication required", Outcome.AGAIN),
    (SMTPRecipientRefused, 503, "bad sequence of commands", Outcome.AGAIN),
    (SMTPRecipientRefused, 450, "4.2.1 try later", Outcome.AGAIN),
    (SMTPDataError, 550, "5.1.1 no such user", Outcome.REFUSED),
    (SMTPDataError, 550, "rejected", Outcome.REFUSED),
    (SMTPDataError, 554, "5.7.1 looks like spam", Outcome.AGAIN),
    (SMTPDataError, 554, "transaction failed", Outcome.AGAIN),
    (SMTPDataError, 552, "message too big", Outcome.AGAIN),
    (SMTPDataError, 451, "4.3.0 local error", Outcome.AGAIN),
    (SMTPSenderRefused, 550, "5.1.8 sender unknown", Outcome.AGAIN),
    (SMTPSenderRefused, 432, "4.3.2 sender thread limit", Outcome.AGAIN),
]


@pytest.mark.parametrize(("kind", "code", "text", "right"), REFUSALS)
def test_only_what_is_the_addresss_own_fault_closes_it(
    kind: type[SMTPDataError], code: int, text: str, right: Outcome
) -> None:
    args = (code, f"{text} <dorothy@staff.example>") + ((()) if kind is SMTPDataError else ("dorothy@staff.example",))
    with capture_logs() as logs:
        receipt = judge(kind(*args)).receipt
    assert receipt.outcome is right
    assert "dorothy" not in f"{receipt.why}{logs}"
    assert str(code) in receipt.why


@pytest.mark.parametrize(
    ("says", "right"),
    [
        ("451 4.7.1 Greylisted, come back in 5 minutes", timedelta(minutes=5)),
        ("451 wait 120 seconds please", timedelta(minutes=2)),
        ("450 try in 1 second", timedelta(seconds=30)),
        ("450 try in 90000 seconds", timedelta(minutes=10)),
        ("451 busy", timedelta(seconds=30)),
    ],
)
async def test_the_pause_that_the_server_asks_for_is_kept(morning: Morning, says: str, right: timedelta) -> None:
    morning.stand.handler.answers.append(Answer("RCPT", says))
    (receipt,) = await morning.sends(plain_card())
    assert (receipt.outcome, receipt.retry_after) == (Outcome.AGAIN, right)


async def test_one_connection_takes_a_whole_batch(morning: Morning) -> None:
    receipts = await morning.sends(*[plain_card()] * 5)
    assert [each.outcome for each in receipts] == [Outcome.ACCEPTED] * 5
    assert morning.stand.handler.connections == 1


async def test_a_refused_letter_does_not_spoil_the_next_on_the_same_connection(morning: Morning) -> None:
    morning.stand.handler.answers += [Answer("RCPT", "550 5.1.1 unknown"), Answer("DATA", "451 later")]
    receipts = await morning.sends(*[plain_card()] * 3)
    assert [each.outcome for each in receipts] == [Outcome.REFUSED, Outcome.AGAIN, Outcome.ACCEPTED]
    assert morning.stand.handler.connections == 1


async def test_a_connection_lost_after_the_letter_is_unknown_and_the_next_gets_another(morning: Morning) -> None:
    morning.stand.handler.hangs_up = 1
    receipts = await morning.sends(*[plain_card()] * 2)
    assert [each.outcome for each in receipts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert morning.stand.handler.connections == 2
    assert len(morning.stand.mails) == 2


async def test_a_connection_lost_before_the_letter_is_tried_again_and_is_no_repeat(morning: Morning) -> None:
    morning.stand.handler.answers.append(Answer("RCPT", HANGS_UP))
    receipts = await morning.sends(*[plain_card()] * 2)
    assert [each.outcome for each in receipts] == [Outcome.AGAIN, Outcome.ACCEPTED]
    assert len(morning.stand.mails) == 1


async def test_a_server_that_never_greets_is_given_up_in_time(morning: Morning) -> None:
    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    own = Settings(url=f"smtp://127.0.0.1:{port}", sender="a@mail.example", timeout=0.2)  # type: ignore[arg-type]
    channel = Email(own, "", Desk(morning.database, handle))
    async with asyncio.timeout(3):
        receipts = await channel.deliver([Outgoing(number, morning.dsl_address, plain_card()) for number in range(5)])
    assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 5
    server.close()
    await server.wait_closed()


async def test_a_server_that_wants_no_more_is_left_alone(morning: Morning) -> None:
    morning.stand.handler.answers.append(Answer("MAIL", "421 4.7.0 too many messages, wait 60 seconds"))
    receipts = await morning.sends(*[plain_card()] * 3)
    assert [(each.outcome, each.retry_after) for each in receipts] == [(Outcome.AGAIN, timedelta(seconds=60))] * 3
    assert not morning.stand.mails


async def test_a_server_that_is_away_is_asked_once_for_a_batch(morning: Morning) -> None:
    own = Settings(url="smtp://127.0.0.1:9", sender="a@mail.example", timeout=0.5)  # type: ignore[arg-type]
    channel = Email(own, "", Desk(morning.database, handle))
    receipts = await channel.deliver([Outgoing(number, morning.dsl_address, plain_card()) for number in range(3)])
    assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 3
    assert all("reached" in each.why for each in receipts)
    (trouble, _) = await channel.check()
    assert "APBOT_SMTP_URL" in trouble.do


async def test_what_there_is_no_time_for_is_tried_again(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_channel, "TIME", 0.0)
    assert [each.outcome for each in await morning.sends(*[plain_card()] * 2)] == [Outcome.AGAIN] * 2


async def test_a_database_that_does_not_answer_is_no_crash(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise sa.exc.OperationalError("select", {}, Exception("locked"))

    await morning.until("09:31")
    with monkeypatch.context() as patched:
        patched.setattr(morning.database, "read", fails)
        (receipt,) = await morning.sends(plain_card())
    assert receipt.outcome is Outcome.AGAIN


# Signing in, and who listens on the way


def secured(folder: Path, url: str, *, at_once: bool = False, password: str = LOGIN) -> MailRoom:
    context, public = make_certificate(folder)
    server = {"auth_require_tls": False, "auth_required": True}
    return MailRoom(
        url=url.format(login=f"apbot:{password}", port="{port}"),
        ca_bundle=str(public),
        tls_at_once=context if at_once else None,
        **({} if at_once else {"tls_context": context, "require_starttls": True}),
        **server,
    )


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_letters_go_out_encrypted_and_signed_in(
    make_day: MakeDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(Server, "is_here", False)
    day = make_day(secured(tmp_path, scheme + "://{login}@127.0.0.1:{port}", at_once=scheme == "smtps"))
    await day.begin()
    assert list(await day.channel.check()) == []
    assert [each.outcome for each in await day.sends(plain_card())] == [Outcome.ACCEPTED]
    assert day.stand.handler.signed_in


async def test_a_wrong_password_closes_no_address_and_the_check_says_so(make_day: MakeDay, tmp_path: Path) -> None:
    day = make_day(secured(tmp_path, "smtps://{login}@127.0.0.1:{port}", at_once=True, password="wrong"))
    await day.begin()
    with capture_logs() as logs:
        receipts = await day.sends(*[plain_card()] * 3)
        (trouble,) = await day.channel.check()
        assert "password" in trouble.do
        about = await day.channel.check_address(day.dsl_address)
    assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 3
    assert about is not None
    assert "wrong" not in f"{receipts}{trouble}{about}{logs}"
    await day.until("10:05")
    assert not day.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None)))
    day.person("Dorothy Okafor").sees("Not arrived")


async def test_no_password_goes_out_unencrypted(make_day: MakeDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "is_here", False)
    day = make_day(MailRoom(url=f"smtp://apbot:{LOGIN}@127.0.0.1:{{port}}", auth_require_tls=False))
    await day.begin()
    (receipt,) = await day.sends(plain_card())
    assert receipt.outcome is Outcome.AGAIN
    assert "no encryption" in receipt.why
    assert not day.stand.handler.signed_in
    assert not day.stand.mails


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(
    make_day: MakeDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = secured(tmp_path, "smtps://{login}@127.0.0.1:{port}", at_once=True)
    room._ca_bundle = ""
    day = make_day(room)
    await day.begin()
    (receipt,) = await day.sends(plain_card())
    assert receipt.outcome is Outcome.AGAIN
    assert not day.stand.handler.signed_in
    (trouble,) = await day.channel.check()
    assert "APBOT_SMTP_CA_BUNDLE" in trouble.do


async def test_a_server_that_takes_no_password_is_told_apart(make_day: MakeDay) -> None:
    day = make_day(MailRoom(url=f"smtp://apbot:{LOGIN}@127.0.0.1:{{port}}"))
    await day.begin()
    (trouble,) = await day.channel.check()
    assert "takes no user and password" in trouble.what


async def test_on_this_machine_a_named_certificate_makes_it_encrypt(make_day: MakeDay, tmp_path: Path) -> None:
    day = make_day(secured(tmp_path, "smtp://{login}@127.0.0.1:{port}"))
    await day.begin()
    assert list(await day.channel.check()) == []


# Checks and settings


async def test_the_check_finds_nothing_where_all_is_well(morning: Morning) -> None:
    assert list(await morning.channel.check()) == []
    assert await morning.channel.check_address(morning.dsl_address) is None
    assert not morning.stand.mails, "nothing is sent"


async def test_the_check_of_an_address_tells_its_fault_from_the_servers(morning: Morning) -> None:
    morning.stand.handler.answers.append(Answer("RCPT", "550 5.1.1 unknown"))
    trouble = await morning.channel.check_address(morning.dsl_address)
    assert trouble is not None
    assert "refuses this address" in trouble.what
    morning.stand.handler.answers.append(Answer("RCPT", "451 later"))
    trouble = await morning.channel.check_address(morning.dsl_address)
    assert trouble is not None
    assert "could not be tried" in trouble.what


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("smtp://u:p@mail.example", Server("mail.example", 587, False, "u", "p")),
        ("smtps://u:p%40%2F@mail.example", Server("mail.example", 465, True, "u", "p@/")),
        ("smtp://mail.example:25", Server("mail.example", 25, False)),
    ],
)
def test_the_address_of_the_server(url: str, right: Server) -> None:
    assert Settings(url=url, sender="a@mail.example").server == right  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "starttls"),
    [
        ("smtp://u:p@mail.example", True),
        ("smtp://mail.example", None),
        ("smtps://u:p@mail.example", False),
        ("smtp://u:p@localhost:25", False),
        ("smtp://u:p@127.0.0.9", False),
        ("smtp://u:p@[::1]:25", False),
        ("smtp://u:p@127.0.0.1.example", True),
    ],
)
def test_only_on_this_machine_is_a_password_said_in_the_open(url: str, starttls: bool | None) -> None:
    assert Settings(url=url, sender="a@mail.example").server.starttls is starttls  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example", "a@mail.example"),
        ("smtp://secret@mail.example", "a@mail.example"),
        ("smtp://u:secret@mail.example:99999", "a@mail.example"),
        ("smtp://u:sec/ret@mail.example", "a@mail.example"),
        ("smtp://u:secret@mail.example", ""),
        ("smtp://u:secret@mail.example", "nobody"),
        ("smtp://u:secret@mail.example", "Hill\r\nBcc: secret@x.example <a@mail.example>"),
        ("", "a@mail.example"),
    ],
)
def test_wrong_settings_are_named_and_never_shown(url: str, sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_SMTP_URL", url)
    monkeypatch.setenv("APBOT_SMTP_FROM", sender)
    with pytest.raises(WrongSettings) as caught:
        load(Settings)
    assert "APBOT_SMTP_" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "APBOT_SMTP_APBOT" not in str(caught.value)


def test_the_channel_is_there_once_it_is_set_up(day: Day, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "email" not in load_channel_settings()
    (tmp_path / "url").write_text(f"smtp://apbot:{RIGHT_PASSWORD.replace(' ', '%20')}@mail.example\n")
    monkeypatch.setenv("APBOT_SMTP_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("APBOT_SMTP_FROM", "Hillcrest registers <apbot@mail.example>")
    used = load_channel_settings()
    assert RIGHT_PASSWORD not in f"{used}{used['email']!r}"
    assert isinstance(used["email"], Settings)
    assert "p" + "roper" not in repr(used["email"].server)
    (channel,) = make_channels(used, AppSettings(), Desk(day.database, handle))
    assert channel.name == "email"


async def test_a_server_that_is_busy_gets_the_letter_later(morning: Morning) -> None:
    morning.stand.fail_next(Failure.BUSY)
    await morning.until("09:35")
    assert not morning.rows(sa.select(messages).where(messages.c.state == "failed"))
    assert morning.stand.of(morning.farm)


def test_a_button_stands_before_its_address_in_plain_words() -> None:
    ways = (Way("Session not running…", "https://a.example/1"), Way("Acknowledge: I see to it", "https://a.example/2"))
    text = text_of(Content(Card("Register"), datetime(2026, 9, 17, 9, 30, tzinfo=UTC), ways=ways))
    assert "Session not running:\nhttps" in text
    assert "Acknowledge, I see to it:\nhttps" in text


async def test_when_a_test_letter_was_sent_is_said_once(morning: Morning) -> None:
    assert await send_test(morning.channel, morning.dsl_address, morning.clock.now()) is None
    assert morning.stand.of(morning.dsl_address)[-1].part("plain").count("Sent at") == 1
