"""A database made of a backup: first on trial, in one of its own, then for good.

For good, the next ids are far above all that were given before: what was posted after the backup still stands in
people's chats, and its buttons speak of rows by their ids. They must lead to nothing, rather than to another pupil.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from apbot.domain.access import TERMINAL
from apbot.store.audit import note
from apbot.store.backup.archive import Archive, Manifest, NotWhole
from apbot.store.copying import copy_tables, differing, go_on_after, highest_id, snapshot, tables_of, write_rows
from apbot.store.database import Database, Transaction
from apbot.store.migrate import HEAD, create, migrate, revision_of, upgrade
from apbot.store.sealing import Unreadable, read_head, verify
from apbot.store.tables import audit, chat_lines, link_codes, messages, metadata, signin_links
from apbot.store.tables.append_only import append_only

GAP = 1_000_000
"""So many ids are left out after a restore: more than are given between two backups."""


class NotEmpty(Exception):
    """There are tables in the database that was to be restored into."""


def load(archive: Archive, manifest: Manifest, database: Database) -> None:
    """Fill an empty database with what the archive holds, under the schema that it was made with.

    Raises `NotWhole`: also where the tables are not those of that schema, or a row speaks of another that is not there.
    """
    if manifest.schema > HEAD:
        raise NotWhole(f"its schema is revision {manifest.schema}; this apbot knows revisions up to {HEAD}: update it")
    if manifest.schema == HEAD:
        upgrade(database.engine)
    else:
        _make_older(database.engine, manifest.schema)
    try:
        with database.engine.begin() as connection:
            _load(connection, archive, manifest)
    except ValueError as problem:
        raise NotWhole(str(problem)) from None
    except sa.exc.OperationalError:
        raise  # the disk is full: that is no fault of the archive
    except (sa.exc.DBAPIError, OverflowError):
        raise NotWhole("its rows do not fit together, or into its tables") from None


def _make_older(engine: sa.Engine, schema: str) -> None:
    from alembic.util import CommandError

    try:
        migrate(engine, schema)
    except CommandError:
        raise NotWhole("its schema is none of apbot's") from None


def _load(connection: sa.Connection, archive: Archive, manifest: Manifest) -> None:
    there = {each.name: each for each in tables_of(connection)}
    if {each.name: each.columns for each in manifest.tables} != {each.name: each.columns for each in there.values()}:
        raise NotWhole(f"its tables are not those of its schema, revision {manifest.schema}")
    for name, rows in groupby(archive.rows(), key=itemgetter(0)):
        write_rows(connection, there[name], (row for _, row in rows))
    for each in manifest.tables:
        go_on_after(connection, each.name, each.highest)


def troubles_of(database: Database, manifest: Manifest) -> Iterator[str]:
    """What is wrong with a database that was just filled by `load`; brings it up to the newest schema meanwhile."""
    with database.engine.begin() as connection:
        for name in differing(connection, manifest.tallies):
            yield f"the table {name} does not hold what was backed up"
        if broken := connection.execute(sa.text("PRAGMA foreign_key_check")).all():
            yield f"{len(broken)} rows speak of others that are not there"
    upgrade(database.engine)
    with database.engine.begin() as connection:
        if revision_of(connection) != HEAD:
            yield "it can't be brought up to the newest schema"
    if not database.run(_is_append_only):
        yield "the audit log can be changed: its triggers are not there"
    try:
        kept = read_head(manifest.audit_head) if manifest.audit_head else None
    except Unreadable:
        yield "the audit log is not what was written: the last seal of the backup is none"
        return
    if broken_at := database.run(verify, kept).broken:
        yield f"the audit log is not what was written, from entry {broken_at.number} on: {broken_at.why}"


def _is_append_only(transaction: Transaction) -> bool:
    """Tried out, where there is an entry to try it on; nothing stays changed."""
    one = transaction.value(sa.select(audit.c.id).where(audit.c.number.is_not(None)).order_by(audit.c.id.desc()))
    if one is None:
        return True
    for change in (sa.update(audit).values(what="changed"), sa.delete(audit)):
        try:
            with transaction.savepoint():
                transaction.execute(change.where(audit.c.id == one))
                raise _Changed
        except _Changed:
            return False
        except sa.exc.DBAPIError:
            continue
    return True


class _Changed(Exception):
    """It could be changed."""


def restore(trial: Database, manifest: Manifest, target: Database) -> None:
    """Make `target`, which must be empty, what `trial` is, for apbot to go on with. All of it or nothing.

    Raises `NotEmpty`, and `NotWhole` where the target does not hold afterwards what was in the trial.
    """
    with snapshot(trial.engine) as source, target.engine.begin() as connection:
        if sa.inspect(connection).get_table_names():
            raise NotEmpty
        create(connection, _never_twice())
        copied = copy_tables(source, connection)
        if wrong := differing(connection, copied):
            raise NotWhole(f"the table {wrong[0]} could not be written as it was")
        highest = {each.name: each.highest for each in manifest.tables}
        for each in tables_of(connection):
            go_on_after(connection, each.name, max(highest.get(each.name, 0), highest_id(connection, each.name)) + GAP)
        _settle(Transaction(connection, target.clock.now()), manifest)


def _never_twice() -> sa.MetaData:
    """The tables, so made that SQLite too can leave ids out."""
    tables = sa.MetaData(naming_convention=metadata.naming_convention)
    for each in metadata.sorted_tables:
        each.to_metadata(tables).dialect_options["sqlite"]["autoincrement"] = True
    append_only(tables.tables[audit.name])
    return tables


def _settle(transaction: Transaction, manifest: Manifest) -> None:
    """What may have happened after the backup is reckoned with."""
    transaction.execute(
        sa.update(messages).where(messages.c.state == "owed", messages.c.next_at.is_not(None)).values(maybe_repeat=True)
    )
    for once in (signin_links, link_codes):  # they may have been used since
        transaction.execute(sa.update(once).where(once.c.used_at.is_(None)).values(used_at=transaction.now))
    newest = sa.select(sa.func.max(chat_lines.c.changed)).scalar_subquery()
    # Pages that are open ask for what comes after the last change they have seen.
    transaction.execute(
        sa.update(chat_lines).where(chat_lines.c.changed == newest).values(changed=chat_lines.c.changed + GAP)
    )
    detail = {"made_at": manifest.made_at.isoformat(), "schema": manifest.schema, "audit_head": manifest.audit_head}
    note(transaction, TERMINAL, "restored from a backup", "backup", **detail)
