"""Before anything is read or written: whether the keys are those under which this database is encrypted."""

from pathlib import Path

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.namekeys.cipher import PREFIX, Cipher, Unreadable
from apbot.store.namekeys.keyfile import VARIABLE, WrongKey
from apbot.store.processes import still_runs
from apbot.store.tables import chat_lines, name_keys, people, pupils

_PROOF_OF = "name_keys.proof"
_KNOWN = "apbot"

LOOKED_AT = 100


def open_key_file(path: str) -> Cipher | None:
    """What the file's keys encrypt with; None where there is no file. Raises `WrongKey`."""
    return Cipher(Path(path)) if path else None


def hold_to_keys(transaction: Transaction, names: Cipher | None, *, may_begin: bool = False) -> None:
    """See that every key is there under which something is encrypted.

    A database in which nobody is yet is encrypted from its first name on; any other only where it `may_begin` to be,
    and neither while an apbot runs that has no key. Raises `WrongKey`: apbot must not start to show letters that nobody
    can read, nor write plain names beside them.
    """
    known = transaction.rows(sa.select(name_keys).order_by(name_keys.c.id))
    if names is None:
        if known or _looks_encrypted(transaction):
            raise WrongKey(
                f"The names in this database are encrypted, and {VARIABLE} is not set. Set it to the file with the key"
                f"{f' {known[-1].key_id}' if known else ''}; without the key the names can't be read. "
                "With it, `apbot names-key decrypt-all` switches encryption off."
            )
        return
    if not known and not may_begin and _has_people(transaction):
        raise WrongKey(
            f"{VARIABLE} is set, and this database is not encrypted yet. Stop every apbot that runs on it, and then: "
            "apbot names-key encrypt --yes --compact"
        )
    if not known and (runs := still_runs(transaction)):
        # Whoever had started with a key would have noted it.
        raise WrongKey(f"Nothing can be encrypted beside an apbot that has no key. {runs}")
    for row in known:
        if not names.has(row.key_id):
            raise WrongKey(
                f"{VARIABLE}: {names.path} has no key {row.key_id}, under which names in this database are encrypted. "
                "Put the right file there, or add that key's line to it from where you keep it."
            )
        try:
            proven = names.decrypt(_PROOF_OF, row.proof) == _KNOWN
        except Unreadable:
            proven = False
        if not proven:
            raise WrongKey(f"{VARIABLE}: the key {row.key_id} in {names.path} does not fit this database.")
    if names.newest not in {row.key_id for row in known}:
        note_key(transaction, names, names.newest)


def note_key(transaction: Transaction, names: Cipher, key_id: str) -> None:
    """Write down that something may be encrypted under this key from now on."""
    proof = names.encrypt_under(key_id, _PROOF_OF, _KNOWN)
    transaction.insert_new(name_keys, [{"key_id": key_id, "proof": proof, "first_used_at": transaction.now}])


def _has_people(transaction: Transaction) -> bool:
    tables = (pupils, people)
    return any(transaction.row(sa.select(table.c.id).limit(1)) is not None for table in tables)


def _looks_encrypted(transaction: Transaction) -> bool:
    """Whether a process that still has the key has gone on after everything was decrypted."""
    for column in (pupils.c.last_name, chat_lines.c.text):
        newest = sa.select(sa.cast(column, sa.Text).label("kept")).order_by(column.table.c.id.desc()).limit(LOOKED_AT)
        if any((row.kept or "").startswith(PREFIX) for row in transaction.rows(newest)):
            return True
    return False


def count_plain_names(transaction: Transaction) -> int:
    """How many pupils' names are not encrypted."""
    kept = sa.cast(pupils.c.last_name, sa.Text)
    plain = sa.and_(kept != "", sa.not_(kept.startswith(PREFIX)))
    return int(transaction.value(sa.select(sa.func.count()).select_from(pupils).where(plain)))
