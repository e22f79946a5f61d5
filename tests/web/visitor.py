"""A person with a browser that runs no scripts, as far as a test needs one."""

import re
from typing import Any

import httpx

from tests.web.site import Site

TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Visitor:
    """Opens pages and posts forms."""

    def __init__(self, site: Site, client: httpx.AsyncClient) -> None:
        self.site = site
        self.client = client
        self.address = ""
        self.token = ""

    async def sign_in(self, name: str) -> httpx.Response:
        """Sign in with a new link."""
        answer = await self.client.post(self.site.link(name))
        self.address = f"person:{self.site.ids[name]}"
        if answer.status_code == 303:
            self.token = found(TOKEN, (await self.get(f"/chat/{self.address}")).text)
        return answer

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page, without following it elsewhere."""
        return await self.client.get(path, headers=headers)

    async def says(self, text: str, conversation: str = "", **fields: str) -> httpx.Response:
        """Post typed words, by a form of the page as it is now."""
        return await self.posts(conversation, text=text, **fields)

    async def presses(self, button: str, conversation: str = "", **fields: str) -> httpx.Response:
        """Press a button, given as "message/verb:subject:value"."""
        message, _, token = button.partition("/")
        return await self.posts(conversation, press=f"render-{message or 'x'}-1/{message}/{token}", **fields)

    async def posts(
        self, conversation: str = "", headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        """Post to /chat/act."""
        given = {"conversation": conversation or self.address, "token": self.token, "event_id": "event-one", **fields}
        return await self.client.post("/chat/act", data=given, headers=headers)


def found(pattern: re.Pattern[str], text: str) -> str:
    """What the pattern's group holds."""
    match = pattern.search(text)
    assert match is not None, f"{pattern.pattern} is not in the page"
    return match[1]
