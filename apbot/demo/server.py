"""Serving the demo, to this machine and nobody else."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from apbot.demo.page import DemoPages
from apbot.demo.script import Morning
from apbot.demo.stage import Stage

HERE = "127.0.0.1"
USUAL_PORT = 8799


class OnlyFromHere:
    """ASGI middleware: answers only to the names of this machine.

    A page of another site can have its own name lead here, and would then count as this one (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Wrap `app`, which is served at `port`."""
        self._app = app
        self._names = {f"{HERE}:{port}".encode(), f"localhost:{port}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or hosts[0].lower() not in self._names:
                await PlainTextResponse("The demo is for this machine only.", 421)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def listen(port: int | None) -> socket.socket:
    """A socket on this machine's own address; with None the usual port, or a free one where that is taken.

    Raises OSError where `port` can't be had.
    """
    if port is not None:
        return socket.create_server((HERE, port))
    try:
        return socket.create_server((HERE, USUAL_PORT))
    except OSError:
        return socket.create_server((HERE, 0))


class DemoServer(uvicorn.Server):
    """Serves the demo until it is told to stop. `when_up` is called with the address once it can be opened."""

    def __init__(self, morning: Morning, listening: socket.socket, when_up: Callable[[str], None]) -> None:
        """Serve on `listening`."""
        self.stage = Stage(morning)
        self.port: int = listening.getsockname()[1]
        app = OnlyFromHere(DemoPages(self.stage).app(), self.port)
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                server_header=False,
                ws="none",
                lifespan="off",
                timeout_graceful_shutdown=5,
            )
        )
        self._listening = listening
        self._when_up = when_up

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HERE}:{self.port}/"

    async def perform(self) -> None:
        """Serve, with the stage running beside, until stopped."""
        await self.stage.open()
        running = asyncio.create_task(self.stage.run())
        try:
            await self.serve(sockets=[self._listening])
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        if not self.should_exit:
            self._when_up(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving: the pages that are open would otherwise hold it up."""
        self.stage.close()
        await super().shutdown(sockets)
