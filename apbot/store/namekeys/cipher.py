"""Encrypting and decrypting single values: AES-GCM, under the newest key, bound to the column that they stand in.

Fernet, which has rotation built in, was not taken: it has nothing to bind a value to its place by, so that whoever can
write to the database could put a pupil's address home in place of a name; and a value takes half as much room again.
A value is not bound to its row: that has no number yet when it is written. Each is encrypted with a nonce of chance,
which is safe for four thousand million values under one key.
"""

import base64
import binascii
import secrets
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apbot.store.namekeys.keyfile import Key, WrongKey, read_keys

log = structlog.get_logger()

PREFIX = "enc1:"
"""How an encrypted value begins: then the key's eight letters, a colon, and nonce and text as base64. What does not
begin so was written before encryption was switched on."""

NONCE = 12

LOOKS_AGAIN = 1.0
"""Seconds: so soon a running process takes up a new key that was put into the file."""

KEPT = 10_000
"""So many decrypted values are kept in memory: the names of every pupil."""

LONGEST_KEPT = 400
"""Characters; names are shorter, and cards, which are longer, are seldom read twice."""

MOST_TOLD = 1000


class Unreadable(Exception):
    """A value can't be decrypted. The text says why."""


class Cipher:
    """The keys of one file. Safe to use from several threads: what it knows is only ever replaced as a whole."""

    def __init__(self, path: Path) -> None:
        """Read the keys. Raises `WrongKey`."""
        self.path = path
        self._known: dict[str, AESGCM] = {}
        self._stamp: tuple[int, ...] = ()
        self._looked_at = 0.0
        self._trouble = ""
        self._told: set[tuple[str, str]] = set()
        self._kept = lru_cache(KEPT)(self._decrypt)
        self.newest = ""
        self._take_up(read_keys(path))

    def _take_up(self, keys: Iterable[Key]) -> None:
        found = list(keys)
        self._known = {**self._known, **{each.id: AESGCM(each.secret) for each in found}}
        self.newest = found[0].id

    def look_again(self) -> None:
        """Take up what has been put into the file since. A file that can't be read leaves the keys as they are."""
        self._looked_at = time.monotonic()
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
            if stamp != self._stamp:
                self._take_up(read_keys(self.path))
                self._stamp = stamp
            self._trouble = ""
        except (OSError, WrongKey) as problem:
            if str(problem) != self._trouble:  # once: it is looked at again and again
                self._trouble = str(problem)
                log.error("the key file of names can't be read; going on with the keys known", problem=self._trouble)

    def has(self, key_id: str) -> bool:
        """Whether this key is there."""
        return key_id in self._known

    def encrypt(self, where: str, text: str) -> str:
        """`text` as the column `where` keeps it ("pupils.first_name"); "" stays "", so that it can be asked for."""
        if not text:
            return text
        if time.monotonic() - self._looked_at > LOOKS_AGAIN:
            self.look_again()
        return self.encrypt_under(self.newest, where, text)

    def encrypt_under(self, key_id: str, where: str, text: str) -> str:
        """The same under a key of one's choice."""
        nonce = secrets.token_bytes(NONCE)
        sealed = nonce + self._known[key_id].encrypt(nonce, text.encode(), where.encode())
        return f"{PREFIX}{key_id}:{base64.urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, where: str, kept: str) -> str:
        """The text of what is kept in the column `where`. Raises `Unreadable`."""
        if not kept.startswith(PREFIX):
            return kept
        return self._kept(where, kept) if len(kept) <= LONGEST_KEPT else self._decrypt(where, kept)

    def _decrypt(self, where: str, kept: str) -> str:
        key_id, _, body = kept[len(PREFIX) :].partition(":")
        if key_id not in self._known:  # it was put into the file before anything was encrypted under it
            self.look_again()
        key = self._known.get(key_id)
        if key is None:
            raise Unreadable("its key is not in the key file")
        try:
            sealed = base64.b64decode(body, altchars=b"-_", validate=True)
            return key.decrypt(sealed[:NONCE], sealed[NONCE:], where.encode()).decode()
        except (binascii.Error, ValueError, InvalidTag):
            raise Unreadable("it was cut off, changed, or moved here from another column") from None

    def read(self, where: str, kept: str) -> str | None:
        """As `decrypt`; None, and an error in the log, for what can't be read: no alert may fail for want of a name."""
        try:
            return self.decrypt(where, kept)
        except Unreadable as problem:
            if (where, kept[-32:]) not in self._told:
                self._told = {*(self._told if len(self._told) < MOST_TOLD else ()), (where, kept[-32:])}
                advice = "apbot names-key status says in which row"
                log.error("a value can't be decrypted", column=where, why=str(problem), advice=advice)
            return None
