"""A mail server on loopback, people's mailboxes, and a browser in which they open the links of their letters."""

import asyncio
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from ssl import SSLContext
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from aiosmtpd.smtp import SMTP as Session  # noqa: N811
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from apbot.cards import Card
from apbot.channels.desk import Desk
from apbot.channels.email.channel import Email
from apbot.channels.email.settings import Settings
from apbot.channels.platform import Platform
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.web import WebChat
from apbot.handlers.dispatch import handle
from apbot.settings import Settings as AppSettings
from apbot.web.server import create_app
from tests import school
from tests.channels.chatday import ChatDay
from tests.channels.forms import Page, Press
from tests.channels.stand import PATIENCE, SOON, Failure, Shown, Stand

PUBLIC_URL = "https://apbot.example"
NAMES = re.compile(
    "|".join(
        rf"\b{re.escape(each)}(?!\w)"
        for _, first, last, _, _ in school.PUPILS
        for each in (first, last, f"{first[0]}.{last[0]}.", f"{first[0]}. {last[0]}.")
    )
)
FETCHED = re.compile(
    r"<(script|img(?! src=.cid:)|link|iframe|object|embed|form|video|audio)\b|url\(|@import|javascript:", re.IGNORECASE
)
HANGS_UP = "hangs up"
RIGHT_PASSWORD = "right & proper"
MOST_BYTES = 100_000
"""Where the best known mail program cuts a letter off."""


@dataclass
class Mail:
    """A letter in somebody's mailbox."""

    recipient: str
    raw: bytes
    message: EmailMessage
    page: str = ""
    """What stands behind its link now."""

    def part(self, kind: str) -> str:
        """Its text in plain or HTML."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @property
    def links(self) -> list[tuple[str, str]]:
        """The links of the HTML, with their words."""
        return Page(self.part("html")).links

    def link(self, words: str = "Open") -> str:
        """The address of the link with these words."""
        return next(href for href, said in self.links if said.startswith(words))


@dataclass
class Answer:
    """How the server answers instead of as usual."""

    at: str
    """"RCPT", "DATA", or "MAIL"."""
    says: str


@dataclass
class Handler:
    """aiosmtpd asks this about each command."""

    room: "MailRoom"
    mails: list[Mail] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    silent: int = 0
    hangs_up: int = 0
    """So many letters are taken, and the connection is lost before anybody is told."""
    connections: int = 0
    signed_in: list[str] = field(default_factory=list)
    helped: set[int] = field(default_factory=set)

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        if id(session) not in self.helped:  # it says so again once the connection is encrypted
            self.helped.add(id(session))
            self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if says := self._answer("MAIL"):
            return says
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if says := self._answer("RCPT"):
            if says == HANGS_UP:
                server.transport.abort()
                await asyncio.Event().wait()
            return says
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if says := self._answer("DATA"):
            return says
        self.room.take(envelope)
        if self.hangs_up:
            self.hangs_up -= 1
            server.transport.abort()
            await asyncio.Event().wait()
        if self.silent:
            self.silent -= 1
            await asyncio.Event().wait()
        return "250 2.0.0 queued"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Only one password is right."""
        self.signed_in.append(mechanism)
        is_right = isinstance(data, LoginPassword) and data.password == RIGHT_PASSWORD.encode()
        return AuthResult(success=is_right, handled=is_right)

    def _answer(self, at: str) -> str:
        if self.answers and self.answers[0].at == at:
            return self.answers.pop(0).says
        return ""


