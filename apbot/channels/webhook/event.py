"""A message as an event: CloudEvents 1.0 in structured JSON, with the headers of Standard Webhooks."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook

from apbot.channels.parts import clip
from apbot.channels.port import MAYBE_REPEAT, Outgoing

POSTED, CHANGED = "apbot.message.posted", "apbot.message.changed"
"""A new message; and one that says something else now. Both are about the same subject."""

LONGEST_LINE = 300
MOST_ROWS = 300


@dataclass(frozen=True)
class Event:
    """One event, not signed yet. `id` is the same when it is posted again."""

    id: str
    body: bytes
    content_type: str

    def headers(self, webhook: Webhook) -> dict[str, str]:
        """The headers, signed now: by the clock of this machine, which the receiver holds against its own."""
        now = datetime.now(UTC)
        return {
            "Content-Type": self.content_type,
            "webhook-id": self.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(self.id, now, self.body.decode()),
        }


def make_event(outgoing: Outgoing, link: str, source: str, now: datetime) -> Event:
    """The event that tells of a message, or of what it says now."""
    event_id = _id(outgoing)
    message = to_structured_event(
        CloudEvent(
            {
                "id": event_id,
                "source": source,
                "type": CHANGED if outgoing.platform_ref else POSTED,
                "subject": f"message/{outgoing.message_id}",
                "time": now.astimezone(UTC),
                "datacontenttype": "application/json",
            },
            _data(outgoing, link),
        )
    )
    return Event(event_id, message.body, message.headers["content-type"])


def _id(outgoing: Outgoing) -> str:
    """The same for the same words after the same event, so that a receiver knows a repeat; else another."""
    said = orjson.dumps([outgoing.platform_ref, outgoing.card.to_json()], option=orjson.OPT_SORT_KEYS)
    return f"apbot_{outgoing.message_id}_{hashlib.sha256(said).hexdigest()[:24]}"


def _data(outgoing: Outgoing, link: str) -> dict[str, Any]:
    card = outgoing.card.anew() if outgoing.platform_ref else outgoing.card
    rows = [
        {"about": clip(row.heading, 100), "text": clip(row.text, LONGEST_LINE), "tone": row.tone.value}
        for row in card.rows[:MOST_ROWS]
    ]
    lines = [clip(line, LONGEST_LINE) for line in card.lines]
    data: dict[str, Any] = {
        "message": outgoing.message_id,
        "person": outgoing.address,
        "heading": clip(card.heading, LONGEST_LINE),
        "tone": card.tone.value,
        "lines": lines,
        "rows": rows,
        "rows_left_out": max(0, len(card.rows) - MOST_ROWS),
        "link": link or None,
        "maybe_repeat": outgoing.maybe_repeat,
    }
    words = [data["heading"], *lines, *(f"{row['about']}: {row['text']}".removesuffix(": ") for row in rows)]
    data["text"] = "\n".join([*words, *([MAYBE_REPEAT] if outgoing.maybe_repeat else []), *([link] if link else [])])
    return data
