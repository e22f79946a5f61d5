"""The file that holds the keys: one to a line, the newest first. Lines that begin with # are notes."""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from apbot.settings import WrongSettings
from apbot.store.ondisk import keep

BYTES = 32
"""Of a key: AES with 256 bits."""

MOST = 64 * 1024
"""Bytes: no key file is as long as that."""

VARIABLE = "APBOT_NAMES_KEY_FILE"

NOTE = """\
# The keys under which apbot keeps pupils' names, the newest first. Whoever has lost them has lost the names:
# keep a copy apart from the database and its backups, for as long as a backup is kept that was made under them.
"""


class WrongKey(WrongSettings):
    """The key file, or a key in it, can't be used. The text says why and what to do, and shows no key."""


@dataclass(frozen=True)
class Key:
    """A key, and the eight letters by which what was encrypted under it names it."""

    id: str
    secret: bytes = field(repr=False)


def read_keys(path: Path) -> list[Key]:
    """The keys of the file, the newest first. Raises `WrongKey`."""
    try:
        with path.open("rb") as stream:
            text = stream.read(MOST + 1).decode("ascii")
    except OSError as problem:
        raise WrongKey(f"{VARIABLE}: {path} can't be read ({problem.strerror}).") from None
    except UnicodeDecodeError:
        raise WrongKey(f"{VARIABLE}: {path} is no key file, as `apbot names-key make` writes it.") from None
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    keys = [_key(path, number, line) for number, line in lines if line and not line.startswith("#")]
    if not keys or len(text) > MOST:
        raise WrongKey(f"{VARIABLE}: {path} holds no key. `apbot names-key make --out FILE` makes one.")
    if len({each.id for each in keys}) < len(keys):
        raise WrongKey(f"{VARIABLE}: {path} holds the same key twice. Take one of the lines out.")
    return keys


def _key(path: Path, number: int, line: str) -> Key:
    try:
        secret = base64.b64decode(line, altchars=b"-_", validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != BYTES:
        raise WrongKey(f"{VARIABLE}: line {number} of {path} is no key. Was it cut off?")
    return Key(hashlib.sha256(b"apbot names key " + secret).hexdigest()[:8], secret)


def make_file(path: Path) -> Key:
    """A new file, which its owner alone can read, with a new key. Raises `FileExistsError` and other `OSError`s."""
    key = _write(path, NOTE + _new_line())
    keep(path.parent)
    return key


def add_key(path: Path) -> Key:
    """Put a new key on top of those in the file, which changes as a whole. Raises `WrongKey` and `OSError`."""
    read_keys(path)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    before = path.read_text(encoding="ascii")
    notes = "".join(line for line in before.splitlines(keepends=True) if line.lstrip().startswith("#"))
    keys = "".join(f"{line.strip()}\n" for line in before.splitlines() if line.strip() and line.lstrip()[0] != "#")
    owner = path.stat()
    try:
        key = _write(beside, notes + _new_line() + keys)
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(beside, owner.st_uid, owner.st_gid)  # the service must go on reading what root has changed
        beside.chmod(stat.S_IMODE(owner.st_mode))
        beside.replace(path)
        keep(path.parent)  # before anything is encrypted under a key that the next power cut would take back
    finally:
        beside.unlink(missing_ok=True)
    return key


def _new_line() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(BYTES)).decode() + "\n"


def _write(path: Path, text: str) -> Key:
    with open(path, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return read_keys(path)[0]


def others_can_read(path: Path) -> bool:
    """Whether anybody but the file's owner can read it, or write to it."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
