"""The inspector's pack as a page and as a PDF, for whoever may see it; each opening is in the audit log."""

from starlette.requests import Request
from starlette.responses import Response

from apbot.channels.web import WebChat
from apbot.domain.access import Actor
from apbot.papers.apart import NotDrawn, Press
from apbot.papers.inspection import paper
from apbot.store.database import Transaction
from apbot.store.inspection import Pack, read_pack
from apbot.store.people import load_actor
from apbot.store.pupils import find_pupil
from apbot.store.showing import show
from apbot.web.identity import Visitors
from apbot.web.pages import page, trouble

LONGEST = 60
"""Characters of a reference in an address."""

NOT_THERE = ("There is no such pack", "No pupil of yours has that reference, or the pack is not yours to give.")


class InspectPages:
    """The endpoints."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool) -> None:
        """Read packs in the database of `webchat`."""
        self._database = webchat.database
        self._visitors = visitors
        self._sign_out = sign_out
        self._press = Press()

    async def show(self, request: Request) -> Response:
        """The pack as a page."""
        found = await self._read(request, "inspection pack read")
        if isinstance(found, Response):
            return found
        actor, pack = found
        return page(
            request,
            "inspect.html",
            actor=actor,
            paper=paper(pack),
            reference=pack.pupil.reference,
            token=self._visitors.form_token(request),
            sign_out=self._sign_out,
        )

    async def pdf(self, request: Request) -> Response:
        """The pack as a PDF, to be handed over."""
        found = await self._read(request, "inspection pack taken as PDF")
        if isinstance(found, Response):
            return found
        try:
            drawn = await self._press.pdf(paper(found[1]))
        except NotDrawn:
            return trouble(request, 503, "The PDF could not be made", "The page has the same. Please try again.")
        name = "".join(each for each in found[1].pupil.reference if each.isascii() and each.isalnum())
        headers = {"content-disposition": f'attachment; filename="placement-pack-{name or "pupil"}.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)

    async def _read(self, request: Request, what: str) -> tuple[Actor, Pack] | Response:
        """Who asks, and the pack; or the answer to somebody who may not have it."""
        person_id = await self._visitors.identify(request)
        if person_id is None:
            return self._visitors.turn_away(request)
        found = await show(self._database, _load, person_id, request.path_params["ref"], what)
        return found or trouble(request, 404, *NOT_THERE)


def _load(transaction: Transaction, person_id: int, reference: str, what: str) -> tuple[Actor, Pack] | None:
    actor = load_actor(transaction, person_id, "web")
    if actor is None or len(reference) > LONGEST:
        return None
    pupil = find_pupil(transaction, actor, reference)
    pack = None if pupil is None else read_pack(transaction, actor, pupil, what)
    return None if pack is None else (actor, pack)
