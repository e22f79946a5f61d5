"""The promises, held against what was really posted and what was really kept.

`Watch` reads the web chat as the people do, line by line; what it counts as a breach never passes through the code
that decided to send.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import RoleAt, is_current
from apbot.domain.marks import Session
from apbot.domain.register import EntryState
from apbot.domain.roles import PROVIDER_ROLES, SAFEGUARDING_ROLES, Role
from apbot.domain.walltime import local_date
from apbot.simulator import dutywatch
from apbot.simulator.dutywatch import DutyWatch
from apbot.store.calendars import Calendars, load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import DIGEST
from apbot.store.prepared import Prepared
from apbot.store.tables import (
    chat_lines,
    duties,
    entries,
    escalated,
    escalations,
    messages,
    people,
    placements,
    pupils,
    registers,
    roles,
)

ANSWERED = "every expected pupil-session ends marked or escalated"
ON_TIME = "no alert earlier than due or later than due and one tick"
ONCE = "nothing sent twice"
OPEN_DAYS = "nothing sent on a closed day"
OWN_PUPILS = "nobody told of a pupil that is not theirs"
INVARIANTS = (ANSWERED, ON_TIME, ONCE, OPEN_DAYS, OWN_PUPILS, *dutywatch.PROMISES)

ABOUT_REGISTERS = ("register", "nudge")
ALERTS = ("escalation", "copy")


@dataclass
class Watch:
    """What has been seen so far, and every breach, with a few examples of each."""

    tick: timedelta
    posted: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    slowest_alert: timedelta = timedelta(0)
    _last: int = 0
    _seen: set[int] = field(default_factory=set)
    _who: "WhoMaySee | None" = None
    _calendars: Calendars | None = None
    _handed: set[tuple[str, str]] = field(default_factory=set)
    duties: DutyWatch = field(init=False)

    def __post_init__(self) -> None:
        """Breaches about duties count here too."""
        self.duties = DutyWatch(self._breach)

    def roster_changed(self) -> None:
        """People, placements or calendars have changed: read them again."""
        self._who = self._calendars = None

    def read(self, transaction: Transaction) -> list[sa.Row[Any]]:
        """Hold every line that was posted or edited since the last time against the promises; the new ones."""
        lines = transaction.rows(CHANGED_LINES, last=self._last)
        if not lines:
            return []
        self._last = lines[-1].changed
        if self._who is None:
            self._who = WhoMaySee(transaction)
        for line in lines:
            self._hold_own_pupils(transaction, line, local_date(transaction.now))
        new = [line for line in lines if line.kind is not None and line.id not in self._seen]
        self._seen.update(line.id for line in new)
        for line in new:
            self.posted[line.kind] += 1
            self._hold_on_time(line)
        self._hold_open_days(transaction, new)
        lists = [line for line in lines if line.kind == DIGEST]
        self.duties.read(transaction, lists, {line.id for line in new})
        return new

    def finish(self, transaction: Transaction, last: date) -> None:
        """Hold what is kept against the promises, at the end of the day `last`."""
        self.duties.finish(transaction, last)
        # An escalation that nobody was told of is none.
        escalated_ids = (
            sa.select(escalated.c.entry_id)
            .join(messages, messages.c.subject_id == escalated.c.escalation_id)
            .where(messages.c.kind == "escalation", messages.c.sent_at.is_not(None))
        )
        for row in transaction.rows(
            sa.select(entries.c.id).where(
                entries.c.state == EntryState.EXPECTED.value,
                entries.c.fact.is_(None),
                entries.c.ends_at <= transaction.now,
                entries.c.id.not_in(escalated_ids),
            )
        ):
            self._breach(ANSWERED, f"entry {row.id}")
        same = (chat_lines.c.conversation, messages.c.kind, messages.c.subject_id, messages.c.round, messages.c.step)
        for row in transaction.rows(
            sa.select(*same).join_from(chat_lines, messages).group_by(*same).having(sa.func.count() > 1)
        ):
            self._breach(ONCE, f"{row.kind} {row.subject_id}, step {row.step}, in {row.conversation}")

    def _breach(self, promise: str, example: str) -> None:
        self.breaches[promise] += 1
        self.examples.setdefault(promise, []).append(example)
        del self.examples[promise][5:]

    def _hold_on_time(self, line: sa.Row[Any]) -> None:
        if line.kind not in ALERTS:
            return
        late = line.at - line.due_at
        self.slowest_alert = max(self.slowest_alert, late)
        if not timedelta(0) <= late <= self.tick:
            self._breach(ON_TIME, f"{line.kind} {line.subject_id}: {late} after due")

    def _hold_open_days(self, transaction: Transaction, new: Sequence[sa.Row[Any]]) -> None:
        """What is posted about a register is about a day on which provider and school are both open."""
        register_ids = {line.subject_id for line in new if line.kind in ABOUT_REGISTERS}
        alert_ids = {line.subject_id for line in new if line.kind in ALERTS}
        if not register_ids and not alert_ids:
            return
        if self._calendars is None:
            self._calendars = load_calendars(transaction)
        about = transaction.rows(
            sa.select(
                registers.c.id, registers.c.day, registers.c.session, registers.c.provider_id, entries.c.school_id
            )
            .join_from(registers, entries)
            .where(
                sa.or_(
                    registers.c.id.in_(register_ids),
                    registers.c.id.in_(sa.select(escalations.c.register_id).where(escalations.c.id.in_(alert_ids))),
                ),
                entries.c.state != EntryState.WITHDRAWN.value,
            )
            .distinct()
        )
        for row in about:
            provider, school = self._calendars.provider(row.provider_id), self._calendars.school(row.school_id)
            session = Session(row.session)
            if not provider.is_open(row.day, session) or not school.is_open(row.day, session):
                self._breach(OPEN_DAYS, f"register {row.id} on {row.day}")
        days = {row.id: row.day for row in about}
        for line in new:
            if line.kind in ABOUT_REGISTERS and line.at.date() != days.get(line.subject_id):
                self._breach(OPEN_DAYS, f"register {line.subject_id} posted on {line.at.date()}")

    def _hold_own_pupils(self, transaction: Transaction, line: sa.Row[Any], day: date) -> None:
        assert self._who is not None  # noqa: S101  (read first)
        reader = f"person:{line.only_for_id}" if line.only_for_id is not None else line.conversation
        others = self._who.not_theirs(reader, line.card or {}, day)
        if others:
            # What was theirs when they were told of it still stands on that list after they have handed it on.
            self._handed.update((reader, reference) for reference in handed_to(transaction, reader))
        for reference in others:
            if (reader, reference) in self._handed:
                continue
            self._breach(OWN_PUPILS, f"{reference} shown to {reader} in line {line.id}")


CHANGED_LINES = Prepared(
    sa.select(
        chat_lines.c.id,
        chat_lines.c.conversation,
        chat_lines.c.only_for_id,
        chat_lines.c.message_id,
        chat_lines.c.at,
        chat_lines.c.changed,
        chat_lines.c.card,
        messages.c.kind,
        messages.c.subject_id,
        messages.c.round,
        messages.c.step,
        messages.c.due_at,
    )
    .join_from(chat_lines, messages, isouter=True)
    .where(chat_lines.c.changed > sa.bindparam("last"))
    .order_by(chat_lines.c.changed)
)


def handed_to(transaction: Transaction, reader: str) -> frozenset[str]:
    """The pupils of whom a colleague has handed something to this reader."""
    kind, _, number = reader.partition(":")
    rows = transaction.rows(_HANDED, person=int(number)) if kind == "person" else ()
    return frozenset(row.ref for row in rows)


_HANDED = Prepared(
    sa.select(pupils.c.ref)
    .join_from(duties, placements)
    .join(pupils)
    .where(duties.c.handed_to_id == sa.bindparam("person"))
)


class WhoMaySee:
    """Which pupils each conversation may be told of: worked out from the roster alone."""

    def __init__(self, transaction: Transaction) -> None:
        self._pupils: dict[str, tuple[int, set[int], set[int]]] = {}
        for row in transaction.rows(
            sa.select(pupils.c.ref, pupils.c.school_id, placements.c.provider_id, placements.c.key_worker_id).join_from(
                pupils, placements
            )
        ):
            _, providers, key_workers = self._pupils.setdefault(row.ref, (row.school_id, set(), set()))
            providers.add(row.provider_id)
            if row.key_worker_id is not None:
                key_workers.add(row.key_worker_id)
        self._roles: dict[int, list[tuple[RoleAt, date | None, date | None]]] = {}
        for row in transaction.rows(sa.select(roles, people.c.starts_on, people.c.leaves_on).join_from(roles, people)):
            self._roles.setdefault(row.person_id, []).append(
                (RoleAt(Role(row.role), row.school_id, row.provider_id), row.starts_on, row.leaves_on)
            )

    def not_theirs(self, reader: str, card: Mapping[str, Any], day: date) -> list[str]:
        """The references on a card that its reader, "person:12" or "provider:3", may not be told of."""
        words = " ".join(
            [card.get("heading", ""), *card.get("lines", ()), card.get("footer", "")]
            + [f"{row.get('heading', '')} {row.get('text', '')}" for row in card.get("rows", ())]
        )
        named = set(re.findall(r"[\w-]+", words)) & self._pupils.keys()
        return [reference for reference in sorted(named) if not self._may_see(reader, reference, day)]

    def _may_see(self, reader: str, reference: str, day: date) -> bool:
        school, providers, key_workers = self._pupils[reference]
        kind, _, number = reader.partition(":")
        if kind == "provider":
            return int(number) in providers
        for held, starts_on, leaves_on in self._roles.get(int(number), ()):
            if not is_current(day, starts_on, leaves_on):
                continue
            if held.role is Role.ADMIN and held.school_id is None:
                return True
            if held.role in SAFEGUARDING_ROLES and held.school_id == school:
                return True
            if held.role in PROVIDER_ROLES and held.provider_id in providers:
                return True
            if held.role is Role.KEY_WORKER and held.school_id == school and int(number) in key_workers:
                return True
        return False
