"""What the Teams channel can be told."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from pydantic_settings import SettingsConfigDict

from apbot.settings import ChannelSettings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_on_this_machine(url: str) -> bool:
    """Whether an address leads to this machine."""
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def _address(url: str) -> str:
    url = url.strip()
    if not url.startswith("https://") and not (url.startswith("http://") and is_on_this_machine(url)):
        raise ValueError("expected an address that starts with https:// (or http:// on this machine only)")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class Settings(ChannelSettings):
    """Teams. Each field is the variable APBOT_TEAMS_ followed by its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="APBOT_TEAMS_")

    client_id: str = ""
    """The bot's application (client) ID, from its app registration."""
    client_secret: SecretStr = SecretStr("")
    """A client secret of the app registration. It runs out: renew it in time."""
    tenant_id: str = ""
    """The directory (tenant) ID of the app registration; empty for one that serves many tenants."""
    playground: bool = False
    """Let a playground on this machine in without tokens. Never where others can reach apbot."""
    login_url: Address = "https://login.microsoftonline.com"
    """Where apbot gets its own token."""
    openid_url: Address = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    """Where the keys are described that Teams signs its requests with."""
    service_url: Address = "https://smba.trafficmanager.net/teams"
    """Where people are written to who have not written to apbot yet; after that Teams says itself where."""

    @property
    def is_configured(self) -> bool:
        """Whether there is a bot, or the playground is to be used."""
        return bool(self.client_id) or self.playground

    @property
    def is_local(self) -> bool:
        """Whether all of it happens on this machine, so that http will do."""
        return self.playground or is_on_this_machine(self.openid_url)
