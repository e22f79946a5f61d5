"""The words and controls of a message, before any platform: a card.

A card says *what* is shown; a channel decides *how* (blocks, an inline keyboard, an adaptive card, HTML).
Cards are plain values: the same state gives the same card, so a changed card is a changed message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Tone(StrEnum):
    """How urgent or settled something is. Channels show it by a symbol and a word as well as by colour."""

    PLAIN = "plain"
    ASK = "ask"
    ALERT = "alert"
    DONE = "done"


class Style(StrEnum):
    """How much a button stands out."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class InputKind(StrEnum):
    """What a person is asked to give after pressing a button."""

    TEXT = "text"
    TIME = "time"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True)
class Choice:
    """One of the values an input offers."""

    value: str
    label: str


@dataclass(frozen=True)
class Input:
    """Something asked for in the platform's own way (a modal, a form, a follow-up question).

    `value` is what is filled in beforehand: for TIME "09:50", for DATE "2026-09-03", for CHOICE a choice's value.
    """

    name: str
    label: str
    kind: InputKind = InputKind.TEXT
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    max_length: int = 200
    value: str = ""


@dataclass(frozen=True)
class Button:
    """A thing to press. `verb`, `subject` and `value` come back in the `Action`; inputs are asked first."""

    label: str
    verb: str
    subject: int
    value: str = ""
    style: Style = Style.PLAIN
    inputs: tuple[Input, ...] = ()
    describes: str = ""
    """What the button is about, for a screen reader: "CD34 J.S." makes "Arrived, CD34 J.S."."""

    @property
    def token(self) -> str:
        """The button in at most 64 bytes, the least that any platform gives back."""
        return f"{self.verb}:{self.subject}:{self.value}"


@dataclass(frozen=True)
class Row:
    """One line of a list that can be acted on: a pupil on a register, a pupil in an escalation."""

    heading: str
    text: str = ""
    tone: Tone = Tone.PLAIN
    buttons: tuple[Button, ...] = ()

    @property
    def between(self) -> str:
        """What parts heading and text in one line: after a colon in the heading, a second one would part nothing."""
        return " · " if ":" in self.heading else ": "

    @property
    def line(self) -> str:
        """Heading and text in one line."""
        return f"{self.heading}{self.between}{self.text}" if self.text else self.heading


@dataclass(frozen=True)
class Page:
    """A page of apbot's own, behind sign-in, where more stands: the words of the link, and its path ("/inspect/CD34").

    On an outside platform `path` is the whole address.
    """

    words: str
    path: str

    def at(self, address: str) -> "Page":
        """The same, for whoever is not in apbot's own chat: `address` is how browsers reach it."""
        return Page(self.words, f"{address.rstrip('/')}{self.path}")


@dataclass(frozen=True)
class Picture:
    """A drawing beside a card's words, on channels that take one: codes in a grid, and a line over the weeks.

    What it shows stands in the card's words as well. `alt` says it to who can't see it. Pupils are named by reference
    alone: a picture is passed on more easily than words.
    """

    title: str
    alt: str
    columns: tuple[str, ...] = ()
    """A heading over each pair of columns: "Mon 7 Sep"."""
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What a row is about, and its signs: a code, "·" for none yet, "" where nothing was expected."""
    line: tuple[tuple[str, float], ...] = ()
    """Per cent, by what stands below each point."""

    def to_json(self) -> dict[str, Any]:
        """The picture as plain JSON values."""
        return _said(
            title=self.title,
            alt=self.alt,
            columns=list(self.columns),
            rows=[[about, list(signs)] for about, signs in self.rows],
            line=[list(point) for point in self.line],
        )


def picture_from_json(data: Mapping[str, Any]) -> Picture:
    """The picture that `Picture.to_json` gave."""
    return Picture(
        title=data.get("title", ""),
        alt=data.get("alt", ""),
        columns=tuple(data.get("columns", ())),
        rows=tuple((about, tuple(signs)) for about, signs in data.get("rows", ())),
        line=tuple((below, percent) for below, percent in data.get("line", ())),
    )


@dataclass(frozen=True)
class Card:
    """One message. `heading` alone must make sense on a lock screen; it never names a pupil in full."""

    heading: str
    tone: Tone = Tone.PLAIN
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    news: str = ""
    """What has changed that the reader must know of even where a message can't be changed, as in a text message:
    there it is sent as a new one, once. "" where nothing is worth that. It is not shown where the card can be."""
    picture: Picture | None = None
    page: Page | None = None

    def anew(self) -> "Card":
        """The card for a new message about what has changed, where the first can't be edited: that is said first."""
        if not self.news or self.heading.startswith(self.news):
            return self
        return replace(self, heading=f"{self.news}: {self.heading}")

    def leading(self, address: str) -> "Card":
        """The card for an outside platform: to its page leads the whole address, where anybody has said it."""
        return self if self.page is None else replace(self, page=self.page.at(address) if address else None)

    def to_json(self) -> dict[str, Any]:
        """The card as plain JSON values, to be stored with the message that carried it; what is empty is left out."""
        return _said(
            heading=self.heading,
            tone="" if self.tone is Tone.PLAIN else self.tone.value,
            lines=list(self.lines),
            rows=[_row_json(row) for row in self.rows],
            buttons=[_button_json(button) for button in self.buttons],
            footer=self.footer,
            news=self.news,
            picture=self.picture and self.picture.to_json(),
            page=self.page and [self.page.words, self.page.path],
        )

    def buttons_everywhere(self) -> tuple[Button, ...]:
        """Every button of the card, those of its rows first."""
        return tuple(button for row in self.rows for button in row.buttons) + self.buttons


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _row_json(row: Row) -> dict[str, Any]:
    return _said(
        heading=row.heading,
        text=row.text,
        tone="" if row.tone is Tone.PLAIN else row.tone.value,
        buttons=[_button_json(button) for button in row.buttons],
    )


