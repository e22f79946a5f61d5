"""Asking for a button's inputs one after another, in a chat that has no forms.

The module knows no platform: a channel says what was pressed or answered, and is told what to ask next or what came
of it. Every step is one transaction, and the same event again is the same step.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from apbot.cards import Button, Card, Input, InputKind, Reply, Tone
from apbot.channels.desk import Desk, Heard, message_named, person_of
from apbot.domain.walltime import parse_wall
from apbot.messages.kinds import Envelope
from apbot.messages.registry import KINDS
from apbot.store import questions
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.store.questions import Question
from apbot.store.tables import messages

NOT_YOURS = Card("That was asked of somebody else", Tone.ASK, ("Press the button yourself.",))
CLOSED = Card("That question is closed", Tone.ASK, ("Press the button again if something is to be changed.",))
CANCELLED = Card("Cancelled: nothing was recorded", Tone.PLAIN)
NOT_IN_USE = Card("That button is no longer in use", Tone.ASK, ("Use the newest message, or type /ap help.",))

DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d/%m/%y")


@dataclass(frozen=True)
class Ask:
    """What is to be asked now. `trouble` says why the last answer to it was not taken."""

    question_id: int
    at: int
    """Which of the button's inputs it is, from 0."""
    button: Button
    trouble: str = ""

    @property
    def input(self) -> Input:
        """The input that is asked for."""
        return self.button.inputs[self.at]


Turn = Ask | Reply
"""What comes of a step: something to ask, or the answer."""

Matches = Callable[[Button], bool]


class Asking:
    """The questions of one channel."""

    def __init__(self, desk: Desk, channel: str) -> None:
        """What is answered in full is done by `desk`."""
        self._desk = desk
        self._channel = channel

    def press(self, transaction: Transaction, heard: Heard, button: Button) -> Turn:
        """Somebody pressed this button: ask for its first input, or do it where it has none."""
        before = questions.of_event(transaction, self._channel, heard.event_id)
        if before:
            return self._once_more(transaction, before)
        person_id = person_of(transaction, self._channel, heard.sender)
        heard = replace(heard, verb=button.verb, subject=button.subject, value=button.value)
        if before is not None or not button.inputs or load_actor(transaction, person_id, self._channel) is None:
            return self._desk.take(transaction, self._channel, heard)
        assert person_id is not None  # noqa: S101  (an actor is somebody)
        message_id = message_named(transaction, self._channel, heard.place, heard.platform_ref)
        question_id = questions.keep(transaction, self._channel, heard.place, person_id, button, message_id)
        questions.note_event(transaction, self._channel, heard.event_id, question_id)
        return Ask(question_id, 0, button)

    def choose(self, transaction: Transaction, heard: Heard, question_id: int, at: int, choice: int | None) -> Turn:
        """Somebody pressed one of the choices of a question, or None of them: leave it empty."""
        question = questions.load(transaction, self._channel, question_id)
        if question is None or at >= len(question.button.inputs):
            return Reply(CLOSED)
        asked = question.button.inputs[at]
        is_new = questions.of_event(transaction, self._channel, heard.event_id) is None
        if is_new and question.is_open and asked != question.wanted:
            return Reply(CLOSED)  # it was asked earlier, and answered
        if choice is not None and choice >= len(asked.choices):
            return Reply(CLOSED)
        return self.answer(transaction, heard, question, "" if choice is None else asked.choices[choice].value)

    def answer(self, transaction: Transaction, heard: Heard, question: Question, value: str) -> Turn:
        """Somebody answered; "" leaves it empty."""
        before = questions.of_event(transaction, self._channel, heard.event_id)
        if before:
            return self._once_more(transaction, before)
        if before is not None or not self._knows(transaction, heard):
            return self._desk.take(transaction, self._channel, heard)
        trouble = self._not_now(transaction, heard, question)
        if trouble is not None:
            return trouble
        wanted = question.wanted
        if wanted is None:
            return Reply(CLOSED)
        at = question.button.inputs.index(wanted)
        try:
            given = {**question.given, wanted.name: read(wanted, value)}
        except ValueError as problem:
            return Ask(question.id, at, question.button, str(problem))
        following = replace(question, given=given)
        if following.wanted is not None:
            questions.give(transaction, question.id, given)
            questions.note_event(transaction, self._channel, heard.event_id, question.id)
            return Ask(question.id, question.button.inputs.index(following.wanted), question.button)
        return self._done(transaction, heard, following)

    def cancel(self, transaction: Transaction, heard: Heard, question: Question | None) -> Reply:
        """Somebody does not want to answer any more."""
        if question is None:
            return Reply(CLOSED)
        trouble = self._not_now(transaction, heard, question)
        if trouble is not None:
            return trouble
        questions.close(transaction, question.id)
        return Reply(CANCELLED)

    def question(self, transaction: Transaction, number: int) -> Question | None:
        """The question of this number."""
        return questions.load(transaction, self._channel, number)

    def replied_to(self, transaction: Transaction, heard: Heard) -> Question | None:
        """The question that typed words are the reply to."""
        if not heard.platform_ref:
            return None
        return questions.named(transaction, self._channel, heard.place, heard.platform_ref)

    def newest(self, transaction: Transaction, heard: Heard) -> Question | None:
        """The question that this person was asked last in this conversation, and has not answered."""
        person_id = person_of(transaction, self._channel, heard.sender)
        if person_id is None:
            return None
        return questions.newest_open(transaction, self._channel, heard.place, person_id)

    def posted(self, transaction: Transaction, question_id: int, platform_ref: str) -> None:
        """The question stands there under this name."""
        questions.name(transaction, question_id, platform_ref)

    def offered(self, transaction: Transaction, heard: Heard, button: Button) -> int | None:
        """Keep a button of an answer, whose message is in no outbox; its number. None for somebody not linked."""
        person_id = person_of(transaction, self._channel, heard.sender)
        if person_id is None:
            return None
        return questions.keep(transaction, self._channel, heard.place, person_id, button, None, is_open=False)

    def offer(self, transaction: Transaction, heard: Heard, number: int) -> Button | None:
        """The button that was kept under this number, for who was offered it: one person, or who shares that
        conversation. A platform may let somebody press what was never shown to them."""
        question = questions.load(transaction, self._channel, number)
        if question is None:
            return None
        person_id = person_of(transaction, self._channel, heard.sender)
        return question.button if question.address == heard.place or question.person_id == person_id else None

    def button_on(self, transaction: Transaction, heard: Heard, matches: Matches) -> Button | None:
        """The button that stands now on the message that something was done on, or None."""
        message_id = message_named(transaction, self._channel, heard.place, heard.platform_ref)
        with self._desk.naming():
            card = card_now(transaction, message_id)
        return next(filter(matches, card.buttons_everywhere()), None) if card is not None else None

    def _knows(self, transaction: Transaction, heard: Heard) -> bool:
        """Whether it is somebody who is linked, and works here today."""
        person_id = person_of(transaction, self._channel, heard.sender)
        return load_actor(transaction, person_id, self._channel) is not None

    def _not_now(self, transaction: Transaction, heard: Heard, question: Question) -> Reply | None:
        if question.person_id != person_of(transaction, self._channel, heard.sender):
            return Reply(NOT_YOURS)
        return None if question.is_open else Reply(CLOSED)

    def _once_more(self, transaction: Transaction, question_id: int) -> Turn:
        """The same event again: the question may not have reached the chat the first time."""
        question = questions.load(transaction, self._channel, question_id)
        if question is None or not question.is_open or question.platform_ref or question.wanted is None:
            return Reply(is_repeat=True)
        return Ask(question.id, question.button.inputs.index(question.wanted), question.button)

    def _done(self, transaction: Transaction, heard: Heard, question: Question) -> Turn:
        button = question.button
        whole = replace(
            heard,
            verb=button.verb,
            subject=button.subject,
            value=button.value,
            inputs=question.given,
            text="",
            platform_ref=question.pressed_on,
        )
        reply = self._desk.take(transaction, self._channel, whole)
        wrong = next((at for at, each in enumerate(button.inputs) if each.name == reply.wrong_input), None)
        if wrong is None or reply.card is None:
            questions.close(transaction, question.id)
            return reply
        # What could not be taken is asked once more; the rest stays as it was given.
        given = {key: value for key, value in question.given.items() if key != reply.wrong_input}
        questions.give(transaction, question.id, given)
        return Ask(question.id, wrong, button, " ".join((reply.card.heading, *reply.card.lines)))


