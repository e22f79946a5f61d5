"""SQLite's file: what is written to one that was moved away or replaced is written where nobody will look for it.

The operating system lets a program go on with a file that was deleted, and all that it is told is lost when it ends.
So every transaction first sees that the file is still the one that was opened, and fails where it is not: then people
are told that nothing was recorded, and /healthz says why.
"""

import os
from contextlib import suppress
from pathlib import Path


class FileGone(Exception):
    """The database's file was moved, deleted or replaced while apbot ran."""


class KeptFile:
    """The file that one process has opened."""

    def __init__(self, path: Path) -> None:
        """`path` need not be there yet: the first connection makes it."""
        self._path = path
        self._which: tuple[int, int] | None = None

    def make(self) -> None:
        """Make the file where there is none yet: its owner's alone. SQLite would make one that everybody can read."""
        if self._which is None:
            with suppress(OSError):  # what is wrong SQLite says better
                os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))

    def opened(self) -> None:
        """A connection has been opened: from the first on, it has to be this file."""
        if self._which is None:
            self._which = self._found()

    def check(self) -> None:
        """Raises `FileGone` where another file, or none, is in its place now. Before the first connection all is well.

        It is well again once the same file is back; another one is taken up by starting apbot anew.
        """
        if self._which is not None and self._found() != self._which:
            raise FileGone("the database's file was moved, deleted or replaced: put it back, or start apbot anew")

    def _found(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
