"""The chat's pages: the list of conversations, one conversation, and the one address to which everything is posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from apbot.channels.web import Deed, Done, NotYourConversation, WebChat
from apbot.domain.access import Actor
from apbot.store import webchat as store
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.web.deeds import NotAccepted, name_deed, read_inputs, read_words, row_number
from apbot.web.identity import Visitors
from apbot.web.pages import base, page, trouble, wants_json
from apbot.web.security import read_form
from apbot.web.views import Press, Reader, line_html, new_event, read_press, view

SHOWN = 100
"""Lines on a page at first, and how many more "show earlier" brings."""

MOST_SHOWN = 1000
NOT_THERE = ("There is no such conversation", "Or it is not yours to read today.")


@dataclass(frozen=True)
class Unsent:
    """What is put back into the box when a message was not accepted, so that nothing is lost."""

    problem: str = ""
    text: str = ""


class ChatPages:
    """The endpoints. `visitors` knows who asks; `sign_out` is whether the pages offer to sign out."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool) -> None:
        """Serve `webchat`."""
        self._webchat = webchat
        self._visitors = visitors
        self._sign_out = sign_out

    async def first(self, request: Request) -> Response:
        """To the conversation where something was said last."""
        person_id = await self._visitors.identify(request)
        if person_id is None:
            return self._visitors.turn_away(request)
        newest = await self._webchat.database.read(_newest_conversation, person_id)
        return RedirectResponse(f"{base(request)}/chat/{newest}", 303)

    async def conversation(self, request: Request) -> Response:
        """One conversation."""
        person_id = await self._visitors.identify(request)
        if person_id is None:
            return self._visitors.turn_away(request)
        return await self._show(request, person_id, request.path_params["conversation"])

    async def act(self, request: Request) -> Response:
        """Do what somebody typed or pressed. Answers a script with the new lines, a form with the conversation."""
        person_id = await self._visitors.identify(request)
        if person_id is None:
            return self._visitors.turn_away(request)
        token = self._visitors.form_token(request)
        form = await read_form(request, token)
        conversation = form.get("conversation", "")
        try:
            deed = _deed(person_id, conversation, form)
            done = await self._webchat.do(person_id, conversation, deed)
        except NotAccepted as problem:
            if wants_json(request):
                return JSONResponse({"problem": str(problem)}, 422)
            unsent = Unsent(str(problem), form.get("text", ""))
            return await self._show(request, person_id, conversation, unsent, reply_to=form.get("message_id", ""))
        except NotYourConversation:
            return trouble(request, 404, *NOT_THERE)
        if wants_json(request):
            reader = Reader(person_id, base(request), token)
            lines = [line_html(line, reader) for line in done.lines]
            return JSONResponse({"lines": lines, "refused": done.reply.is_refusal, "wrong": done.reply.wrong_input})
        return RedirectResponse(_back(request, conversation, deed, done), 303)

    async def _show(
        self, request: Request, person_id: int, conversation: str, unsent: Unsent = Unsent(), reply_to: str = ""
    ) -> Response:
        most = _whole_number(request.query_params.get("show", ""), SHOWN, MOST_SHOWN)
        found = await self._webchat.database.read(_load, person_id, conversation, most)
        if found is None:
            return trouble(request, 404, *NOT_THERE)
        reader = Reader(person_id, base(request), self._visitors.form_token(request))
        lines = [view(line, reader) for line in found.lines]
        wanted = reply_to or request.query_params.get("reply", "")
        answered = next((line for line in lines if line.message_id and str(line.message_id) == wanted), None)
        return page(
            request,
            "chat.html",
            422 if unsent.problem else 200,
            reader=reader,
            actor=found.actor,
            conversations=found.conversations,
            here=next(each for each in found.conversations if each.address == conversation),
            lines=lines,
            changed=found.changed,
            show_earlier=min(most + SHOWN, MOST_SHOWN) if found.more and most < MOST_SHOWN else 0,
            answered=answered,
            unsent=unsent,
            event=new_event(),
            sign_out=self._sign_out,
        )


@dataclass(frozen=True)
class _Found:
    actor: Actor
    conversations: list[store.Conversation]
    lines: list[store.Line]
    more: bool
    changed: int


def _load(transaction: Transaction, person_id: int, conversation: str, most: int) -> _Found | None:
    actor = load_actor(transaction, person_id, "web")
    if actor is None or conversation not in store.conversations_of(actor):
        return None
    # The number is read before the lines: what changes in between is sent again by the live page, not missed.
    changed = store.latest_change(transaction)
    lines, more = store.load_lines(transaction, actor, conversation, most)
    return _Found(actor, store.list_conversations(transaction, actor), lines, more, changed)


def _newest_conversation(transaction: Transaction, person_id: int) -> str:
    actor = load_actor(transaction, person_id, "web")
    if actor is None:
        return f"person:{person_id}"
    return max(store.list_conversations(transaction, actor), key=lambda each: each.newest).address


def _deed(person_id: int, conversation: str, form: Mapping[str, str]) -> Deed:
    """What was posted. Raises `NotAccepted`."""
    if "press" in form or "verb" in form:
        return _pressed(person_id, conversation, form)
    text = read_words(form)
    message_id = form.get("message_id", "")
    try:
        replied_to = row_number(message_id)
    except ValueError:
        replied_to = None
    event_id = name_deed(person_id, conversation, form.get("event_id", ""), text, message_id)
    return Deed(event_id, text=text, message_id=replied_to)


def _pressed(person_id: int, conversation: str, form: Mapping[str, str]) -> Deed:
    try:
        press = read_press(form["press"]) if "press" in form else _spelled_out(form)
    except ValueError:
        raise NotAccepted("That button can't be read. Load the page again and press it once more.") from None
    inputs = read_inputs(form)
    given = [part for pair in sorted(inputs.items()) for part in pair]
    event = form.get("event_id") or press.event
    return Deed(
        name_deed(person_id, conversation, event, press.verb, str(press.subject), press.value, *given),
        verb=press.verb,
        subject=press.subject,
        value=press.value,
        inputs=inputs,
        message_id=press.message_id,
    )


def _spelled_out(form: Mapping[str, str]) -> Press:
    """A press whose parts are fields of their own, as a script may post it. Raises ValueError."""
    message_id = form.get("message_id", "")
    return Press(
        form.get("event_id", ""),
        row_number(message_id) if message_id else None,
        form["verb"],
        row_number(form.get("subject", "0")),
        form.get("value", ""),
    )


def _back(request: Request, conversation: str, deed: Deed, done: Done) -> str:
    """Where a browser without scripts goes next: to the answer, else to the card that was acted on."""
    path = f"{base(request)}/chat/{quote(conversation, safe=':')}"
    if not done.lines and deed.message_id is not None:
        return f"{path}#message-{deed.message_id}"
    return path


def _whole_number(text: str, least: int, most: int) -> int:
    return min(max(int(text), least), most) if text.isascii() and text.isdecimal() and len(text) < 10 else least
