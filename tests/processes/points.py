"""Where a process is between deciding and settling: said on a Unix socket, and gone on from when it is answered.

What is owed goes by these points, in this order. At the platform's own (between "claimed" and "answered") its stand-in
can be stopped at (`slack.py`).

- "decided": inside the transaction that owes a message, before its commit
- "owed": that is committed, and nobody has been told yet
- "claimed": a lane has taken messages, and committed that; nothing has been sent
- "answered": the platform's answers are there, and nothing of them is written down
- "settling": they are written down, before the commit
- "settled": that is committed
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

POINTS = ("decided", "owed", "claimed", "answered", "settling", "settled")


def announce(path: str) -> None:
    """Have this process say each point that it comes to, and wait there for an answer."""
    from apbot.delivery import Lane
    from apbot.schedules.turns import Schedule
    from apbot.store.database import Database

    decided_by: list[str] = []  # by the one writer, since its last commit

    def reached(point: str, about: Sequence[str]) -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(path)
            line.sendall(json.dumps({"point": point, "about": sorted(set(about))}).encode() + b"\n")
            line.recv(1)

    def describe(claimed: Sequence[Any]) -> list[str]:
        return [f"{each.row.kind} {'new' if each.row.sent_at is None else 'edit'}" for each in claimed]

    written, tell = Database._written, Database._tell
    go_on, settle_and_claim = Lane._go_on, Lane._settle_and_claim

    async def noted_write(self: Database, is_long: bool, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def decided(transaction: Any, *args: Any, **kwargs: Any) -> Any:
            result = work(transaction, *args, **kwargs)
            if "messages" in transaction.touched:
                by = args[0].decide if args and isinstance(args[0], Schedule) else work
                decided_by.append(getattr(by, "__name__", "?"))
                reached("decided", decided_by[-1:])
            return result

        return await written(self, is_long, decided, *args, **kwargs)

    def noted_tell(self: Database, touched: Collection[str], *more: Any) -> None:
        if "messages" in touched:
            reached("owed", decided_by)
            decided_by.clear()
        tell(self, touched, *more)

    async def noted_go_on(self: Lane, claimed: Sequence[Any], *more: Any) -> int:
        about = describe(claimed)
        reached("claimed", about)
        accepted = await go_on(self, claimed, *more)
        reached("settled", about)
        return accepted

    def noted_settle(self: Lane, transaction: Any, claimed: Sequence[Any], *more: Any) -> Any:
        reached("answered", describe(claimed))
        done = settle_and_claim(self, transaction, claimed, *more)
        reached("settling", describe(claimed))
        return done

    Database._written, Database._tell = noted_write, noted_tell  # type: ignore[method-assign,assignment]
    Lane._go_on, Lane._settle_and_claim = noted_go_on, noted_settle  # type: ignore[method-assign]


@dataclass
class Points:
    """The other end, in the test: lets everything go on but what it is to do something at."""

    path: Path
    reached: list[tuple[str, list[str]]] = field(default_factory=list)
    """Every point that was come to, and what about."""
    _armed: list[tuple[str, str, Callable[[], None]]] = field(default_factory=list)

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        """Listen no more."""
        self._server.close()

    def at(self, point: str, about: str, do: Callable[[], None]) -> None:
        """When a process next comes to this point with this, do that (once), before it may go on."""
        self._armed.append((point, about, do))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            said = json.loads(await reader.readline())
            self.reached.append((said["point"], said["about"]))
            for each in list(self._armed):
                if each[0] == said["point"] and each[1] in said["about"]:
                    self._armed.remove(each)
                    each[2]()
            writer.write(b"\n")
            await writer.drain()
        writer.close()
