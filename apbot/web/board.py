"""The live board: today as it stands, behind sign-in, which changes by itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from apbot.channels.web import WebChat
from apbot.domain.access import Actor
from apbot.store.board import Board, note_board, read_board
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.web.boardview import BoardView
from apbot.web.identity import Visitors
from apbot.web.live import BEAT, RETRY, SIGNED_OUT, event, event_stream, rung
from apbot.web.pages import base, fragment, page, trouble

NOT_YOURS = ("There is no such school", "Or it is not yours to see today.")

AT_MOST_EVERY = 1.0
"""Seconds between two updates: on a busy morning a tap comes every moment, and nobody reads as fast."""

AT_LEAST_EVERY = 15.0
"""... and the longest that one waits, however many boards are open."""

SHARE = 5
"""Drawing all the open boards of this process may take one part in so many of its time: taps and alerts go first."""


@dataclass(frozen=True)
class Asked:
    """Which board: of one school (its reference) or of all, and whether with names."""

    school: str
    names: bool

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        given = ([("school", self.school)] if self.school else []) + ([] if self.names else [("names", "no")])
        return f"?{urlencode(given)}" if given else ""


class BoardPage:
    """The endpoints."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool) -> None:
        """Show what stands in the database of `webchat`, and wait for changes with its bell."""
        self._database = webchat.database
        self._bell = webchat.bell
        self._visitors = visitors
        self._sign_out = sign_out
        self._open = 0
        """How many are looked at in this process."""

    async def show(self, request: Request) -> Response:
        """The page. That it was opened is in the audit log before anything of it is shown."""
        person_id = await self._visitors.identify(request)
        asked = _asked(request)
        found = None if person_id is None else await self._database.read(_read, person_id, asked.school)
        if found is None:
            return self._visitors.turn_away(request)
        actor, board = found
        if board is None:
            return trouble(request, 404, *NOT_YOURS)
        await self._database.write(note_board, actor, board.school, board.references)
        return page(
            request,
            "board.html",
            view=BoardView(board, asked.names, base(request)),
            actor=actor,
            query=asked.query,
            other_query=Asked(asked.school, not asked.names).query,
            token=self._visitors.form_token(request),
            sign_out=self._sign_out,
        )

    async def stream(self, request: Request) -> Response:
        """The board anew whenever it has changed, until somebody goes away."""
        return event_stream(request, self._events(request))

    async def _events(self, request: Request) -> AsyncIterator[str]:
        asked, shown, noted = _asked(request), "", frozenset[str]()
        loop = asyncio.get_running_loop()
        with self._bell.ear() as ear, self._counted():
            ear.hears_everything = True
            yield RETRY
            while not self._bell.closed:
                person_id = await self._visitors.identify(request)
                drawn, began = None, loop.time()
                if person_id is not None:
                    drawn = await self._database.read(_draw, person_id, asked, base(request))
                if drawn is None:
                    yield SIGNED_OUT
                    return
                board = drawn.board
                if new := frozenset(board.references) - noted:
                    await self._database.write(note_board, board.actor, board.school, board.references)
                    noted |= new
                if drawn.says != shown:
                    shown = drawn.says
                    yield event("board", drawn.html)
                pause = SHARE * self._open * (loop.time() - began)
                if await rung(self._bell, ear):
                    await asyncio.sleep(min(max(pause, AT_MOST_EVERY), AT_LEAST_EVERY))
                else:
                    yield BEAT

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1


def _asked(request: Request) -> Asked:
    given = request.query_params
    return Asked(given.get("school", "")[:40], given.get("names") != "no")


@dataclass(frozen=True)
class _Drawn:
    """A board as HTML. `says` is what of it is not merely the time."""

    board: Board
    html: str
    says: str


def _draw(transaction: Transaction, person_id: int, asked: Asked, path: str) -> _Drawn | None:
    """The board, drawn where it is read: beside the loop, which has everybody else's pages to serve."""
    found = _read(transaction, person_id, asked.school)
    if found is None or found[1] is None:
        return None
    view = BoardView(found[1], asked.names, path)
    html = fragment("boardparts.html", "board", view)
    return _Drawn(view.board, html, html.replace(view.moment, ""))


def _read(transaction: Transaction, person_id: int, school: str) -> tuple[Actor, Board | None] | None:
    actor = load_actor(transaction, person_id, "web")
    return None if actor is None else (actor, read_board(transaction, actor, school))
