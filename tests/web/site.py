"""The web chat as people meet it: a real server on a free loopback port, a virtual clock, an invented town."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette

from apbot.cards import (
    Action,
    Button,
    Card,
    Choice,
    Input,
    InputKind,
    Reply,
    Row,
    Style,
    Tone,
    card_from_json,
)
from apbot.channels.port import Outgoing, Receipt
from apbot.channels.web import Handle, WebChat
from apbot.clock import VirtualClock
from apbot.domain.access import Actor
from apbot.domain.walltime import instant, parse_wall
from apbot.settings import Settings
from apbot.store.database import Database, Transaction
from apbot.store.signin import make_link
from apbot.store.tables import chat_lines, events, messages, metadata
from apbot.web.server import WebServer, create_app
from tests import school
from tests.blank import url_in
from tests.serving import AtOnce, keep_a_port, on_the_port_of

T = TypeVar("T")

THURSDAY = date(2026, 9, 17)


class Clerk:
    """Stands in for the handlers: remembers what it was asked, says back what it read, keeps no worries."""

    def __init__(self) -> None:
        self.actions: list[Action] = []

    def handle(self, transaction: Transaction, _: Actor | None, action: Action) -> Reply:
        """As the real one: the same event is done once and answered the same."""
        known = transaction.row(sa.select(events.c.reply).where(events.c.event_id == action.event_id))
        if known is not None:
            return Reply(card_from_json(known.reply) if known.reply else None, is_repeat=True)
        self.actions.append(action)
        reply = self._answer(action)
        stored = reply.card.to_json() if reply.card else None
        transaction.insert(events, channel="web", event_id=action.event_id, at=transaction.now, reply=stored)
        return reply

    def _answer(self, action: Action) -> Reply:
        if action.text == "break":
            raise RuntimeError("typed by Jo: break")
        if "worried" in action.text:
            return Reply(Card("Passed to the DSL. Your words were not kept."), words_kept=False)
        if action.text.startswith("/"):
            return Reply(Card("What you can type", lines=("/ap help",)))
        if action.verb == "say":
            return Reply(Card(f"Read: {len(action.text)} characters", Tone.DONE))
        if action.verb == "late" and action.inputs["at"] > "12:00":
            return Reply(Card(f"{action.inputs['at']} has not come yet."), is_refusal=True, wrong_input="at")
        if action.verb == "late":
            return Reply(Card(f"Late, at {action.inputs['at']}: {action.inputs.get('note', '')}", Tone.DONE))
        return Reply()


class Site:
    """The town's web chat on a server of its own. `ids` gives the id of everybody and everything by name."""

    def __init__(self, folder: Path, handle: Handle) -> None:
        self.file = folder / "apbot.db"
        self.clock = VirtualClock(instant(THURSDAY, parse_wall("09:30")))
        self.settings = Settings(database_url=url_in(folder))
        self.handle = handle
        self.open()
        metadata.create_all(self.database.engine)
        self.ids = self.database.run(school.build)
        self._numbers = count(1)

    def open(self) -> None:
        """Put the app together on the file, as at each start of the program."""
        self.database = Database(self.settings.database_url, self.clock)
        self.webchat = WebChat(self.database, self.handle)
        self.app: Starlette = create_app(self.settings, self.database, self.webchat)

    def link(self, name: str, hours: int = 72) -> str:
        """The path of a new sign-in link."""
        made = self.database.run(make_link, self.ids[name], timedelta(hours=hours))
        return f"/signin/{made.secret}"

    def message(self, to: str, card: Card) -> Outgoing:
        """A message that is owed to a person or a provider, ready to be delivered."""
        kind = "provider" if to in school.PROVIDERS else "person"
        address = f"{kind}:{self.ids[to]}"
        number = self.database.run(
            Transaction.insert,
            messages,
            kind="test",
            subject_id=next(self._numbers),
            recipient=address,
            channel="web",
            address=address,
            priority=1,
            due_at=self.clock.now(),
        )
        return Outgoing(number, address, card)

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """What stands in the database."""
        return self.database.run(lambda transaction: transaction.rows(query))

    def lines(self) -> Sequence[sa.Row[Any]]:
        """Every line of the chat, in order."""
        return self.rows(sa.select(chat_lines).order_by(chat_lines.c.id))

    def change(self, table: sa.Table, where: sa.ColumnElement[bool], **values: Any) -> None:
        """Change rows, as the roster would."""
        self.database.run(lambda transaction: transaction.execute(sa.update(table).where(where).values(**values)))

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


class Served:
    """A site on a real server, in a thread of its own that ends with the block."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._place = keep_a_port()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._place.getsockname()[1]}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something async where the server runs."""
        return asyncio.run_coroutine_threadsafe(work, self._server.loop).result(10)

    def deliver(self, *batch: Outgoing) -> Sequence[Receipt]:
        """Deliver messages, as delivery would."""
        return self.run(self.site.webchat.deliver(batch))

    def start(self) -> None:
        """Serve the site as it is now; after a stop, where it was before."""
        is_up = threading.Event()
        config = uvicorn.Config(self.site.app, access_log=False, log_level="warning", ws="none", lifespan="off")
        self._server = _Server(config, self.site.webchat, lambda _: is_up.set())
        listening = [on_the_port_of(self._place)]
        self._thread = threading.Thread(target=self._server.run, args=(listening,), name="site")
        self._thread.start()
        assert is_up.wait(10), "the server did not start"

    def stop(self) -> None:
        """Serve no more, if it still does."""
        if self._thread.is_alive():
            self._server.end()
        self._thread.join(10)
        assert not self._thread.is_alive(), "the server waits for a page that is open"

    def __enter__(self) -> "Served":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._place.close()


class _Server(WebServer, AtOnce):
    """apbot's own."""


def register(*pupils: str, marked: str = "") -> Card:
    """A register as a card; `marked` has arrived."""
    return Card(
        "Register: Oak Farm, am, Thu 17 Sep 2026",
        Tone.ASK,
        lines=("Please answer for each. Questions: 01632 960201.",),
        rows=tuple(
            Row(each, "Arrived 09:31", Tone.DONE, (Button("Undo", "undo", number),))
            if each == marked
            else Row(each, "", Tone.ASK, (_arrived(each, number), late(each, number)))
            for number, each in enumerate(pupils, start=1)
        ),
        buttons=(Button("All arrived", "all", 1, style=Style.PRIMARY),),
        footer="Or type it.",
    )


def _arrived(pupil: str, number: int) -> Button:
    return Button("Arrived", "arrived", number, style=Style.PRIMARY, describes=pupil)


def late(pupil: str, number: int) -> Button:
    """A button that asks first."""
    return Button(
        "Late",
        "late",
        number,
        value="x:y",
        describes=pupil,
        inputs=(
            Input("at", "Arrived at", InputKind.TIME),
            Input("why", "Why", InputKind.CHOICE, (Choice("bus", "Bus"), Choice("ill", "Ill")), value="bus"),
            Input("note", "Note", InputKind.TEXT, optional=True, max_length=40),
        ),
    )
