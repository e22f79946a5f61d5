"""`apbot restore`: whether apbot can be made of a backup again, and making it."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apbot.cli.options import AsJson
from apbot.cli.trouble import fail, in_short
from apbot.store.ondisk import keep

if TYPE_CHECKING:
    from apbot.store.backup.archive import Archive, Manifest
    from apbot.store.database import Database


ROOM = "Is there room for the database in the folder for temporary files (TMPDIR), and where it is to go?"


def add_to(app: typer.Typer) -> None:
    """Add `restore` to the program."""
    app.command("restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(help="What `apbot backup` has written.")],
    verify: Annotated[bool, typer.Option("--verify", help="Only try it out, in a database that goes again.")] = False,
    into: Annotated[
        str, typer.Option("--into", metavar="URL", help="Then make this database of it: sqlite:///FILE, postgresql+...")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Restore a backup on trial, check all of it, and with --into make a new database of it.

    The trial holds every row against its checksum, the rows against each other, and the audit log against its seals;
    brings it up to the newest schema; and has apbot check who would be reached. Nothing is sent. Ends with 0 if all is
    well, with 1 if not, and then nothing was written.
    """
    from sqlalchemy.exc import DBAPIError

    from apbot.store.backup.archive import Archive, NotWhole

    if verify == bool(into):
        fail("Say --verify to try the backup out, or --into URL to make a new database of it.", code=2)
    if not file.is_file():
        fail(f"There is no file {file}.", code=2)
    target = _address_or_exit(into) if into else ""
    began = perf_counter()
    try:
        archive = Archive(file)
        manifest = archive.examine()
        with tempfile.TemporaryDirectory(prefix="apbot-restore-") as folder, _opened(f"{folder}/trial.db") as trial:
            told = _try(archive, manifest, trial)
            if not told["troubles"] and target:
                _make(trial, manifest, target)
    except NotWhole as trouble:
        fail(f"{file} can't be restored: {trouble}. Nothing was written.")
    except DBAPIError as trouble:
        fail(f"It can't be tried out: {in_short(trouble)}. Nothing was written. {ROOM}")
    except OSError as trouble:
        fail(f"It can't be restored: {trouble.strerror or trouble}. Nothing was written. {ROOM}")
    told |= {"restored": bool(target and not told["troubles"]), "seconds": round(perf_counter() - began, 2)}
    typer.echo(json.dumps(told, indent=2) if as_json else "\n".join(_lines(told)))
    if told["troubles"]:
        raise typer.Exit(1)


def _address_or_exit(url: str) -> str:
    from apbot.settings import WrongSettings, load_settings

    try:
        return load_settings(database_url=url).database_url
    except WrongSettings:
        fail("--into is no database's address. Give sqlite:///FILE or postgresql+psycopg://...", code=2)


@contextmanager
def _opened(file: str) -> "Iterator[Database]":
    with _database(f"sqlite:///{file}") as database:
        yield database


@contextmanager
def _database(url: str) -> "Iterator[Database]":
    from apbot.clock import SystemClock
    from apbot.store.database import Database

    database = Database(url, SystemClock())
    try:
        yield database
    finally:
        database.close()


def _try(archive: "Archive", manifest: "Manifest", trial: "Database") -> dict[str, Any]:
    """Fill the trial's database, and say what it holds and what is wrong with it."""
    from apbot.readiness import check
    from apbot.store.backup.restoring import load, troubles_of
    from apbot.store.migrate import HEAD

    load(archive, manifest, trial)
    troubles = list(troubles_of(trial, manifest))
    report = None if troubles else trial.run(check)
    return {
        "made_at": manifest.made_at.isoformat(),
        "age_hours": round((trial.clock.now() - manifest.made_at) / timedelta(hours=1), 1),
        "by": manifest.apbot,
        "schema": manifest.schema,
        "migrated_to": HEAD,
        "rows": {each.name: each.rows for each in manifest.tables},
        "audit_head": manifest.audit_head,
        "schools": len(report.schools) if report else 0,
        "would_be_missed": len(report.missed) if report else 0,
        "troubles": troubles,
    }


def _make(trial: "Database", manifest: "Manifest", url: str) -> None:
    """Make the database at `url` of the trial's."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import DBAPIError

    from apbot.store.backup.restoring import NotEmpty, restore

    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            with _new_file(Path(parsed.database or "")) as beside, _opened(str(beside)) as target:
                restore(trial, manifest, target)
        else:
            with _database(url) as target:
                restore(trial, manifest, target)
    except NotEmpty:
        fail("There are tables in that database already. A backup is restored into an empty one: make a new one.")
    except DBAPIError as trouble:
        fail(f"The database refused, and nothing was restored: {in_short(trouble)}.")


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside it, which takes its name once it is whole; never the place of one that is there."""
    if any(Path(f"{file}{end}").exists() for end in ("", "-wal", "-shm", "-journal")):
        fail(f"{file} is there already, or what SQLite keeps beside it. Stop apbot, and move them away first.")
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield beside
        if Path(f"{beside}-wal").exists():
            # SQLite says nothing where it can't bring into the file, as it is closed, what it has committed beside it.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.link(beside, file)
        keep(file.parent)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{beside}{end}").unlink(missing_ok=True)


def _lines(told: dict[str, Any]) -> list[str]:
    rows = sum(told["rows"].values())
    lines = [
        f"Made {told['made_at'][:16].replace('T', ' ')} UTC ({told['age_hours']:,} hours ago) by apbot {told['by']}."
    ]
    if told["troubles"]:
        return [*lines, *(f"WRONG: {each}." for each in told["troubles"]), "Nothing was written."]
    lines += [
        f"Whole: {rows:,} rows of {len(told['rows'])} tables are what was backed up, and fit together.",
        f"The audit log is what was written, up to {told['audit_head'] or 'its first entry'}.",
        f"Its schema, revision {told['schema']}, is the newest."
        if told["schema"] == told["migrated_to"]
        else f"Its schema was brought up from revision {told['schema']} to {told['migrated_to']}.",
        f"apbot opens it: {told['schools']} schools; {told['would_be_missed']} things would be missed (apbot check).",
    ]
    if told["restored"]:
        lines += [
            "Restored. Point APBOT_DATABASE_URL to it and start apbot: it goes on as if it had been off since then.",
            "What happened since the backup is not in it. Before you start it: import the newest roster (leavers, "
            "addresses), and erase again whoever was erased since. Afterwards: end the sign-ins of lost telephones "
            "(apbot link REF --end-others) and the API keys that were ended since.",
        ]
    return [*lines, f"{told['seconds']:.1f} s"]
