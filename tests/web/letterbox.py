"""A morning on which people get letters: the links to their pages, and the app that serves these."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from starlette.applications import Starlette

from apbot.channels.links import SIGNED_WITH, Links
from apbot.channels.web import WebChat
from apbot.clock import VirtualClock
from apbot.handlers.dispatch import handle
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.database import Database, Transaction
from apbot.store.kept_secrets import keep_secret
from apbot.store.letters import Letter, load_letters, load_subject
from apbot.store.tables import messages
from apbot.web.server import create_app
from tests.blank import url_in
from tests.channels.chatday import ChatDay
from tests.channels.paper import PaperStand

PUBLIC_URL = "https://apbot.example"


class OwnPaper(PaperStand):
    """Paper that nobody shares: everybody has their own, as with letters."""

    has_shared = False


class Letterbox:
    """The letters of one morning."""

    def __init__(self, url: str = "") -> None:
        self.day = ChatDay(OwnPaper(), url=url)

    @property
    def app(self) -> Starlette:
        """The web app on the day's database."""
        database = self.day.database
        return create_app(Settings(public_url=PUBLIC_URL), database, WebChat(database, handle))

    def letter(self, person: str, kind: str) -> Letter:
        """The newest letter of this kind to this person."""
        return newest_letter(self.day.database, self.day.ids[person], kind)

    def links(self) -> Links:
        """Makes the links."""
        return links_of(self.day.database)

    def link(self, person: str, kind: str = "register") -> str:
        """The path of the link in that letter."""
        return self.links().to(self.letter(person, kind)).removeprefix(PUBLIC_URL)


def newest_letter(database: Database, person_id: int, kind: str) -> Letter:
    def load(transaction: Transaction) -> Letter:
        query = sa.select(sa.func.max(messages.c.id)).where(messages.c.person_id == person_id, messages.c.kind == kind)
        message_id = transaction.value(query)
        assert message_id is not None, f"no {kind} went to them"
        return load_letters(transaction, [message_id])[message_id]

    return database.run(load)


def links_of(database: Database) -> Links:
    return Links(PUBLIC_URL, database.run(keep_secret, SIGNED_WITH))


class LetterSite:
    """The same on a file, stopped at one moment, to be served to a real browser."""

    def __init__(self, folder: Path, at: str) -> None:
        url = url_in(folder)
        with ThreadPoolExecutor(1) as aside:  # a browser's tests have a loop running already
            now, self.ids = aside.submit(lambda: asyncio.run(_morning(url, at))).result()
        settings = Settings(database_url=url)
        self.database = open_database(settings, VirtualClock(now))
        self.webchat = WebChat(self.database, handle)
        self.app = create_app(settings, self.database, self.webchat)

    def link(self, person: str, kind: str = "register", verb: str = "") -> str:
        """The path of the link in the newest letter of this kind to this person; to one button of what it is about."""
        letter = newest_letter(self.database, self.ids[person], kind)
        path = links_of(self.database).to(letter).removeprefix(PUBLIC_URL)
        about = self.database.run(load_subject, letter)
        assert about is not None
        return f"{path}?press={verb}:{about.id}:" if verb else path

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


async def _morning(url: str, at: str) -> tuple[datetime, dict[str, int]]:
    box = Letterbox(url)
    await box.day.begin()
    await box.day.until(at)
    found = box.day.clock.now(), dict(box.day.ids)
    await box.day.end()
    return found
