"""The seals of the audit log: each is a SHA-256 over one entry and the seal before it.

Whoever changes, removes or slips in an entry breaks the chain from there on, unless they make every seal after it anew:
then the newest one is another, which who has kept it elsewhere can tell. There is no key: it would lie beside the
database on the same machine, and an inspector could not verify without it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

FIRST = ""
"""What the first entry of all comes after."""


def seal_of(before: str, number: int, entry: Mapping[str, Any]) -> str:
    """The seal of an entry (id, at, person_id, via, what, subject, detail) at this place of the chain: 64 hex digits.

    `before` is the seal of the entry before it. The instant counts in UTC, to the microsecond.
    """
    at: datetime = entry["at"]
    said = [
        before,
        number,
        entry["id"],
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry["person_id"],
        entry["via"],
        entry["what"],
        entry["subject"],
        entry["detail"],
    ]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
