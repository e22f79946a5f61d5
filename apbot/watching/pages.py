"""What a monitor asks over HTTP: /livez, whether the process answers; /healthz, whether it does its work; /metrics."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from apbot.channels.receiving import is_right, only_header
from apbot.watching.health import Health
from apbot.watching.metrics import Metrics

UNKEPT = {"cache-control": "no-store"}


def health_routes(health: Health) -> Sequence[BaseRoute]:
    """Open to everybody: they say nothing that names anybody, and cost the database one query a second at most."""

    async def well(_: Request) -> JSONResponse:
        found = await health.look()
        return JSONResponse({"ok": not found, **found}, 503 if found else 200, UNKEPT)

    return [Route("/livez", _alive, methods=["GET"]), Route("/healthz", well, methods=["GET"])]


async def _alive(_: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, headers=UNKEPT)


def metrics_routes(metrics: Metrics, token: str) -> Sequence[BaseRoute]:
    """/metrics, for whoever shows `token` as a bearer."""

    async def read(request: Request) -> Response:
        scheme, _, shown = only_header(request, "authorization").partition(" ")
        if scheme.lower() != "bearer" or not is_right(shown.strip(), token):
            return PlainTextResponse("wrong token", 401, {"www-authenticate": "Bearer", **UNKEPT})
        return Response(await metrics.read(), headers={"content-type": CONTENT_TYPE_LATEST, **UNKEPT})

    return [Route("/metrics", read, methods=["GET"])]
