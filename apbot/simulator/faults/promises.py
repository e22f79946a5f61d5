"""The promises that hold whatever fails, held against what people saw, and when.

Nothing here asks apbot what it has sent: what stands in the conversations is read as the people read it. What was
expected, and what was said of whom, is read from the append-only records.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.cards import Tone
from apbot.channels.port import MAYBE_REPEAT
from apbot.domain.marks import Fact
from apbot.domain.register import EntryState
from apbot.domain.roles import SAFEGUARDING_ROLES, Role
from apbot.domain.walltime import local_date
from apbot.simulator.faults.excuses import Excuses
from apbot.simulator.watch import WhoMaySee, handed_to
from apbot.store.database import Transaction
from apbot.store.due import overdue
from apbot.store.nobody import NOT_REACHED, RING_THEM
from apbot.store.prepared import Prepared
from apbot.store.tables import (
    Instant,
    entries,
    escalated,
    escalations,
    events,
    marks,
    messages,
    pupils,
    registers,
    roles,
)

SEEN = "every alert is seen, and no later than when nothing was in its way any more"
SAYS_LATE = "an alert that is late says by how much"
REPORTED = "while an alert waits, /healthz says so"
REPEATS = "shown twice only where nobody could know, and then marked"
OWN_PUPILS = "nobody told of a pupil that is not theirs"
IN_TIME = "no prompt after its session, and no pupil chased who had arrived"
PRESSES = "a press that was taken is kept, done once, and answered the same each time"
SETTLED = "when everything is well again nothing stays owed, leased or forgotten"
PROMISES = (SEEN, SAYS_LATE, REPORTED, REPEATS, OWN_PUPILS, IN_TIME, PRESSES, SETTLED)

LATE_IS = timedelta(minutes=2)
"""From so much on an alert must say that it is late, and /healthz that one waits."""

UNDER_WAY = timedelta(seconds=75)
"""So long before it is shown a message may have been worked out: pictures, patience, and a slow platform."""

CLEAR = timedelta(seconds=90)
"""An alert is seen within so long once nothing is in its way: a last retry, and the lease of somebody who is gone."""

NEXT_CHANNEL = timedelta(seconds=240)
"""... and within so long on the next of a person's channels, though the first takes nothing."""

_LATE = re.compile(r"This alert (?:is|was) (\d+) (minutes|hours) late")
_ON_SITE = frozenset(fact.value for fact in Fact if fact.is_on_site)
_AT_ONCE = frozenset((Fact.LEFT_SITE.value, Fact.NOT_RUNNING.value))


@dataclass(frozen=True)
class Sight:
    """Something that people saw in a conversation: "person:12" or "provider:3"."""

    at: datetime
    asked_at: datetime
    """When the platform was asked to show it."""
    reader: str
    address: str
    """On the outside platform; "" in the web chat."""
    message_id: int | None
    card: Mapping[str, Any]
    is_new: bool
    is_marked: bool
    is_platforms_own: bool = False


