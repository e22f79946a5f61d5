"""Signing in and out: the page behind a one-time link, the cookie it is exchanged for, and the way in without one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from apbot.settings import Settings
from apbot.store import signin as store
from apbot.store.database import Database
from apbot.web.limits import Guesses
from apbot.web.pages import base, page, trouble
from apbot.web.routes import guarded
from apbot.web.security import read_form, token_from, too_many

REMEMBERED = timedelta(seconds=5)
"""How long a sign-in is taken to hold without looking. One that ends in this process is forgotten at once; one that
another process ends (`apbot link --end-others`) is over this much later."""

MOST_REMEMBERED = 10_000

EVERYWHERE = "everywhere"
"""What the button says that signs a person out of every device: one of them was lost."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Cookie:
    """The cookie that holds a sign-in's secret."""

    is_secure: bool
    seconds: int

    @property
    def name(self) -> str:
        """With https a name that no other host of the domain can set."""
        return "__Host-apbot_session" if self.is_secure else "apbot_session"

    def read(self, request: Request) -> str:
        """The secret that the browser brought, or ""."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, secret: str) -> None:
        """Have the browser keep `secret`."""
        response.set_cookie(
            self.name, secret, max_age=self.seconds, path="/", httponly=True, samesite="lax", secure=self.is_secure
        )

    def take(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self.name, path="/", httponly=True, samesite="lax", secure=self.is_secure)


class SignInPages:
    """The endpoints, and `identify` for every other page."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Sign people in that `database` knows."""
        self._database = database
        at_most = timedelta(days=settings.session_days)
        self._lasts = store.Lasts(at_most, timedelta(days=settings.session_idle_days))
        self._public_url = settings.public_url
        is_secure = settings.public_url.startswith("https://")
        self._cookie = Cookie(is_secure, int(at_most.total_seconds()))
        self._wrong = Guesses("sign-in link", database.clock)
        self._remembered: dict[str, tuple[int, datetime]] = {}
        database.listeners.insert(0, self._forget)  # before the open pages are woken, which ask who they are for

    def routes(self) -> list[BaseRoute]:
        """/, /signin/..., /signout."""
        return [
            guarded("/", self.door),
            guarded("/signin/{secret}", self.ask),
            guarded("/signin/{secret}", self.enter, "POST", public_url=self._public_url),
            guarded("/signout", self.leave, "POST", public_url=self._public_url),
        ]

    async def identify(self, request: Request) -> int | None:
        """Who is signed in on this browser.

        Remembered for `REMEMBERED`, so that a press costs one transaction and no reading before it. Whether the
        person may be here today is looked at again in that transaction: a leaver is out at once.
        """
        secret = self._cookie.read(request)
        if not secret:
            return None
        now = self._database.clock.now()
        person_id, since = self._remembered.get(secret, (0, now - REMEMBERED))
        if timedelta(0) <= now - since < REMEMBERED:
            return person_id
        remembered = self._remembered
        found = await self._database.read(store.find_signin, secret)
        if found is None:
            remembered.pop(secret, None)  # what a stranger makes up is not kept
            return None
        if len(remembered) > MOST_REMEMBERED:
            remembered.clear()
        remembered[secret] = (found.person_id, now)
        if found.is_to_be_moved_on(self._lasts, now):
            await self._move_on(secret)
        return found.person_id

    async def _move_on(self, secret: str) -> None:
        try:
            await self._database.write(store.move_on, secret, self._lasts)
        except SQLAlchemyError as problem:  # the page is more urgent; the next one tries again
            log.warning("web: a sign-in could not be moved on", problem=type(problem).__name__)

    def _forget(self, touched: frozenset[str]) -> None:
        if store.TOUCHED in touched:
            self._remembered = {}  # a new one: what is just being read goes into the old one, and is forgotten with it

    def form_token(self, request: Request) -> str:
        """The token of the forms of whoever is signed in on this browser."""
        return token_from(self._cookie.read(request))

    async def door(self, request: Request) -> Response:
        """To the chat, or how to get in."""
        if await self.identify(request) is not None:
            return RedirectResponse(f"{base(request)}/chat", 303)
        return page(request, "door.html")

    async def ask(self, request: Request) -> Response:
        """Ask whether to sign in. Opening the link uses nothing up: mail scanners open every link."""
        actor = await self._database.read(store.link_is_for, request.path_params["secret"])
        if actor is not None:
            return page(request, "signin.html", name=actor.name)
        return await self._unusable(request)

    async def enter(self, request: Request) -> Response:
        """Use the link up and sign in. Who brings none is turned away by reading: taps and alerts share one writer."""
        secret = request.path_params["secret"]
        if await self._database.read(store.link_is_for, secret) is None:
            return await self._unusable(request)
        session = await self._database.write(store.sign_in, secret, self._lasts, instead_of=self._cookie.read(request))
        if session is None:
            return await self._unusable(request)
        log.info("web: signed in")
        response = RedirectResponse(f"{base(request)}/chat", 303)
        self._cookie.give(response, session)
        return response

    async def leave(self, request: Request) -> Response:
        """Sign out of this browser, or of every one."""
        form = await read_form(request, self.form_token(request))
        end = store.sign_out_everywhere if form.get("where") == EVERYWHERE else store.sign_out
        if await self.identify(request) is not None:
            await self._database.write(end, self._cookie.read(request))
        self._remembered = {}  # the listener's turn may come only after this answer
        response = RedirectResponse(f"{base(request)}/", 303)
        self._cookie.take(response)
        return response

    async def _unusable(self, request: Request) -> Response:
        """The same for a used, an old and an invented link: nobody learns which of them it was.

        Who is signed in already goes to the chat: people tap yesterday's link again to get back in, or tap twice.
        """
        if await self.identify(request) is not None:
            return RedirectResponse(f"{base(request)}/chat", 303)
        self._database.measures.sign_in_failed()
        if wait := self._wrong.wrong(request):
            raise too_many("Too many links that can't be used", wait)
        return trouble(
            request,
            410,
            "This link can't be used",
            "Each link works once and for a few days. Ask whoever looks after apbot at your school for a new one: "
            "they make it with the command “apbot link”.",
        )
