"""Everything by which somebody outside knows how apbot is, put together for one process."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute

from apbot.channels.condition import Condition
from apbot.channels.platform import Platform
from apbot.settings import Settings
from apbot.store.channel_troubles import Found
from apbot.store.database import Database
from apbot.store.processes import clocks_apart, parts_that_nobody_does
from apbot.watching.deadman import DeadMan
from apbot.watching.health import Health, Probe, Pulse
from apbot.watching.metrics import Metrics
from apbot.watching.pages import health_routes, metrics_routes
from apbot.watching.platforms import ask_in_turns, found_of, of_channels, of_lanes


class Watch:
    """One process's. What the process does not do (tick, deliver, listen) it is not asked about."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        pulse: Pulse | None = None,
        conditions: Mapping[str, Condition] | None = None,
        platforms: Sequence[Platform] = (),
    ) -> None:
        """`pulse` is the tick's, `conditions` those of delivery's channels, `platforms` those it listens to."""
        self._platforms = platforms
        listened_to = {each.name: each.condition for each in platforms}
        self._conditions = {**listened_to, **(conditions or {})}
        probes: dict[str, Probe] = {"channels": of_channels(self._conditions)}
        if pulse is not None:
            probes["scheduler"] = pulse.trouble
        if conditions is not None:
            probes["delivery"] = of_lanes(conditions)
        self.health = Health(database, probes, {"nobody does": parts_that_nobody_does, "clocks differ": clocks_apart})
        self._deadman = DeadMan(settings, self.health)
        self._metrics_token = settings.metrics_token.get_secret_value()
        self._metrics: Metrics | None = None
        if self._metrics_token:
            database.measures = self._metrics = Metrics(database, self.health, expects_backups=settings.expects_backups)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """/livez, /healthz, and /metrics where a token is set."""
        metrics = metrics_routes(self._metrics, self._metrics_token) if self._metrics is not None else ()
        return [*health_routes(self.health), *metrics]

    def found(self, now: datetime) -> Mapping[str, Found]:
        """What this process finds of its channels: to be written down for all."""
        return found_of(self._conditions, now)

    async def run(self) -> None:
        """Ask the platforms how they are, and ping, until cancelled."""
        work: list[Any] = [ask_in_turns(self._platforms), self._deadman.run()]
        try:
            await asyncio.gather(*work)
        finally:
            await self._deadman.close()
            await self.health.close()
