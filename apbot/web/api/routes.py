"""The API's endpoints: who asks with which key, how often, and that it is written down."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from apbot.channels.receiving import only_header
from apbot.store.apikeys import Key, find_key, note_use
from apbot.store.database import Database, Transaction
from apbot.web.api.openapi import SCOPES, describe
from apbot.web.api.params import read_params
from apbot.web.api.problems import Problem, no_key, no_scope, too_many
from apbot.web.api.reader import Reader
from apbot.web.api.resources import RESOURCES, ROOT, Answered, Resource
from apbot.web.api.schemas import SCHEMAS
from apbot.web.limits import Guesses, Limit
from apbot.web.pages import page
from apbot.web.routes import guarded
from apbot.web.security import log_error

READS_A_MINUTE = 240
"""For each key."""

ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Api:
    """The endpoints."""

    def __init__(self, database: Database, public_url: str = "") -> None:
        """Read `database`. `public_url` is where the paths begin for who reads the description."""
        self._database = database
        self._public_url = public_url
        self._reads = Limit(READS_A_MINUTE, database.clock)
        self._wrong = Guesses("API key", database.clock)

    def routes(self) -> list[BaseRoute]:
        """/api/docs, /api/v1/openapi.json, and everything under /api/v1."""
        return [
            guarded("/api/docs", self._docs),
            Mount(
                "/api",
                routes=[
                    Route("/v1/openapi.json", self._description, methods=["GET"]),
                    *(self._route(each) for each in RESOURCES),
                    Route("/{rest:path}", _nothing_here, methods=ALL),
                ],
            ),
        ]

    def _route(self, resource: Resource) -> Route:
        async def answer(request: Request) -> Response:
            try:
                return await self._answer(request, resource)
            except Problem as problem:
                return _with_headers(problem.response())
            except Exception as problem:  # noqa: BLE001  (whatever it is, its text must not reach anybody)
                log_error(request.scope, problem)
                return _with_headers(Problem(500, "Something went wrong", "Please try again.").response())

        path = resource.path.replace("{ref}", "{ref:path}")
        return Route(f"/v1{path}", answer, methods=["GET"], name=f"api-{resource.name}")

    async def _answer(self, request: Request, resource: Resource) -> Response:
        key = await self._key(request)
        if resource.scope not in key.scopes:
            raise no_scope(resource.scope)
        given = read_params(request.query_params, resource.params)
        answered = await self._database.read(_read, key, resource, given, request.path_params.get("ref", ""))
        body = answered.body
        if resource.is_paged:
            body = {**body, "next": _next(request, answered.after)}
        await self._database.write(note_use, key, resource.name, answered.references)
        return Response(orjson.dumps(body), media_type="application/json", headers=HEADERS)

    async def _key(self, request: Request) -> Key:
        """The key that the request brought. Raises `Problem`."""
        kind, _, secret = only_header(request, "authorization").partition(" ")
        brought = secret.strip() if kind.lower() == "bearer" and len(secret) < 200 else ""
        key = await self._database.read(find_key, brought) if brought else None
        if key is None:
            if wait := self._wrong.wrong(request):
                raise too_many(wait)
            raise no_key()
        if self._reads.is_reached(str(key.id)):
            raise too_many(self._reads.wait(str(key.id)))
        self._reads.count(str(key.id))
        return key

    async def _description(self, request: Request) -> Response:
        body = orjson.dumps(describe(self._server(request)))
        return Response(body, media_type="application/json", headers=HEADERS)

    async def _docs(self, request: Request) -> Response:
        """The same for people."""
        return page(
            request,
            "api.html",
            resources=RESOURCES,
            schemas=SCHEMAS,
            scopes=SCOPES,
            root=f"{self._server(request)}{ROOT}",
        )

    def _server(self, request: Request) -> str:
        return self._public_url or f"{request.url.scheme}://{request.url.netloc}"


def _read(transaction: Transaction, key: Key, resource: Resource, given: Mapping[str, Any], ref: str) -> Answered:
    try:
        return resource.read(Reader(transaction, key, given), ref)
    except sa.exc.DataError:  # PostgreSQL's word for text that it can't keep
        raise Problem(400, "A parameter can't be used", "It holds characters that nothing here has.") from None


def _next(request: Request, after: int | None) -> str | None:
    if after is None:
        return None
    given = {**request.query_params, "after": str(after)}
    return f"{request.url.path}?{urlencode(given)}"


async def _nothing_here(request: Request) -> Response:
    if request.method not in ("GET", "HEAD"):
        problem = Problem(405, "Everything here is read-only", "Ask with GET.", {"allow": "GET, HEAD"})
    else:
        problem = Problem(404, "There is no such address", "/api/docs shows what there is.")
    return _with_headers(problem.response())


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
