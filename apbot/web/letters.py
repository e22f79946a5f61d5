"""The page behind the link in a letter: one message as it stands now, for one person, with its buttons.

Opening it changes nothing, ever: mail scanners open every link. That it was opened is in the audit log.
It works without scripts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from apbot.cards import Action, Button, Card, card_from_json
from apbot.channels.desk import Handle
from apbot.channels.links import SIGNED_WITH, Links
from apbot.domain.access import Actor
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.kinds import Envelope
from apbot.messages.registry import KINDS
from apbot.store.audit import BY_LINK
from apbot.store.database import Database, Transaction
from apbot.store.kept_secrets import find_secret
from apbot.store.labels import references_only
from apbot.store.letters import ABOUT_REGISTERS, Letter, load_subject, note_opening
from apbot.store.people import load_actor
from apbot.store.registers import load_registers_by_id
from apbot.store.tables import events
from apbot.web.deeds import NAMED, NotAccepted, name_deed, read_inputs, read_words
from apbot.web.limits import Guesses
from apbot.web.pages import base, page, short_name, trouble
from apbot.web.routes import guarded
from apbot.web.security import read_form, token_from, too_many
from apbot.web.views import new_event

CHANNEL = BY_LINK
"""The name under which what is done on these pages is kept."""

UNUSABLE = (
    "This link can't be used",
    "It may be incomplete, or its time is over: a register's ends with the session. If it is about a pupil today, "
    "telephone the school now. Otherwise open the newest message, or ask whoever looks after apbot.",
)
"""The same whatever is the matter: nobody learns which links there are."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Writer:
    """Where the page's forms are posted, with which token, and where apbot's own pages begin."""

    act: str
    token: str
    base: str


@dataclass(frozen=True)
class LetterView:
    """What the card's template is given: a card, or an answer, on this page."""

    reader: Writer
    id: int
    links: Links
    letter: Letter
    event: str
    conversation: str = ""
    message_id: int | None = None

    def press(self, button: Button) -> str:
        """What a button posts."""
        return self.links.sign_press(self.letter, self.event, button)


@dataclass(frozen=True)
class Unsent:
    """What was not accepted, and why: the words are put back, so that nothing is lost."""

    problem: str = ""
    text: str = ""


@dataclass(frozen=True)
class _Found:
    name: str
    card: Card | None
    takes_words: bool
    answer: Card | None
    is_answered: bool


class LetterPages:
    """The endpoints."""

    def __init__(self, database: Database, handle: Handle, public_url: str = "") -> None:
        """Show what stands in `database`; give what people do to `handle`."""
        self._database = database
        self._handle = handle
        self._public_url = public_url
        self._wrong = Guesses("letter", database.clock)
        self._known: Links | None = None

    def routes(self) -> list[BaseRoute]:
        """/m/..."""
        return [
            guarded("/m/{token}", self.show),
            guarded("/m/{token}", self.act, "POST", public_url=self._public_url),
        ]

    async def show(self, request: Request) -> Response:
        """The message as it stands now. Changes nothing."""
        found = await self._read(request)
        return self._unusable(request) if found is None else await self._page(request, *found)

    async def act(self, request: Request) -> Response:
        """Do what was pressed or typed; the page then shows the answer above the message as it is now."""
        found = await self._read(request)
        if found is None:
            return self._unusable(request)
        links, letter = found
        form = await read_form(request, _form_token(request))
        try:
            with self._database.measures.press(CHANNEL):
                event_id = await self._database.write(self._act, letter, _action(links, letter, form))
        except NotAccepted as problem:
            return await self._page(request, links, letter, Unsent(str(problem), form.get("text", "")))
        if event_id is None:
            return self._unusable(request)
        return RedirectResponse(f"{_path(request)}?done={event_id}#answer", 303)

    def _act(self, transaction: Transaction, letter: Letter, action: Action) -> str | None:
        actor, subject = _reader_of(transaction, letter), load_subject(transaction, letter)
        if actor is None or subject is None:
            return None
        if action.verb == "say" and not _takes_words(subject.kind, action.text):
            raise NotAccepted("Only the register's answers can be typed here. For anything else sign in to apbot.")
        if action.verb == "say" and not _works_there(transaction, actor, subject.id):
            raise NotAccepted("You don't work at that provider today. Telephone the school.")
        with references_only():
            self._handle(transaction, actor, action)
        return action.event_id

    async def _page(self, request: Request, links: Links, letter: Letter, unsent: Unsent = Unsent()) -> Response:
        given = request.query_params.get("done", "")
        done = given if NAMED.fullmatch(given) else ""
        found = await self._database.read(_load, letter, done)
        if found is None:
            return self._unusable(request)
        await self._database.write(note_opening, letter)
        now = self._database.clock.now()
        wanted = "" if found.is_answered or unsent.problem else request.query_params.get("press", "")
        asked = next((each for each in _buttons(found.card) if each.token == wanted), None)
        writer = Writer(_path(request), _form_token(request), base(request))
        views = [LetterView(writer, number, links, letter, new_event()) for number in range(3)]
        return page(
            request,
            "letter.html",
            422 if unsent.problem else 200,
            views=views,
            writer=writer,
            name=short_name(found.name),
            shown=found.card,
            answer=found.answer,
            is_answered=found.is_answered,
            asked=asked,
            is_too_late=bool(wanted) and asked is None,
            takes_words=found.takes_words,
            unsent=unsent,
            event=new_event(),
            now=wall(now),
            until=_until(letter.until, now),
        )

    async def _read(self, request: Request) -> tuple[Links, Letter] | None:
        """The letter that the link is to, or None. Raises `Refused` for a client that has tried too many others."""
        if self._known is None:
            secret = await self._database.read(find_secret, SIGNED_WITH)
            self._known = Links(self._public_url, secret) if secret else None
        letter = self._known.read(request.path_params["token"], self._database.clock.now()) if self._known else None
        if self._known is None or letter is None:
            if wait := self._wrong.wrong(request):
                raise too_many("Too many links that can't be used", wait)
            return None
        return self._known, letter

    def _unusable(self, request: Request) -> Response:
        return trouble(request, 410, *UNUSABLE)


