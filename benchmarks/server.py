"""The server that the taps are measured on: apbot's own, and beside it a bare route that does the same commit.

The bare route writes what a tap writes, with nothing but the driver: it looks nobody up and decides nothing.
"""

import asyncio
import contextlib
import itertools
import os
from datetime import time

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from apbot.app import open_app
from apbot.clock import VirtualClock
from apbot.domain.walltime import instant
from apbot.logs import configure
from apbot.service import settle_memory
from apbot.settings import load_settings
from apbot.store.database import Transaction
from apbot.web.server import WebServer, create_app, server_config
from benchmarks.worlds import DAY

numbers = itertools.count()


ROWS = (
    "UPDATE entries SET fact_at = ? WHERE id = ?",
    "INSERT INTO marks (made_at, entry_id, fact, made_as, amends_because) VALUES (?, ?, 'arrived', 'contact', '')",
    "INSERT INTO audit (at, subject, via, what, detail) VALUES (?, ?, 'web', 'marked', '{}')",
    "UPDATE messages SET next_at = ? WHERE kind = 'register' AND subject_id = ?",
    "INSERT INTO events (at, event_id, channel, reply) VALUES (?, ?, 'bare', '{}')",
    "INSERT INTO chat_lines (at, conversation, text, changed)"
    " SELECT ?, ?, '', coalesce(max(changed), 0) + 1 FROM chat_lines",
)
"""What a tap writes, so that the pupil is as unmarked as before. Each takes the instant, and what it is about."""


def _commit(transaction: Transaction, subject: int) -> None:
    cursor = transaction.connection.connection.cursor()
    at = str(transaction.now)
    mark = "?" if transaction.connection.dialect.name == "sqlite" else "%s"
    name = f"bare-{os.getpid()}-{next(numbers)}"
    for sql in ROWS:
        cursor.execute(sql.replace("?", mark), (at, name if "event_id" in sql else subject))


def main() -> None:
    """Serve until interrupted."""
    settings = load_settings()
    configure(settings.log_level)
    # It is twenty to ten on the day that the worlds are made for, and stays so.
    app = open_app(settings, VirtualClock(instant(DAY, time(9, 40))))

    async def bare(request: Request) -> JSONResponse:
        async with request.form() as form:
            await app.database.write(_commit, int(str(form["subject"])))
        return JSONResponse({})

    web = create_app(settings, app.database, app.chat, extra_routes=[Route("/bare", bare, methods=["POST"])])
    settle_memory()  # as the service does
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down in good order, and passes the signal on
        asyncio.run(WebServer(server_config(web, settings), app.chat, lambda _: None).serve())


if __name__ == "__main__":
    main()
