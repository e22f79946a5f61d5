"""A morning as in the stories, with apbot's own pages beside it: who opens which, and what it shows them."""

from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
from starlette.applications import Starlette

from apbot.channels.web import WebChat
from apbot.handlers.dispatch import handle
from apbot.store.signin import make_link
from apbot.web.server import create_app
from tests.day import Day


class Office:
    """The pages of one day. Everybody has a browser of their own, in which they stay signed in."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.webchat = WebChat(day.database, handle)
        self.app: Starlette = create_app(day.settings, day.database, self.webchat)
        self._browsers: dict[str, httpx.AsyncClient] = {}
        self._open = AsyncExitStack()

    async def browser(self, name: str = "") -> httpx.AsyncClient:
        """The browser of this person, signed in; without a name a stranger's."""
        if name not in self._browsers:
            transport = httpx.ASGITransport(app=self.app)
            client = httpx.AsyncClient(transport=transport, base_url="http://apbot.test")
            self._browsers[name] = await self._open.enter_async_context(client)
            if name:
                made = self.day.database.run(make_link, self.day.ids[name], timedelta(hours=1))
                answer = await client.post(f"/signin/{made.secret}")
                assert answer.status_code == 303, answer.text
        return self._browsers[name]

    async def get(self, name: str, path: str, **headers: str) -> httpx.Response:
        """What this person gets at `path`."""
        return await (await self.browser(name)).get(path, headers=headers)

    async def reads(self, name: str, path: str) -> str:
        """The text of a page that this person may open."""
        answer = await self.get(name, path)
        assert answer.status_code == 200, f"{name} gets {answer.status_code} at {path}"
        return answer.text

    async def close(self) -> None:
        """Close every browser."""
        await self._open.aclose()
