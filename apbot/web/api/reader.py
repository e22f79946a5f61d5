"""Whose records a key may see, for one request, and a page of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from apbot.domain.scopes import Scope
from apbot.domain.walltime import local_date
from apbot.store.apikeys import Key
from apbot.store.database import Transaction
from apbot.store.tables import providers, schools
from apbot.web.api.params import USUAL
from apbot.web.api.problems import not_there

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Some items, the references of the pupils in them, and where the next page begins, if there is one."""

    items: list[dict[str, Any]]
    references: list[str]
    after: int | None = None


class Reader:
    """Reads for one request. `given` are its parameters. Raises `Problem` for a place that the key may not see."""

    def __init__(self, transaction: Transaction, key: Key, given: Given) -> None:
        """Read what `key` may see."""
        self.transaction = transaction
        self.given = given
        self.today = local_date(transaction.now)
        self.limit: int = given.get("limit", USUAL)
        self.after: int = given.get("after", 0)
        self.actor = key.actor
        self._with_names = Scope.NAMES in key.scopes
        self.schools: dict[int, dict[str, str]] = {
            row.id: {"ref": row.ref, "name": row.name}
            for row in transaction.rows(sa.select(schools.c.id, schools.c.ref, schools.c.name))
            if self.actor.may_answer(row.id)
        }
        self.providers: dict[int, dict[str, str]] = {
            row.id: {"ref": row.ref, "name": row.name}
            for row in transaction.rows(sa.select(providers.c.id, providers.c.ref, providers.c.name))
        }

    def of_school(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """For a query: the one school that is asked for, else every school of the key."""
        if ref := self.given.get("school"):
            return column == self.school_called(ref)
        return sa.true() if self.actor.is_admin_of_all else column.in_(list(self.schools))

    def school_called(self, ref: str) -> int:
        """The school with this reference. Raises `Problem`, the same for none and for one of another key."""
        found = next((number for number, place in self.schools.items() if place["ref"] == ref), None)
        if found is None:
            raise not_there("school")
        return found

    def of_provider(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """For a query: the provider that is asked for, if any."""
        ref = self.given.get("provider")
        if ref is None:
            return sa.true()
        return column.in_([number for number, place in self.providers.items() if place["ref"] == ref])

    def days(self) -> tuple[date, date]:
        """The days that are asked for; today without any."""
        first = self.given.get("from", self.today)
        return first, self.given.get("to", first)

    def pupil(self, ref: str, first_name: str, last_name: str) -> dict[str, Any]:
        """A pupil, named where the key may name them."""
        names = {"first_name": first_name, "last_name": last_name} if self._with_names else {}
        return {"ref": ref, **names}

    def page(self, statement: sa.Select[Any], number: sa.ColumnElement[int]) -> tuple[list[sa.Row[Any]], int | None]:
        """The rows of the page, in the order of `number`, and where the next one begins."""
        rows = self.transaction.rows(statement.where(number > self.after).order_by(number).limit(self.limit + 1))
        shown = list(rows[: self.limit])
        return shown, shown[-1].id if len(rows) > self.limit else None
