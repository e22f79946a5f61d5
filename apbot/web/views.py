"""What the chat's templates are given: lines as one reader sees them."""

import secrets
from dataclasses import dataclass

from apbot.cards import Button, Card, Tone
from apbot.domain.walltime import local, local_date, spoken_date, wall
from apbot.store.webchat import Line
from apbot.web.deeds import row_number
from apbot.web.pages import fragment, short_name


@dataclass(frozen=True)
class Reader:
    """Who looks at a conversation, under which path, and with which form token."""

    person_id: int
    base: str
    token: str

    @property
    def act(self) -> str:
        """The path to which what they type and press is posted."""
        return f"{self.base}/chat/act"


@dataclass(frozen=True)
class LineView:
    """One line as `reader` sees it."""

    reader: Reader
    id: int
    conversation: str
    changed: int
    author: str
    is_mine: bool
    only_for_reader: bool
    message_id: int | None
    text: str
    card: Card | None
    time: str
    moment: str
    day: str
    day_words: str
    event: str

    @property
    def kind(self) -> str:
        """Whose line it is: "mine", "theirs" or "bot"."""
        return "mine" if self.is_mine else "theirs" if self.author else "bot"

    @property
    def is_note(self) -> bool:
        """Whether the card only says that something is done: a line is enough, where a card would be a crowd."""
        card = self.card
        return (
            card is not None
            and card.tone is Tone.DONE
            and self.message_id is None
            and not (card.rows or card.buttons)
            and len(card.lines) <= 1
        )

    def press(self, button: Button) -> str:
        """What a button posts. `read_press` takes it apart again."""
        return f"{self.event}/{self.message_id or ''}/{button.token}"


@dataclass(frozen=True)
class Press:
    """A pressed button. `event` is the same for one button of one rendering of the page."""

    event: str
    message_id: int | None
    verb: str
    subject: int
    value: str


def read_press(posted: str) -> Press:
    """What `LineView.press` made. Raises ValueError for anything else."""
    event, message_id, token = posted.split("/", 2)
    verb, subject, value = token.split(":", 2)
    return Press(event, row_number(message_id) if message_id else None, verb, row_number(subject), value)


def new_event() -> str:
    """A name for what a person is about to do on a page that is being made."""
    return secrets.token_urlsafe(9)


def view(line: Line, reader: Reader) -> LineView:
    """The line as `reader` sees it."""
    day = local_date(line.at)
    return LineView(
        reader=reader,
        id=line.id,
        conversation=line.conversation,
        changed=line.changed,
        author=short_name(line.author) if line.author else "",
        is_mine=line.author_id == reader.person_id,
        only_for_reader=line.only_for_id is not None and not line.conversation.startswith("person:"),
        message_id=line.message_id,
        text=line.text,
        card=line.card,
        time=wall(line.at),
        moment=local(line.at).isoformat(timespec="seconds"),
        day=day.isoformat(),
        day_words=spoken_date(day),
        event=new_event(),
    )


def line_html(line: Line, reader: Reader) -> str:
    """The line as HTML; the same as it is in the whole page."""
    return fragment("line.html", "line", view(line, reader))
