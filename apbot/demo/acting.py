"""Doing what the script says, as people do it: by the buttons that stand in their chats, and by typing there.

A button that is no longer there was used up, by the visitor or by somebody else: then nothing is done.
"""

from collections.abc import Iterator, Mapping
from itertools import count

import sqlalchemy as sa

from apbot.cards import Button, Card, card_from_json
from apbot.channels.web import Deed as ChatDeed
from apbot.channels.web import WebChat
from apbot.demo.script import Deed, Say, Sweep, Tap
from apbot.store.database import Transaction
from apbot.store.tables import chat_lines

Offered = tuple[int, Button]
"""A message's number, and a button on it."""


class Actors:
    """The scripted people."""

    def __init__(self, chat: WebChat, ids: Mapping[str, int], conversations: Mapping[str, str]) -> None:
        """`ids` and `conversations` give everybody's id, and the conversation they act in, by their reference."""
        self._chat = chat
        self._ids = ids
        self._conversations = conversations
        self._numbers = count(1)

    async def do(self, deed: Deed) -> bool:
        """Do it, if it can still be done; whether it was."""
        match deed:
            case Tap():
                return await self._tap(deed)
            case Say():
                return await self._say(deed)
            case Sweep():
                return await self._sweep(deed)

    async def _tap(self, deed: Tap) -> bool:
        offered = self._chat.database.run(_newest_button, self._conversations[deed.who], deed.verb, deed.about)
        if offered is None:
            return False
        await self._press(deed.who, offered, deed.inputs)
        return True

    async def _sweep(self, deed: Sweep) -> bool:
        every = self._chat.database.run(_buttons, self._conversations[deed.who], deed.verb)
        for offered in every:
            await self._press(deed.who, offered, deed.inputs)
        return bool(every)

    async def _say(self, deed: Say) -> bool:
        card = self._chat.database.run(_newest_register, self._conversations[deed.who])
        if card is None or not _is_unanswered(card):
            return any([await self._tap(each) for each in deed.instead])
        await self._act(deed.who, ChatDeed(self._event(), text=deed.text))
        return True

    async def _press(self, who: str, offered: Offered, inputs: Mapping[str, str]) -> None:
        message_id, button = offered
        given = {each.name: inputs.get(each.name, each.value) for each in button.inputs}
        await self._act(
            who,
            ChatDeed(self._event(), button.verb, button.subject, button.value, given, message_id=message_id),
        )

    async def _act(self, who: str, deed: ChatDeed) -> None:
        await self._chat.do(self._ids[who], self._conversations[who], deed)

    def _event(self) -> str:
        return f"scripted-{next(self._numbers)}"


def _cards(transaction: Transaction, conversation: str) -> Iterator[tuple[int, Card]]:
    """The messages in a conversation as they stand now, the newest first."""
    for row in transaction.rows(
        sa.select(chat_lines.c.message_id, chat_lines.c.card)
        .where(chat_lines.c.conversation == conversation, chat_lines.c.message_id.is_not(None))
        .order_by(chat_lines.c.id.desc())
    ):
        yield row.message_id, card_from_json(row.card)


def _newest_button(transaction: Transaction, conversation: str, verb: str, about: str) -> Offered | None:
    for message_id, card in _cards(transaction, conversation):
        for button in card.buttons_everywhere():
            if button.verb == verb and (about in button.describes or about in card.heading):
                return message_id, button
    return None


def _buttons(transaction: Transaction, conversation: str, verb: str) -> list[Offered]:
    """Every button of this verb, each once, on the newest message that has it."""
    found: dict[str, Offered] = {}
    for message_id, card in _cards(transaction, conversation):
        for button in card.buttons_everywhere():
            if button.verb == verb:
                found.setdefault(button.token, (message_id, button))
    return list(found.values())


def _newest_register(transaction: Transaction, conversation: str) -> Card | None:
    cards = (card for _, card in _cards(transaction, conversation))
    return next((card for card in cards if any(each.verb == "all_arrived" for each in card.buttons)), None)


def _is_unanswered(register: Card) -> bool:
    """Whether nobody has said anything of any pupil who is expected."""
    expected = [row for row in register.rows if not row.text.startswith("Not expected")]
    return all(any(button.verb == "absent" for button in row.buttons) for row in expected)
