"""What protects every page: the refusal of posts from other sites, forms with a token, and errors that tell nothing."""

import hashlib
import hmac
import secrets
import traceback
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apbot.channels.receiving import is_right, read_body
from apbot.logs import numbered
from apbot.web.headers import DATA_HEADERS, FRAMES_BY_NOBODY, ONLY_BY_HTTPS, raw, security_headers
from apbot.web.pages import trouble

BODY_LIMIT = 64 * 1024
"""Bytes of a request's body. Nothing that a person types or presses comes near it."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger()


class Refused(Exception):
    """A request that is not carried out, with what to tell the person. `Guard` answers it."""

    def __init__(self, status: int, heading: str, words: str, *, wait: int = 0) -> None:
        """`status` is HTTP's; `wait` is how many seconds to wait before trying again, where that helps."""
        super().__init__(heading)
        self.status = status
        self.headers = {"retry-after": str(wait)} if wait else {}
        self.heading = heading
        self.words = words


class Numbered:
    """ASGI middleware: what is logged of one request bears its number; where it fails, the answer bears it too."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                message.setdefault("headers", []).append((b"x-request-id", number.encode()))
            await send(message)

        with numbered() as number:
            await self._app(scope, receive, send_numbered)


class Guard:
    """ASGI middleware around one of apbot's own pages.

    Adds the headers, refuses what another site posts, and turns an error into a page, logging where it happened
    but not its text, which may hold what somebody typed.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: str = FRAMES_BY_NOBODY, public_url: str = "") -> None:
        """Wrap `app`.

        `frame_ancestors` says who may show it in a frame, in the words of a content policy; `public_url` is how
        browsers reach it, where that is not what they say in Host (a proxy may put its own there).
        """
        self._app = app
        self._public_host = urlsplit(public_url).netloc
        self._headers = raw(security_headers(frame_ancestors))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = message.setdefault("headers", [])
                there = {name for name, _ in headers}
                mine = DATA_HEADERS if (b"content-type", b"application/json") in headers else self._headers
                headers.extend(header for header in mine if header[0] not in there)
            await send(message)

        request = Request(scope)
        try:
            if scope["method"] not in SAFE_METHODS and comes_from_another_site(request.headers, self._public_host):
                raise Refused(403, "That came from another site", "So nothing was done.")
            if "\0" in scope["path"]:
                raise Refused(404, "There is no such page", "Its address can't be read.")  # nor looked up
            await self._app(scope, receive, send_guarded)
        except Refused as refused:
            answer = trouble(request, refused.status, refused.heading, refused.words)
            answer.headers.update(refused.headers)
            await answer(scope, receive, send_guarded)
        except HTTPException:
            raise
        except ClientDisconnect:  # who is still there has sent too slowly
            late = trouble(request, 408, "That took too long to arrive", "Nothing was done. Please try again.")
            await late(scope, receive, send_guarded)
        except Exception as problem:  # noqa: BLE001  (whatever it is, its text must not reach the server's log)
            log_error(scope, problem)
            if not started:
                failed = trouble(request, 500, "Something went wrong", "Nothing was done. Please try again.")
                await failed(scope, receive, send_guarded)


class EveryAnswer:
    """ASGI middleware around everything, also what goes wrong: adds what an answer does not say for itself.

    What fails without a `Guard` of its own has been answered by Starlette when it comes here, and is logged.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        """Wrap `app`. Where people reach it by https, browsers are to do so alone for a year."""
        self._app = app
        self._headers = list(DATA_HEADERS)
        if public_url.startswith("https://"):
            self._headers += ONLY_BY_HTTPS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                there = {name for name, _ in headers}
                headers.extend(header for header in self._headers if header[0] not in there)
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except ClientDisconnect:
            return
        except Exception as problem:  # noqa: BLE001  (answered by now; the server would write its text into its log)
            log_error(scope, problem)


def log_error(scope: Scope, problem: Exception) -> None:
    """Write down what kind of error it was and where, never its text nor the address: both may hold secrets."""
    log.error(
        "web: a page failed",
        page=getattr(scope.get("endpoint"), "__name__", ""),
        problem=type(problem).__name__,
        at=[f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(problem.__traceback__)[-6:]],
    )


def comes_from_another_site(headers: Headers, public_host: str = "") -> bool:
    """Whether the browser says that a page of another site made this request.

    A page that sends no referrer makes a plain form say "Origin: null"; browsers too old for Sec-Fetch-Site do so
    as well, and must not be locked out. The form's token is there for them.
    """
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in (headers.get("host", ""), public_host or None)


def too_many(what: str, wait: int) -> Refused:
    """The refusal of one who asks too often; `wait` is in seconds."""
    return Refused(429, what, f"Please wait {wait} seconds, then try again.", wait=wait)


FormToken = Callable[[Request], str]
"""Gives the token that every form of this person's pages carries, and every post must bring back."""


def token_from(secret: str) -> str:
    """The token that belongs to a sign-in's secret; the secret can't be worked out from it."""
    return hmac.new(secret.encode(), b"apbot form", hashlib.sha256).hexdigest()[:32]


def token_of_this_process() -> FormToken:
    """One token for all, made anew at each start: for pages whose visitors have no sign-in of their own."""
    token = secrets.token_hex(16)
    return lambda _: token


async def read_form(request: Request, token: str) -> dict[str, str]:
    """The fields of a posted form. Raises `Refused` where it is too long, can't be read, or lacks the token."""
    body = await read_body(request, BODY_LIMIT)
    if body is None:
        raise Refused(413, "That is too long", "Nothing was sent. Please shorten it.")
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100, errors="strict"))
    except ValueError:
        raise Refused(400, "That can't be read", "Nothing was done. Load the page again.") from None
    if not is_right(form.get("token", ""), token):
        raise Refused(403, "This page is out of date", "Nothing was done. Load it again, then repeat what you did.")
    return {name: text.replace("\0", "") for name, text in form.items()}  # no database keeps it everywhere
