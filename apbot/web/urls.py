"""Addresses that people's browsers use."""

from apbot.settings import Settings


class NoPublicUrl(Exception):
    """Nobody can tell from the settings how a browser reaches the web server."""


def public_url(settings: Settings) -> str:
    """Where the web server is, without a final slash. Raises `NoPublicUrl` for a port that is not known yet."""
    if settings.public_url:
        return settings.public_url
    if settings.port == 0:
        raise NoPublicUrl("Set APBOT_PUBLIC_URL to how people's browsers reach apbot: APBOT_PORT is 0, any free port.")
    host = "localhost" if settings.bind in ("127.0.0.1", "::1", "0.0.0.0", "::") else settings.bind  # noqa: S104
    return f"http://{host}:{settings.port}"


def signin_url(settings: Settings, secret: str) -> str:
    """The one-time link with this secret."""
    return f"{public_url(settings)}/signin/{secret}"
