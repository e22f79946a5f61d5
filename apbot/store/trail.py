"""What the audit log says of one pupil, of one person, or of everybody: who did what to whose record, by reference."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.parts import in_parts, rows_in
from apbot.store.reads import lists_with
from apbot.store.tables import (
    audit,
    duties,
    duty_records,
    entries,
    escalated,
    people,
    placements,
    pupils,
)


@dataclass(frozen=True)
class Step:
    """One entry of the log: `who` is a person's reference, "apbot", or "the terminal"."""

    id: int
    at: datetime
    who: str
    via: str
    what: str
    subject: str
    """What it was done to, with a reference in place of the id of a pupil, a person or a placement."""
    detail: dict[str, Any]
    is_sealed: bool

    def to_json(self) -> dict[str, Any]:
        """The entry as plain JSON values; the instant in UTC."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "who": self.who,
            "via": self.via,
            "what": self.what,
            "subject": self.subject,
            "detail": self.detail,
            "sealed": self.is_sealed,
        }


def trail_of_pupil(transaction: Transaction, pupil_id: int, since: datetime | None = None) -> list[Step]:
    """Everything that was done to this pupil's record, and every reading of it, the oldest first."""
    subjects = _subjects_of(transaction, pupil_id)
    found: dict[int, sa.Row[Any]] = {}
    for part in in_parts(subjects):
        found.update({row.id: row for row in _read(transaction, since, audit.c.subject.in_(part))})
    lists = _read(transaction, since, lists_with(pupil_id))
    found.update({row.id: row for row in lists if pupil_id in row.detail.get("pupils", ())})
    alone = [_without_others(row, pupil_id) for _, row in sorted(found.items())]
    return _steps(transaction, alone)


def trail_of_person(transaction: Transaction, person_id: int, since: datetime | None = None) -> list[Step]:
    """Everything that this person did, and that was done to what is kept on them, the oldest first."""
    which = sa.or_(audit.c.person_id == person_id, audit.c.subject == f"person:{person_id}")
    return _steps(transaction, _read(transaction, since, which))


def trail(transaction: Transaction, since: datetime | None = None, most: int = 200) -> list[Step]:
    """The newest entries of all, at most so many, the oldest first."""
    query = _query(since).order_by(None).order_by(audit.c.id.desc()).limit(most)
    return _steps(transaction, list(reversed(transaction.rows(query))))


def _query(since: datetime | None, *which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    late = [audit.c.at >= since] if since is not None else []
    return sa.select(audit).where(*which, *late).order_by(audit.c.id)


def _read(transaction: Transaction, since: datetime | None, *which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    return transaction.rows(_query(since, *which))


def _subjects_of(transaction: Transaction, pupil_id: int) -> list[str]:
    """What an entry about this pupil can be about: the placements, the sessions, the alerts, the duties."""

    def ids(what: str, query: sa.Select[Any]) -> Iterator[str]:
        yield from (f"{what}:{row[0]}" for row in transaction.rows(query))

    of_pupil = sa.select(placements.c.id).where(placements.c.pupil_id == pupil_id)
    return [
        f"pupil:{pupil_id}",
        *ids("placement", of_pupil),
        *ids("entry", sa.select(entries.c.id).where(entries.c.pupil_id == pupil_id)),
        *ids("duty", sa.select(duties.c.id).where(duties.c.placement_id.in_(of_pupil))),
        *ids("record", sa.select(duty_records.c.id).where(duty_records.c.placement_id.in_(of_pupil))),
        *ids(
            "escalation",
            sa.select(escalated.c.escalation_id)
            .join(entries, entries.c.id == escalated.c.entry_id)
            .where(entries.c.pupil_id == pupil_id)
            .distinct(),
        ),
        *(row[0] for row in transaction.rows(sa.select(duties.c.key).where(duties.c.placement_id.in_(of_pupil)))),
    ]


def _without_others(row: sa.Row[Any], pupil_id: int) -> Any:
    """The entry of a list says that this pupil was on it, and of no other."""
    if "pupils" not in row.detail:
        return row
    return _Alone(row, {**row.detail, "pupils": [pupil_id]})


class _Alone:
    """A row with another detail."""

    def __init__(self, row: sa.Row[Any], detail: dict[str, Any]) -> None:
        self._row = row
        self.detail = detail

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _steps(transaction: Transaction, rows: Iterable[Any]) -> list[Step]:
    rows = list(rows)
    refs = _References(transaction, rows)
    return [
        Step(
            row.id,
            row.at,
            refs.who(row),
            row.via,
            row.what,
            refs.subject(row.subject),
            {**row.detail, "pupils": [refs.pupil(each) for each in row.detail["pupils"]]}
            if "pupils" in row.detail
            else row.detail,
            row.seal is not None,
        )
        for row in rows
    ]


class _References:
    """The references of those whom some entries are about."""

    _TABLES = {"pupil": pupils, "person": people, "placement": placements}

    def __init__(self, transaction: Transaction, rows: Iterable[Any]) -> None:
        wanted: dict[str, set[int]] = {name: set() for name in self._TABLES}
        for row in rows:
            kind, _, number = row.subject.partition(":")
            if kind in wanted and number.isdecimal():
                wanted[kind].add(int(number))
            if row.person_id is not None:
                wanted["person"].add(row.person_id)
            wanted["pupil"].update(row.detail.get("pupils", ()))
        self._found: dict[str, dict[int, str]] = {
            kind: {
                row.id: row.ref
                for row in rows_in(transaction, sa.select(table.c.id, table.c.ref), table.c.id, sorted(wanted[kind]))
            }
            for kind, table in self._TABLES.items()
        }

    def who(self, row: Any) -> str:
        """Who did it."""
        if row.person_id is None:
            return "the terminal" if row.via == "terminal" else "apbot"
        return self._found["person"].get(row.person_id, f"person:{row.person_id}")

    def subject(self, subject: str) -> str:
        """What it was done to."""
        kind, _, number = subject.partition(":")
        known = self._found.get(kind, {}).get(int(number)) if number.isdecimal() else None
        return f"{kind} {known}" if known else subject

    def pupil(self, pupil_id: int) -> str:
        """A pupil on a list."""
        return self._found["pupil"].get(pupil_id, f"pupil:{pupil_id}")
