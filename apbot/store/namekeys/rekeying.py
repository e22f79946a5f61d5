"""Going through everything that may be encrypted, a few rows at a time while apbot runs: what is under which key, and
bringing it all under the newest, or back to plain text.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from apbot.store.database import Database, Transaction
from apbot.store.namekeys.cipher import PREFIX, Cipher, Unreadable
from apbot.store.tables import metadata, name_keys
from apbot.store.tables.personal import Personal, PersonalJson

AT_ONCE = 200
"""So many rows are changed in one transaction: a few milliseconds, for which a tap may have to wait."""

PLAIN = ""
"""In place of a key's name, of what is not encrypted."""


@dataclass(frozen=True)
class Trouble:
    """One value that can't be decrypted."""

    table: str
    column: str
    row_id: int
    why: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of the row with the id {self.row_id}: {self.why}"


@dataclass(frozen=True)
class Place:
    """A column as it is kept: `raw` is its value as text, before anything is decrypted."""

    table: sa.TableClause
    name: str
    is_json: bool

    @property
    def where(self) -> str:
        """The column's whole name."""
        return f"{self.table.name}.{self.name}"

    @property
    def raw(self) -> sa.ColumnElement[str]:
        """Of JSON a text in quotation marks, where it is encrypted."""
        return sa.cast(self.table.c[self.name], sa.Text)

    @property
    def begins(self) -> str:
        """How `raw` begins where it is encrypted."""
        return f'"{PREFIX}' if self.is_json else PREFIX

    def text_of(self, names: Cipher, raw: str) -> str:
        """The text, or the structure as JSON. Raises `Unreadable`."""
        return names.decrypt(self.where, raw.strip('"') if raw.startswith(self.begins) else raw)


def _place(column: sa.Column[Any]) -> Place:
    kind = sa.JSON() if isinstance(column.type, PersonalJson) else sa.Text()
    table = sa.table(column.table.name, sa.column("id", sa.Integer), sa.column(column.name, kind))
    return Place(table, column.name, isinstance(column.type, PersonalJson))


PLACES = [
    _place(column)
    for table in metadata.sorted_tables
    for column in table.c
    if isinstance(column.type, Personal | PersonalJson)
]
"""Every column that may be encrypted."""


def count_keys(transaction: Transaction) -> dict[str, Counter[str]]:
    """For each table how many of its values are under which key, and how many are plain."""
    found: dict[str, Counter[str]] = {}
    for place in PLACES:
        key = sa.case(
            (place.raw.startswith(place.begins), sa.func.substr(place.raw, len(place.begins) + 1, 8)), else_=PLAIN
        ).label("under_key")
        there = place.raw.not_in(["", "null"]) if place.is_json else place.raw != ""
        query = sa.select(key, sa.func.count().label("how_many")).select_from(place.table).where(there)
        counted = {
            row.under_key: row.how_many for row in transaction.rows(query.group_by(sa.literal_column("under_key")))
        }
        found.setdefault(place.table.name, Counter()).update(counted)
    return found


def find_troubles(database: Database, names: Cipher) -> Iterator[Trouble]:
    """Every value that can't be decrypted. Reads everything."""
    for place in PLACES:
        after = 0
        while rows := database.look(_page, place, after, place.raw.startswith(place.begins)):
            for row in rows:
                try:
                    place.text_of(names, row.raw)
                except Unreadable as problem:
                    yield Trouble(place.table.name, place.name, row.id, str(problem))
            after = rows[-1].id


