"""What is still to settle from earlier days: the list that a school's attendance contact is given each morning."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.codes import NO_REASON
from apbot.store.coding import Coding, codings_where, load_codings, midnight, newest_chases, school_day_ids
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import (
    UNRESOLVED,
    Instant,
    code_chases,
    code_decisions,
    entries,
    people,
    school_days,
    schools,
)


@dataclass(frozen=True)
class Waiting:
    """One day's sessions that nobody has confirmed, though nothing of them needs deciding."""

    day_id: int
    day: date
    count: int


@dataclass(frozen=True)
class Chase:
    """What is still to settle from the days before one school day, as it stands now; nothing once a newer one is."""

    id: int
    """The school day's."""
    school_id: int
    school: str
    day: date
    is_newest: bool
    overdue: tuple[Coding, ...] = ()
    """Absences that have been without a reason for too long."""
    copied: tuple[Coding, ...] = ()
    """Those of them of which the DSL is told too."""
    again: tuple[Coding, ...] = ()
    """Decided, and the provider has said something else since."""
    undecided: tuple[Coding, ...] = ()
    """Not decided, and in need of a look."""
    waiting: tuple[Waiting, ...] = ()
    settled: tuple[tuple[str, int], ...] = ()
    """Who has settled how many since the list was made."""

    @property
    def codings(self) -> tuple[Coding, ...]:
        """Every session that is to be looked at."""
        return self.overdue + self.again + self.undecided

    @property
    def is_empty(self) -> bool:
        """Nothing is left to settle."""
        return not (self.codings or self.waiting)


def load_chases(transaction: Transaction, ids: Sequence[int]) -> dict[int, Chase]:
    """What is to settle from the days before these school days, by the school day's id."""
    rows = transaction.rows(_CHASES, ids=list(ids))
    newest = newest_chases(transaction, {row.school_id for row in rows})
    current = [row for row in rows if newest[row.school_id].id == row.school_day_id]
    found = {
        row.school_day_id: Chase(row.school_day_id, row.school_id, row.school, row.day, is_newest=False) for row in rows
    }
    if not current:
        return found
    codings = {each.entry.id: each for each in [*_recent(transaction, current), *_unresolved(transaction, current)]}
    day_ids = school_day_ids(transaction, {(each.entry.school_id, each.day) for each in codings.values()})
    settled = _settled(transaction, current)
    for row in current:
        own = [each for each in codings.values() if each.entry.school_id == row.school_id and each.day < row.day]
        found[row.school_day_id] = _chase(row, own, day_ids, settled[row.school_day_id])
    return found


def _chase(
    row: sa.Row[Any],
    codings: Sequence[Coding],
    day_ids: Mapping[tuple[int, date], int],
    settled: Sequence[tuple[str, int]],
) -> Chase:
    overdue, again, undecided, to_confirm = [], [], [], []
    for each in sorted(codings, key=lambda each: (each.day, each.session.value, each.entry.reference)):
        if each.code == NO_REASON and row.overdue_before is not None and each.entry.starts_at < row.overdue_before:
            overdue.append(each)
        elif each.to_look_at_again:
            again.append(each)
        elif each.is_open and each.needs_deciding:
            undecided.append(each)
        elif each.is_open:
            to_confirm.append(each.day)
    copied = [each for each in overdue if row.copied_before is not None and each.entry.starts_at < row.copied_before]
    return Chase(
        id=row.school_day_id,
        school_id=row.school_id,
        school=row.school,
        day=row.day,
        is_newest=True,
        overdue=tuple(overdue),
        copied=tuple(copied),
        again=tuple(again),
        undecided=tuple(undecided),
        waiting=tuple(
            Waiting(day_ids[row.school_id, day], day, count)
            for day, count in sorted(Counter(to_confirm).items())
            if (row.school_id, day) in day_ids
        ),
        settled=tuple(settled),
    )


def _recent(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> list[Coding]:
    """What nobody has confirmed, or is to be looked at again, as far back as the lists look."""
    looked_from = min(row.looked_from for row in rows)
    return load_codings(transaction, _RECENT, schools=[row.school_id for row in rows], looked_from=looked_from)


def _unresolved(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> list[Coding]:
    """Absences that have been without a reason for too long, however far back."""
    before = [row.overdue_before for row in rows if row.overdue_before is not None]
    if not before:
        return []
    return load_codings(transaction, _UNRESOLVED, schools=[row.school_id for row in rows], before=max(before))


def _settled(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> dict[int, list[tuple[str, int]]]:
    """By list, who has decided how many of the earlier sessions since it was made."""
    decided: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    schools_of_lists, since = [row.school_id for row in rows], min(row.made_at for row in rows)
    for each in transaction.rows(_DECIDED, schools=schools_of_lists, since=since):
        decided[each.school_id].append(each)
    found = {}
    for row in rows:
        begins = midnight(row.day)
        own = {
            (each.name, each.entry_id)
            for each in decided[row.school_id]
            if each.made_at >= row.made_at and each.starts_at < begins
        }
        found[row.school_day_id] = sorted(Counter(name for name, _ in own).items())
    return found


_SCHOOLS: sa.BindParameter[int] = sa.bindparam("schools", expanding=True)
_RECENT = codings_where(
    entries.c.school_id.in_(_SCHOOLS),
    entries.c.starts_at >= sa.bindparam("looked_from", type_=Instant),
    sa.or_(
        entries.c.code.is_(None),
        sa.and_(entries.c.marked_at > entries.c.code_at, entries.c.code != entries.c.suggested_code),
    ),
)
_UNRESOLVED = codings_where(
    entries.c.school_id.in_(_SCHOOLS),
    entries.c.starts_at < sa.bindparam("before", type_=Instant),
    sa.literal_column(UNRESOLVED),
)
_DECIDED = Prepared(
    sa.select(
        code_decisions.c.school_id,
        code_decisions.c.entry_id,
        code_decisions.c.made_at,
        entries.c.starts_at,
        people.c.name,
    )
    .select_from(code_decisions)
    .join(entries, entries.c.id == code_decisions.c.entry_id)
    .join(people, people.c.id == code_decisions.c.made_by_id)
    .where(code_decisions.c.school_id.in_(_SCHOOLS), code_decisions.c.made_at >= sa.bindparam("since", type_=Instant))
)
_CHASES = Prepared(
    sa.select(code_chases, school_days.c.school_id, school_days.c.day, schools.c.name.label("school"))
    .join_from(code_chases, school_days)
    .join(schools)
    .where(code_chases.c.school_day_id.in_(sa.bindparam("ids", expanding=True)))
)
