"""Web servers of the tests' own: they say where they are, and end as soon as they are told to."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn


def on_the_port_of(kept: socket.socket) -> socket.socket:
    """A socket to listen on, at the port that `kept` holds: nobody else gets it while nothing listens there."""
    other = _shared()
    other.bind(kept.getsockname())
    return other


def keep_a_port() -> socket.socket:
    """Holds a free port on loopback, and does not listen: who connects to it is refused."""
    kept = _shared()
    kept.bind(("127.0.0.1", 0))
    return kept


def _shared() -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return made


class AtOnce(uvicorn.Server):
    """Uvicorn looks every tenth of a second whether it is to end, and then waits another: this one is told."""

    loop: asyncio.AbstractEventLoop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    def end(self) -> None:
        """End; from any thread."""
        self.should_exit = True
        self.loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.001)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The signals are pytest's."""
        yield
