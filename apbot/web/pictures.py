"""The picture of a card in the chat, for whoever may read the line that it stands in."""

from starlette.requests import Request
from starlette.responses import Response

from apbot.cards import Picture
from apbot.channels.web import WebChat
from apbot.pictures.drawing import draw
from apbot.store import webchat as store
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.web.identity import Visitors
from apbot.web.pages import trouble

MOST = 2**31 - 1
"""No line has a greater number: databases take none."""


class PicturePage:
    """The endpoint."""

    def __init__(self, webchat: WebChat, visitors: Visitors) -> None:
        """Read lines in the database of `webchat`."""
        self._database = webchat.database
        self._visitors = visitors

    async def show(self, request: Request) -> Response:
        """The picture, drawn anew: it is looked at a few times and needs no keeping."""
        person_id = await self._visitors.identify(request)
        if person_id is None:
            return self._visitors.turn_away(request)
        picture = await self._database.read(_load, person_id, request.path_params["line"])
        if picture is None:
            return trouble(request, 404, "There is no such picture", "Or it is not yours to see today.")
        return Response(await draw(picture), media_type="image/png")


def _load(transaction: Transaction, person_id: int, line_id: int) -> Picture | None:
    actor = load_actor(transaction, person_id, "web")
    line = None if actor is None or line_id > MOST else store.load_line(transaction, actor, line_id)
    return line.card.picture if line is not None and line.card is not None else None
