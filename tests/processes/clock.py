"""A clock that several processes share, and that the test moves: real time, from an instant that stands in a file."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SteeredClock:
    """Goes as real time does, at the speed and from the instant that the file says: as does everybody's who reads it.

    It goes by the machine's own count of seconds, which is one for all of its processes, goes on while one of them is
    stopped, and is never set. The file is replaced as a whole, so that nobody reads half of it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The present instant, in UTC."""
        at, since, speed = self._file.read_text().split()
        return datetime.fromisoformat(at) + timedelta(seconds=(time.monotonic() - float(since)) * float(speed))

    def set(self, instant: datetime, speed: float = 1.0) -> None:
        """It is `instant` now, for everybody; from here on so many seconds pass in one."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{instant.astimezone(UTC).isoformat()} {time.monotonic()!r} {speed}")
        fresh.replace(self._file)
