"""What protects every answer, whatever it is: pages, files, calls, redirects, refusals and failures.

The addresses are found from the app, by way of the table that says who may open each (`test_access`).
"""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from apbot.settings import Settings
from apbot.store.signin import make_link
from apbot.web.pages import STATIC
from apbot.web.security import BODY_LIMIT
from apbot.web.server import GuardedApp, create_app
from tests.web.office import Office
from tests.web.test_access import TABLE, busy, found

HTTPS = "https://apbot.hillcrest.example"
WORDS = "Jay Ward is at his uncle's"
__all__ = ["busy"]


async def _fails(_: Request) -> Response:
    raise RuntimeError(WORDS)


async def _plain(_: Request) -> Response:
    return PlainTextResponse("ok")


@pytest.fixture
async def safe(busy: Office, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The app as it is behind https, with a route that fails and one that says nothing of headers.

    What fails is raised to nobody: the server would write its text, and with it what somebody typed, into its log.
    """
    routes = [Route("/fails", _fails, methods=["GET", "POST"]), Route("/plain", _plain)]
    app = create_app(Settings(public_url=HTTPS), busy.day.database, busy.webchat, extra_routes=routes)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=HTTPS) as client:
        client.app = app  # type: ignore[attr-defined]
        yield client


async def sign_in(office: Office, client: httpx.AsyncClient, name: str) -> None:
    made = office.day.database.run(make_link, office.day.ids[name], timedelta(hours=1))
    assert (await client.post(f"/signin/{made.secret}")).status_code == 303


def troubles(answer: httpx.Response) -> Iterator[str]:
    """What is wrong with the headers of an answer."""
    given = answer.headers
    kind = given.get("content-type", "")
    policy = given.get("content-security-policy", "")
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": "max-age=31536000",
    }
    for name, value in expected.items():
        if given.get_list(name) != [value]:
            yield f"{name}: {given.get_list(name)}"
    if "default-src 'self'" not in policy and "default-src 'none'" not in policy:
        yield f"content-security-policy: {policy}"
    if "unsafe" in policy or "*" in policy or "data:" in policy or "http" in policy:
        yield f"content-security-policy lets in more than it needs: {policy}"
    if "frame-ancestors 'none'" not in policy:
        yield "anybody may frame it"
    if kind.startswith("text/html"):
        if "form-action 'self'" not in policy or "base-uri 'none'" not in policy or "object-src 'none'" not in policy:
            yield f"a page's policy: {policy}"
        for name, value in (("x-frame-options", "DENY"), ("cross-origin-opener-policy", "same-origin")):
            if given.get_list(name) != [value]:
                yield f"{name}: {given.get_list(name)}"
        if "camera=()" not in given.get("permissions-policy", ""):
            yield "permissions-policy is missing"
        if "charset=utf-8" not in kind:
            yield f"a page without its letters: {kind}"
    if answer.content and not kind:
        yield "no content-type"
    kept = given.get("cache-control", "")
    is_static = "immutable" in kept and answer.url.path.startswith("/chat/static/")
    is_calendar = kept == "private, no-cache" and answer.url.path.endswith(".ics")
    if not (is_static or is_calendar or "no-store" in kept):
        yield f"cache-control: {kept!r}"
    for name in ("server", "x-powered-by", "access-control-allow-origin"):
        if name in given:
            yield f"{name} is said"


def holds(answer: httpx.Response) -> None:
    said = list(troubles(answer))
    assert not said, f"{answer.request.method} {answer.request.url} {answer.status_code}: {said}"


@pytest.mark.parametrize("name", ["", "Ada Quill", "Priya Nair"], ids=["a stranger", "an admin", "a contact"])
async def test_every_answer_of_every_address_has_its_headers(busy: Office, safe: httpx.AsyncClient, name: str) -> None:
    if name:
        await sign_in(busy, safe, name)
    for pattern, several in TABLE.items():
        for each in several:
            for method in {pattern.split()[0], "HEAD", "OPTIONS", "PUT", "DELETE"}:
                busy.webchat.bell.closed = False
                holds(await safe.request(method, each.path))


async def test_what_is_not_there_and_what_fails_has_them_too_and_tells_nothing(safe: httpx.AsyncClient) -> None:
    tried: list[tuple[str, str, int]] = [
        ("GET", "/nothing/here", 404),
        ("GET", "/.env", 404),
        ("GET", "/chat/static/nothing.css", 404),
        ("GET", "/chat/static/..%2fsecurity.py", 404),
        ("GET", "/chat/static/%2e%2e/%2e%2e/pages.py", 404),
        ("POST", "/board", 405),
        ("TRACE", "/", 405),
        ("GET", "/fails", 500),
        ("POST", "/fails", 500),
        ("GET", "/plain", 200),
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/today", 405),
    ]
    with capture_logs() as logs:
        answers = [await safe.request(method, path) for method, path, _ in tried]
    assert [each["page"] for each in logs] == ["_fails", "_fails"]
    assert "Jay" not in str(logs)
    for answer, (method, path, status) in zip(answers, tried, strict=True):
        assert answer.status_code == status, f"{method} {path}"
        holds(answer)
        assert not [
            each for each in ("Traceback", "RuntimeError", "Jay", "apbot/web", "starlette") if each in answer.text
        ]


async def test_every_static_file_has_them(safe: httpx.AsyncClient) -> None:
    files = [each for each in STATIC.rglob("*") if each.is_file()]
    assert files
    for each in files:
        answer = await safe.get(f"/chat/static/{each.relative_to(STATIC)}")
        assert answer.status_code == 200
        holds(answer)


async def test_whatever_is_posted_has_a_limit_and_is_refused_without_its_token_or_from_another_site(
    busy: Office, safe: httpx.AsyncClient
) -> None:
    await sign_in(busy, safe, "Ada Quill")
    posts = [pattern.split()[1] for pattern in found(safe.app.routes) if pattern.startswith("POST /")]  # type: ignore[attr-defined]
    posts.remove("/fails")
    assert set(posts) == {"/signin/{secret}", "/signout", "/chat/act", "/calendar", "/m/{token}"}
    for path in ("/signout", "/chat/act", "/calendar"):
        large = await safe.post(path, content=b"x" * (BODY_LIMIT + 1))
        assert large.status_code == 413, path
        holds(large)
        for form in ({}, {"token": ""}, {"token": "wrong"}, {"token": "0" * 32}):
            answer = await safe.post(path, data=form)
            assert answer.status_code == 403, path
            holds(answer)
    for path in ("/signout", "/chat/act", "/calendar", "/signin/guess", "/m/guess"):
        strange: list[dict[str, str]] = [
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "https://apbot.hillcrest.example.evil.example"},
        ]
        for headers in strange:
            answer = await safe.post(path, headers=headers)
            assert answer.status_code == 403, f"{path} {headers}"
            holds(answer)
    for body in (b"\xff\xfe", b"token=%ff", b"&" * 5000, b"a=1" + b"&a=1" * 2000):
        answer = await safe.post("/chat/act", content=body)
        assert answer.status_code in (400, 403)
        holds(answer)


async def test_nobody_is_led_to_another_site(busy: Office, safe: httpx.AsyncClient) -> None:
    await sign_in(busy, safe, "Ada Quill")
    for path in (
        "/?next=https://evil.example",
        "//evil.example/",
        "/chat?to=//evil.example",
        "/signin/x?next=//evil.example",
        "/chat//evil.example",
        "/%2f%2fevil.example",
        "/board/",
    ):
        answer = await safe.get(path, headers={"x-forwarded-host": "evil.example"})
        where = answer.headers.get("location", "/")
        assert where.startswith(("/", f"{HTTPS}/")), f"{path}: {where}"
        assert not where.startswith("//"), f"{path}: {where}"
        assert "evil" not in where.replace("/chat//evil.example", "")


async def test_a_process_without_the_pages_has_them_too() -> None:
    app = GuardedApp(HTTPS, [Route("/fails", _fails), Route("/plain", _plain)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HTTPS) as client:
        for path, status in (("/plain", 200), ("/nothing", 404), ("/fails", 500)):
            answer = await client.get(path)
            assert answer.status_code == status
            assert "Jay" not in answer.text
            holds(answer)


async def test_on_this_machine_nothing_is_said_of_https(office: Office) -> None:
    answer = await office.get("", "/")
    assert "strict-transport-security" not in answer.headers


def test_an_app_made_otherwise_would_be_found_wanting() -> None:
    """The check itself can fail."""
    bare = httpx.Response(200, html="<p>", request=httpx.Request("GET", "http://x/"))
    assert len(list(troubles(bare))) > 8
