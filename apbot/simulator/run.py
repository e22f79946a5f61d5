"""Running a rehearsal: from instant to instant, whenever something is due or somebody does something."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.app import ChatApp, open_app
from apbot.channels.web import Deed, NotYourConversation, WebChat
from apbot.clock import VirtualClock
from apbot.domain.duties.model import State as Became
from apbot.domain.escalation import State
from apbot.domain.register import EntryState
from apbot.domain.walltime import instant
from apbot.roster import apply
from apbot.roster.records import Records
from apbot.settings import Settings
from apbot.simulator.cast import Cast, Chances
from apbot.simulator.watch import INVARIANTS, Watch
from apbot.store.database import Transaction
from apbot.store.due import next_due
from apbot.store.duties.mentioned import DIGEST
from apbot.store.tables import addresses, chat_lines, entries, escalated, escalations, events, people, roles

Progress = Callable[[date], None]


@dataclass(frozen=True)
class Report:
    """What came of a rehearsal."""

    first: date
    last: date
    placements: int
    seed: int
    sessions_expected: int
    sessions_marked: int
    sessions_escalated: int
    escalations: int
    acknowledged: int
    closed: int
    prompts_sent: int
    alerts_sent: int
    duties_due: int
    duties_done: int
    duties_missed: int
    duties_waived: int
    lists_sent: int
    messages_sent: dict[str, int]
    slowest_alert_seconds: float
    invariants: dict[str, int]
    examples: dict[str, list[str]]

    @property
    def breaches(self) -> int:
        """How many breaches there were, of all promises together."""
        return sum(self.invariants.values())

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            **asdict(self),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "breaches": self.breaches,
        }


def together(parts: Sequence[Report], seed: int) -> Report:
    """One report of parts that follow one another, in order."""

    def total(name: str) -> int:
        return sum(getattr(part, name) for part in parts)

    def totals(name: str) -> dict[str, int]:
        return dict(sorted(sum((Counter(getattr(part, name)) for part in parts), Counter()).items()))

    return Report(
        first=parts[0].first,
        last=parts[-1].last,
        placements=parts[0].placements,
        seed=seed,
        sessions_expected=total("sessions_expected"),
        sessions_marked=total("sessions_marked"),
        sessions_escalated=total("sessions_escalated"),
        escalations=total("escalations"),
        acknowledged=total("acknowledged"),
        closed=total("closed"),
        prompts_sent=total("prompts_sent"),
        alerts_sent=total("alerts_sent"),
        duties_due=total("duties_due"),
        duties_done=total("duties_done"),
        duties_missed=total("duties_missed"),
        duties_waived=total("duties_waived"),
        lists_sent=total("lists_sent"),
        messages_sent=totals("messages_sent"),
        slowest_alert_seconds=max(part.slowest_alert_seconds for part in parts),
        invariants={promise: sum(part.invariants[promise] for part in parts) for promise in INVARIANTS},
        examples={
            promise: [f"{part.first}: {each}" for part in parts for each in part.examples.get(promise, ())]
            for promise in INVARIANTS
            if any(promise in part.examples for part in parts)
        },
    )


async def rehearse(
    records: Records,
    first: date,
    last: date,
    *,
    seed: int,
    chances: Chances | None = None,
    progress: Progress = lambda _: None,
    database_url: str = "sqlite://",
) -> Report:
    """Run the days from `first` to `last`, both included, with this roster and scripted people.

    `database_url`: where everything is kept meanwhile; in memory, unless it is said.
    """
    clock = VirtualClock(instant(first, time(0, 1)))
    settings = Settings(_env_file=None, database_url=database_url)
    app = open_app(settings, clock, inline=True)
    try:
        app.database.run(_move_in, records)
        play = _Play(app, clock, seed, chances)
        day = first
        while day <= last:
            progress(day)
            await play.until(instant(day + timedelta(days=1), time(0, 1)))
            app.database.run(_tidy)
            day += timedelta(days=1)
        return app.database.run(_report, play.watch, first, last, len(records.placements), seed)
    finally:
        app.database.close()


class _Play:
    """The composition, the people and the watch, moved on together."""

    def __init__(self, app: ChatApp, clock: VirtualClock, seed: int, chances: Chances | None) -> None:
        self._app = app
        self._clock = clock
        self._tick = timedelta(seconds=app.settings.tick_seconds)
        # Ticks fall anywhere between two seconds, as on a machine; never on the second itself.
        self._phase = timedelta(seconds=random.Random(seed).uniform(0.05, 0.95) * app.settings.tick_seconds)  # noqa: S311
        self._cast = Cast(seed, app.database.run(readers), chances, app.database.run(colleagues))
        self.watch = Watch(self._tick)
        app.database.run(self.watch.duties.begin)

    async def until(self, end: datetime) -> None:
        """Go on until `end`."""
        while (now := self._next(end)) < end:
            self._clock.set(now)
            for planned in self._cast.due(now):
                await self._do(planned.person_id, planned.conversation, planned.deed)
            await self._app.tick()
            for line in self._app.database.run(self.watch.read):
                self._cast.notice(line.kind, line.conversation, line.card, now)
        self._clock.set(end)

    async def _do(self, person_id: int, conversation: str, deed: Deed) -> None:
        try:
            done = await self._app.chat.do(person_id, conversation, deed)
        except NotYourConversation:
            return  # they have left, or their provider has: nothing they could still do
        if deed.verb == "duty_done" and done.reply.card and done.reply.card.heading.startswith("Recorded"):
            self.watch.duties.answered.add(deed.subject)

    def _next(self, end: datetime) -> datetime:
        """The first tick at which something is due or somebody acts."""
        now = self._clock.now()
        times = [self._app.database.run(next_due), self._cast.next_at, end]
        earliest = max(now, min(each for each in times if each is not None))
        return self._tick_at_or_after(max(earliest, now + timedelta(microseconds=1)))

    def _tick_at_or_after(self, at: datetime) -> datetime:
        since = at - datetime(2000, 1, 1, tzinfo=UTC) - self._phase
        whole = -(-since // self._tick)
        return datetime(2000, 1, 1, tzinfo=UTC) + self._phase + whole * self._tick


def _move_in(transaction: Transaction, records: Records) -> None:
    """Take the roster in, as imported the night before, and sign everybody in."""
    apply(transaction, records)
    signed_in = [
        {"person_id": row.id, "channel": WebChat.name, "address": f"person:{row.id}"}
        for row in transaction.rows(sa.select(people.c.id))
    ]
    transaction.insert_new(addresses, signed_in)


def readers(transaction: Transaction) -> dict[str, list[int]]:
    """The people who read each conversation of the web chat."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in transaction.rows(sa.select(people.c.id)):
        found[f"person:{row.id}"].append(row.id)
    for row in transaction.rows(
        sa.select(roles.c.person_id, roles.c.provider_id).where(roles.c.provider_id.is_not(None))
    ):
        found[f"provider:{row.provider_id}"].append(row.person_id)
    return found


