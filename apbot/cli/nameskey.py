"""`apbot names-key`: the key under which pupils' names, and what is said of them, are encrypted in the database."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.trouble import database_or_exit, fail, settings_or_exit

if TYPE_CHECKING:
    from apbot.settings import Settings
    from apbot.store.database import Database
    from apbot.store.namekeys.cipher import Cipher
    from apbot.store.namekeys.rekeying import Trouble

LOST = "Whoever loses it loses the names: keep a copy now, apart from the database and its backups."

Compact = Annotated[
    bool,
    typer.Option(
        "--compact", help="Write the database anew, so that nothing old is left in its free space. Stop apbot."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add `names-key` and its commands to the program."""
    group = typer.Typer(help="Encryption of pupils' names in the database.", no_args_is_help=True)
    group.command("make")(make)
    group.command("encrypt")(encrypt)
    group.command("rotate")(rotate)
    group.command("status")(status)
    group.command("decrypt-all")(decrypt)
    app.add_typer(group, name="names-key")


def make(out: Annotated[Path, typer.Option("--out", help="The new file; one that is there is not touched.")]) -> None:
    """Make a key in a file of its own, which its owner alone can read."""
    from apbot.store.namekeys.keyfile import VARIABLE, make_file

    try:
        key = make_file(out)
    except FileExistsError:
        fail(f"{out} is there already, and may hold the only key to a database. Choose another name.")
    except OSError as trouble:
        fail(f"{out} can't be written: {trouble.strerror}.")
    typer.echo(f"The key {key.id} is in {out}. {LOST}")
    typer.echo(f"Then stop apbot, set {VARIABLE}={out.absolute()},")
    typer.echo("run `apbot names-key encrypt --yes --compact`, and start it.")


def encrypt(
    yes: Annotated[bool, typer.Option("--yes", help="Encrypt what is plain. Stop apbot first.")] = False,
    compact: Compact = False,
) -> None:
    """Bring everything under the newest key: what is under an older one, and, the first time, what is plain."""
    with _encrypted(begins=yes) as (database, names):
        _encrypt(database, names)
        if compact:
            _compact(database)


def rotate(compact: Compact = False) -> None:
    """Put a new key on top of the file, and bring everything under it, while apbot runs."""
    from apbot.store.namekeys.keyfile import WrongKey, add_key

    with _encrypted() as (database, names):
        try:
            key = add_key(names.path)
        except (OSError, WrongKey) as trouble:
            fail(f"No new key was made: {names.path} can't be changed ({trouble}). Nothing else was changed.")
        typer.echo(f"The key {key.id} is on top of {names.path}. {LOST}")
        names.look_again()
        _encrypt(database, names)
        if compact:
            _compact(database)


def status() -> None:
    """Say how much is under which key, and how much is plain. Ends with 1 where something is plain or can't be read."""
    from apbot.store.namekeys.rekeying import PLAIN, count_keys, find_troubles

    with _encrypted() as (database, names):
        counts = database.look(count_keys)
        total: Counter[str] = Counter()
        for table, of_table in counts.items():
            total.update(of_table)
            typer.echo(f"{table}: {_words(of_table)}")
        typer.echo(f"Together: {_words(total)}. New values are encrypted under {names.newest}.")
        troubles = _say_troubles(find_troubles(database, names))
        if total[PLAIN]:
            typer.echo("Some is plain. `apbot names-key encrypt` encrypts it.", err=True)
        if troubles or total[PLAIN]:
            raise typer.Exit(1)


def decrypt(
    yes: Annotated[bool, typer.Option("--yes", help="apbot is stopped: do it.")] = False, compact: Compact = False
) -> None:
    """Bring everything back to plain text: encryption is to be off. apbot must not run meanwhile."""
    from apbot.domain.access import TERMINAL
    from apbot.store.audit import note
    from apbot.store.namekeys.keyfile import VARIABLE
    from apbot.store.namekeys.rekeying import decrypt_all, let_go_of_keys
    from apbot.store.processes import still_runs

    if not yes:
        fail("Stop apbot first, and then say --yes: whatever runs with the key would go on encrypting.", code=2)
    with _encrypted() as (database, names):
        if runs := database.run(still_runs):
            fail(f"Nothing was decrypted. {runs}", code=2)
        database.run(lambda transaction: note(transaction, TERMINAL, "names decrypted", "names"))
        changed: Counter[str] = Counter()
        troubles = _say_troubles(decrypt_all(database, names, lambda count: changed.update(values=count)))
        typer.echo(f"{changed['values']:,} values are plain again.")
        if troubles:
            fail("What could not be read stays as it is, and so does the need for the key. Put the missing key back.")
        database.run(let_go_of_keys, "")
        if compact:
            _compact(database)
        typer.echo(f"Take {VARIABLE} out of the settings before apbot starts again: it does not start with it.")
        typer.echo("Keep the key for as long as you keep a backup from before.")


