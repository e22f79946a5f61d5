"""The file that a backup is: lines of JSON, compressed by gzip, for either database.

The first line says what is in it: which apbot and which schema it is of, when it was made, and each table with its
columns and how many rows it has. Then comes a line for each row, table after table, and at the end one with each
table's checksum. `zcat` shows all of it.
"""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson
import sqlalchemy as sa

from apbot.store.copying import Moved, Row, Tally, Tallying, highest_id, line_of, read_rows, tables_of
from apbot.store.migrate import revision_of

FORMAT = 1
"""Of the archive itself; the tables' own is the schema."""

LONGEST_LINE = 8_000_000
"""Bytes of one line: a row of apbot's has some hundred, a report some ten thousand."""

UNPACKS_TO = 300
"""A backup unpacks to some ten times its size; what unpacks to more than this many times is none."""

SMALL = 50_000_000
"""Bytes that anything may unpack to."""


class Sink(Protocol):
    """Whatever can be written to."""

    def write(self, data: bytes, /) -> object:
        """Take these bytes."""
        ...

    def flush(self) -> object:
        """Hand on what was taken."""
        ...


class NotWhole(Exception):
    """The file is no backup, or not a whole one. The text says why."""


@dataclass(frozen=True)
class Kept:
    """One table in a backup. `highest` is the highest id it had ever given."""

    name: str
    columns: tuple[str, ...]
    rows: int
    highest: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says that it holds. `audit_head` is "" where no entry of the audit log was sealed."""

    apbot: str
    schema: str
    made_at: datetime
    audit_head: str
    tables: tuple[Kept, ...]
    sums: Mapping[str, str]

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(each.rows for each in self.tables)

    @property
    def tallies(self) -> dict[str, Tally]:
        """What each table must hold when it is restored."""
        return {each.name: Tally(each.rows, self.sums[each.name]) for each in self.tables}


def write_archive(connection: sa.Connection, stream: Sink, *, apbot: str, made_at: datetime) -> Manifest:
    """Write all that `connection` sees, which must be one and the same state all through. Raises `NotWhole`."""
    schema = revision_of(connection)
    if schema is None:
        raise NotWhole("there is no apbot database")
    tables = tables_of(connection)
    kept = tuple(_kept(connection, each) for each in tables)
    manifest = Manifest(apbot, schema, made_at, _audit_head(connection, tables), kept, {})
    with gzip.GzipFile(filename="", fileobj=stream, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.write(_first_line(manifest))
        sums = {each.name: _write_table(connection, each, packed).sha256 for each in tables}
        packed.write(orjson.dumps({"sha256": sums}, option=orjson.OPT_APPEND_NEWLINE))
    return Manifest(apbot, schema, made_at, manifest.audit_head, kept, sums)


def _write_table(connection: sa.Connection, moved: Moved, packed: gzip.GzipFile) -> Tally:
    counting = Tallying()
    for row in read_rows(connection, moved):
        line = line_of(row)
        counting.add(line)
        packed.write(line)
    return counting.tally


def _kept(connection: sa.Connection, moved: Moved) -> Kept:
    rows = connection.scalar(sa.select(sa.func.count()).select_from(moved.table)) or 0
    return Kept(moved.name, moved.columns, rows, highest_id(connection, moved.name))


def _audit_head(connection: sa.Connection, tables: list[Moved]) -> str:
    """The newest sealed entry as `apbot audit head` prints it; a schema from before the seals has none."""
    audit = next((each.table for each in tables if each.name == "audit" and "seal" in each.columns), None)
    if audit is None:
        return ""
    query = sa.select(audit.c.number, audit.c.seal).where(audit.c.number.is_not(None)).order_by(audit.c.number.desc())
    row = connection.execute(query.limit(1)).first()
    return f"{row.number}:{row.seal}" if row else ""


def _first_line(manifest: Manifest) -> bytes:
    said = {
        "backup of apbot": FORMAT,
        "apbot": manifest.apbot,
        "schema": manifest.schema,
        "made_at": manifest.made_at.isoformat(),
        "audit_head": manifest.audit_head,
        "tables": [
            {"name": each.name, "columns": each.columns, "rows": each.rows, "highest": each.highest}
            for each in manifest.tables
        ],
    }
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


class Archive:
    """A backup's file, read from its beginning to its end. Raises `NotWhole` for whatever is not as it was written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def examine(self) -> Manifest:
        """Read all of it, without keeping any of it, and say what it holds."""
        manifest = None
        for found in self._read():
            if isinstance(found, Manifest):
                manifest = found
        if manifest is None or not manifest.sums:
            raise NotWhole("it is cut off")
        return manifest

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Every row with its table's name, table after table."""
        for found in self._read():
            if not isinstance(found, Manifest):
                yield found

    def _read(self) -> Iterator[Manifest | tuple[str, Row]]:
        """The manifest without its sums, each row, and the manifest with its sums."""
        try:
            with self._path.open("rb") as stream, gzip.GzipFile(fileobj=stream) as packed:
                lines = _Lines(packed, self._path.stat().st_size)
                manifest = _manifest(lines.next())
                yield manifest
                sums = {}
                for each in manifest.tables:
                    counting = Tallying()
                    for _ in range(each.rows):
                        line = lines.next()
                        counting.add(line)
                        yield each.name, _row(line, each)
                    sums[each.name] = counting.tally.sha256
                if _sums(lines.next()) != sums:
                    raise NotWhole("its checksums are not those of what is in it")
                if packed.read(1):
                    raise NotWhole("something comes after its end")
                yield Manifest(
                    manifest.apbot, manifest.schema, manifest.made_at, manifest.audit_head, manifest.tables, sums
                )
        except gzip.BadGzipFile:
            raise NotWhole("it is no backup of apbot, or is damaged") from None
        except EOFError:
            raise NotWhole("it is cut off") from None
        except zlib.error:
            raise NotWhole("it is damaged") from None


