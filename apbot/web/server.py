"""The one HTTP app, and the server that runs it."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan
from uvicorn.server import HANDLED_SIGNALS

from apbot.channels.web import WebChat
from apbot.settings import Settings
from apbot.store.database import Database
from apbot.web.api.routes import Api
from apbot.web.headers import FRAMES_BY_NOBODY, security_headers
from apbot.web.letters import LetterPages
from apbot.web.pages import trouble
from apbot.web.routes import chat_routes
from apbot.web.security import EveryAnswer, Numbered
from apbot.web.signin import SignInPages

NOT_FOUND = ("There is no such page", "Go back, or begin again at the start page.")


def create_app(
    settings: Settings,
    database: Database,
    webchat: WebChat,
    *,
    extra_routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """The app: sign-in, pages, letters and the API, beside `extra_routes` (webhooks, health), which come first."""
    pages = SignInPages(settings, database)
    routes = [
        *extra_routes,
        *pages.routes(),
        *chat_routes(
            webchat,
            pages.identify,
            form_token=pages.form_token,
            sign_out=True,
            public_url=settings.public_url,
        ),
        *LetterPages(database, webchat.handle, settings.public_url).routes(),
        *Api(database, settings.public_url).routes(),
    ]
    return GuardedApp(settings.public_url, routes, lifespan)


class GuardedApp(Starlette):
    """Starlette, with apbot's answers to what goes wrong, and around all of it what adds the headers."""

    def __init__(
        self, public_url: str, routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette] | None = None
    ) -> None:
        """Serve `routes`, which people reach at `public_url`."""
        handlers: Any = {HTTPException: _wrong_address, Exception: _failed}
        super().__init__(routes=routes, exception_handlers=handlers, lifespan=lifespan)
        self._public_url = public_url

    def build_middleware_stack(self) -> ASGIApp:
        """Everything that a request goes through."""
        return EveryAnswer(super().build_middleware_stack(), self._public_url)


async def _wrong_address(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)  # noqa: S101  (Starlette hands over what the handler is registered for)
    root = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    request = Request({**request.scope, "root_path": root})  # the styles are not there under every mount
    if problem.status_code in (404, 405):
        response = trouble(request, problem.status_code, *NOT_FOUND)
    else:
        response = trouble(request, problem.status_code, "That can't be done", "Nothing was done.")
    response.headers.update({**security_headers(FRAMES_BY_NOBODY), **(problem.headers or {})})
    return response


async def _failed(request: Request, _: Exception) -> Response:
    """For routes without a guard. Starlette raises the error again, for `EveryAnswer` to log."""
    response = trouble(request, 500, "Something went wrong", "Nothing was done. Please try again.")
    response.headers.update(security_headers(FRAMES_BY_NOBODY))
    return response


class WebServer(uvicorn.Server):
    """Uvicorn, which at shutdown would wait for ever for the pages that are open, and then end the process itself.

    Here the pages are let go first; and whoever serves goes on, and closes what is open, in good order.
    """

    def __init__(self, config: uvicorn.Config, webchat: WebChat, when_up: Callable[[int], None]) -> None:
        """Serve as `config` says. `when_up` is called with the port once it can be opened."""
        super().__init__(config)
        self._webchat = webchat
        self._when_up = when_up

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop serving at Ctrl-C or when told to end, without raising the signal once more afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        if not self.should_exit:
            self._when_up(self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        self._webchat.bell.close()
        await super().shutdown(sockets)


def server_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How the app is served: no access log (it would hold sign-in secrets), no word of which server it is.

    Only a proxy that is trusted is believed when it says for whom it asks, and whether that was by https.
    """
    return uvicorn.Config(
        Numbered(app),
        host=settings.bind,
        port=settings.port,
        access_log=False,
        log_config=None,  # else uvicorn writes to the terminal by itself, an exception's text as well
        log_level="warning",
        server_header=False,
        ws="none",
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=10,
    )
