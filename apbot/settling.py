"""Settling: writing down what became of each message that was claimed, and when what was not taken is tried again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.cards import Card
from apbot.channels.port import Outcome, Receipt
from apbot.domain.priority import Priority
from apbot.store.database import Transaction
from apbot.store.fallback import THEY_HAVE_LEFT, fall_back, send_elsewhere_too
from apbot.store.prepared import Prepared
from apbot.store.tables import Instant, messages

GIVES_UP_WAITING = 3
"""After so many tries in vain an alert goes out on the person's next channel too; the first is still tried."""

LONGEST_PAUSE = timedelta(minutes=1)
"""A platform that asks for a longer pause is not waited for with an alert: it goes out on the next channel at once."""

PUT_AWAY_TRIES = 5
"""So often an old message is tried to be edited down: the platform may not let it be changed any more."""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=5)
LAST_RETRY_OF_WHAT_PRESSES = timedelta(seconds=30)
"""Of alerts and prompts: when a platform is back after ten minutes, nobody waits another five for them."""


@dataclass(frozen=True)
class Claimed:
    """A message that was claimed, as its row was then, and the card that says what is so now: None says nothing."""

    row: sa.Row[Any]
    card: Card | None
    trouble: str = ""
    """Why the card could not be made: the message is tried again, and holds up no other."""
    is_for_nobody: bool = False
    """Who was to read it has left: they are told nothing any more, by no channel."""


def settle(
    transaction: Transaction,
    claimed: Sequence[Claimed],
    results: Sequence[tuple[Claimed, Receipt]],
) -> int:
    """Write down what became of each, where the lease is still ours; how many were accepted."""
    silent = [each for each in claimed if each.card is None]
    updates = [_put_off(transaction, each) if each.trouble else _silenced(each) for each in silent]
    refused = []
    accepted = 0
    for each, receipt in results:
        updates.append(_settled(transaction, each, receipt))
        accepted += receipt.outcome is Outcome.ACCEPTED
        if receipt.outcome is Outcome.REFUSED and each.row.put_away_at is None:
            refused.append((each, receipt))
    if updates:
        transaction.change(_SETTLE, *({**each, "b_now": transaction.now} for each in updates))
    for each, receipt in refused:
        fall_back(transaction, each.row, receipt.why)
    for each, receipt in results:
        if _waits_too_long(each.row, receipt):
            send_elsewhere_too(transaction, each.row)
    return accepted


def _waits_too_long(row: sa.Row[Any], receipt: Receipt) -> bool:
    """A platform that is down, or asks for a long pause, must not hold up what was never sent."""
    if row.sent_at is not None or receipt.outcome not in (Outcome.AGAIN, Outcome.UNKNOWN):
        return False
    pause = receipt.retry_after or timedelta()
    return row.tries + 1 == GIVES_UP_WAITING or (row.tries < GIVES_UP_WAITING and pause > LONGEST_PAUSE)


def _silenced(each: Claimed) -> dict[str, Any]:
    """There is nothing (any longer) to say: cancelled if it was never sent, left as it is if it was."""
    row = each.row
    trouble = THEY_HAVE_LEFT if each.is_for_nobody else ""
    state = "sent" if row.sent_at else "cancelled"
    return _update(row, b_done=True, state=state, shown=row.wanted, trouble=trouble)


def _put_off(transaction: Transaction, each: Claimed) -> dict[str, Any]:
    row = each.row
    next_at = transaction.now + _backoff(row)
    return _update(row, tries=row.tries + 1, tried_at=transaction.now, next_at=next_at, trouble=each.trouble)


def _update(row: sa.Row[Any], **changes: Any) -> dict[str, Any]:
    return {
        "b_id": row.id,
        "b_lease": row.lease,
        "b_wanted": row.wanted,
        "b_done": False,
        "state": row.state,
        "shown": row.shown,
        "next_at": None,
        "tries": row.tries,
        "tried_at": None,
        "platform_ref": row.platform_ref,
        "heading": row.heading,
        "sent_at": row.sent_at,
        "maybe_repeat": row.maybe_repeat,
        "trouble": "",
        **changes,
    }


_SETTLED = ("state", "shown", "tries", "tried_at", "platform_ref", "heading", "sent_at", "maybe_repeat", "trouble")
_SETTLE = Prepared(
    sa.update(messages)
    .where(messages.c.id == sa.bindparam("b_id"), messages.c.lease == sa.bindparam("b_lease"))
    .values(
        {column: sa.bindparam(column) for column in _SETTLED}
        | {
            "lease": None,
            "lease_until": None,
            # What it says changed while it was under way: it is owed once more. What is put off says the new words
            # when its time comes, and not before: the platform may have asked for a pause.
            "next_at": sa.case(
                (
                    sa.and_(sa.bindparam("b_done", type_=sa.Boolean), messages.c.wanted > sa.bindparam("b_wanted")),
                    sa.bindparam("b_now", type_=Instant),
                ),
                else_=sa.bindparam("next_at", type_=Instant),
            ),
        }
    )
)


def _settled(transaction: Transaction, each: Claimed, receipt: Receipt) -> dict[str, Any]:
    row = each.row
    assert each.card is not None  # noqa: S101  (only these were sent)
    if row.put_away_at is not None and (receipt.outcome is Outcome.REFUSED or row.tries >= PUT_AWAY_TRIES):
        return _update(row, b_done=True, shown=row.wanted, trouble=receipt.why[:200])
    match receipt.outcome:
        case Outcome.ACCEPTED:
            return _update(
                row,
                b_done=True,
                state="sent",
                shown=row.wanted,
                tries=0,
                platform_ref=receipt.platform_ref or row.platform_ref,
                heading=each.card.heading[:200],
                sent_at=row.sent_at or transaction.now,
                maybe_repeat=False,
            )
        case Outcome.REFUSED:
            return _update(row, state="failed", trouble=receipt.why[:200])
        case Outcome.AGAIN | Outcome.UNKNOWN:
            wait = receipt.retry_after or _backoff(row)
            return _update(
                row,
                platform_ref=receipt.platform_ref or row.platform_ref,  # of several parts, those that stand there
                tries=row.tries + 1,
                tried_at=transaction.now,
                next_at=transaction.now + wait,
                maybe_repeat=row.maybe_repeat or (receipt.outcome is Outcome.UNKNOWN and row.state == "owed"),
                trouble=receipt.why[:200],
            )


def _backoff(row: sa.Row[Any]) -> timedelta:
    longest = LAST_RETRY_OF_WHAT_PRESSES if row.priority <= Priority.PROMPT else LAST_RETRY
    seconds = min(FIRST_RETRY.total_seconds() * 2.0 ** min(row.tries, 8), longest.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311  (spreads retries; keeps no secret)