@dataclass
class Promises:
    """What was seen so far, and every breach. `breach` is told of each: the promise, and what broke it."""

    excuses: Excuses
    breach: Callable[[str, str], None]
    outside_of: Mapping[int, tuple[str, bool]]
    """Of each person who is reached outside: at which address, and whether in the web chat too."""
    prefers_outside: frozenset[int] = frozenset()
    shown: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    said_late: int = 0
    slowest: timedelta = timedelta(0)
    _who: WhoMaySee | None = None
    _handed: set[tuple[str, str]] = field(default_factory=set)
    _answering: dict[int, list[int]] = field(default_factory=dict)
    _first: dict[int, list[int]] = field(default_factory=dict)
    _of_alert: dict[int, Sequence[Any]] = field(default_factory=dict)
    _seen: dict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    _posted: dict[tuple[int, str], list[bool]] = field(default_factory=lambda: defaultdict(list))

    def read(self, transaction: Transaction, sights: Sequence[Sight]) -> dict[int, Any]:
        """Hold what was just seen against the promises; the messages that these are, by id."""
        ids = sorted({each.message_id for each in sights if each.message_id is not None})
        found = {row.id: row for row in transaction.rows(_MESSAGES, ids=ids)} if ids else {}
        for each in sights:
            self._hold_own_pupils(transaction, each)
            message = found.get(each.message_id or 0)
            if message is None or not each.is_new:
                continue
            self.shown[message.kind] += 1
            self._hold_repeats(transaction, each, message)
            if message.kind in ("register", "nudge"):
                self._hold_prompt(transaction, each, message)
            if message.kind in ("escalation", NOT_REACHED, RING_THEM):
                self._hold_alert(transaction, each, message)
        return found

    def read_roster(self, transaction: Transaction) -> None:
        """Who answers for whom: at first, and whenever it has changed."""
        self._who = WhoMaySee(transaction)
        self._answering, self._first = defaultdict(list), defaultdict(list)
        for row in transaction.rows(sa.select(roles).order_by(roles.c.id)):
            if Role(row.role) in SAFEGUARDING_ROLES:
                self._answering[row.school_id or 0].append(row.person_id)
            if Role(row.role) in (Role.ATTENDANCE_CONTACT, Role.DSL):
                self._first[row.school_id].append(row.person_id)

    def _hold_own_pupils(self, transaction: Transaction, sight: Sight) -> None:
        assert self._who is not None  # noqa: S101  (read first)
        others = self._who.not_theirs(sight.reader, sight.card, local_date(sight.at))
        if others:
            # What was theirs when they were told of it still stands on that list after they have handed it on.
            self._handed.update((sight.reader, reference) for reference in handed_to(transaction, sight.reader))
        for reference in others:
            if (sight.reader, reference) not in self._handed:
                self.breach(OWN_PUPILS, f"{reference} shown to {sight.reader} in message {sight.message_id}")

    def _hold_repeats(self, transaction: Transaction, sight: Sight, message: Any) -> None:
        if sight.is_platforms_own or not sight.address:
            return  # a line of the web chat can't stand there twice: the database sees to that
        before = self._posted[message.id, sight.address]
        before.append(sight.is_marked)
        if len(before) == 1:
            return
        self.repeats += 1
        what = f"{message.kind} {message.subject_id}, message {message.id}, to {sight.reader}"
        if before.count(False) > 1:
            self.breach(REPEATS, f"{what}: shown again without a mark")
        known = transaction.value(_KNOWN, id=message.id, address=sight.address)
        if known is not None and known < sight.asked_at:
            self.breach(REPEATS, f"{what}: shown again though it was known since {known:%H:%M:%S}")

    def _hold_prompt(self, transaction: Transaction, sight: Sight, message: Any) -> None:
        ends_at = transaction.value(_ENDS, id=message.subject_id)
        if sight.at > ends_at + UNDER_WAY and not sight.is_platforms_own:
            self.breach(IN_TIME, f"{message.kind} {message.subject_id}: {sight.at - ends_at} after its session's end")

    def _hold_alert(self, transaction: Transaction, sight: Sight, message: Any) -> None:
        if message.subject_id not in self._of_alert:
            self._of_alert[message.subject_id] = transaction.rows(_ESCALATED, id=message.subject_id)
        named = {row.get("heading", "").split(" ")[0]: row for row in sight.card.get("rows", ())}
        about = [row for row in self._of_alert[message.subject_id] if row.ref in named]
        kind, _, number = sight.reader.partition(":")
        person = int(number) if kind == "person" else 0
        for row in about:
            answers = person in self._answering.get(row.school_id, ()) or person in self._answering.get(0, ())
            if answers or message.kind == RING_THEM:
                self._seen[row.entry_id].append(sight.at)
        if message.kind == "escalation" and not sight.is_platforms_own:
            self._hold_lateness(sight, message)
            looked_for = [row.entry_id for row in about if named[row.ref].get("tone") == Tone.ALERT.value]
            self._hold_not_chased(transaction, sight, message, looked_for)

    def _hold_lateness(self, sight: Sight, message: Any) -> None:
        late = sight.at - message.due_at
        said = next((found for line in sight.card.get("lines", ()) if (found := _LATE.match(line))), None)
        self.said_late += said is not None
        what = f"escalation {message.subject_id}, step {message.step}, to {sight.reader}"
        if said is None:
            if late > LATE_IS + UNDER_WAY:
                self.breach(SAYS_LATE, f"{what}: {late} late, and does not say so")
            return
        hours = said[2] == "hours"
        told = timedelta(minutes=int(said[1]) * (60 if hours else 1))
        if not timedelta(0) <= late - told <= UNDER_WAY + timedelta(minutes=60 if hours else 1):
            self.breach(SAYS_LATE, f"{what}: {late} late, and says {told}")

    def _hold_not_chased(self, transaction: Transaction, sight: Sight, message: Any, looked_for: Iterable[int]) -> None:
        ids = list(looked_for)
        if not ids:
            return
        last: dict[int, Any] = {}
        for row in transaction.rows(_MARKS, ids=ids):
            last[row.entry_id] = row
        for entry_id, row in last.items():
            if row.fact in _ON_SITE and row.made_at < sight.at - UNDER_WAY:
                self.breach(
                    IN_TIME,
                    f"escalation {message.subject_id}: entry {entry_id} chased, there since {row.made_at:%H:%M}",
                )

    def waiting(self, transaction: Transaction, first_entry: int) -> list[int]:
        """The entries, from the id `first_entry` on, whose alert is due for a while and was seen by nobody."""
        before = transaction.now - LATE_IS - timedelta(seconds=15)
        rows = transaction.rows(_WAITING, first=first_entry, before=before)
        return [row.id for row in rows if row.id not in self._seen]

    def hold_reported(self, transaction: Transaction, waiting: Sequence[int]) -> None:
        """While an alert waits that nobody has seen, the query of /healthz must say that something does."""
        if not overdue(transaction, transaction.now - LATE_IS).keys() & {"messages", "entries"}:
            self.breach(REPORTED, f"entry {waiting[0]} is waited for, and nothing is said to be overdue")

    def hold_day(self, transaction: Transaction, day: date, first_entry: int) -> int:
        """Hold the day that is over against the promises; how many sessions were expected on it."""
        rows = transaction.rows(_OF_DAY, day=day)
        said: dict[int, list[Any]] = defaultdict(list)
        for row in transaction.rows(_SAID, first=first_entry):
            said[row.entry_id].append(row)
        for row in rows:
            for since, until in _off_site(row.alert_due, said[row.id]):
                self._hold_seen(transaction, row, since, until)
        return len(rows)

    def _hold_seen(self, transaction: Transaction, row: Any, since: datetime, until: datetime | None) -> None:
        """Somebody must be looked for from `since` to `until`: was it seen by who answers?"""
        seen = next((at for at in sorted(self._seen.get(row.id, ())) if at >= since - timedelta(seconds=1)), None)
        if seen is not None and (until is None or seen <= until):
            end = seen
            self.slowest = max(self.slowest, seen - since)
        elif until is None:
            self.breach(SEEN, f"entry {row.id}: nobody saw that {row.ref} was looked for since {since:%d %b %H:%M:%S}")
            return
        else:
            end = until
        for person in self._first[row.school_id]:
            address, in_web = self.outside_of.get(person, (None, True))
            outside_first = person in self.prefers_outside
            long = NEXT_CHANNEL if in_web and outside_first else CLEAR
            could = self.excuses.first_clear(since, end, long, None if in_web else address)
            if could is not None and could < end:
                what = "seen" if end == seen else "there again unseen"
                self.breach(
                    SEEN,
                    f"entry {row.id}, {row.ref}, due {since:%d %b %H:%M:%S}: {what} at {end:%H:%M:%S}, "
                    f"and person:{person} could have seen it by {could:%H:%M:%S}",
                )
                return

    def hold_settled(self, transaction: Transaction, skipped: Collection[str]) -> None:
        """Everything has been well for hours: nothing may be left over, but in the tables `skipped`."""
        for row in transaction.rows(
            sa.select(messages.c.id, messages.c.kind, messages.c.state, messages.c.lease, messages.c.next_at).where(
                sa.or_(
                    messages.c.lease.is_not(None),
                    sa.and_(messages.c.state == "owed", messages.c.next_at.is_(None)),
                    messages.c.next_at < transaction.now - LATE_IS,
                    sa.and_(
                        messages.c.state == "sent",
                        messages.c.wanted > messages.c.shown,
                        messages.c.next_at.is_(None),
                    ),
                )
            )
        ):
            self.breach(SETTLED, f"message {row.id}, {row.kind}, {row.state}: lease {row.lease}, next at {row.next_at}")
        left = {
            what: count
            for what, count in overdue(transaction, transaction.now - LATE_IS).items()
            if what not in skipped
        }
        if left:
            self.breach(SETTLED, f"overdue in the end: {left}")

    def hold_presses(self, transaction: Transaction, taken: Iterable[tuple[str, str]]) -> None:
        """Every press that a platform was told is taken must be kept: channel and event."""
        kept = {(row.channel, row.event_id) for row in transaction.rows(sa.select(events.c.channel, events.c.event_id))}
        for lost in sorted(set(taken) - kept):
            self.breach(PRESSES, f"{lost[0]} was told that {lost[1]} is taken, and it is not kept")
        same = tuple(marks.c[name] for name in ("entry_id", "fact", "fact_at", "reason", "made_at", "made_by_id"))
        for row in transaction.rows(sa.select(*same).group_by(*same).having(sa.func.count() > 1)):
            self.breach(PRESSES, f"entry {row.entry_id}: the same mark twice")


