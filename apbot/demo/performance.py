"""One morning, performed: the real apbot on a clock that is moved, with scripted people, from instant to instant."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.app import ChatApp, open_app
from apbot.channels.web import WebChat
from apbot.clock import VirtualClock
from apbot.demo.acting import Actors
from apbot.demo.board import Board, read_board
from apbot.demo.roster import DAY, sample_roster
from apbot.demo.script import Morning, Pane, Scene, Seen, on_the_day
from apbot.domain.absences import read_absence
from apbot.domain.access import TERMINAL
from apbot.domain.walltime import wall
from apbot.roster import apply
from apbot.settings import Settings
from apbot.simulator.watch import Watch
from apbot.store.absences import plan_absence
from apbot.store.database import Transaction
from apbot.store.due import next_due
from apbot.store.tables import addresses, chat_lines, people, pupils, roles

NIGHT = time(4, 0)
"""Before anything of the day is due."""

SECOND = timedelta(seconds=1)

Line = sa.Row[Any]
"""A line of the chat that a message was posted as."""

TOLD_OF = (
    "The school’s attendance contact and DSL are told.",
    "Nobody has taken it on: the deputy DSL is told as well.",
    "Still nobody has taken it on: now the head is told as well.",
)
"""What is told of an alert that no script foresaw, by its step."""


VISITED_ENDING = (
    "Every one of the forty pupils is accounted for, and each answer has a name and a time beside it. "
    "Some of the names stand there for you."
)


@dataclass(frozen=True)
class Told:
    """What the visitor was last told, and when in the morning; `number` grows each time."""

    number: int
    at: str
    words: str


class Performance:
    """A morning under way. `step` does what happens next; the clock may be moved in between, never past it."""

    def __init__(self, morning: Morning) -> None:
        """Set the stage, in a new database in memory that nobody else can open."""
        self.morning = morning
        self.clock = VirtualClock(on_the_day(NIGHT))
        # Not `Settings()`: what is configured on this machine is for the real thing.
        settings = Settings.model_construct(database_url="sqlite://")
        self.app: ChatApp = open_app(settings, self.clock, inline=True)
        self.ids = self.app.database.run(_move_in, morning)
        self.conversations = self.app.database.run(_conversations)
        self.watch = Watch(SECOND)
        self.app.database.run(self.watch.duties.begin)
        self.board: Board = self.app.database.run(read_board)
        self.shows: dict[Pane, Seen] = dict(morning.shows)
        self.look = next(iter(morning.shows))
        self.told = Told(0, morning.begins, morning.opening)
        self.done: set[str] = set()
        self.over = False
        self.visits = 0
        self.changes: Counter[str] = Counter()
        self._to_come = sorted(morning.scenes, key=lambda scene: scene.moment)
        self.actors = Actors(self.app.chat, self.ids, self.conversations)
        self._seen_changes = 0
        self._next: datetime | None = None

    async def begin(self) -> None:
        """Let the night pass: the registers of the day are made."""
        await self.until(self.morning.begins_at)

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return self.clock.now()

    def next_at(self) -> datetime:
        """When something happens next: something is due, a scene, or the end."""
        if self._next is None:
            due = self.app.database.run(next_due) or self.morning.ends_at
            scene = self._to_come[0].moment if self._to_come else self.morning.ends_at
            # Whatever was due by now has had its turn: what could not be done is tried again, but not for ever now.
            self._next = min(max(due, self.now + SECOND), scene, self.morning.ends_at)
        return self._next

    def path_of(self, seen: Seen) -> str:
        """Where the chat that is seen stands, below the person's own path."""
        return f"person:{self.ids[seen.who]}" if seen.own else self.conversations[seen.who]

    def scenes_at(self, at: datetime) -> list[Scene]:
        """The scenes that are to come at this instant."""
        return [scene for scene in self._to_come if scene.moment == at]

    def show(self, scenes: list[Scene]) -> bool:
        """Turn the panes to where these scenes happen; whether any has to turn."""
        wanted = {pane: seen for scene in scenes for pane, seen in scene.shows.items()}
        self.look = next(iter(wanted), self.look)
        turned = any(self.shows[pane] != seen for pane, seen in wanted.items())
        self.shows.update(wanted)
        return turned

    async def until(self, end: datetime) -> None:
        """Do everything that happens up to `end`, in order, and stand there."""
        end = min(end, self.morning.ends_at)
        while not self.over and self.next_at() <= end:
            await self.step()
        self.clock.set(max(end, self.now))

    async def step(self) -> None:
        """Go to the next instant at which something happens, and do all of it."""
        at = self.next_at()
        self.clock.set(at)
        scenes = self.scenes_at(at)
        self._to_come = [scene for scene in self._to_come if scene not in scenes]
        self.show(scenes)
        words = [await self._play(scene) for scene in scenes]
        new = await self._settle()
        for scene in scenes:
            shown = [line for line in new if any(_is(line, posted) for posted in scene.posted)]
            if scene.posted and all(any(_is(line, posted) for line in new) for posted in scene.posted):
                self.done.add(scene.at)
                words.append(scene.words)
                new = [line for line in new if line not in shown]
        # What people's deeds led to is part of what is told of them.
        self._tell(*words, *([] if any(scene.at in self.done for scene in scenes if scene.deeds) else _unforeseen(new)))
        if at >= self.morning.ends_at:
            self._end()

    async def settle(self, visitor: str = "") -> None:
        """Do what has become due meanwhile, and see what changed: by the doing of the visitor, as this person."""
        before = self._seen_changes
        new = await self._settle()
        words = _unforeseen(new)
        if visitor and self._seen_changes > before:
            name = self.app.database.run(_name_of, self.ids[visitor])
            self.visits += 1
            words = [f"You stepped in as {name}.", *(words or ["The morning goes on from what you did."])]
        self._tell(*words)

    def close(self) -> None:
        """Let the open pages go, and the database."""
        self.app.chat.bell.close()
        self.app.database.close()

    async def _play(self, scene: Scene) -> str:
        """Do the deeds of a scene; what is told of it."""
        done = [await self.actors.do(deed) for deed in scene.deeds]
        if not any(done):
            return ""
        self.done.add(scene.at)
        if all(done) or scene.is_sweep:
            return scene.words
        return "Part of that is done already; now the rest is."

    async def _settle(self) -> list[Line]:
        await self.app.tick()
        self._next = None
        new = self.app.database.run(self.watch.read)
        changed = self.app.database.run(_changes, self._seen_changes)
        self._seen_changes = max([self._seen_changes, *(row.changed for row in changed)])
        self.changes.update(row.conversation for row in changed)
        self.board = self.app.database.run(read_board)
        return new

    def _tell(self, *words: str) -> None:
        if any(words):
            self.told = Told(self.told.number + 1, wall(self.now), " ".join(filter(None, words)))

    def _end(self) -> None:
        self.over = True
        missing = self.board.unknown
        if missing:
            self._tell(
                f"{missing} of the forty pupils {'is' if missing == 1 else 'are'} not accounted for yet. apbot goes on "
                "asking, and more people each time, until somebody records that they are safe."
            )
        else:
            self._tell(self.morning.ending if not self.visits else VISITED_ENDING)


