"""`apbot backup`: everything that is kept, in one file, while apbot runs."""

import json
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from apbot.cli.outfile import written_whole
from apbot.cli.trouble import fail, in_short, settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apbot.store.backup.archive import Manifest, Sink
    from apbot.store.database import Database

NAMED = re.compile(r"apbot-\d{8}-\d{6}\.backup\.gz")
"""How what is put into a folder is named: by the day and the time, in UTC. Nothing else is ever removed."""


def add_to(app: typer.Typer) -> None:
    """Add `backup` to the program."""
    app.command("backup")(backup)


def backup(
    out: Annotated[Path, typer.Option("--out", help="A folder, a new file, or - for standard output.")],
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="In a folder: remove all but the newest so many.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write everything that is kept to one compressed file, while apbot runs: one and the same state of all of it.

    It holds pupils' names and all that is on record: keep it as safe as the database. `apbot restore FILE --verify`
    says whether apbot can be made of it again.
    """
    is_folder = out.is_dir()
    if keep is not None and not is_folder:
        fail(f"--keep removes old backups from a folder, and {out} is none. Make it, or leave --keep out.", code=2)
    if str(out) != "-" and not is_folder and out.exists():
        fail(f"{out} is there already. Give a folder, or a file that is not there yet.", code=2)
    if str(out) == "-" and sys.stdout.isatty():
        fail("A backup is no text to be shown. Send it on: apbot backup --out - | age -r KEY > FILE", code=2)
    began = perf_counter()
    with _database_or_exit() as database:
        file, manifest, size = _write(database, out, is_folder)
        _note(database, manifest, size)
    removed = _prune(out, keep) if keep is not None else []
    told = {
        "file": str(file),
        "bytes": size,
        "rows": manifest.rows,
        "tables": len(manifest.tables),
        "schema": manifest.schema,
        "made_at": manifest.made_at.isoformat(),
        "audit_head": manifest.audit_head,
        "seconds": round(perf_counter() - began, 2),
        "removed": removed,
    }
    typer.echo(json.dumps(told, indent=2) if as_json else _words(told), err=str(out) == "-")


def _words(told: dict[str, Any]) -> str:
    lines = [
        f"{told['file']}: {told['rows']:,} rows of {told['tables']} tables, {told['bytes'] / 1e6:,.1f} MB, "
        f"{told['seconds']:.1f} s.",
        f"The audit log's head in it: {told['audit_head'] or 'none'}",
        *(f"Removed: {each}" for each in told["removed"]),
    ]
    return "\n".join(lines)


@contextmanager
def _database_or_exit() -> "Iterator[Database]":
    """The database as it is, under whatever schema: a backup is what is made before an upgrade."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import DBAPIError

    from apbot.clock import SystemClock
    from apbot.store.database import Database

    url = settings_or_exit().database_url
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        fail("There is no database at the place that APBOT_DATABASE_URL names.")
    database = Database(url, SystemClock())
    try:
        yield database
    except DBAPIError as trouble:
        fail(f"The database can't be read: {in_short(trouble)}. No backup was made.")
    finally:
        database.close()


def _write(database: "Database", out: Path, is_folder: bool) -> "tuple[Path, Manifest, int]":
    now = database.clock.now()
    if str(out) == "-":
        counted = _Counted(sys.stdout.buffer)
        manifest = _archive(database, counted)
        counted.flush()
        return out, manifest, counted.size
    file = out / f"apbot-{now:%Y%m%d-%H%M%S}.backup.gz" if is_folder else out
    with written_whole(file) as (_, stream):
        manifest = _archive(database, stream)
        size = stream.tell()
    return file, manifest, size


def _archive(database: "Database", stream: "Sink") -> "Manifest":
    from apbot import __version__
    from apbot.store.backup.archive import NotWhole, write_archive
    from apbot.store.copying import snapshot

    try:
        with snapshot(database.engine) as connection:
            return write_archive(connection, stream, apbot=__version__, made_at=database.clock.now())
    except NotWhole as trouble:
        fail(f"No backup was made: {trouble}. Check APBOT_DATABASE_URL.")


class _Counted:
    """Standard output, which can't say how much went into it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.size = stream, 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return self._stream.write(data)

    def flush(self) -> None:
        self._stream.flush()


def _note(database: "Database", manifest: "Manifest", size: int) -> None:
    """In the audit log, where this apbot can write to it: under an older schema the backup comes before an upgrade."""
    from apbot.store.backup.made import note_made
    from apbot.store.migrate import HEAD

    if manifest.schema == HEAD:
        database.run(note_made, manifest, size)


def _prune(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` of what this command has put there; their names."""
    old = sorted(each for each in folder.iterdir() if NAMED.fullmatch(each.name))[:-keep]
    for each in old:
        try:
            each.unlink()
        except OSError as trouble:
            fail(f"The backup is made, but {each} can't be removed: {trouble.strerror}.")
    return [each.name for each in old]
