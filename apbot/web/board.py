"""The live board: today as it stands, behind sign-in, which changes by itself."""

import asyncio
from collections.abc import AsyncIterator
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
        with self._bell.ear() as ear:
            ear.hears_everything = True
            yield RETRY
            while not self._bell.closed:
                person_id = await self._visitors.identify(request)
                found = None if person_id is None else await self._database.read(_read, person_id, asked.school)
                actor, board = found or (None, None)
                if actor is None or board is None:
                    yield SIGNED_OUT
                    return
                if new := frozenset(board.references) - noted:
                    await self._database.write(note_board, actor, board.school, board.references)
                    noted |= new
                view = BoardView(board, asked.names, base(request))
                html = fragment("boardparts.html", "board", view)
                if (says := html.replace(view.moment, "")) != shown:
                    shown = says
                    yield event("board", html)
                if await rung(self._bell, ear):
                    await asyncio.sleep(AT_MOST_EVERY)
                else:
                    yield BEAT


def _asked(request: Request) -> Asked:
    given = request.query_params
    return Asked(given.get("school", "")[:40], given.get("names") != "no")


def _read(transaction: Transaction, person_id: int, school: str) -> tuple[Actor, Board | None] | None:
    actor = load_actor(transaction, person_id, "web")
    return None if actor is None else (actor, read_board(transaction, actor, school))