class MailRoom(Stand):
    """The mail server, the mailboxes and the browser."""

    name = "email"
    broken_means = Outcome.AGAIN
    has_shared = False
    turned_away = "This link can't be used"

    def __init__(
        self,
        *,
        public_url: str = PUBLIC_URL,
        url: str = "smtp://127.0.0.1:{port}",
        ca_bundle: str = "",
        bounces_to: str = "",
        tls_at_once: SSLContext | None = None,
        **server: Any,
    ) -> None:
        """`server` is how the mail server is set up, in aiosmtpd's words."""
        super().__init__()
        self._ca_bundle = ca_bundle
        self._bounces_to = bounces_to
        self._tls_at_once = tls_at_once
        self.public_url = public_url
        self.handler = Handler(self)
        self.own: Settings
        self._url = url
        self._server_options = server
        self._last: Callable[[], Awaitable[str]] | None = None

    @property
    def mails(self) -> list[Mail]:
        """Every letter that was taken, the oldest first."""
        return self.handler.mails

    async def start(self, desk: Desk) -> Platform:
        loop = asyncio.get_running_loop()
        self._sessions: list[Session] = []

        def session() -> Session:
            with warnings.catch_warnings(action="ignore"):  # it warns of what is meant here: a password in the open
                made = Session(
                    self.handler,
                    hostname="mail.example",
                    loop=loop,
                    authenticator=self.handler.authenticate,
                    **self._server_options,
                )
            self._sessions.append(made)
            return made

        self._server = await loop.create_server(session, "127.0.0.1", 0, ssl=self._tls_at_once)
        port = self._server.sockets[0].getsockname()[1]
        self.port = port
        self.own = Settings(
            url=self._url.format(port=port),  # type: ignore[arg-type]
            sender="Hillcrest registers <apbot@mail.example>",
            timeout=PATIENCE,
            ca_bundle=self._ca_bundle,
            bounces_to=self._bounces_to,
        )
        self.channel = Email(self.own, self.public_url, desk)
        app = create_app(AppSettings(public_url=self.public_url), desk.database, WebChat(desk.database, handle))
        self.browser = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL, follow_redirects=True)
        return self.channel

    async def stop(self) -> None:
        await self.channel.close()
        await self.browser.aclose()
        self._server.close()
        for each in self._sessions:
            if each.transport is not None:
                each.transport.close()
            if (task := getattr(each, "_handler_coroutine", None)) is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._server.wait_closed()

    def address_of(self, person: str) -> str:
        return f"{person.lower().replace(' ', '.')}@staff.example"

    def shared_by(self, provider: str) -> str:
        return f"{provider.lower().replace(' ', '.')}@provider.example"

    def shown(self, address: str) -> Sequence[Shown]:
        return [
            Shown(
                str(mail.message["Message-ID"]),
                f"{mail.message['Subject']}\n{mail.part('plain')}\n{mail.page}",
                [words for _, words in mail.links],
            )
            for mail in self.of(address)
        ]

    def of(self, address: str) -> list[Mail]:
        """The letters in one mailbox, the oldest first."""
        return [mail for mail in self.mails if mail.recipient == address]

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        match how:
            case Failure.BUSY:
                says = f"451 4.7.1 Greylisted, please try again in {int(wait.total_seconds())} seconds"
                self.handler.answers.append(Answer("RCPT", says))
            case Failure.BROKEN:
                self.handler.answers.append(Answer("DATA", "451 4.3.0 Local error in processing"))
            case Failure.REFUSED:
                self.handler.answers.append(Answer("RCPT", "550 5.1.1 <somebody@staff.example>: no such user here"))
            case Failure.SILENT:
                self.own.timeout = SOON
                self.handler.silent += 1

    def take(self, envelope: Envelope) -> None:
        """Put a letter into its mailbox, and hold it to what mail servers and programs take."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        message = cast("EmailMessage", message_from_bytes(raw, policy=policy.default))
        (recipient,) = envelope.rcpt_tos
        mail = Mail(recipient, raw, message)
        self.problems += list(_problems(mail, str(envelope.mail_from), self._bounces_to))
        if message["Message-ID"] in {each.message["Message-ID"] for each in self.mails}:
            self.problems.append("two letters have one Message-ID")
        self.mails.append(mail)

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        for mail in reversed(self.of(self.address_of(person))):
            answer = await self.browser.get(mail.link())
            if answer.status_code != 200:
                return Page(answer.text).text
            press = Page(answer.text).find(label, about)
            if press is not None:
                return await self.submit(press, inputs)
        raise AssertionError(f"no button {label!r} {about} behind a letter to {person}")

    async def submit(self, press: Press, inputs: Mapping[str, str] | None = None) -> str:
        """Fill in a form and post it, as the browser does; the page that comes of it, as text."""
        fields = dict(press.fields)
        for name, value in (inputs or {}).items():
            assert f"input.{name}" in {*fields, *press.choices}, f"{name} is not asked"
            choices = press.choices.get(f"input.{name}")
            assert choices is None or not value or value in choices, f"{value!r} can't be chosen"
            fields[f"input.{name}"] = value

        async def post() -> str:
            answer = await self.browser.post(press.action, data=fields)
            await self.look_again()
            return Page(answer.text).text

        self._last = post
        return await post()

    async def look_again(self) -> None:
        """Everybody opens every letter's page again."""
        for mail in self.mails:
            if any(words.startswith("Open") for _, words in mail.links):
                answer = await self.browser.get(mail.link())
                if NAMES.search(answer.text):
                    self.problems.append("a page names a pupil")
                mail.page = Page(answer.text).text

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        (*_, mail) = self.of(self.address_of(person))
        page = Page((await self.browser.get(mail.link())).text)
        press = page.find("Send")
        assert press is not None, "there is no box to type in"
        press.fields["text"] = text
        return await self.submit(press)

    async def again(self) -> str:
        assert self._last is not None
        return await self._last()

    def delete(self, shown: Shown) -> None:
        raise AssertionError("what was sent can't be taken back")