def read(asked: Input, value: str) -> str:
    """The answer as handlers take it. Raises ValueError with words for who gave it."""
    value = " ".join(value.split())
    if not value:
        if asked.optional:
            return ""
        raise ValueError("This one is needed.")
    match asked.kind:
        case InputKind.TIME:
            return _time(value)
        case InputKind.DATE:
            return _date(value)
        case InputKind.CHOICE:
            wanted = value.casefold()
            for each in asked.choices:
                if wanted in (each.value.casefold(), each.label.casefold()):
                    return each.value
            raise ValueError("Choose one of the answers that are offered.")
        case InputKind.TEXT:
            if len(value) > asked.max_length:
                raise ValueError(f"That is {len(value)} characters; at most {asked.max_length} can be kept.")
            return value


def _time(value: str) -> str:
    plain = value.replace(".", ":")
    if plain.isdecimal() and len(plain) == 4:
        plain = f"{plain[:2]}:{plain[2:]}"
    try:
        return f"{parse_wall(plain):%H:%M}"
    except ValueError:
        raise ValueError("That time can't be read. Write it like 09:50.") from None


def _date(value: str) -> str:
    for each in DATE_FORMATS:
        try:
            return _day(value, each).isoformat()
        except ValueError:
            continue
    raise ValueError("That date can't be read. Write it like 17/09/2026.")


def _day(value: str, written: str) -> date:
    return datetime.strptime(value, written).date()  # noqa: DTZ007  (a date has no zone)


def card_now(transaction: Transaction, message_id: int | None) -> Card | None:
    """What one of apbot's messages says now; None where there is no such message, or nothing left to say."""
    row = transaction.row(messages.select().where(messages.c.id == message_id)) if message_id else None
    if row is None or row.kind not in KINDS:
        return None
    envelope = Envelope(row.person_id, row.round, row.step, row.due_at, transaction.now, True, row.sent_at)
    (card,) = KINDS[row.kind].render(transaction, [(row.subject_id, envelope)])
    return card
