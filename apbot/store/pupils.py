"""One pupil by the reference somebody typed, with the placements that this person may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.initials import initials_of
from apbot.domain.timetable import Hours, Pattern
from apbot.domain.walltime import local_date
from apbot.domain.weekwords import pattern_words, starts_words
from apbot.store.database import Transaction
from apbot.store.labels import label_of
from apbot.store.tables import people, placements, providers, pupils, schools

LONGEST = 4
"""A reference with initials may be typed in so many words: "CD 34 J. S."."""


@dataclass(frozen=True)
class Placement:
    """A pupil's place at one provider. Both dates are included."""

    id: int
    provider_id: int
    provider: str
    starts_on: date
    ends_on: date | None
    target_end_on: date | None
    pattern: Pattern
    hours: Hours
    arranged_by: str
    dual_registered: bool
    key_worker_id: int | None
    key_worker: str

    def is_over(self, day: date) -> bool:
        """Whether its last day lies before `day`."""
        return self.ends_on is not None and self.ends_on < day

    def to_json(self) -> dict[str, Any]:
        """The placement as plain JSON values."""
        return {
            "provider": self.provider,
            "arranged_by": self.arranged_by,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on and self.ends_on.isoformat(),
            "target_end_on": self.target_end_on and self.target_end_on.isoformat(),
            "pattern": self.pattern.to_json(),
            "pattern_in_words": pattern_words(self.pattern),
            "starts_in_words": starts_words(self.pattern, self.hours),
            "dual_registered": self.dual_registered,
            "key_worker": self.key_worker or None,
        }


@dataclass(frozen=True)
class Pupil:
    """A pupil as one person may see them: `placements` are those they may see, the newest first."""

    id: int
    reference: str
    initials: str
    initials_in_chat: bool
    school_id: int
    school: str
    ends_on: date | None
    placements: tuple[Placement, ...]
    sees_all: bool
    """Whether the reader sees everything of this pupil, not only some placements."""
    knows_codes: bool
    """Whether the reader is of the school, which alone assigns codes; a provider reports facts."""

    @property
    def label(self) -> str:
        """How chat names the pupil: the reference, with initials unless the school turned them off."""
        return label_of(self.reference, self.initials, initials_in_chat=self.initials_in_chat)

    def current(self, day: date) -> tuple[Placement, ...]:
        """The placements that run, or are to begin."""
        return tuple(each for each in self.placements if not each.is_over(day))


NONE: frozenset[int] = frozenset()


def find_pupil(transaction: Transaction, actor: Actor, typed: str, also: frozenset[int] = NONE) -> Pupil | None:
    """The pupil whom a typed reference names, in any case, with or without spaces, hyphens and initials.

    None for a reference that nobody has, for one that could be two pupils, and for a pupil whom `actor` may not
    see: nothing tells these apart. `also` are placements that they may see besides their own.
    """
    found = _matching(transaction, actor, typed, also)
    exact = [each for each in found if each.reference.casefold() == typed.strip().casefold()]
    candidates = exact or found
    return candidates[0] if len(candidates) == 1 else None


def find_pupil_in(
    transaction: Transaction, actor: Actor, words: Sequence[str], also: frozenset[int] = NONE
) -> tuple[Pupil, Sequence[str]] | None:
    """The pupil whose reference these words begin with, and the words after it; None as for `find_pupil`."""
    found: tuple[Pupil, Sequence[str]] | None = None
    for count in range(1, min(LONGEST, len(words)) + 1):
        pupil = find_pupil(transaction, actor, " ".join(words[:count]), also)
        if pupil is None:
            continue
        if found is not None and found[0].id != pupil.id:
            return None
        found = pupil, words[count:]
    return found


def _plain(reference: str) -> str:
    return re.sub(r"[\s\-/._]", "", reference).upper()


def _plain_sql(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    plain: sa.ColumnElement[str] = sa.func.upper(column)
    for sign in " -/._":
        plain = sa.func.replace(plain, sign, "")
    return plain


def _matching(transaction: Transaction, actor: Actor, typed: str, also: frozenset[int]) -> list[Pupil]:
    """The pupils in sight with this reference, however it is spelt."""
    wanted = _plain(typed)
    if not wanted or len(wanted) > 44:
        return []
    reference = _plain_sql(pupils.c.ref)
    begins = sa.func.substr(sa.literal(wanted), 1, sa.func.length(reference)) == reference
    return [
        each
        for each in _load(transaction, actor, begins, also)
        if wanted in (_plain(each.reference), _plain(f"{each.reference}{each.initials}"))
    ]


def load_pupil(transaction: Transaction, actor: Actor, pupil_id: int) -> Pupil | None:
    """This pupil, or None where `actor` may not see them."""
    found = _load(transaction, actor, pupils.c.id == pupil_id)
    return found[0] if found else None


def _load(
    transaction: Transaction, actor: Actor, condition: sa.ColumnElement[bool], also: frozenset[int] = NONE
) -> list[Pupil]:
    rows = transaction.rows(
        sa.select(pupils, schools.c.name.label("school"), schools.c.initials_in_chat)
        .join_from(pupils, schools)
        .where(condition)
        .order_by(pupils.c.ref)
    )
    today = local_date(transaction.now)
    found = [_pupil(row, actor, load_placements(transaction, row.id), today, also) for row in rows]
    return [each for each in found if each is not None]


def _pupil(
    row: sa.Row[Any], actor: Actor, every: Sequence[Placement], today: date, also: frozenset[int]
) -> Pupil | None:
    """The pupil with what `actor` may see of them, or None. A place that is over is the school's alone to see."""
    sees_all = actor.may_answer(row.school_id)
    own = [
        each
        for each in every
        if sees_all
        or each.id in also
        or (not each.is_over(today) and actor.may_see(row.school_id, each.provider_id, each.key_worker_id))
    ]
    if not sees_all and not own:
        return None
    return Pupil(
        id=row.id,
        reference=row.ref,
        initials=initials_of(row.first_name, row.last_name),
        initials_in_chat=row.initials_in_chat,
        school_id=row.school_id,
        school=row.school,
        ends_on=row.ends_on,
        placements=tuple(own),
        sees_all=sees_all,
        knows_codes=sees_all or any(actor.may_see(row.school_id, None, each.key_worker_id) for each in own),
    )


def load_placements(transaction: Transaction, pupil_id: int) -> list[Placement]:
    """Every placement of a pupil, the newest first, with its times as they are after the provider's."""
    rows = transaction.rows(
        sa.select(
            placements,
            providers.c.name.label("provider"),
            providers.c.hours.label("provider_hours"),
            people.c.name.label("key_worker"),
        )
        .select_from(placements)
        .join(providers)
        .outerjoin(people, people.c.id == placements.c.key_worker_id)
        .where(placements.c.pupil_id == pupil_id)
        .order_by(placements.c.starts_on.desc(), placements.c.id.desc())
    )
    return [
        Placement(
            id=row.id,
            provider_id=row.provider_id,
            provider=row.provider,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            target_end_on=row.target_end_on,
            pattern=Pattern.from_json(row.pattern),
            hours=Hours.from_json(row.hours).over(Hours.from_json(row.provider_hours)),
            arranged_by=row.arranged_by,
            dual_registered=row.dual_registered,
            key_worker_id=row.key_worker_id,
            key_worker=row.key_worker or "",
        )
        for row in rows
    ]
