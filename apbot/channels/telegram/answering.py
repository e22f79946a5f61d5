"""What is said back to who acted: a notice over the chat, a message, or the next question."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog
from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TelegramError

from apbot.cards import Button, Card, InputKind, Reply, Tone
from apbot.channels.asking import CLOSED, NOT_YOURS, Ask, Asking, Turn
from apbot.channels.desk import Desk, Heard
from apbot.channels.telegram.places import Place, place_of
from apbot.channels.telegram.posting import NOTICE, Poster, patiently
from apbot.channels.telegram.rendering import (
    BY_NUMBER,
    LONGEST_DATA,
    LONGEST_KEY,
    Rendered,
    data_for,
    lines_of,
    parts_of,
    plain_text,
    render,
)
from apbot.channels.telegram.updates import Pressed, Typed
from apbot.channels.telegram.wire import Problem
from apbot.channels.telegram.words import cut, html, units
from apbot.handlers.linking import not_linked

CHOICE = "?"
"""How the data of a question's keys begins: "?12:0:3" is choice 3 of input 0 of question 12."""
EMPTY, CANCEL = "-", "x"

HINTS = {
    InputKind.TIME: "Reply to this message with the time, like 09:50.",
    InputKind.DATE: "Reply to this message with the date, like 17/09/2026.",
    InputKind.TEXT: "Reply to this message with a few words.",
    InputKind.CHOICE: "",
}
PLACEHOLDERS = {InputKind.TIME: "09:50", InputKind.DATE: "17/09/2026"}

DELETE_IT = "I can't delete your message here: please delete it yourself, for everybody."
ELSEWHERE = "The answer is in your own chat with me."
NOT_ELSEWHERE = "I can't write to you alone yet. Open my own chat, press Start there, and ask again."

NOT_STARTED = "Open my own chat as well, and press Start there: until you do, I can't write to you alone."

NOT_LINKED = not_linked().card
OTHERS = (NOT_YOURS, CLOSED, NOT_LINKED)
"""Answers that are only for who pressed a key of somebody else's question: the question stays as it is."""

log = structlog.get_logger()