def _page(transaction: Transaction, place: Place, after: int, which: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
    query = sa.select(place.table.c.id, place.raw.label("raw")).where(place.table.c.id > after, which)
    return list(transaction.rows(query.order_by(place.table.c.id).limit(AT_ONCE)))


def encrypt_all(database: Database, names: Cipher, went: Callable[[int], None]) -> list[Trouble]:
    """Bring everything under the newest key; `went` is told how many were changed. What could not be read stays as
    it is, and is given back.
    """
    key_id = names.newest

    def others(place: Place) -> sa.ColumnElement[bool]:
        something = place.raw.not_in(["", "null"]) if place.is_json else place.raw != ""
        return sa.and_(something, sa.not_(place.raw.startswith(f"{place.begins}{key_id}:")))

    def newly(place: Place, text: str) -> Any:
        return names.encrypt_under(key_id, place.where, text)

    return [each for place in PLACES for each in _go_through(database, names, place, others(place), newly, went)]


def decrypt_all(database: Database, names: Cipher, went: Callable[[int], None]) -> list[Trouble]:
    """Bring everything back to plain text, as `encrypt_all`."""

    def plain(place: Place, text: str) -> Any:
        return orjson.loads(text) if place.is_json else text

    return [
        each
        for place in PLACES
        for each in _go_through(database, names, place, place.raw.startswith(place.begins), plain, went)
    ]


Make = Callable[[Place, str], Any]


def _go_through(
    database: Database,
    names: Cipher,
    place: Place,
    which: sa.ColumnElement[bool],
    make: Make,
    went: Callable[[int], None],
) -> Iterator[Trouble]:
    after = 0
    while True:
        began = time.monotonic()
        last, changed, troubles = database.run(_change_page, names, place, after, which, make)
        yield from troubles
        if last is None:
            return
        after = last
        went(changed)
        time.sleep(time.monotonic() - began)  # half of the time is everybody else's, on SQLite too


def _change_page(
    transaction: Transaction, names: Cipher, place: Place, after: int, which: sa.ColumnElement[bool], make: Make
) -> tuple[int | None, int, list[Trouble]]:
    """Change one page; the last id of it (None where there was none), how many rows, and what could not be read."""
    if transaction.connection.dialect.name == "sqlite":
        transaction.connection.exec_driver_sql("PRAGMA secure_delete = ON")  # the old value is overwritten
    rows = _page(transaction, place, after, which)
    troubles, changes = [], []
    for row in rows:
        try:
            value = make(place, place.text_of(names, row.raw))
        except Unreadable as problem:
            troubles.append(Trouble(place.table.name, place.name, row.id, str(problem)))
        else:
            changes.append({"b_id": row.id, "b_raw": row.raw, "b_value": value})
    if changes:
        # Where somebody has changed it meanwhile, what they wrote stays.
        same = (place.table.c.id == sa.bindparam("b_id"), place.raw == sa.bindparam("b_raw", type_=sa.Text))
        value_of = sa.bindparam("b_value", type_=place.table.c[place.name].type)
        transaction.execute(sa.update(place.table).where(*same).values({place.name: value_of}), changes)
    return (rows[-1].id if rows else None), len(changes), troubles


def let_go_of_keys(transaction: Transaction, kept: str) -> list[str]:
    """Forget the keys that nothing is under any more, all but the one `kept`; the names of those that went."""
    used = {key for counts in count_keys(transaction).values() for key in counts}
    known = [row.key_id for row in transaction.rows(sa.select(name_keys.c.key_id).order_by(name_keys.c.id))]
    gone = [each for each in known if each not in used and each != kept]
    transaction.execute(sa.delete(name_keys).where(name_keys.c.key_id.in_(gone)))
    return gone


def compact(database: Database) -> None:
    """Write the database anew, so that nothing of what was deleted or changed is left in free space. Nobody can write
    meanwhile.
    """
    lent = database.engine.raw_connection()
    driver: Any = lent.driver_connection
    try:
        if database.engine.dialect.name == "sqlite":
            statements = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
        else:
            statements = [f"VACUUM (FULL) {name}" for name in dict.fromkeys(place.table.name for place in PLACES)]
            driver.rollback()
            driver.autocommit = True  # within a transaction it can't be done
        cursor = driver.cursor()
        for sql in statements:
            cursor.execute(sql)
        cursor.close()
    finally:
        lent.invalidate()  # nobody else gets it as it is now
        lent.close()