def _button_json(button: Button) -> dict[str, Any]:
    return _said(
        label=button.label,
        verb=button.verb,
        subject=button.subject,
        value=button.value,
        style="" if button.style is Style.PLAIN else button.style.value,
        inputs=[_input_json(each) for each in button.inputs],
        describes=button.describes,
    )


def _input_json(each: Input) -> dict[str, Any]:
    return _said(
        name=each.name,
        label=each.label,
        kind=each.kind.value,
        choices=[[choice.value, choice.label] for choice in each.choices],
        optional=each.optional,
        max_length=each.max_length,
        value=each.value,
    )


def card_from_json(data: Mapping[str, Any]) -> Card:
    """The card that `Card.to_json` gave."""
    return Card(
        heading=data.get("heading", ""),
        tone=Tone(data.get("tone", Tone.PLAIN)),
        lines=tuple(data.get("lines", ())),
        rows=tuple(
            Row(
                heading=row.get("heading", ""),
                text=row.get("text", ""),
                tone=Tone(row.get("tone", Tone.PLAIN)),
                buttons=tuple(map(_button, row.get("buttons", ()))),
            )
            for row in data.get("rows", ())
        ),
        buttons=tuple(map(_button, data.get("buttons", ()))),
        footer=data.get("footer", ""),
        news=data.get("news", ""),
        picture=picture_from_json(data["picture"]) if data.get("picture") else None,
        page=Page(*data["page"]) if data.get("page") else None,
    )


def _button(data: Mapping[str, Any]) -> Button:
    return Button(
        label=data["label"],
        verb=data["verb"],
        subject=data.get("subject", 0),
        value=data.get("value", ""),
        style=Style(data.get("style", Style.PLAIN)),
        inputs=tuple(
            Input(
                name=each["name"],
                label=each["label"],
                kind=InputKind(each["kind"]),
                choices=tuple(Choice(value, label) for value, label in each.get("choices", ())),
                optional=each.get("optional", False),
                max_length=each["max_length"],
                value=each.get("value", ""),
            )
            for each in data.get("inputs", ())
        ),
        describes=data.get("describes", ""),
    )


@dataclass(frozen=True)
class Action:
    """What one person did in one conversation, whichever platform it came from.

    `event_id` is the platform's own, unique within the channel: the same event twice is one action.
    `verb` is "say" for typed words (then `text` holds them), else the pressed button's.
    `message_id` is apbot's own number of the message it was done on or in reply to, where the platform tells.
    `address` is the conversation in apbot's own words: "provider:3", "person:12", or "" where it is nobody's. `named`
    says that apbot was spoken to by its name, or directly answered.
    `sender`, `place` and `detail` are the platform's words for the person, the conversation, and what it needs to
    post there again: only linking looks at them.
    """

    channel: str
    event_id: str
    address: str
    verb: str = "say"
    subject: int = 0
    value: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    message_id: int | None = None
    sender: str = ""
    place: str = ""
    detail: Mapping[str, Any] | None = None
    named: bool = False

    @property
    def is_to_apbot(self) -> bool:
        """Whether it was certainly meant for apbot: pressed, said by its name, or said where nobody else reads."""
        alone = self.address.startswith("person:") or (self.place == self.sender != "")
        return self.verb != "say" or self.named or alone


@dataclass(frozen=True)
class Reply:
    """What is said back at once to who acted, in the conversation they acted in.

    `words_kept` is False where what was typed may hold a safeguarding concern: a channel that keeps
    conversations must then keep none of it. `is_refusal` says that what was asked can't be done as it was given: a
    form may stay open with the words; `wrong_input` then names the input that is to blame, where one is. `is_repeat`
    says that the same event was answered before: nothing was done this time. `is_private` says that it is only for who
    acted, where others read along.
    """

    card: Card | None = None
    words_kept: bool = True
    is_refusal: bool = field(default=False, compare=False)
    is_repeat: bool = field(default=False, compare=False)
    wrong_input: str = field(default="", compare=False)
    is_private: bool = field(default=False, compare=False)
