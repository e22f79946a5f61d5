"""Makes the Teams channel, where its library is installed."""

from collections.abc import Sequence

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.channels.teams.settings import Settings
from apbot.settings import Settings as GeneralSettings
from apbot.settings import WrongSettings


def make(own: Settings, _: GeneralSettings, desk: Desk) -> Sequence[Platform]:
    """The channel. Nothing is connected yet. Raises `WrongSettings` where the library is not installed."""
    try:
        from apbot.channels.teams.chat import TeamsChat
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("microsoft_teams", "cryptography"):
            raise
        raise WrongSettings(
            "Teams is set up (APBOT_TEAMS_CLIENT_ID or APBOT_TEAMS_PLAYGROUND), but the library for it is not "
            "installed. Install it, in apbot's folder: pip install '.[teams]'"
        ) from None
    return [TeamsChat(own, desk)]
