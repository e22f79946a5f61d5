"""The dead man's switch: an address outside is pinged each minute while all is well, and never when it is not.

Whoever keeps that address (Healthchecks, a monitor of the trust's own) raises the alarm when the ping stays away, as
it does when the machine has lost its power. The address is a secret: who has it can say that all is well.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import structlog

from apbot.channels.trust import believed
from apbot.settings import Settings
from apbot.watching.health import Health

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between two pings."""

WITHIN = 10.0
"""Seconds that the address may take to answer."""

TRIES = 3
AGAIN_AFTER = 3.0
"""Seconds until a ping that failed is tried again. What fails is no reason to ping later, nor more often, than that."""

BODY = 10_000
"""Characters of the reason at most: what such services keep."""


class DeadMan:
    """Pings for one process. Each process asks the same database: none pings while anything at all is overdue."""

    def __init__(self, settings: Settings, health: Health) -> None:
        """Without an address nothing is done."""
        self._ping = settings.deadman_url.get_secret_value()
        self._fail = settings.deadman_fail_url.get_secret_value()
        self._health = health
        self._http: httpx.AsyncClient | None = None

    async def run(self) -> None:
        """Ping until cancelled."""
        if not self._ping and not self._fail:
            return
        self._http = httpx.AsyncClient(
            timeout=WITHIN, verify=believed(), headers={"User-Agent": "apbot"}, follow_redirects=False
        )
        while True:
            began = asyncio.get_running_loop().time()
            await self._once()
            await asyncio.sleep(max(0.0, began + EVERY - asyncio.get_running_loop().time()))

    async def _once(self) -> None:
        try:
            troubles = await self._health.look()
        except Exception as problem:  # noqa: BLE001  (whatever it is, nobody may take it for being well)
            troubles = {"health": type(problem).__name__}
        if troubles and self._fail:
            await self._say(self._fail, troubles)
        elif not troubles and self._ping:
            await self._say(self._ping, {})

    async def _say(self, url: str, troubles: Mapping[str, Any]) -> None:
        assert self._http is not None  # noqa: S101  (only `run` comes here)
        problem = ""
        for _ in range(TRIES):
            try:
                answer = await self._http.post(url, content=orjson.dumps(troubles)[:BODY] if troubles else b"")
                if answer.is_success:
                    return
                problem = f"status {answer.status_code}"
            except Exception as failure:  # noqa: BLE001  (whatever it is; its text may hold the address)
                problem = type(failure).__name__
            await asyncio.sleep(AGAIN_AFTER)
        log.warning("the outside monitor can't be pinged: look at APBOT_DEADMAN_URL", problem=problem)

    async def close(self) -> None:
        """Let the connection go."""
        if self._http is not None:
            await self._http.aclose()
