"""The server that the taps are measured on: apbot's own, with one bare route beside it that commits one row."""

import asyncio
import itertools
from datetime import time

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from apbot.app import open_app
from apbot.clock import VirtualClock
from apbot.domain.walltime import instant
from apbot.logs import configure
from apbot.settings import load_settings
from apbot.store.database import Transaction
from apbot.store.tables import events
from apbot.web.server import WebServer, create_app, server_config
from benchmarks.worlds import DAY

numbers = itertools.count()


def _commit(transaction: Transaction, event_id: str) -> None:
    transaction.insert(events, channel="bare", event_id=event_id, at=transaction.now, reply={})


def main() -> None:
    """Serve until interrupted."""
    settings = load_settings()
    configure(settings.log_level)
    # It is twenty to ten on the day that the worlds are made for, and stays so.
    app = open_app(settings, VirtualClock(instant(DAY, time(9, 40))))

    async def bare(request: Request) -> JSONResponse:
        async with request.form() as form:
            await app.database.write(_commit, f"{form['event_id']}-{next(numbers)}")
        return JSONResponse({})

    web = create_app(settings, app.database, app.chat, extra_routes=[Route("/bare", bare, methods=["POST"])])
    asyncio.run(WebServer(server_config(web, settings), app.chat).serve())


if __name__ == "__main__":
    main()
