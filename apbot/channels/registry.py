"""Every outside platform. A new channel is one package beside these, and one word here.

The package `apbot.channels.NAME` has two modules: `settings` with a class `Settings`, which is cheap to import, and
`channel` with `make`, which is imported only where the settings say that the channel is used.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import cast

from apbot.channels.desk import Desk
from apbot.channels.platform import Platform
from apbot.settings import ChannelSettings, Settings, load

PLATFORMS: Sequence[str] = ("email", "notify", "teams", "webhook")
"""The names of the packages."""

Make = Callable[[ChannelSettings, Settings, Desk], Sequence[Platform]]
"""Makes what a package offers: one channel, or several that share a service. Nothing is connected yet."""


def load_channel_settings() -> dict[str, ChannelSettings]:
    """The settings of each channel that is used. Raises `WrongSettings`."""
    found = {}
    for name in PLATFORMS:
        kind = cast("type[ChannelSettings]", import_module(f"apbot.channels.{name}.settings").Settings)
        settings = load(kind)
        if settings.is_configured:
            found[name] = settings
    return found


def make_channels(used: dict[str, ChannelSettings], settings: Settings, desk: Desk) -> list[Platform]:
    """The channels that are used; of two with the same name the first. Nothing is connected yet."""
    made: dict[str, Platform] = {}
    for name, own in used.items():
        make = cast("Make", import_module(f"apbot.channels.{name}.channel").make)
        for channel in make(own, settings, desk):
            made.setdefault(channel.name, channel)
    return list(made.values())