def keep_what_is_known(transaction: Transaction) -> None:
    """From now on keep, beside apbot's tables, when each message was first written down as sent."""
    known.create(transaction.connection)
    transaction.execute(
        sa.text(
            "CREATE TEMPORARY TRIGGER keep_known AFTER UPDATE OF state ON main.messages "
            "WHEN NEW.state = 'sent' AND OLD.state <> 'sent' "
            "BEGIN INSERT INTO known (message_id, address, at) VALUES (NEW.id, NEW.address, NEW.sent_at); END"
        )
    )


def marked(card: Mapping[str, Any]) -> bool:
    """Whether a card of the web chat says that it may be a repeat."""
    return MAYBE_REPEAT in card.get("footer", "")


def _off_site(due: datetime, said: Sequence[Any]) -> list[tuple[datetime, datetime | None]]:
    """The spans in which somebody must look for the pupil, by what was said of them, and when."""
    spans: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = due
    for each in said:
        if each.fact in _ON_SITE:
            if since is not None and each.made_at > since:
                spans.append((since, each.made_at))
            since = None
        elif each.fact in _AT_ONCE:
            since = each.made_at if since is None else min(since, each.made_at)
        elif since is None:
            since = max(due, each.made_at)
    return spans if since is None else [*spans, (since, None)]