def _is(line: Line, posted: tuple[str, str]) -> bool:
    kind, words = posted
    return bool(line.kind == kind and words in line.card["heading"])


def _unforeseen(new: Iterable[Line]) -> list[str]:
    """The alerts that the script knows nothing of: the visitor's doing."""
    alerts = {line.card["heading"]: line.step for line in new if line.kind == "escalation"}
    return [f"{heading}. {TOLD_OF[min(step, len(TOLD_OF) - 1)]}" for heading, step in sorted(alerts.items())]


def _move_in(transaction: Transaction, morning: Morning) -> dict[str, int]:
    """Take the roster in, sign everybody in, and plan what is planned; everybody's id by their reference."""
    apply(transaction, sample_roster())
    ids = {row.ref: int(row.id) for row in transaction.rows(sa.select(people.c.ref, people.c.id))}
    transaction.execute(
        sa.insert(addresses),
        [{"person_id": each, "channel": WebChat.name, "address": f"person:{each}"} for each in ids.values()],
    )
    for pupil, words in morning.absences.items():
        pupil_id = transaction.value(sa.select(pupils.c.id).where(pupils.c.ref == pupil))
        plan_absence(transaction, TERMINAL, pupil_id, read_absence(words, DAY))
    return ids


def _conversations(transaction: Transaction) -> dict[str, str]:
    """The conversation in which each person acts, by their reference: their provider's, else their own."""
    found = {}
    for row in transaction.rows(
        sa.select(people.c.ref, people.c.id, roles.c.provider_id).outerjoin_from(people, roles)
    ):
        found[row.ref] = f"person:{row.id}" if row.provider_id is None else f"provider:{row.provider_id}"
    return found


def _changes(transaction: Transaction, after: int) -> list[sa.Row[Any]]:
    """The lines that were added or changed after this change."""
    lines = sa.select(chat_lines.c.conversation, chat_lines.c.changed).where(chat_lines.c.changed > after)
    return list(transaction.rows(lines))


def _name_of(transaction: Transaction, person_id: int) -> str:
    return str(transaction.value(sa.select(people.c.name).where(people.c.id == person_id)))