class _Lines:
    """The lines of what is unpacked, as long as they are of a sensible length and number."""

    def __init__(self, packed: gzip.GzipFile, size: int) -> None:
        self._packed = packed
        self._left = max(SMALL, size * UNPACKS_TO)

    def next(self) -> bytes:
        line = self._packed.readline(LONGEST_LINE)
        self._left -= len(line)
        if self._left < 0:
            raise NotWhole("it unpacks to far more than a backup of its size does")
        if not line:
            raise NotWhole("it is cut off")
        if not line.endswith(b"\n"):
            raise NotWhole("it is damaged: a line is cut off, or far too long")
        return line


def _json(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise NotWhole("it is damaged, or no backup of apbot") from None


def _manifest(line: bytes) -> Manifest:
    said = _json(line)
    if not isinstance(said, dict) or "backup of apbot" not in said:
        raise NotWhole("it is no backup of apbot")
    if said["backup of apbot"] != FORMAT:
        raise NotWhole("it was made by a newer apbot: update this one first")
    try:
        tables = tuple(
            Kept(str(each["name"]), tuple(map(str, each["columns"])), int(each["rows"]), int(each["highest"]))
            for each in said["tables"]
        )
        made_at = datetime.fromisoformat(said["made_at"])
        known = (str(said["apbot"]), str(said["schema"]), made_at, str(said["audit_head"]))
    except (KeyError, TypeError, ValueError):
        raise NotWhole("what it says of itself can't be read") from None
    if made_at.tzinfo is None or len({each.name for each in tables}) != len(tables) or not tables:
        raise NotWhole("what it says of itself can't be so")
    return Manifest(*known, tables, {})


def _row(line: bytes, kept: Kept) -> Row:
    row = _json(line)
    if not isinstance(row, list) or len(row) != len(kept.columns):
        raise NotWhole(f"a row of {kept.name} is none")
    return row


def _sums(line: bytes) -> dict[str, str]:
    said = _json(line)
    sums = said.get("sha256") if isinstance(said, dict) else None
    if not isinstance(sums, dict):
        raise NotWhole("its checksums are missing")
    return sums
