"""What a monitor asks over HTTP: /livez, whether the process answers; /healthz, whether it does its work."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from apbot.watching.health import Health

UNKEPT = {"cache-control": "no-store"}


def health_routes(health: Health) -> Sequence[BaseRoute]:
    """Open to everybody: they say nothing that names anybody, and cost the database one query a second at most."""

    async def well(_: Request) -> JSONResponse:
        found = await health.look()
        return JSONResponse({"ok": not found, **found}, 503 if found else 200, UNKEPT)

    return [Route("/livez", _alive, methods=["GET"]), Route("/healthz", well, methods=["GET"])]


async def _alive(_: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, headers=UNKEPT)
