"""What apbot must be told to send by GOV.UK Notify."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from apbot.settings import ChannelSettings

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_API_KEY = re.compile(rf"(?:.+-)?({_UUID})-({_UUID})")


def _api_key(key: SecretStr) -> SecretStr:
    if key.get_secret_value() and not _API_KEY.fullmatch(key.get_secret_value().strip()):
        raise ValueError("expected the whole API key as Notify showed it once: name-serviceid-secret")
    return key


def _id(found: str) -> str:
    if found and not re.fullmatch(_UUID, found.strip()):
        raise ValueError("expected an id such as f33517ff-2a88-4f6e-b855-c550268ce08a; copy it from Notify")
    return found.strip()


def _base_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        is_well = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_well = False
    if not is_well:
        raise ValueError("expected an address that starts with https://")
    return url.strip().rstrip("/")


class Settings(ChannelSettings):
    """What Notify shows of the service, and the templates that its messages are made with."""

    model_config = SettingsConfigDict(env_prefix="APBOT_NOTIFY_")

    api_key: Annotated[SecretStr, AfterValidator(_api_key)] = SecretStr("")
    """The service's API key, whole."""
    sms_template: Annotated[str, AfterValidator(_id)] = ""
    """The id of the text message template, with ((message)) and ((link)). Empty: no text messages."""
    email_template: Annotated[str, AfterValidator(_id)] = ""
    """The id of the e-mail template, with ((subject)), ((message)) and ((link)). Empty: no e-mail by Notify."""
    callback_token: SecretStr = SecretStr("")
    """The bearer token that Notify sends with delivery receipts to /notify/status. Empty: there are none."""
    sms_sender: Annotated[str, AfterValidator(_id)] = ""
    """The id of the text message sender. Empty: the service's default."""
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.notifications.service.gov.uk"
    """Where Notify's API is."""

    @property
    def is_configured(self) -> bool:
        """Whether there is a key, and so something to send with it."""
        return bool(self.api_key.get_secret_value())

    @model_validator(mode="after")
    def _has_a_template(self) -> Self:
        if self.is_configured and not (self.sms_template or self.email_template):
            raise ValueError("an API key without a template: set APBOT_NOTIFY_SMS_TEMPLATE, _EMAIL_TEMPLATE, or both")
        return self

    @property
    def service_and_secret(self) -> tuple[str, str]:
        """The two parts of the key: the service's id, and the secret that its requests are signed with."""
        found = _API_KEY.fullmatch(self.api_key.get_secret_value().strip())
        if found is None:
            raise ValueError("there is no API key")
        return found[1], found[2]
