"""Processes that do a part each, and a page that somebody has open."""

import asyncio
from datetime import timedelta

from aiohttp import ClientSession, ClientTimeout

from apbot.store.database import Database, Transaction
from apbot.store.signin import Lasts, make_link, sign_in
from tests.faults.morning import Morning
from tests.processes.running import Running


async def start(morning: Morning, *parts: str, **environment: str) -> Running:
    """A process that does these parts alone."""
    return await morning.start(APBOT_TEST_RUN=" ".join(f"--only {part}" for part in parts), **environment)


class InTheWebChat(Morning):
    """A morning on which nobody is anywhere else."""

    def _link(self, transaction: Transaction) -> None:
        """The roster gives everybody an address in the web chat."""

    def signed_in(self, name: str) -> str:
        """The secret of a sign-in of this person's."""
        database = Database(self.url, self.clock, inline=True)
        link = database.run(make_link, self.ids[name], timedelta(hours=1))
        secret = database.run(sign_in, link.secret, Lasts(timedelta(hours=1), timedelta(hours=1)))
        database.close()
        assert secret is not None
        return secret


class OpenPage:
    """A chat page that is open in a browser: what has come in while it was."""

    def __init__(self, process: Running, secret: str) -> None:
        """Open it at this process."""
        self.text = ""
        self._task = asyncio.create_task(self._read(process.url, secret))

    async def _read(self, url: str, secret: str) -> None:
        cookies = {"apbot_session": secret}
        async with (
            ClientSession(cookies=cookies, timeout=ClientTimeout(total=None)) as http,
            http.get(f"{url}/chat/live") as answer,
        ):
            assert answer.status == 200
            async for line in answer.content:
                self.text += line.decode()

    async def close(self) -> None:
        """Close it."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
