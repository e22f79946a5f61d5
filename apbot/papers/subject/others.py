"""Keeping third parties out: other pupils wherever a text names them, and staff who have not acted on the record."""

import re

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.parts import rows_in
from apbot.store.tables import people, providers, pupils, roles, schools

ANOTHER = "[another pupil]"

_WORD = re.compile(r"[\w\-/.']+")


class Others:
    """Everybody else: the other pupils' names and references, and what staff are called by their roles."""

    def __init__(self, transaction: Transaction, pupil_id: int) -> None:
        """Read who there is besides this pupil."""
        self._own: set[str] = set()
        self._references: set[str] = set()
        self._names: set[str] = set()
        for row in transaction.rows(sa.select(pupils.c.id, pupils.c.ref, pupils.c.first_name, pupils.c.last_name)):
            names = {part.casefold() for part in f"{row.first_name} {row.last_name}".split()}
            if row.id == pupil_id:
                self._own = names | {row.ref.casefold()}
            else:
                self._references.add(row.ref.casefold())
                self._names |= names
        self._transaction = transaction

    def without(self, text: str, *, names_too: bool = False) -> str:
        """The text without the references of other pupils; with `names_too` without their names as well.

        Names are looked for in what people typed: elsewhere apbot names pupils by their references alone.
        """
        hidden = (self._references | self._names if names_too else self._references) - self._own

        def keep(found: re.Match[str]) -> str:
            word = found[0].casefold()
            bare = word.rstrip(".'").removesuffix("'s")
            return ANOTHER if word in hidden or bare in hidden else found[0]

        return _WORD.sub(keep, text)

    def names_another(self, text: str) -> bool:
        """Whether the text has the reference of another pupil."""
        return self.without(text) != text

    def roles_of(self, person_ids: set[int]) -> dict[int, str]:
        """What these people are by their roles: "DSL, Hillcrest"."""
        found: dict[int, list[str]] = {}
        query = (
            sa.select(roles.c.person_id, roles.c.role, schools.c.name.label("school"), providers.c.name)
            .select_from(roles)
            .outerjoin(schools, schools.c.id == roles.c.school_id)
            .outerjoin(providers, providers.c.id == roles.c.provider_id)
            .order_by(roles.c.id)
        )
        for row in rows_in(self._transaction, query, roles.c.person_id, sorted(person_ids)):
            place = row.school or row.name
            found.setdefault(row.person_id, []).append(f"{row.role}, {place}" if place else row.role)
        return {each: "; ".join(found.get(each, ["no role any more"])) for each in person_ids}

    def names_of(self, person_ids: set[int]) -> dict[int, str]:
        """Who acted on the record, by name and role: "Sam Taylor (named contact, Oak Farm)"."""
        called = self.roles_of(person_ids)
        query = sa.select(people.c.id, people.c.name)
        rows = {row.id: row.name for row in rows_in(self._transaction, query, people.c.id, sorted(person_ids))}
        return {each: f"{rows[each]} ({called[each]})" for each in person_ids if each in rows}
