"""What every address does that a platform calls."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apbot.channels.receiving import is_right, read_body

MOST = 100


async def answer(request: Request) -> Response:
    body = await read_body(request, MOST)
    return Response(status_code=413) if body is None else Response(body)


async def post(content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=[Route("/", answer, methods=["POST"])]))
    async with httpx.AsyncClient(transport=transport, base_url="http://apbot") as client:
        return await client.post("/", content=content, headers=headers)


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 10


async def test_a_body_is_read_whole_and_no_further_than_it_may_be() -> None:
    assert (await post(b"x" * MOST)).content == b"x" * MOST
    assert (await post(b"x" * (MOST + 1))).status_code == 413


@pytest.mark.parametrize("length", ["101", "9" * 5000, "-1", "1e3", "\xb2"])
async def test_a_body_that_says_that_it_is_too_long_is_not_read(length: str) -> None:
    transport = httpx.ASGITransport(Starlette(routes=[Route("/", answer, methods=["POST"])]))
    async with httpx.AsyncClient(transport=transport, base_url="http://apbot") as client:
        headers = [(b"content-length", length.encode("latin-1"))]
        assert (await client.post("/", content=endless(), headers=headers)).status_code == 413


@pytest.mark.parametrize(
    ("shown", "secret", "right"),
    [("abc", "abc", True), ("abd", "abc", False), ("", "abc", False), ("", "", False), ("\xe9", "abc", False)],
)
def test_a_secret_is_right_or_not_and_an_empty_one_never(shown: str, secret: str, right: bool) -> None:
    assert is_right(shown, secret) is right