def _load(transaction: Transaction, letter: Letter, done: str) -> _Found | None:
    actor, subject = _reader_of(transaction, letter), load_subject(transaction, letter)
    if actor is None or subject is None or subject.kind not in KINDS:
        return None
    envelope = Envelope(
        letter.person_id, subject.round, subject.step, subject.due_at, transaction.now, sent_before=True
    )
    with references_only():
        (card,) = KINDS[subject.kind].render(transaction, [(subject.id, envelope)])
    if card is not None and _takes_words(subject.kind):
        card = replace(card, footer="")  # what can be typed is said beside the box
    kept = (
        transaction.row(sa.select(events.c.reply).where(events.c.channel == CHANNEL, events.c.event_id == done))
        if done
        else None
    )
    answer = kept.reply["card"] if kept is not None else None
    return _Found(
        actor.name,
        card,
        _takes_words(subject.kind),
        card_from_json(answer) if answer else None,
        is_answered=kept is not None,
    )


def _reader_of(transaction: Transaction, letter: Letter) -> Actor | None:
    """Whose letter it is; None for who has left, or is nothing here any more."""
    actor = load_actor(transaction, letter.person_id, CHANNEL)
    return actor if actor is not None and actor.roles else None


def _works_there(transaction: Transaction, actor: Actor, register_id: int) -> bool:
    """Whether typed words can be about this register: those of somebody else would be taken for their own."""
    register = load_registers_by_id(transaction, [register_id]).get(register_id)
    return register is not None and register.provider_id in actor.providers()


def _takes_words(kind: str, text: str = "") -> bool:
    """A link is to one message, and no way in to whatever else its reader could ask."""
    return kind in ABOUT_REGISTERS and text.lower().split(maxsplit=1)[:1] not in (["/ap"], ["ap"])


def _action(links: Links, letter: Letter, form: Mapping[str, str]) -> Action:
    """What was posted. Raises `NotAccepted`."""
    conversation, own = f"message:{letter.message_id}", f"person:{letter.person_id}"
    if "press" not in form:
        text = read_words(form)
        event_id = name_deed(letter.person_id, conversation, form.get("event_id", ""), text)
        return Action(CHANNEL, event_id, own, text=text, message_id=letter.message_id)
    try:
        event, token = links.read_press(letter, form["press"])
        verb, subject, value = token.split(":", 2)
    except ValueError:
        raise NotAccepted("That button can't be read. Open the link again and press it once more.") from None
    inputs = read_inputs(form)
    given = [part for pair in sorted(inputs.items()) for part in pair]
    event_id = name_deed(letter.person_id, conversation, event, token, *given)
    return Action(CHANNEL, event_id, own, verb, int(subject), value, inputs, message_id=letter.message_id)


def _buttons(card: Card | None) -> tuple[Button, ...]:
    return card.buttons_everywhere() if card is not None else ()


def _path(request: Request) -> str:
    return f"{base(request)}/m/{request.path_params['token']}"


def _form_token(request: Request) -> str:
    return token_from(request.path_params["token"])


def _until(until: datetime, now: datetime) -> str:
    day = local_date(until)
    return wall(until) if day == local_date(now) else f"{wall(until)} on {spoken_date(day)}"
