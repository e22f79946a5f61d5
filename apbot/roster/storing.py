"""Writing the changes of a roster: in bulk, and in the order in which rows refer to one another."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from apbot.domain.walltime import local_date
from apbot.roster.changes import KINDS, Changes
from apbot.roster.records import PlaceClosure, Placement, PlaceTerm, Post, ProviderDocument
from apbot.store import roster as store
from apbot.store.database import Transaction
from apbot.store.tables import closures, documents, people, placements, providers, pupils, roles, schools, terms

TABLES = {
    "schools": schools,
    "people": people,
    "providers": providers,
    "pupils": pupils,
    "placements": placements,
    "documents": documents,
}

EXPECTS = frozenset({"pupil", "provider", "starts_on", "ends_on", "pattern", "hours", "alert_minutes"})
"""The fields of a placement that decide which sessions are expected and when they are alerted."""

PUPIL_EXPECTS = frozenset({"school", "ends_on"})
"""The fields of a pupil that do."""


class Storing:
    """One run of writing; knows the ids of everything once it is written."""

    def __init__(self, transaction: Transaction, changes: Changes) -> None:
        self._transaction = transaction
        self._changes = changes
        self._ids: dict[str, dict[str, int]] = {}

    def write(self) -> None:
        """Write everything."""
        for kind in KINDS:
            self._write_kind(kind)
        self._write_roles()
        self._write_dates()
        self._touch()

    def id(self, kind: str, ref: str) -> int:
        """The id of a record."""
        return self._ids[kind][ref]

    def place(self, ref: str) -> str:
        """ "school:3" or "provider:5"."""
        column, row_id = self._organisation(ref)
        return f"{column.removesuffix('_id')}:{row_id}"

    def _write_kind(self, kind: str) -> None:
        table = TABLES[kind]
        store.insert_all(self._transaction, table, [self._row(each) for each in self._changes.added[kind]])
        self._ids[kind] = self._ids_of(kind)
        changed = {}
        for each in self._changes.changed[kind]:
            columns = self._columns(each.values)
            if kind == "placements" and EXPECTS & each.values.keys():
                columns["touched_at"] = self._transaction.now
            if columns:
                changed[self._ids[kind][each.ref]] = columns
        store.update_all(self._transaction, table, changed)

    def _ids_of(self, kind: str) -> dict[str, int]:
        if kind != "documents":
            return store.ids_by_ref(self._transaction, TABLES[kind])
        refs = {row_id: ref for ref, row_id in self._ids["providers"].items()}
        return {
            ProviderDocument(refs[row.provider_id], row.kind, row.about).ref: row.id
            for row in store.all_rows(self._transaction, documents)
        }

    def _row(self, record: Any) -> dict[str, Any]:
        """A new record as the row that is stored."""
        row = self._columns({name: (None, value) for name, value in vars(record).items() if name != "row"})
        if isinstance(record, Placement):
            row["touched_at"] = self._transaction.now
            row["added_on"] = local_date(self._transaction.now)
        return row

    def _columns(self, values: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
        """The columns that hold these fields, with their new values."""
        columns: dict[str, Any] = {}
        for name, (_, value) in values.items():
            match name:
                case "posts":
                    continue
                case "school":
                    columns["school_id"] = self.id("schools", value)
                case "provider":
                    columns["provider_id"] = self.id("providers", value)
                case "pupil":
                    columns["pupil_id"] = self.id("pupils", value)
                case "key_worker":
                    columns["key_worker_id"] = self.id("people", value) if value else None
                case "policy":
                    columns["steps"] = None if value is None else value.to_json()
                case "review_dates":
                    columns[name] = [each.isoformat() for each in value] or None
                case "hours" | "pattern" | "rhythms":
                    columns[name] = value.to_json()
                case _:
                    columns[name] = value
        return columns

    def _organisation(self, ref: str) -> tuple[str, int]:
        if ref in self._ids["schools"]:
            return "school_id", self._ids["schools"][ref]
        return "provider_id", self._ids["providers"][ref]

    def _organisation_columns(self, ref: str) -> dict[str, int | None]:
        columns: dict[str, int | None] = {"school_id": None, "provider_id": None}
        if ref:
            column, row_id = self._organisation(ref)
            columns[column] = row_id
        return columns

    def _write_roles(self) -> None:
        """Give the roles that are new, take those that are gone; one that stays keeps its row."""
        new: list[tuple[int, Post]] = []
        gone: set[tuple[int, str, int | None, int | None]] = set()
        for person in self._changes.added["people"]:
            new += [(self.id("people", person.ref), post) for post in sorted(person.posts)]
        for changed in self._changes.changed["people"]:
            before, after = changed.values.get("posts", (frozenset(), frozenset()))
            person_id = self.id("people", changed.ref)
            new += [(person_id, post) for post in sorted(after - before)]
            for post in before - after:
                where = self._organisation_columns(post.organisation)
                gone.add((person_id, post.role.value, where["school_id"], where["provider_id"]))
        if gone:
            rows = store.all_rows(self._transaction, roles)
            ids = [row.id for row in rows if (row.person_id, row.role, row.school_id, row.provider_id) in gone]
            store.delete_all(self._transaction, roles, ids)
        rows_to_add = [
            {"person_id": person_id, "role": post.role.value, **self._organisation_columns(post.organisation)}
            for person_id, post in new
        ]
        store.insert_all(self._transaction, roles, rows_to_add)

    def _write_dates(self) -> None:
        for table, kind in ((terms, PlaceTerm), (closures, PlaceClosure)):
            gone = [self._date_row(each) for each in self._changes.old_dates if isinstance(each, kind)]
            if gone:
                ids = [
                    row.id
                    for row in store.all_rows(self._transaction, table)
                    if {name: value for name, value in row._mapping.items() if name != "id"} in gone
                ]
                store.delete_all(self._transaction, table, ids)
            new = [self._date_row(each) for each in self._changes.new_dates if isinstance(each, kind)]
            store.insert_all(self._transaction, table, new)

    def _date_row(self, each: PlaceTerm | PlaceClosure) -> dict[str, Any]:
        span = each.term if isinstance(each, PlaceTerm) else each.closure
        return {**self._organisation_columns(each.place), **vars(span)}

    def _touch(self) -> None:
        """Today's sessions that are only now expected are counted from now, not from a start that has passed."""
        today = local_date(self._transaction.now)
        changed_today = {
            self._organisation(each.place)
            for each in (*self._changes.old_dates, *self._changes.new_dates)
            if _covers(each, today)
        }
        store.touch_placements(
            self._transaction,
            pupil_ids=[
                self.id("pupils", each.ref)
                for each in self._changes.changed["pupils"]
                if PUPIL_EXPECTS & each.values.keys()
            ],
            school_ids=[row_id for column, row_id in changed_today if column == "school_id"],
            provider_ids=[row_id for column, row_id in changed_today if column == "provider_id"],
        )


def _covers(each: PlaceTerm | PlaceClosure, day: date) -> bool:
    span = each.term if isinstance(each, PlaceTerm) else each.closure
    return span.starts_on <= day <= span.ends_on
