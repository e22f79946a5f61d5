"""How apbot sends email."""

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from apbot.settings import ChannelSettings

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Server:
    """The mail server that takes apbot's letters."""

    host: str
    port: int
    tls_at_once: bool
    """As smtps:// has it; else the connection is encrypted after the greeting, by STARTTLS."""
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, so that nobody can listen on the way."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def starttls(self) -> bool | None:
        """Whether STARTTLS is demanded (True), left out (False), or used where it is offered (None)."""
        if self.tls_at_once or self.is_here:
            return False
        return True if self.password else None


def _server(url: str) -> Server:
    """Raises ValueError, never with the address in it: it may hold a password."""
    right = "expected an address such as smtp://user:password@mail.example.org:587 (or smtps://)"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError(right) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{right}; write special characters of a password as %23 and the like")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("expected a user and a password, or neither")
    return Server(
        parts.hostname,
        port or PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def _url(url: SecretStr) -> SecretStr:
    if url.get_secret_value():
        _server(url.get_secret_value())
    return url


def _sender(text: str) -> str:
    if text:
        sender_of(text)
    return text


def sender_of(text: str) -> Address:
    """The name and address in "Hillcrest registers <apbot@example.org>". Raises ValueError."""
    name, address = parseaddr(text)
    try:
        found = Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError):
        found = Address()
    if not (found.username and found.domain and found.addr_spec.isascii()) or not text.isprintable():
        raise ValueError("expected an address such as Hillcrest registers <apbot@example.org>")
    return found


class Settings(ChannelSettings):
    """What the channel can be told: APBOT_SMTP_ and the name of the field in capitals."""

    model_config = SettingsConfigDict(env_prefix="APBOT_SMTP_", populate_by_name=True)

    url: Annotated[SecretStr, AfterValidator(_url)] = SecretStr("")
    """The mail server: smtp://user:password@host:587, encrypted by STARTTLS, or smtps://user:password@host:465. On
    this machine smtp:// is not encrypted."""
    sender: Annotated[str, AfterValidator(_sender)] = Field(default="", alias="APBOT_SMTP_FROM")
    """Whom the letters are from, as APBOT_SMTP_FROM: Hillcrest registers <apbot@example.org>."""
    bounces_to: Annotated[str, AfterValidator(_sender)] = ""
    """Where letters come back to that can't be delivered after all, where that is another mailbox than the sender's."""
    timeout: float = Field(default=15.0, gt=0, le=20)
    """Seconds that the mail server may take over one letter."""
    ca_bundle: str = ""
    """A file with the certificates of an authority of your own, where the mail server's is signed by one."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if bool(self.url.get_secret_value()) != bool(self.sender):
            raise ValueError("expected APBOT_SMTP_URL and APBOT_SMTP_FROM both, or neither")
        return self

    @property
    def returns_to(self) -> Address:
        """The address that the mail server is given as the sender's: what can't be delivered comes back there."""
        return sender_of(self.bounces_to) if self.bounces_to else self.sender_address

    @property
    def is_configured(self) -> bool:
        """Whether there is a server, and somebody whom the letters are from."""
        return bool(self.url.get_secret_value() and self.sender)

    @property
    def server(self) -> Server:
        """The mail server."""
        return _server(self.url.get_secret_value())

    @property
    def sender_address(self) -> Address:
        """Whom the letters are from."""
        return sender_of(self.sender)
