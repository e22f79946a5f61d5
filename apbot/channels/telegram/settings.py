"""What the Telegram channel can be told."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from apbot.settings import ChannelSettings


def _base_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("expected an address such as https://api.telegram.org/bot")
    return url


def _webhook_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    allowed = all(each.isascii() and (each.isalnum() or each in "_-") for each in text)
    if not allowed or 0 < len(text) < 16 or len(text) > 256:
        raise ValueError("expected 16 to 256 of the letters A to Z and a to z, digits, _ and -")
    return secret


class Settings(ChannelSettings):
    """Each field is the variable APBOT_TELEGRAM_ followed by its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="APBOT_TELEGRAM_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    token: SecretStr = SecretStr("")
    """The bot's token, as BotFather gave it. Empty: Telegram is not used."""
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.telegram.org/bot"
    """The Bot API's address, to which the token is joined without anything between."""
    webhook: bool = False
    """Whether Telegram calls apbot at APBOT_PUBLIC_URL/telegram/webhook. If not, apbot asks Telegram."""
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] = SecretStr("")
    """What Telegram shows at the webhook to prove itself. Empty: apbot makes one and keeps it."""
    timeout_seconds: float = Field(default=10.0, gt=0, le=40)
    """How long a request may take. One that takes longer may have been done: it is repeated, and says so."""

    @property
    def is_configured(self) -> bool:
        """Whether there is a token."""
        return bool(self.token.get_secret_value().strip())
