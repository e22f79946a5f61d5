"""The audit log as the pupil is shown it: what was done, by whom; and who has read the record, by role."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from apbot.papers.subject.others import Others
from apbot.store.database import Transaction
from apbot.store.parts import rows_in
from apbot.store.reads import READS
from apbot.store.tables import audit
from apbot.store.trail import Step, trail_of_pupil

OF_SEVERAL = ("escalation:", "school", "person ", "roster", "all schools", "check", "register:", "provider")
"""What an entry is about that may be about other pupils too: of these only single figures are shown."""


def read_log(transaction: Transaction, pupil_id: int, others: Others) -> list[dict[str, Any]]:
    """Every entry about the pupil, the oldest first."""
    steps = trail_of_pupil(transaction, pupil_id)
    people = _people(transaction, [step.id for step in steps])
    names = others.names_of({each for each in people.values() if each is not None})
    roles = others.roles_of({each for each in people.values() if each is not None})
    return [
        {
            "at": step.at,
            "who": _who(step, people.get(step.id), names, roles),
            "by way of": step.via,
            "what": step.what,
            "about": "" if step.subject.startswith(OF_SEVERAL) else others.without(step.subject),
            "detail": others.without(_detail(step)),
        }
        for step in steps
    ]


def _people(transaction: Transaction, ids: list[int]) -> dict[int, int | None]:
    query = sa.select(audit.c.id, audit.c.person_id)
    return {row.id: row.person_id for row in rows_in(transaction, query, audit.c.id, ids)}


def _who(step: Step, person_id: int | None, names: dict[int, str], roles: dict[int, str]) -> str:
    """Who acted by name; who only read by role."""
    if person_id is None:
        return step.who
    return roles.get(person_id, "") if step.what in READS else names.get(person_id, "")


def _detail(step: Step) -> str:
    return "; ".join(f"{name}: {value}" for name, value in _values(step))


def _values(step: Step) -> Iterator[tuple[str, Any]]:
    for name, value in step.detail.items():
        is_plain = isinstance(value, str | bool | int)
        if name == "pupils" or value in ("", None, []) or (name == "count" and step.what in READS):
            continue
        if is_plain or (isinstance(value, list) and not step.subject.startswith(OF_SEVERAL)):
            yield name, value if is_plain else " → ".join(map(str, value))