def colleagues(transaction: Transaction) -> dict[int, list[str]]:
    """The names of everybody else at each one's school."""
    there = transaction.rows(
        sa.select(roles.c.school_id, people.c.id, people.c.name)
        .join_from(roles, people)
        .where(roles.c.school_id.is_not(None))
        .order_by(people.c.id)
        .distinct()
    )
    staff: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in there:
        staff[row.school_id].append(row)
    return {row.id: [each.name for each in staff[row.school_id] if each.id != row.id] for row in there}


def _tidy(transaction: Transaction) -> None:
    """Keep memory flat: chat of days gone by is read by nobody here, and its lines have been watched."""
    forget_talk(transaction)
    days_ago = transaction.now - timedelta(days=3)
    transaction.execute(
        sa.update(chat_lines)
        .where(chat_lines.c.at < days_ago, chat_lines.c.at >= days_ago - timedelta(days=1))
        .values(card={})
    )
    transaction.execute(sa.delete(events).where(events.c.at < transaction.now - timedelta(days=1)))


def forget_talk(transaction: Transaction) -> None:
    """Delete what people typed and were answered, but for the newest line: its number must not be given out again."""
    newest = sa.select(sa.func.max(chat_lines.c.changed)).scalar_subquery()
    transaction.execute(sa.delete(chat_lines).where(chat_lines.c.message_id.is_(None), chat_lines.c.changed < newest))


def _report(transaction: Transaction, watch: Watch, first: date, last: date, placements: int, seed: int) -> Report:
    watch.read(transaction)
    watch.finish(transaction, last)
    expected = entries.c.state == EntryState.EXPECTED.value

    def count(*conditions: sa.ColumnElement[bool]) -> int:
        return int(transaction.value(sa.select(sa.func.count()).select_from(entries).where(expected, *conditions)))

    states = Counter(row.state for row in transaction.rows(sa.select(escalations.c.state)))
    return Report(
        first=first,
        last=last,
        placements=placements,
        seed=seed,
        sessions_expected=count(),
        sessions_marked=count(entries.c.fact.is_not(None)),
        sessions_escalated=count(entries.c.id.in_(sa.select(escalated.c.entry_id))),
        escalations=sum(states.values()),
        acknowledged=int(
            transaction.value(
                sa.select(sa.func.count()).select_from(escalations).where(escalations.c.acknowledged_at.is_not(None))
            )
        ),
        closed=states[State.CLOSED.value] + states[State.STOOD_DOWN.value],
        prompts_sent=watch.posted["register"],
        alerts_sent=watch.posted["escalation"],
        duties_due=watch.duties.states.total(),
        duties_done=watch.duties.states[Became.DONE.value],
        duties_missed=watch.duties.states[Became.MISSED.value],
        duties_waived=watch.duties.states[Became.NOT_DUE.value],
        lists_sent=watch.posted[DIGEST],
        messages_sent=dict(sorted(watch.posted.items())),
        slowest_alert_seconds=watch.slowest_alert.total_seconds(),
        invariants={promise: watch.breaches[promise] for promise in INVARIANTS},
        examples=watch.examples,
    )
