"""What is still to be done for a pupil. A new kind of duty is one function, and one line in `SOURCES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.cards import Button
from apbot.domain.access import Actor
from apbot.domain.duties.model import State
from apbot.domain.walltime import local_date, spoken_date
from apbot.messages.duties import buttons, standing_words, title
from apbot.messages.sessions import alert_words, sentence
from apbot.store.database import Transaction
from apbot.store.duties.reading import load_duties
from apbot.store.pupils import Pupil
from apbot.store.pupilsessions import in_open_alert, load_pupil_sessions
from apbot.store.tables import UNRESOLVED, duties, entries


@dataclass(frozen=True)
class Duty:
    """Something that somebody still has to do for a pupil, and since when. `until` says by when, with `buttons` to
    answer it, where it can be answered here."""

    what: str
    since: date
    until: str = ""
    is_overdue: bool = False
    buttons: tuple[Button, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The duty as plain JSON values."""
        return {"what": self.what, "since": self.since.isoformat(), "until": self.until or None}


Source = Callable[[Transaction, Actor, Pupil], Sequence[Duty]]
"""Gives the open duties of one kind for a pupil, as far as the one who asks may see them."""


def open_duties(transaction: Transaction, actor: Actor, pupil: Pupil) -> list[Duty]:
    """Every open duty that `actor` may see for this pupil."""
    return [duty for source in SOURCES for duty in source(transaction, actor, pupil)]


def _alerts(transaction: Transaction, actor: Actor, pupil: Pupil) -> list[Duty]:
    return [
        Duty(f"{sentence(alert_words(each.alert, transaction.now))}: {each.provider}, {each.session.value}", each.day)
        for each in load_pupil_sessions(transaction, actor, entries.c.pupil_id == pupil.id, in_open_alert())
        if each.alert is not None
    ]


def _codes(transaction: Transaction, actor: Actor, pupil: Pupil) -> list[Duty]:
    """Absences whose reason is not established: the school's duty, so not shown to a provider."""
    unresolved = load_pupil_sessions(
        transaction,
        actor,
        entries.c.pupil_id == pupil.id,
        sa.literal_column(UNRESOLVED),
        entries.c.ends_at <= transaction.now,
    )
    return [
        Duty(
            f"Establish the reason for N: {spoken_date(local_date(each.entry.starts_at))}, {each.session.value}, "
            f"{each.provider}",
            each.day,
        )
        for each in unresolved
        if actor.may_see(pupil.school_id, None, each.entry.key_worker_id)
    ]


def _planned(transaction: Transaction, actor: Actor, pupil: Pupil) -> list[Duty]:
    """Contacts, visits, reviews, reports: those of the placements in sight that the one who asks may answer."""
    today = local_date(transaction.now)
    of_pupil = duties.c.placement_id.in_([each.id for each in pupil.placements])
    return [
        Duty(
            title(each),
            each.opens_on,
            until=f"{each.provider} · {standing_words(each, today)}",
            is_overdue=each.standing.is_overdue(today),
            buttons=buttons(each),
        )
        for each in load_duties(transaction, duties.c.state == State.OPEN.value, of_pupil)
        if each.may_be_done_by(actor)
    ]


SOURCES: tuple[Source, ...] = (_alerts, _codes, _planned)