@dataclass(frozen=True)
class KeyState:
    """What `apbot check` says of the key; nothing where there is none."""

    lines: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    def to_json(self) -> dict[str, dict[str, list[str]]]:
        """The same as plain JSON values."""
        return {"names_key": {"troubles": list(self.troubles)}} if self.lines else {}


def look_at_key(settings: "Settings", database: "Database") -> KeyState:
    """Whether the key is kept as it should be, and every pupil's name is under it."""
    if not settings.names_key_file:
        return KeyState()
    from apbot.store.namekeys.keyfile import others_can_read
    from apbot.store.namekeys.starting import count_plain_names

    path = Path(settings.names_key_file)
    troubles = []
    if others_can_read(path):
        troubles.append(f"{path} can be read by others than its owner: chmod 600 {path}")
    if plain := database.run(count_plain_names):
        troubles.append(f"pupils' names are still plain: {plain:,} of them; apbot names-key encrypt")
    advice = f"encrypted, with the key in {path}. Is a copy of it kept apart from the database and its backups?"
    return KeyState(("", "Names", f"  {advice}", *(f"  {each}" for each in troubles)), tuple(troubles))


@contextmanager
def _encrypted(*, begins: bool = False) -> "Iterator[tuple[Database, Cipher]]":
    """The database with its cipher; where there is none, says so and ends."""
    from apbot.store.namekeys.keyfile import VARIABLE
    from apbot.store.tables.personal import cipher_of

    settings = settings_or_exit()
    if not settings.names_key_file:
        fail(f"{VARIABLE} is not set, so nothing is encrypted. `apbot names-key make --out FILE` makes a key.", code=2)
    with database_or_exit(settings, begins_to_encrypt=begins) as database:
        names = cipher_of(database.engine.dialect)
        assert names is not None  # noqa: S101  (it is opened with the file)
        yield database, names


def _encrypt(database: "Database", names: "Cipher") -> None:
    """Twice: a process that runs takes up a new key within a second, and may write under the old one until then."""
    from apbot.domain.access import TERMINAL
    from apbot.store.audit import note
    from apbot.store.namekeys.cipher import LOOKS_AGAIN
    from apbot.store.namekeys.rekeying import encrypt_all, let_go_of_keys
    from apbot.store.namekeys.starting import note_key

    database.run(note_key, names, names.newest)
    database.run(lambda transaction: note(transaction, TERMINAL, "names encrypted", "names", key=names.newest))
    changed: Counter[str] = Counter()
    encrypt_all(database, names, lambda count: changed.update(values=count))
    time.sleep(2 * LOOKS_AGAIN)
    troubles = _say_troubles(encrypt_all(database, names, lambda count: changed.update(values=count)))
    typer.echo(f"{changed['values']:,} values were encrypted under {names.newest}.")
    gone = database.run(let_go_of_keys, names.newest)
    if troubles:
        fail("What could not be read stays as it is. Put the missing key back into the file, and repeat this.")
    if gone:
        typer.echo(
            f"Nothing is under {', '.join(gone)} any more: every line but the first can be taken out of {names.path}. "
            "Keep the old keys elsewhere for as long as you keep a backup from before today."
        )


def _compact(database: "Database") -> None:
    from apbot.store.namekeys.rekeying import compact

    compact(database)
    typer.echo("The database was written anew: nothing old is left in its free space.")


def _say_troubles(troubles: "Iterator[Trouble] | list[Trouble]") -> int:
    found = 0
    for each in troubles:
        found += 1
        typer.echo(f"Can't be read: {each}", err=True)
    return found


def _words(counts: Counter[str]) -> str:
    said = [f"{count:,} under {key}" if key else f"{count:,} plain" for key, count in sorted(counts.items())]
    return ", ".join(said) or "nothing"
