"""Email, on a real mail server: what a letter says."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from apbot.cards import Card, Row, Tone
from apbot.channels.email.letter import Content, Way, text_of
from apbot.channels.port import Outcome, Outgoing
from apbot.channels.trial import send_test
from apbot.store.linking import Owner, link
from apbot.store.tables import addresses, escalations
from tests.channels.chatday import ChatDay, begun
from tests.channels.contract import OutwardContract
from tests.channels.contract_inward import PressContract
from tests.channels.forms import Page
from tests.channels.mailroom import MailRoom, sends
from tests.channels.samples import plain_card


class TestEmail(OutwardContract, PressContract):
    """Everything that the contract asks; what people do, they do on the page behind a letter's link."""

    @pytest.fixture
    def stand(self) -> MailRoom:
        return MailRoom()


@pytest.fixture
def stand() -> MailRoom:
    return MailRoom()


async def test_a_letter_says_when_it_was_sent_and_until_when_its_links_work(day: ChatDay) -> None:
    await day.until("09:31")
    (mail,) = day.stand.of(day.farm)
    text = mail.part("plain")
    assert mail.message["Subject"] == "Register: Oak Farm, am, Thu 17 Sep 2026"
    assert mail.message["Date"] == "Thu, 17 Sep 2026 08:30:00 +0000"
    assert "Sent at 09:30 on Thu 17 Sep 2026. Nobody reads replies to this email." in text
    assert "The links work until 12:00, for Sam Taylor alone" in text
    assert "Or type it" not in text, "what is typed in reply to a letter, nobody reads"
    ways = ["Open the register", "All arrived", "Session not running…", "Incident…", "Raise a concern"]
    assert [words for _, words in mail.links] == ways


async def test_automatic_replies_are_kept_away_and_an_alert_is_urgent(day: ChatDay) -> None:
    await day.until("10:01")
    (mail, *_) = day.stand.of(day.dsl_address)
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "OOF" in mail.message["X-Auto-Response-Suppress"]
    assert "NDR" not in mail.message["X-Auto-Response-Suppress"], "who is not reached is to be known"
    assert mail.message["Importance"] == "high"


async def test_one_tap_in_an_alert_acknowledges_it_and_opening_the_link_does_not(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:01")
    (mail,) = day.stand.of(day.dsl_address)
    for _ in range(2):  # the scanner, then the reader
        page = Page((await day.stand.browser.get(mail.link("Acknowledge"))).text)
        assert not day.rows(sa.select(escalations).where(escalations.c.state == "acknowledged"))
    yes = page.find("Yes, I acknowledge")
    assert yes is not None
    assert "Acknowledged" in await day.stand.submit(yes)


async def test_words_can_be_typed_on_the_page(day: ChatDay) -> None:
    await day.until("09:31")
    assert "AB12: arrived" in await day.types("Sam Taylor", day.farm, "all in except CD34")


async def test_two_who_share_an_inbox_have_a_letter_and_a_link_each(day: ChatDay) -> None:
    shared = day.stand.address_of("Office")
    for name in ("Priya Nair", "Dorothy Okafor"):
        day.database.run(link, Owner(day.ids[name], None), "email", f"{name.split()[0].lower()}@x.example")
        day.change(addresses, addresses.c.address == f"{name.split()[0].lower()}@x.example", address=shared)
    await day.until_register()
    await day.until("10:01")
    first, second = day.stand.of(shared)
    assert first.link() != second.link()
    names = {Page((await day.stand.browser.get(each.link())).text).text.split()[2] for each in (first, second)}
    assert names == {"Priya", "Dorothy"}


async def test_a_letter_to_nobody_in_particular_leads_to_the_chat(day: ChatDay) -> None:
    (receipt,) = await sends(day, plain_card())
    assert receipt.outcome is Outcome.ACCEPTED
    (mail,) = day.stand.of(day.dsl_address)
    assert mail.links == [("https://apbot.example/chat", "Open apbot")]


async def test_without_a_public_url_there_are_no_links_and_the_letter_and_the_check_say_so() -> None:
    async with begun(MailRoom(public_url="")) as day:
        await day.until("10:01")
        (mail, *_) = day.stand.of(day.dsl_address)
        assert mail.links == []
        assert "http" not in mail.part("plain")
        assert "open apbot as you always do" in mail.part("plain")
        (trouble,) = await day.channel.check()
        assert "APBOT_PUBLIC_URL" in trouble.do


async def test_nothing_in_a_heading_becomes_a_header(day: ChatDay) -> None:
    heading = "Not arrived\r\nBcc: everybody@evil.example\r\n\r\n<script>x</script>\u2028\x00 👩🏽‍🌾" + "Ağıla " * 60
    card = Card(heading, Tone.ALERT, ("<b>bold</b> & more",), (Row("AB12", "line\r\n.\r\nQUIT"),))
    (receipt,) = await sends(day, card)
    assert receipt.outcome is Outcome.ACCEPTED
    (mail,) = day.stand.of(day.dsl_address)
    assert mail.message["Bcc"] is None
    assert "\n" not in mail.message["Subject"]
    assert "&lt;b&gt;bold&lt;/b&gt;" in mail.part("html")


async def test_a_letter_that_cannot_be_made_is_sent_again_and_none_of_the_others(day: ChatDay) -> None:
    cards = [plain_card(), Card("Not arrived", lines=("half a letter: \ud800",)), plain_card()]
    receipts = await day.channel.deliver([Outgoing(n, day.dsl_address, card) for n, card in enumerate(cards)])
    assert [each.outcome for each in receipts] == [Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert len(day.stand.of(day.dsl_address)) == 2


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
async def test_what_is_no_address_is_refused_before_the_server_sees_it(day: ChatDay, address: str) -> None:
    (receipt,) = await day.channel.deliver([Outgoing(1, address, plain_card())])
    assert (receipt.outcome, receipt.why) == (Outcome.REFUSED, "that is no email address")
    trouble = await day.channel.check_address(address)
    assert trouble is not None
    assert not day.stand.mails


async def test_a_domain_with_other_letters_is_reached(day: ChatDay) -> None:
    (receipt,) = await day.channel.deliver([Outgoing(1, "a@schule-grün.example", plain_card())])
    assert receipt.outcome is Outcome.ACCEPTED
    assert day.stand.mails[0].recipient == "a@xn--schule-grn-ieb.example"


def test_a_button_stands_before_its_address_in_plain_words() -> None:
    ways = (Way("Session not running…", "https://a.example/1"), Way("Acknowledge: I see to it", "https://a.example/2"))
    text = text_of(Content(Card("Register"), datetime(2026, 9, 17, 9, 30, tzinfo=UTC), ways=ways))
    assert "Session not running:\nhttps" in text
    assert "Acknowledge, I see to it:\nhttps" in text


async def test_when_a_test_letter_was_sent_is_said_once(day: ChatDay) -> None:
    assert await send_test(day.channel, day.dsl_address, day.clock.now()) is None
    assert day.stand.of(day.dsl_address)[-1].part("plain").count("Sent at") == 1
