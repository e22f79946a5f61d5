"""The page "Who is who": references with full names, for those who may see them."""

from starlette.requests import Request
from starlette.responses import Response

from apbot.channels.web import WebChat
from apbot.domain.access import Actor
from apbot.store.database import Transaction
from apbot.store.names import PupilName, read_names
from apbot.store.people import load_actor
from apbot.store.showing import show
from apbot.web.identity import Visitors
from apbot.web.pages import page


class NamesPage:
    """The endpoint."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool) -> None:
        """Read names in the database of `webchat`."""
        self._database = webchat.database
        self._visitors = visitors
        self._sign_out = sign_out

    async def show(self, request: Request) -> Response:
        """The list. Opening it is written into the audit log before anything is shown."""
        person_id = await self._visitors.identify(request)
        found = None if person_id is None else await show(self._database, _read, person_id)
        if found is None:
            return self._visitors.turn_away(request)
        actor, pupils = found
        token = self._visitors.form_token(request)
        return page(request, "names.html", actor=actor, pupils=pupils, token=token, sign_out=self._sign_out)


def _read(transaction: Transaction, person_id: int) -> tuple[Actor, list[PupilName]] | None:
    actor = load_actor(transaction, person_id, "web")
    return None if actor is None else (actor, read_names(transaction, actor))
