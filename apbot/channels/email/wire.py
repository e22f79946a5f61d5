"""Talking to the mail server: one connection, one letter after another, and what each of its answers means."""

import asyncio
import contextlib
import re
from datetime import timedelta
from ssl import SSLError
from types import TracebackType
from typing import Self

import structlog
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from apbot.channels.email.settings import Settings
from apbot.channels.port import Outcome, Receipt

log = structlog.get_logger()

PAUSE = timedelta(seconds=30)
"""Until the server is asked again that could not take a letter just now."""

LONG_PAUSE = timedelta(minutes=1)
"""Until it is asked again where somebody has to mend the settings first."""

LONGEST_PAUSE = timedelta(minutes=10)

ASKS_FOR = re.compile(r"(\d{1,5})\s*(s|sec|secs|seconds?|m|min|mins|minutes?)\b", re.IGNORECASE)
"""As in "Greylisted, try again in 120 seconds": no server has to say so, and many do."""

ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
OURS = frozenset({500, 501, 502, 503, 504, 530, 534, 535, 538, 555})
"""Refusals that are about how apbot speaks or signs in, whatever address was named."""


class Failed(Exception):
    """A letter was not taken, or nobody knows. `is_over`: no further letter should be tried just now."""

    def __init__(self, receipt: Receipt, *, is_over: bool = False) -> None:
        """`receipt` says what it means for the letter."""
        super().__init__(receipt.why)
        self.receipt = receipt
        self.is_over = is_over


class Line:
    """The connection, made when it is first needed, and again where it was lost."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._client: SMTP | None = None
        self._is_clean = True

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye."""
        if self._client is not None:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._client.quit()
            self._hang_up()

    async def open(self) -> SMTP:
        """Connect, encrypt and sign in, where that is not done yet. Raises `Failed`."""
        if self._client is not None and self._client.is_connected:
            return self._client
        server, settings = self._settings.server, self._settings
        self._client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.tls_at_once,
            # On this machine nothing is encrypted, but where a certificate is named that makes it possible.
            start_tls=None if server.is_here and settings.ca_bundle and not server.tls_at_once else server.starttls,
            cert_bundle=settings.ca_bundle or None,
            local_hostname=settings.sender_address.domain,
            timeout=settings.timeout,
        )
        self._is_clean = True
        try:
            async with asyncio.timeout(settings.timeout):
                await self._client.connect()
        except SMTPAuthenticationError as problem:
            self._hang_up()
            raise Failed(_again(f"the mail server refuses user and password ({_code(problem)})", LONG_PAUSE)) from None
        except SMTPResponseException as problem:
            self._hang_up()
            raise Failed(_busy(problem, "when connecting")) from None
        except (SMTPException, OSError, ValueError) as problem:
            self._hang_up()
            raise Failed(_again(_why_not_connected(problem))) from None
        return self._client

    async def send(self, recipient: str, letter: bytes) -> None:
        """Hand one letter over. Raises `Failed`."""
        client = await self._open_or_stop()
        taken_from_here = False
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._address(client, recipient)
                taken_from_here = True
                await client.data(letter)
                self._is_clean = True
        except SMTPResponseException as problem:
            raise self._refused(problem) from None
        except (SMTPException, OSError) as problem:
            self._hang_up()
            kind = type(problem).__name__
            if taken_from_here:
                raise Failed(Receipt(Outcome.UNKNOWN, why=f"no answer to a letter ({kind})")) from None
            raise Failed(_again(f"the connection to the mail server was lost ({kind})")) from None

    async def ask(self, recipient: str) -> None:
        """Whether a letter to this address would be taken; nothing is sent. Raises `Failed` where not."""
        client = await self._open_or_stop()
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._address(client, recipient)
        except SMTPResponseException as problem:
            raise self._refused(problem) from None
        except (SMTPException, OSError) as problem:
            self._hang_up()
            raise Failed(_again(f"the connection was lost ({type(problem).__name__})")) from None

    async def _open_or_stop(self) -> SMTP:
        try:
            return await self.open()
        except Failed as failed:
            raise Failed(failed.receipt, is_over=True) from None

    async def _address(self, client: SMTP, recipient: str) -> None:
        if not self._is_clean:
            await client.rset()
        self._is_clean = False
        await client.mail(self._settings.returns_to.addr_spec)
        await client.rcpt(recipient)

    def _refused(self, problem: SMTPResponseException) -> Failed:
        if problem.code == 421 or not 400 <= problem.code <= 599:  # it hangs up, or does not speak SMTP
            self._hang_up()
        return judge(problem)

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def judge(problem: SMTPResponseException) -> Failed:
    """What a refusal means for the letter.

    Only what is the address's own fault is for good: whoever mends apbot's settings must not find every address
    closed. Whatever else is said for good is tried again; an alert goes out on the next channel meanwhile.
    """
    code = _code(problem)
    if isinstance(problem, SMTPSenderRefused):
        log.error("email: the sender is refused", code=code)
        return Failed(_busy(problem, "at the sender"), is_over=True)
    if problem.code < 500 or problem.code > 599:
        return Failed(_busy(problem, "at the letter"), is_over=problem.code == 421)
    if isinstance(problem, SMTPRecipientRefused | SMTPDataError) and _is_about_the_address(problem):
        return Failed(Receipt(Outcome.REFUSED, why=f"the mail server refuses the address ({code})"))
    log.error("email: a letter is refused, and not for its address", code=code)
    return Failed(_again(f"the mail server refuses the letter ({code})", LONG_PAUSE))


def _is_about_the_address(problem: SMTPRecipientRefused | SMTPDataError) -> bool:
    if problem.code in OURS:
        return False
    found = ENHANCED.match(problem.message)
    subject, detail = (int(found[2]), int(found[3])) if found else (None, None)
    if subject == 1:
        return detail not in (7, 8)  # those two are about the sender's address
    if subject == 2:
        return detail != 2  # a full mailbox is emptied some day
    if isinstance(problem, SMTPDataError):
        return subject is None and problem.code in (550, 551, 553)
    if subject == 7 or problem.code in (550, 554):  # a relay that does not know apbot refuses everybody
        return not re.search(r"relay|authenti|spam|blocked|blacklist|reputation", problem.message, re.IGNORECASE)
    return problem.code != 552


def _why_not_connected(problem: Exception) -> str:
    if isinstance(problem, SSLError) or isinstance(problem.__cause__, SSLError):
        return "the mail server's certificate can't be verified"
    if "AUTH extension" in str(problem):
        return "the mail server takes no user and password there"
    if "STARTTLS" in str(problem):
        return "the mail server offers no encryption, and without it no password is sent"
    return f"the mail server can't be reached ({type(problem).__name__})"


def _busy(problem: SMTPResponseException, where: str) -> Receipt:
    pause = PAUSE if problem.code < 500 else LONG_PAUSE
    if found := ASKS_FOR.search(problem.message):
        unit = timedelta(minutes=1) if found[2].lower().startswith("m") else timedelta(seconds=1)
        pause = min(max(pause, int(found[1]) * unit), LONGEST_PAUSE)
    return _again(f"the mail server does not take it now {where} ({_code(problem)})", pause)


def _again(why: str, pause: timedelta = PAUSE) -> Receipt:
    return Receipt(Outcome.AGAIN, retry_after=pause, why=why)


def _code(problem: SMTPResponseException) -> str:
    """The server's answer without its words, which may hold an address."""
    found = ENHANCED.match(problem.message)
    return f"{problem.code} {found[0].strip()}" if found else str(problem.code)
