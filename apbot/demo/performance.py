"""One morning, performed: the real apbot on a clock that is moved, with scripted people, from instant to instant."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from apbot.app import ChatApp, open_app
from apbot.channels.web import WebChat
from apbot.clock import VirtualClock
from apbot.demo.acting import Actors
from apbot.demo.board import Board, Known, read_board
from apbot.demo.roster import sample_roster
from apbot.demo.script import Morning, Pane, Scene, Seen, on_the_day
from apbot.domain.absences import read_absence
from apbot.domain.access import Actor, RoleAt
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date, wall
from apbot.messages.cards import card_from_json
from apbot.roster import apply
from apbot.settings import Settings
from apbot.simulator.watch import Watch
from apbot.store.absences import plan_absence
from apbot.store.database import Transaction
from apbot.store.due import next_due
from apbot.store.tables import addresses, chat_lines, people, providers, pupils, roles
from apbot.store.webchat import conversations_changed

NIGHT = time(4, 0)
"""Before anything of the day is due."""

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Told:
    """What the visitor was last told, and when in the morning; `number` grows with each."""

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
        self.conversations = self.app.database.run(_conversations, self.ids)
        self.watch = Watch(SECOND)
        self.board: Board = self.app.database.run(read_board)
        self.shows: dict[Pane, Seen] = dict(morning.shows)
        self.told = Told(0, morning.begins, morning.opening)
        self.done: set[Scene] = set()
        self.over = False
        self.changes: Counter[str] = Counter()
        self._to_come = sorted(morning.scenes, key=lambda scene: scene.moment)
        self._actors = Actors(self.app.chat, self.ids, self.conversations)
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
            times = [self.app.database.run(next_due), self.morning.ends_at, *(each.moment for each in self._to_come[:1])]
            # What has come due meanwhile, while the clock stood still, is done at the first moment that comes.
            self._next = max(min(at for at in times if at is not None), self.now)
        return self._next

    def scenes_at(self, at: datetime) -> list[Scene]:
        """The scenes that are to come at this instant."""
        return [scene for scene in self._to_come if scene.moment == at]

    def show(self, scenes: list[Scene]) -> bool:
        """Turn the panes to where these scenes happen; whether any has to turn."""
        wanted = {pane: seen for scene in scenes for pane, seen in scene.shows.items()}
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
        words = [words for scene in scenes if scene.deeds and (words := await self._play(scene))]
        new = await self._settle()
        for scene in scenes:
            if scene.posted is not None and any(_is(scene.posted, line) for line in new):
                self.done.add(scene)
                words.append(scene.words)
        self._tell(*(words or self._unforeseen(new)))
        if at >= self.morning.ends_at:
            self._end()

    async def settle(self) -> None:
        """Do what has become due by what the visitor did, and see what changed."""
        self._tell(*self._unforeseen(await self._settle()))

    def visited_by(self, who: str) -> None:
        """The visitor has done something as this person."""
        name = self.app.database.run(_name_of, self.ids[who])
        self._tell(f"You stepped in as {name}. The morning goes on from what you did.")

    def close(self) -> None:
        """Let the open pages go, and the database."""
        self.app.chat.bell.close()
        self.app.database.close()

    async def _play(self, scene: Scene) -> str:
        """Do the deeds of a scene; what is told of it."""
        done = [await self._actors.do(deed) for deed in scene.deeds]
        if not any(done):
            return ""
        self.done.add(scene)
        if all(done) or scene.is_sweep:
            return scene.words
        return "Part of this is done already; the rest follows now."

    async def _settle(self) -> list[sa.Row[tuple[object, ...]]]:
        await self.app.tick()
        self._next = None
        new: list[sa.Row[tuple[object, ...]]] = list(self.app.database.run(self.watch.read))
        changed = self.app.database.run(_changes, self._seen_changes)
        self._seen_changes = max([self._seen_changes, *(row.changed for row in changed)])
        self.changes.update(row.conversation for row in changed)
        self.board = self.app.database.run(read_board)
        return new

    def _unforeseen(self, new: list[sa.Row[tuple[object, ...]]]) -> list[str]:
        """An alert that the script knows nothing of: the visitor's doing."""
        headings = {card_from_json(line.card).heading for line in new if line.kind == "escalation"}
        return [f"{heading}. The school’s attendance contact and DSL have been told." for heading in sorted(headings)]

    def _tell(self, *words: str) -> None:
        if any(words):
            self.told = Told(self.told.number + 1, wall(self.now), " ".join(filter(None, words)))

    def _end(self) -> None:
        self.over = True
        if not self.board.unknown and not self.board.open_alerts:
            self._tell(self.morning.ending)
            return
        missing = self.board.counts[Known.MISSING] + self.board.counts[Known.WAITING]
        self._tell(
            f"{missing} of the forty pupils {'is' if missing == 1 else 'are'} not accounted for yet. apbot goes on "
            "asking, and more people each time, until somebody records that they are safe."
        )
