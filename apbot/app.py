"""The composition root: the one place that knows every part and wires it from the settings."""

from collections.abc import Sequence

from apbot.channels.desk import Desk
from apbot.channels.port import Channel
from apbot.channels.registry import make_channels
from apbot.channels.web import WebChat
from apbot.clock import Clock
from apbot.delivery import Delivery
from apbot.handlers.dispatch import handle
from apbot.messages.registry import KINDS
from apbot.schedules.tick import plan, schedules, tick
from apbot.settings import ChannelSettings, Settings
from apbot.store.connect import open_database
from apbot.store.database import Database
from apbot.store.processes import EVERYTHING, Part, Process, beat


class App:
    """apbot, put together: what is due is done by `tick`, what is owed is sent by `delivery`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        channels: Sequence[Channel],
        parts: frozenset[Part] = EVERYTHING,
    ) -> None:
        """`parts` is what this process is to do; others on the same database may do the rest, or the same."""
        self.settings = settings
        self.database = database
        self.process = Process(parts, [channel.name for channel in channels])
        self.delivery = Delivery(database, channels, KINDS, settings.public_url)
        self._schedules = schedules(settings)
        if Part.SCHEDULES in parts:
            database.run(plan, settings)
        database.run(beat, self.process)

    async def decide(self) -> bool:
        """Do everything that has become due; delivery sends what that owes. Whether something waits for that."""
        return await tick(self.database, self._schedules)

    async def tick(self) -> None:
        """Decide, and deliver at once: for a clock that stands still meanwhile."""
        waits = await self.decide()
        await self.delivery.drain()
        if waits:
            await self.decide()
            await self.delivery.drain()


class ChatApp(App):
    """apbot with its built-in web chat, and the outside platforms that it is set up for."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        used: dict[str, ChannelSettings] | None = None,
        parts: frozenset[Part] = EVERYTHING,
    ) -> None:
        self.chat = WebChat(database, handle)
        desk = Desk(database, handle, links_by_email=settings.link_by_email, public_url=settings.public_url)
        self.platforms = make_channels(used or {}, settings, desk)
        super().__init__(settings, database, [self.chat, *self.platforms], parts)


def open_app(
    settings: Settings,
    clock: Clock | None = None,
    *,
    inline: bool = False,
    used: dict[str, ChannelSettings] | None = None,
) -> ChatApp:
    """apbot on the database that the settings name, on the platforms of `used`. Raises what `open_database` raises."""
    return ChatApp(settings, open_database(settings, clock, inline=inline), used)
