"""Email: signing in to the mail server, and who could listen on the way."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from apbot.channels.email.settings import Server
from apbot.channels.port import Outcome
from apbot.store.tables import addresses
from tests.channels.certificates import make_certificate
from tests.channels.chatday import begun
from tests.channels.mailroom import MailRoom, sends
from tests.channels.samples import plain_card

LOGIN = "right%20%26%20proper"


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(Server, "is_here", False)
    async with begun(secured(tmp_path, scheme + "://{login}@127.0.0.1:{port}", at_once=scheme == "smtps")) as day:
        assert list(await day.channel.check()) == []
        assert [each.outcome for each in await sends(day, plain_card())] == [Outcome.ACCEPTED]
        assert day.stand.handler.signed_in


async def test_a_wrong_password_closes_no_address_and_the_check_says_so(tmp_path: Path) -> None:
    async with begun(secured(tmp_path, "smtps://{login}@127.0.0.1:{port}", at_once=True, password="wrong")) as day:
        with capture_logs() as logs:
            receipts = await sends(day, *[plain_card()] * 3)
            (trouble,) = await day.channel.check()
            assert "password" in trouble.do
            about = await day.channel.check_address(day.dsl_address)
        assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 3
        assert about is not None
        assert "wrong" not in f"{receipts}{trouble}{about}{logs}"
        await day.until("10:05")
        assert not day.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None)))
        day.person("Dorothy Okafor").sees("Not arrived")


async def test_no_password_goes_out_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "is_here", False)
    async with begun(MailRoom(url=f"smtp://apbot:{LOGIN}@127.0.0.1:{{port}}", auth_require_tls=False)) as day:
        (receipt,) = await sends(day, plain_card())
        assert receipt.outcome is Outcome.AGAIN
        assert "no encryption" in receipt.why
        assert not day.stand.handler.signed_in
        assert not day.stand.mails


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = secured(tmp_path, "smtps://{login}@127.0.0.1:{port}", at_once=True)
    room._ca_bundle = ""
    async with begun(room) as day:
        (receipt,) = await sends(day, plain_card())
        assert receipt.outcome is Outcome.AGAIN
        assert not day.stand.handler.signed_in
        (trouble,) = await day.channel.check()
        assert "APBOT_SMTP_CA_BUNDLE" in trouble.do


async def test_a_server_that_takes_no_password_is_told_apart() -> None:
    async with begun(MailRoom(url=f"smtp://apbot:{LOGIN}@127.0.0.1:{{port}}")) as day:
        (trouble,) = await day.channel.check()
        assert "takes no user and password" in trouble.what


async def test_on_this_machine_a_named_certificate_makes_it_encrypt(tmp_path: Path) -> None:
    async with begun(secured(tmp_path, "smtp://{login}@127.0.0.1:{port}")) as day:
        assert list(await day.channel.check()) == []