def _problems(mail: Mail, sent_by: str, bounces_to: str) -> Sequence[str]:
    """What is wrong with a letter."""
    message = mail.message
    text, html = mail.part("plain"), mail.part("html")
    everything = f"{message['Subject']}\n{text}\n{html}"
    head = mail.raw.partition(b"\r\n\r\n")[0]
    urls = [href for href, _ in mail.links]
    checks = {
        "a line ends in another way than CR LF": b"\n" not in mail.raw.replace(b"\r\n", b""),
        "a line is longer than 998 characters": all(len(line) <= 998 for line in mail.raw.split(b"\r\n")),
        "a line of the head is longer than 78": all(len(line) <= 78 for line in head.split(b"\r\n")),
        "a letter is not of ASCII": mail.raw.isascii(),
        "a letter is too long": len(mail.raw) <= MOST_BYTES,
        "a header is missing": all(message[each] for each in ("From", "To", "Subject", "Date", "Message-ID")),
        "a header is there twice": len({name.lower() for name in message.keys()}) == len(message.keys()),  # noqa: SIM118
        "it would come back to somebody else": sent_by == (bounces_to or message["From"].addresses[0].addr_spec),
        "it is not to whom it goes": [each.addr_spec for each in message["To"].addresses] == [mail.recipient],
        "the date can't be read": parsedate_to_datetime(message["Date"]).tzinfo is not None,
        "automatic replies would come": message["Auto-Submitted"] == "auto-generated",
        "a thread goes nowhere": (message["In-Reply-To"] or "<").startswith("<"),
        "the parts are not alternatives": message.get_content_type() == "multipart/alternative",
        "something would be fetched": not FETCHED.search(html),
        "a link is not one of apbot's": all(each.startswith(PUBLIC_URL) for each in urls),
        "a link is not in the plain text": all(each in text for each in urls),
        "a link holds more than it must": not any(urlsplit(each).query.count("=") > 1 for each in urls),
        "a pupil is named": not NAMES.search(everything),
        "the time of sending is missing": bool(re.search(r"Sent at \d\d:\d\d on \w{3} \d", text)),
    }
    return [problem for problem, is_fine in checks.items() if not is_fine]


async def sends(day: ChatDay, *cards: Card, to: str = "") -> list[Receipt]:
    """Deliver cards by hand, as one batch; to the DSL where nobody is named."""
    batch = [Outgoing(number, to or day.dsl_address, card) for number, card in enumerate(cards, start=9001)]
    return list(await day.channel.deliver(batch))
