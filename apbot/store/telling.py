"""Telling people of a school of something until one of them takes it on: concerns, incidents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
import structlog

from apbot.domain.access import Actor
from apbot.domain.calling import Calling
from apbot.domain.priority import Priority
from apbot.domain.recipients import choose
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe, refresh
from apbot.store.people import SchoolTeam, load_teams
from apbot.store.until_taken import UntilTaken

log = structlog.get_logger()


class Called(Protocol):
    """One concern, or one incident: what telling of it goes by."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def school_id(self) -> int:
        """Whose people are told."""

    @property
    def raised_by_id(self) -> int:
        """Who raised it: they are told nothing new by it."""

    @property
    def step(self) -> int:
        """How often it has been repeated."""

    @property
    def acknowledged_at(self) -> datetime | None:
        """When somebody took it on."""


@dataclass(frozen=True)
class Telling:
    """How one kind of such things is told of.

    `kind` is the kind of its messages, and how the audit log calls it. `everywhere`: on every channel of each person,
    not only on the preferred one, or, at a repeat, on the next.
    """

    table: sa.Table
    kind: str
    calling: Calling
    priority: Priority
    load: Callable[[Transaction, Iterable[int]], Mapping[int, Called]]
    everywhere: bool = False
    unheard: str = ""
    """The kind of message to whoever raised it where a repeat reaches nobody at all: they must telephone. "": none."""

    @property
    def until_taken(self) -> UntilTaken:
        """The rows that are told of again."""
        return UntilTaken(self.table, self.calling.repeat_every)

    def tell(self, transaction: Transaction, actor: Actor, asked: Sequence[Called], due_at: datetime) -> list[int]:
        """Owe a message about each to the people of its step; the ids of those for which there is nobody."""
        teams = load_teams(transaction, {each.school_id for each in asked}, local_date(transaction.now))
        nobody = []
        for each in asked:
            told = self._people(teams[each.school_id], each)
            subject = Subject(self.kind, each.id, each.step)
            owe(
                transaction,
                [
                    Owed(subject, self.priority, due_at, person, attempt=each.step, everywhere=self.everywhere)
                    for person in told
                ],
            )
            note(transaction, actor, f"{self.kind} sent", f"{self.kind}:{each.id}", step=each.step, people=list(told))
            if not told:
                nobody.append(each.id)
        if nobody:
            log.error("nobody can be reached", kind=self.kind, ids=nobody)
        return nobody

    def _people(self, team: SchoolTeam, each: Called) -> tuple[int, ...]:
        """Who is told at its step. Whoever raised it can't answer it: the next in line is told instead."""
        others = {
            role: [holder for holder in held if holder.reached() != each.raised_by_id]
            for role, held in team.holders.items()
        }
        told = choose(others, self.calling.roles_at(each.step))
        return told.person_ids or choose(others, self.calling.later).person_ids

    def tell_again(self, transaction: Transaction, actor: Actor, ids: Sequence[int], due_at: datetime) -> list[int]:
        """Take each that nobody has taken on one step further; the ids of those for which there is nobody."""
        self.until_taken.take_further(transaction, ids)
        again = [each for each in self.load(transaction, ids).values() if each.acknowledged_at is None]
        nobody = self.tell(transaction, actor, again, due_at) if again else []
        if self.unheard:
            owe(
                transaction,
                [
                    Owed(
                        Subject(self.unheard, each.id, each.step),
                        self.priority,
                        due_at,
                        each.raised_by_id,
                        everywhere=True,
                    )
                    for each in again
                    if each.id in nobody
                ],
            )
        return nobody

    def take_on(self, transaction: Transaction, actor: Actor, row_id: int) -> bool:
        """Write down that `actor` takes it on, and show it to everybody who was told. Whether it was open."""
        if not self.until_taken.take_on(transaction, actor, row_id):
            return False
        note(transaction, actor, f"{self.kind} acknowledged", f"{self.kind}:{row_id}")
        refresh(transaction, [self.kind, *([self.unheard] if self.unheard else [])], [row_id])
        return True
