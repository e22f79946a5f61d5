"""Everybody's calendar: the page where its secret address is made, and the file at that address."""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import Response

from apbot.channels.web import WebChat
from apbot.domain.access import Actor
from apbot.exports.ical import as_ical
from apbot.store.calendarevents import Event, load_events
from apbot.store.calendarlinks import (
    CalendarLink,
    end_calendar,
    find_calendar,
    link_of,
    make_calendar,
    note_fetched,
)
from apbot.store.database import Database, Transaction
from apbot.store.people import load_actor
from apbot.web.identity import Visitors
from apbot.web.limits import Guesses, Limit
from apbot.web.pages import base, page
from apbot.web.security import read_form

FETCHES_A_MINUTE = 30
"""For each calendar: programs ask every few minutes at most."""

log = structlog.get_logger()


class CalendarPage:
    """/calendar, behind sign-in."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool, public_url: str) -> None:
        """`public_url` is how other programs reach apbot; "" takes what the browser says."""
        self._database = webchat.database
        self._visitors = visitors
        self._sign_out = sign_out
        self._public_url = public_url

    async def show(self, request: Request) -> Response:
        """Whether there is an address, since when, and how to make or end it."""
        person_id = await self._visitors.identify(request)
        found = None if person_id is None else await self._database.read(_state, person_id)
        return self._visitors.turn_away(request) if found is None else self._page(request, *found)

    async def act(self, request: Request) -> Response:
        """Make a new address, which is shown this once, or end the one there is."""
        person_id = await self._visitors.identify(request)
        if person_id is None:
            return self._visitors.turn_away(request)
        form = await read_form(request, self._visitors.form_token(request))
        found = await self._database.write(_do, person_id, form.get("do", ""))
        if found is None:
            return self._visitors.turn_away(request)
        actor, link, secret = found
        address = f"{self._public_url or str(request.base_url).rstrip('/')}/calendar/{secret}.ics" if secret else ""
        return self._page(request, actor, link, address)

    def _page(self, request: Request, actor: Actor, link: CalendarLink | None, address: str = "") -> Response:
        return page(
            request,
            "calendar.html",
            actor=actor,
            link=link,
            address=address,
            webcal=f"webcal://{address.split('://', 1)[-1]}" if address else "",
            act=f"{base(request)}/calendar",
            token=self._visitors.form_token(request),
            sign_out=self._sign_out,
        )


class CalendarFeed:
    """/calendar/{secret}.ics: whoever has the address needs no sign-in, and learns references and days."""

    def __init__(self, database: Database) -> None:
        """Read `database`."""
        self._database = database
        self._wrong = Guesses("calendar", database.clock)
        self._fetches = Limit(FETCHES_A_MINUTE, database.clock)

    async def fetch(self, request: Request) -> Response:
        """The calendar as it is today. Nobody learns whether an address ended or never was."""
        found = await self._database.read(_load, request.path_params["secret"])
        if found is None:
            if wait := self._wrong.wrong(request):
                return _wait(wait)
            return Response("There is no such calendar.\n", 404, media_type="text/plain")
        whose = str(found.link.id)
        if self._fetches.is_reached(whose):
            return _wait(self._fetches.wait(whose))
        self._fetches.count(whose)
        body = as_ical(found.events, self._database.clock.now())
        references = sorted({each.reference for each in found.events if each.reference})
        try:
            await self._database.write(note_fetched, found.actor, found.link, references)
        except sa.exc.SQLAlchemyError as problem:
            log.warning("web: a calendar's fetch could not be noted", problem=type(problem).__name__)
            return Response("Please try again later.\n", 503, media_type="text/plain")
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"etag": tag, "cache-control": "private, no-cache"}
        asked = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
        if tag in asked:
            return Response(status_code=304, headers=headers)
        headers["content-disposition"] = 'inline; filename="apbot.ics"'
        return Response(body, media_type="text/calendar", headers=headers)


def _wait(seconds: int) -> Response:
    return Response("Too many requests.\n", 429, {"retry-after": str(seconds)}, media_type="text/plain")


@dataclass(frozen=True)
class _Found:
    actor: Actor
    link: CalendarLink
    events: list[Event]


def _load(transaction: Transaction, secret: str) -> _Found | None:
    link = find_calendar(transaction, secret)
    actor = None if link is None else load_actor(transaction, link.person_id, "calendar")
    if link is None or actor is None:  # who has left has no calendar any more
        return None
    return _Found(actor, link, load_events(transaction, actor))


def _state(transaction: Transaction, person_id: int) -> tuple[Actor, CalendarLink | None] | None:
    actor = load_actor(transaction, person_id, "web")
    return None if actor is None else (actor, link_of(transaction, person_id))


def _do(transaction: Transaction, person_id: int, what: str) -> tuple[Actor, CalendarLink | None, str] | None:
    actor = load_actor(transaction, person_id, "web")
    if actor is None:
        return None
    secret = make_calendar(transaction, actor, person_id) if what == "make" else ""
    if what == "end":
        end_calendar(transaction, actor, person_id)
    return actor, link_of(transaction, person_id), secret
