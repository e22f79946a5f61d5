"""What apbot must be told to post to a webhook."""

import base64
import binascii
import ipaddress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from apbot.settings import ChannelSettings

PREFIX = "whsec_"


def _url(url: SecretStr) -> SecretStr:
    said = url.get_secret_value().strip()
    if not said:
        return SecretStr("")
    try:
        parts = urlsplit(said)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("expected an address that starts with https://") from None
    if not host or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise ValueError(
            "expected an address that starts with https:// (http:// on this machine only), with no password"
        )
    return SecretStr(said)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(secret: SecretStr) -> SecretStr:
    said = secret.get_secret_value().strip()
    if not said:
        return SecretStr("")
    try:
        size = len(base64.b64decode(said.removeprefix(PREFIX), validate=True)) if said.startswith(PREFIX) else 0
    except (binascii.Error, ValueError):
        size = 0
    if not 24 <= size <= 64:
        raise ValueError("expected whsec_ and 24 to 64 bytes in base64; make one with: openssl rand -base64 32")
    return SecretStr(said)


class Settings(ChannelSettings):
    """Where the events are posted, and what they are signed with."""

    model_config = SettingsConfigDict(env_prefix="APBOT_WEBHOOK_")

    url: Annotated[SecretStr, AfterValidator(_url)] = SecretStr("")
    """Where events are posted. It is kept as a secret: such addresses often hold a key."""
    secret: Annotated[SecretStr, AfterValidator(_secret)] = SecretStr("")
    """What events are signed with: whsec_ and 24 to 64 random bytes in base64. The receiver has the same."""
    timeout: float = Field(default=12.0, gt=0, le=30)
    """Seconds until an event that was posted counts as unanswered."""

    @property
    def is_configured(self) -> bool:
        """Whether it is known where to post."""
        return bool(self.url.get_secret_value())

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.url.get_secret_value()) != bool(self.secret.get_secret_value()):
            raise ValueError("APBOT_WEBHOOK_URL and APBOT_WEBHOOK_SECRET belong together: set both, or neither")
        return self