class Answers:
    """Says back what came of what somebody did."""

    def __init__(self, desk: Desk, asking: Asking, poster: Poster) -> None:
        """Posts by `poster`; what has to be remembered is kept by way of `desk`."""
        self._desk = desk
        self._asking = asking
        self._poster = poster

    async def pressed(self, told: Pressed, heard: Heard, turn: Turn, *, noticed: bool) -> None:
        """Answer a pressed key. `noticed` says that its clock was stopped before."""
        if isinstance(turn, Ask):
            await self._notice(told, noticed=noticed)
            in_place = told.place.ref(told.message) if told.data.startswith(CHOICE) else ""
            await self._ask(told.place, heard, turn, told.sender.id, told.sender.name, in_place)
            return
        if turn.card is None:
            await self._notice(told, noticed=noticed)
            return
        card = turn.card
        text = plain_text(card)
        # In a shared conversation the register shows what was done; a long list of it is not repeated to everybody.
        brief = units(text) <= NOTICE or (told.place.is_shared and card.tone is Tone.DONE)
        was_seen = False
        if brief and not noticed and not card.buttons_everywhere():
            stays = card.tone in (Tone.ASK, Tone.ALERT)
            was_seen = await self._poster.notice(told.query_id, cut(text, NOTICE), stays=stays)
        else:
            await self._notice(told, noticed=noticed)
        if told.data.startswith(CHOICE) and card not in OTHERS:
            await self._settle_question(told, render(card).text if was_seen else html(card.heading))
        if not was_seen:
            await self._alone(told.place, heard, card, in_place_too=True)

    async def sorry(self, told: Pressed, text: str) -> None:
        """Say over the chat that nothing was done."""
        await self._poster.notice(told.query_id, text, stays=True)

    async def _settle_question(self, told: Pressed, text: str) -> None:
        """The question has been answered: its message says what came of it. Whether that works does not matter."""
        try:
            await self._poster.edit(told.place, told.place.ref(told.message), text)
        except TelegramError as problem:
            log.info("an answered question stays as it was", problem=type(problem).__name__)

    async def typed(self, told: Typed, heard: Heard, turn: Turn) -> None:
        """Answer typed words: for all who share the conversation, or for the one who typed them."""
        if isinstance(turn, Ask):
            await self._ask(told.place, heard, turn, told.sender.id, told.sender.name)
            return
        if not (turn.words_kept or turn.is_repeat):
            turn = await self._without_words(told, turn)
        if turn.card is not None and turn.is_private:
            await self._alone(told.place, heard, turn.card)
        elif turn.card is not None:
            await self.say(told.place, heard, turn.card, reply_to=told.message if told.place.is_shared else None)

    async def linked(self, told: Typed) -> None:
        """Who was linked in a group may never have pressed Start: then no alert would reach them, so they are told."""
        own = Place(told.sender.id)
        if await self._poster.may_write(own):
            return
        post = partial(self._poster.post, told.place, html(NOT_STARTED), reply_to=told.message)
        await patiently(post)

    async def _without_words(self, told: Typed, reply: Reply) -> Reply:
        """What may be a concern is not left standing in the chat, where apbot may delete it."""
        gone = await self._poster.take_away(told.place, told.message)
        if gone or reply.card is None:
            return reply
        return replace(reply, card=replace(reply.card, lines=(*reply.card.lines, DELETE_IT)))

    async def say(self, place: Place, heard: Heard, card: Card, reply_to: int | None = None) -> None:
        """Post an answer."""
        for part in parts_of(card):
            rendered = await self._rendered(heard, part)
            post = partial(self._poster.post, place, rendered.text, rendered.keyboard, reply_to=reply_to)
            await patiently(post)

    async def _alone(self, place: Place, heard: Heard, card: Card, *, in_place_too: bool = False) -> None:
        """Answer in the person's own chat; where apbot may not write to them yet, say so, or answer here."""
        own = place_of(heard.sender)
        if not place.is_shared or own is None:
            await self.say(place, heard, card)
            return
        try:
            await self.say(own, heard, card)
        except Problem as problem:
            if problem.status not in (400, 403):
                raise
            if in_place_too:
                await self.say(place, heard, card)
            else:
                await patiently(partial(self._poster.post, place, html(NOT_ELSEWHERE)))
            return
        if not in_place_too:
            await patiently(partial(self._poster.post, place, html(ELSEWHERE)))

    async def _notice(self, told: Pressed, *, noticed: bool) -> None:
        if not noticed:
            await self._poster.notice(told.query_id)

    async def _rendered(self, heard: Heard, card: Card) -> Rendered:
        """The card of an answer; its buttons that ask something, or are long, are kept under numbers."""
        kept: dict[Button, str] = {}
        for each in card.buttons_everywhere():
            if each.inputs or len(each.token.encode()) > LONGEST_DATA:
                number = await self._desk.database.write(self._asking.offered, heard, each)
                kept[each] = data_for(each) if number is None else f"{BY_NUMBER}{number}"
        return render(card, lambda button: kept.get(button) or data_for(button))

    async def _ask(self, place: Place, heard: Heard, ask: Ask, user: int, name: str, in_place: str = "") -> None:
        """Ask for an input; choices in the place of the question before, where there was one."""
        text = _question_text(place, ask, user, name)
        if ask.input.choices:
            markup = _choices(ask)
            edit = partial(self._poster.edit, place, in_place, text, markup)
            changed = await patiently(edit) if in_place else None
            post = partial(self._poster.post, place, text, markup)
            ref = changed if changed is not None else await patiently(post)
        else:
            placeholder = PLACEHOLDERS.get(ask.input.kind)
            reply = ForceReply(selective=True, input_field_placeholder=placeholder)
            if in_place:
                await self._poster.edit(place, in_place, html(_title(ask)))
            ref = await patiently(partial(self._poster.post, place, text, reply))
        await self._desk.database.write(self._asking.posted, ask.question_id, ref)


def _question_text(place: Place, ask: Ask, user: int, name: str) -> str:
    asked = ask.input
    who = f'<a href="tg://user?id={user}">{html(name or "You")}</a>: ' if place.is_shared else ""
    leave = "/empty leaves it empty, /cancel stops." if asked.optional else "/cancel stops."
    return lines_of(
        (
            f"⚠️ {html(cut(ask.trouble, 500))}" if ask.trouble else "",
            f"{who}<b>{html(_title(ask))}</b>",
            f"{html(cut(asked.label, 300))}{' (may be left empty)' if asked.optional else ''}",
            "" if asked.choices else f"{HINTS[asked.kind]} {leave}",
        )
    )


def _title(ask: Ask) -> str:
    about = ask.button.describes
    return f"{cut(about, 200)}: {ask.button.label}" if about else ask.button.label


def _choices(ask: Ask) -> InlineKeyboardMarkup:
    """One key below the other, the likeliest first; then to leave it empty, and to stop."""
    asked = ask.input
    begin = f"{CHOICE}{ask.question_id}:{ask.at}"
    numbered = sorted(enumerate(asked.choices), key=lambda each: bool(asked.value) and each[1].value != asked.value)
    rows = [_key_row(cut(choice.label, LONGEST_KEY), f"{begin}:{number}") for number, choice in numbered]
    if asked.optional:
        rows.append(_key_row("Leave empty", f"{begin}:{EMPTY}"))
    rows.append(_key_row("Cancel", f"{begin}:{CANCEL}"))
    return InlineKeyboardMarkup(rows)


def _key_row(label: str, data: str) -> Sequence[InlineKeyboardButton]:
    return [InlineKeyboardButton(label, callback_data=data)]
