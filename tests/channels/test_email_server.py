"""Email: what a mail server answers, and what becomes of the letter then."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from aiosmtplib import SMTPDataError, SMTPRecipientRefused, SMTPSenderRefused
from structlog.testing import capture_logs

from apbot.channels.desk import Desk
from apbot.channels.email import channel as email_channel
from apbot.channels.email.channel import Email
from apbot.channels.email.settings import Settings
from apbot.channels.email.wire import judge
from apbot.channels.port import Outcome, Outgoing
from apbot.handlers.dispatch import handle
from apbot.store.tables import messages
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import HANGS_UP, Answer, MailRoom, sends
from tests.channels.samples import plain_card
from tests.channels.stand import Failure


@pytest.fixture
def stand() -> MailRoom:
    return MailRoom()


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
async def test_the_pause_that_the_server_asks_for_is_kept(day: ChatDay, says: str, right: timedelta) -> None:
    day.stand.handler.answers.append(Answer("RCPT", says))
    (receipt,) = await sends(day, plain_card())
    assert (receipt.outcome, receipt.retry_after) == (Outcome.AGAIN, right)


async def test_one_connection_takes_a_whole_batch(day: ChatDay) -> None:
    receipts = await sends(day, *[plain_card()] * 5)
    assert [each.outcome for each in receipts] == [Outcome.ACCEPTED] * 5
    assert day.stand.handler.connections == 1


async def test_a_refused_letter_does_not_spoil_the_next_on_the_same_connection(day: ChatDay) -> None:
    day.stand.handler.answers += [Answer("RCPT", "550 5.1.1 unknown"), Answer("DATA", "451 later")]
    receipts = await sends(day, *[plain_card()] * 3)
    assert [each.outcome for each in receipts] == [Outcome.REFUSED, Outcome.AGAIN, Outcome.ACCEPTED]
    assert day.stand.handler.connections == 1


async def test_a_connection_lost_after_the_letter_is_unknown_and_the_next_gets_another(day: ChatDay) -> None:
    day.stand.handler.hangs_up = 1
    receipts = await sends(day, *[plain_card()] * 2)
    assert [each.outcome for each in receipts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert day.stand.handler.connections == 2
    assert len(day.stand.mails) == 2


async def test_a_connection_lost_before_the_letter_is_tried_again_and_is_no_repeat(day: ChatDay) -> None:
    day.stand.handler.answers.append(Answer("RCPT", HANGS_UP))
    receipts = await sends(day, *[plain_card()] * 2)
    assert [each.outcome for each in receipts] == [Outcome.AGAIN, Outcome.ACCEPTED]
    assert len(day.stand.mails) == 1


async def test_a_server_that_never_greets_is_given_up_in_time(day: ChatDay) -> None:
    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    own = Settings(url=f"smtp://127.0.0.1:{port}", sender="a@mail.example", timeout=0.2)  # type: ignore[arg-type]
    channel = Email(own, "", Desk(day.database, handle))
    async with asyncio.timeout(3):
        receipts = await channel.deliver([Outgoing(number, day.dsl_address, plain_card()) for number in range(5)])
    assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 5
    server.close()
    await server.wait_closed()


async def test_a_server_that_wants_no_more_is_left_alone(day: ChatDay) -> None:
    day.stand.handler.answers.append(Answer("MAIL", "421 4.7.0 too many messages, wait 60 seconds"))
    receipts = await sends(day, *[plain_card()] * 3)
    assert [(each.outcome, each.retry_after) for each in receipts] == [(Outcome.AGAIN, timedelta(seconds=60))] * 3
    assert not day.stand.mails


async def test_a_server_that_is_away_is_asked_once_for_a_batch(day: ChatDay) -> None:
    own = Settings(url="smtp://127.0.0.1:9", sender="a@mail.example", timeout=0.5)  # type: ignore[arg-type]
    channel = Email(own, "", Desk(day.database, handle))
    receipts = await channel.deliver([Outgoing(number, day.dsl_address, plain_card()) for number in range(3)])
    assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 3
    assert all("reached" in each.why for each in receipts)
    (trouble, _) = await channel.check()
    assert "APBOT_SMTP_URL" in trouble.do


async def test_what_there_is_no_time_for_is_tried_again(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_channel, "TIME", 0.0)
    assert [each.outcome for each in await sends(day, *[plain_card()] * 2)] == [Outcome.AGAIN] * 2


async def test_a_database_that_does_not_answer_is_no_crash(day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise sa.exc.OperationalError("select", {}, Exception("locked"))

    await day.until("09:31")
    with monkeypatch.context() as patched:
        patched.setattr(day.database, "read", fails)
        (receipt,) = await sends(day, plain_card())
    assert receipt.outcome is Outcome.AGAIN


async def test_a_server_that_is_busy_gets_the_letter_later(day: ChatDay) -> None:
    day.stand.fail_next(Failure.BUSY)
    await day.until("09:35")
    assert not day.rows(sa.select(messages).where(messages.c.state == "failed"))
    assert day.stand.of(day.farm)