known = sa.Table(
    "known",
    sa.MetaData(),
    sa.Column("message_id", sa.Integer, index=True),
    sa.Column("address", sa.String),
    sa.Column("at", Instant),
    prefixes=["TEMPORARY"],
)
_KNOWN = Prepared(
    sa.select(sa.func.min(known.c.at, type_=Instant).label("at")).where(
        known.c.message_id == sa.bindparam("id"), known.c.address == sa.bindparam("address")
    )
)
_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_MESSAGES = Prepared(
    sa.select(
        messages.c.id,
        messages.c.kind,
        messages.c.subject_id,
        messages.c.step,
        messages.c.due_at,
    ).where(messages.c.id.in_(_IDS))
)
_ENDS = Prepared(sa.select(registers.c.ends_at).where(registers.c.id == sa.bindparam("id")))
_ESCALATED = Prepared(
    sa.select(escalated.c.entry_id, pupils.c.ref, escalations.c.school_id)
    .join_from(escalated, escalations)
    .join(entries, entries.c.id == escalated.c.entry_id)
    .join(pupils, pupils.c.id == entries.c.pupil_id)
    .where(escalated.c.escalation_id == sa.bindparam("id"))
)
_MARKS = Prepared(
    sa.select(marks.c.entry_id, marks.c.fact, marks.c.made_at).where(marks.c.entry_id.in_(_IDS)).order_by(marks.c.id)
)
_SAID = Prepared(
    sa.select(marks.c.entry_id, marks.c.fact, marks.c.made_at)
    .where(marks.c.entry_id >= sa.bindparam("first"))
    .order_by(marks.c.id)
)
_WAITING = Prepared(
    sa.select(entries.c.id).where(
        entries.c.id >= sa.bindparam("first"),
        entries.c.state == EntryState.EXPECTED.value,
        entries.c.alert_due < sa.bindparam("before", type_=Instant),
        sa.or_(
            entries.c.fact.is_(None),
            sa.and_(
                entries.c.fact.not_in(sorted(_ON_SITE)), entries.c.marked_at < sa.bindparam("before", type_=Instant)
            ),
        ),
    )
)
_OF_DAY = Prepared(
    sa.select(entries.c.id, entries.c.school_id, entries.c.alert_due, pupils.c.ref)
    .join_from(entries, registers)
    .join(pupils, pupils.c.id == entries.c.pupil_id)
    .where(registers.c.day == sa.bindparam("day"), entries.c.state == EntryState.EXPECTED.value)
    .order_by(entries.c.id)
)
