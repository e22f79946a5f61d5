"""What the channel to Slack can be told."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from apbot.settings import ChannelSettings

_NOTHING = SecretStr("")


def _base(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("expected an address that starts with https://")
    return url.rstrip("/") + "/"


class Settings(ChannelSettings):
    """Each field is the variable APBOT_SLACK_ followed by its name in capitals; a secret may be kept in a file.

    Slack is used when the bot token is set, and either the app token (Socket Mode) or the signing secret (HTTP).
    """

    model_config = SettingsConfigDict(env_prefix="APBOT_SLACK_")

    bot_token: SecretStr = _NOTHING
    """The bot's token, xoxb-...: OAuth & Permissions > Bot User OAuth Token."""
    app_token: SecretStr = _NOTHING
    """The token for Socket Mode, xapp-..., with the scope connections:write: Basic Information > App-Level Tokens."""
    signing_secret: SecretStr = _NOTHING
    """With what Slack signs its requests over HTTP: Basic Information > Signing Secret."""
    api_url: Annotated[str, AfterValidator(_base)] = "https://slack.com/api/"
    """Where Slack's Web API is."""
    messages_a_second: float = Field(default=1.0, ge=0, le=1000)
    """How many messages are posted to one conversation in a second at most, as Slack asks; 0 is without a limit."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        has_way_in = bool(self.app_token.get_secret_value() or self.signing_secret.get_secret_value())
        has_token = bool(self.bot_token.get_secret_value())
        if has_way_in and not has_token:
            raise ValueError("APBOT_SLACK_BOT_TOKEN is missing: an app token or signing secret is no use without it")
        if has_token and not has_way_in:
            raise ValueError(
                "APBOT_SLACK_APP_TOKEN (Socket Mode) or APBOT_SLACK_SIGNING_SECRET (HTTP) is missing: "
                "apbot could write, but not hear what people answer"
            )
        return self

    @property
    def is_configured(self) -> bool:
        """Whether there is a token to write with; a way to hear is then there as well."""
        return bool(self.bot_token.get_secret_value())
