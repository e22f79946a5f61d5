"""Everybody whose chat can be looked at, as the page's lists show them."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.store.database import Transaction
from apbot.store.tables import people, providers, roles, schools

DOES = {
    Role.NAMED_CONTACT: "The provider: says who has arrived",
    Role.DEPUTY_CONTACT: "The provider: answers when the contact does not",
    Role.ATTENDANCE_CONTACT: "The school: finds out where a missing pupil is",
    Role.DSL: "The school: told of every pupil not accounted for",
    Role.DEPUTY_DSL: "The school: told when ten minutes pass unanswered",
    Role.HEAD: "The school: told when twenty minutes pass unanswered",
    Role.KEY_WORKER: "The school: kept informed of their own pupils",
    Role.ADMIN: "Keeps the roster, and hears what would be missed",
}
"""What each is there for, for somebody who has never heard of any of this."""

TITLES = {Role.DSL: "Safeguarding lead (DSL)", Role.DEPUTY_DSL: "Deputy safeguarding lead"}
"""Where the field's word says too little."""


@dataclass(frozen=True)
class Member:
    """One person. `conversations` are those they read, the one to be shown first of all in front."""

    ref: str
    name: str
    role: str
    title: str
    does: str
    conversations: tuple[str, ...]


def cast_of(transaction: Transaction) -> dict[str, list[Member]]:
    """Everybody, by the name of where they work, providers first."""
    rows = transaction.rows(
        sa.select(
            people.c.id,
            people.c.ref,
            people.c.name,
            roles.c.role,
            roles.c.provider_id,
            providers.c.name.label("provider"),
            schools.c.name.label("school"),
        )
        .join_from(people, roles)
        .outerjoin(providers, providers.c.id == roles.c.provider_id)
        .outerjoin(schools, schools.c.id == roles.c.school_id)
        .order_by(roles.c.provider_id.is_(None), people.c.id)
    )
    found: dict[str, list[Member]] = defaultdict(list)
    for row in rows:
        role = Role(row.role)
        own = f"person:{row.id}"
        found[row.provider or row.school or "Everywhere"].append(
            Member(
                row.ref,
                row.name,
                role.value,
                row.provider if role in PROVIDER_ROLES else TITLES.get(role, role.value[0].upper() + role.value[1:]),
                DOES[role],
                (own,) if row.provider_id is None else (f"provider:{row.provider_id}", own),
            )
        )
    return dict(found)
