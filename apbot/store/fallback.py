"""What happens to a message that does not reach its person: the next of their channels, or who stands in for them.

Delivery comes here when a platform refuses; a channel comes here, through the desk, when a platform that had
accepted a message tells later that it could not be delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
import structlog

from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date
from apbot.store.audit import SCHEDULE, note_all
from apbot.store.database import Transaction
from apbot.store.escalations import tell_who_answers_now
from apbot.store.eventnames import event_name
from apbot.store.people import IS_USED, is_used, there_on
from apbot.store.prepared import Prepared
from apbot.store.tables import addresses, concerns, events, incidents, messages
from apbot.store.unreached import tell_admins

log = structlog.get_logger()

TRIED_AGAIN_AFTER = timedelta(minutes=5)
"""An alert that was not delivered, to somebody who is reached nowhere else, is sent again after so long."""


THEY_HAVE_LEFT = "they have left"


def not_for_leavers(transaction: Transaction, rows: Sequence[sa.Row[Any]]) -> set[int]:
    """Of these messages, those to people who do not work here today: nothing is sent to them, nor brought up to date.

    What an old alert says now is a fact about a pupil, and no longer theirs to know. An alert that they never got goes
    to whoever answers in their place.
    """
    gone = _gone(transaction, {row.person_id for row in rows if row.person_id is not None})
    left = [row for row in rows if row.person_id in gone]
    unsent = [row for row in left if row.sent_at is None]
    if unsent:
        note_all(transaction, SCHEDULE, "not sent: they have left", [(f"message:{row.id}", {}) for row in unsent])
    for escalation_id in sorted({row.subject_id for row in unsent if row.kind == "escalation"}):
        tell_who_answers_now(transaction, SCHEDULE, escalation_id)
    return {row.id for row in left}


def _has_left(transaction: Transaction, person_id: int | None) -> bool:
    return person_id is not None and bool(_gone(transaction, {person_id}))


def _gone(transaction: Transaction, person_ids: set[int]) -> set[int]:
    return person_ids - there_on(transaction, person_ids, local_date(transaction.now))


def fall_back(transaction: Transaction, row: sa.Row[Any], why: str) -> None:
    """An address refused for good is disabled, and the recipient's next channel takes the message over.

    Where there is none, an alert goes to whoever stands in, as if nobody had thought that address good.
    """
    # An inbox may be several people's: only this one's way to it is closed, as it is their message that came back.
    own = addresses.c.person_id == row.person_id if row.person_id is not None else addresses.c.provider_id.is_not(None)
    disabled = transaction.row(
        sa.update(addresses)
        .where(
            addresses.c.channel == row.channel,
            addresses.c.address == row.address,
            addresses.c.disabled_at.is_(None),
            own,
        )
        .values(disabled_at=transaction.now, disabled_why=why[:200])
        .returning(addresses.c.id)
    )
    log.error("address refused", channel=row.channel, message=row.id, why=why)
    note_all(transaction, SCHEDULE, "address refused", [(f"message:{row.id}", {"why": why})])
    # One that is theirs no more, as the roster was corrected meanwhile, or that was closed already, is no news.
    if disabled is not None and not _has_left(transaction, row.person_id):
        tell_admins(transaction, disabled.id)
    _go_on_elsewhere(transaction, row)


def give_up_where_nobody_delivers(transaction: Transaction, limit: int) -> None:
    """What was never sent, on a channel that nobody delivers on any more, goes out as if its address were refused.

    Left there it would be overdue for ever, and all that lets alerts go first would wait for it. At most `limit`, the
    weightiest first.
    """
    rows = transaction.rows(_WHERE_NOBODY_DELIVERS, most=limit)
    for row in rows:
        _write_down(transaction, row, state="failed", next_at=None, trouble=NOBODY_DELIVERS)
        _go_on_elsewhere(transaction, row)
    if rows:
        log.error(NOBODY_DELIVERS, messages=len(rows), channels=sorted({row.channel for row in rows}))
        note_all(transaction, SCHEDULE, NOBODY_DELIVERS, [(f"message:{row.id}", {}) for row in rows])


NOBODY_DELIVERS = "nobody delivers on this channel any more"

_WHERE_NOBODY_DELIVERS = Prepared(
    sa.select(messages)
    .where(messages.c.next_at.is_not(None), messages.c.state == "owed", sa.not_(is_used(messages)))
    .order_by(messages.c.priority, messages.c.next_at, messages.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def _go_on_elsewhere(transaction: Transaction, row: sa.Row[Any]) -> None:
    """By the recipient's next channel; where there is none, an alert goes to whoever stands in."""
    following = _following(transaction, row)
    transaction.touched.add("messages")
    if following is None:
        if row.kind == "escalation":
            tell_who_answers_now(transaction, SCHEDULE, row.subject_id)
        elif row.kind in TOLD_AGAIN:
            _tell_again_at_once(transaction, TOLD_AGAIN[row.kind], row.subject_id)
    elif following.channel == row.channel:  # a second address there: it is the same message
        transaction.execute(
            sa.update(messages)
            .where(messages.c.id == row.id)
            .values(
                address=following.address, state="owed", sent_at=None, platform_ref="", tries=0, next_at=transaction.now
            )
        )
    else:
        _owe_there(transaction, row, following)


TOLD_AGAIN = {"concern": concerns, "incident": incidents}
"""What is told of again every ten minutes until somebody takes it on, by the kind of its messages."""


def _tell_again_at_once(transaction: Transaction, table: sa.Table, row_id: int) -> None:
    """One of those who were told has not heard of it: whoever stands in is not to wait for the next repeat."""
    transaction.execute(
        sa.update(table)
        .where(table.c.id == row_id, table.c.acknowledged_at.is_(None), table.c.next_at.is_not(None))
        .values(next_at=transaction.now)
    )


def closed_by_platform(transaction: Transaction, channel: str, address: str, why: str) -> None:
    """The platform tells, before anything is sent there, that apbot can't write to this address any more.

    So it is with whatever lies within it, as a forum's topics do (`address:topic`). What is owed there is refused when
    it is sent, and falls back then; what comes after goes to the next channel at once. The admins are told now.
    """
    within = addresses.c.address.startswith(f"{address}:", autoescape=True)
    closed = transaction.rows(
        sa.update(addresses)
        .where(
            addresses.c.channel == channel,
            sa.or_(addresses.c.address == address, within),
            addresses.c.disabled_at.is_(None),
        )
        .values(disabled_at=transaction.now, disabled_why=why[:200])
        .returning(addresses.c.id, addresses.c.person_id)
    )
    for row in closed:
        log.error("address closed by its platform", channel=channel, address_id=row.id, why=why)
        if not _has_left(transaction, row.person_id):
            tell_admins(transaction, row.id)
    note_all(transaction, SCHEDULE, "address refused", [(f"address:{row.id}", {"why": why}) for row in closed])
    if closed:
        transaction.touched.update(("messages", "roster"))


def send_elsewhere_too(transaction: Transaction, row: sa.Row[Any]) -> bool:
    """An alert goes out on the person's next channel as well: silence is not success, and a repeat is cheap.

    Whether there is a next channel, and the message is an alert to one person.
    """
    if row.priority > Priority.ESCALATION or row.person_id is None:
        return False
    following = _following(transaction, row, without=row.channel)
    if following is None:
        return False
    _owe_there(transaction, row, following)
    transaction.touched.add("messages")
    note_all(transaction, SCHEDULE, "sent elsewhere too", [(f"message:{row.id}", {"channel": following.channel})])
    return True


def _following(transaction: Transaction, row: sa.Row[Any], *, without: str = "") -> sa.Row[Any] | None:
    """The address that comes first for the message's recipient, of those that still work."""
    kind, _, number = row.recipient.partition(":")
    owner = addresses.c.person_id if kind == "person" else addresses.c.provider_id
    found: sa.Row[Any] | None = transaction.row(
        sa.select(addresses.c.channel, addresses.c.address)
        .where(owner == int(number), addresses.c.disabled_at.is_(None), IS_USED, addresses.c.channel != without)
        .order_by(addresses.c.rank, addresses.c.id)
        .limit(1)
    )
    return found


def _owe_there(transaction: Transaction, row: sa.Row[Any], there: sa.Row[Any]) -> None:
    kept = ("kind", "subject_id", "round", "step", "recipient", "person_id", "priority", "due_at")
    transaction.insert_new(
        messages,
        [
            {name: getattr(row, name) for name in kept}
            | {"channel": there.channel, "address": there.address, "next_at": transaction.now}
        ],
    )


@dataclass(frozen=True)
class Undelivered:
    """A platform tells that a message which it had accepted did not arrive.

    `event_id` is the same when it tells so again. `platform_ref` is one of the names that the receipt gave.
    `for_good` says that nothing will ever arrive at this address. `why` holds no address.
    """

    event_id: str
    message_id: int
    platform_ref: str
    for_good: bool
    why: str

    def __post_init__(self) -> None:
        """Whatever a platform calls its event, it fits where it is kept."""
        object.__setattr__(self, "event_id", event_name(self.event_id))


@dataclass(frozen=True)
class Delivered:
    """A platform tells that a message which it had accepted has arrived. `platform_ref` as in `Undelivered`."""

    message_id: int
    platform_ref: str


class Heeded(Enum):
    """What came of an `Undelivered` or a `Delivered`."""

    DONE = "done"
    NOT_OURS = "no message of that name, or it has been seen to"
    UNDER_WAY = "it is being sent at this moment, so its name is not written down yet: tell again"


def not_delivered(transaction: Transaction, channel: str, told: Undelivered) -> Heeded:
    """Send what did not arrive by another way: any message where the address is dead, else an alert."""
    row = _told_of(transaction, channel, told)
    if isinstance(row, Heeded):
        return row
    if row.state != "sent" or not transaction.insert_new(
        events, [{"channel": channel, "event_id": told.event_id, "at": transaction.now}]
    ):
        return Heeded.NOT_OURS
    arrived_once = transaction.row(_HEARD, channel=channel, event_id=_arrived(told.platform_ref))
    if told.for_good and arrived_once is None:
        _write_down(transaction, row, state="failed", next_at=None, trouble=told.why[:200])
        fall_back(transaction, row, told.why)
        return Heeded.DONE
    # Where something has arrived, an address is not dead, whoever says so: but what is in doubt goes out once more.
    log.warning("not delivered", channel=channel, message=row.id, why=told.why, arrived_once=arrived_once is not None)
    note_all(transaction, SCHEDULE, "not delivered", [(f"message:{row.id}", {"why": told.why})])
    if row.priority <= Priority.ESCALATION and not send_elsewhere_too(transaction, row):
        _write_down(
            transaction,
            row,
            state="owed",
            sent_at=None,
            platform_ref="",
            tries=0,
            maybe_repeat=True,
            next_at=transaction.now + TRIED_AGAIN_AFTER,
            trouble=told.why[:200],
        )
    return Heeded.DONE


def delivered(transaction: Transaction, channel: str, told: Delivered) -> Heeded:
    """Remember that this message has arrived."""
    row = _told_of(transaction, channel, told)
    if isinstance(row, Heeded):
        return row
    event_id = _arrived(told.platform_ref)
    transaction.insert_new(events, [{"channel": channel, "event_id": event_id, "at": transaction.now}])
    return Heeded.DONE


def _arrived(platform_ref: str) -> str:
    return f"arrived:{platform_ref}"


def _told_of(transaction: Transaction, channel: str, told: Delivered | Undelivered) -> sa.Row[Any] | Heeded:
    """The message that a platform tells of, or why there is none."""
    row: sa.Row[Any] | None = transaction.row(_MESSAGE, id=told.message_id, channel=channel)
    if row is None:
        return Heeded.NOT_OURS
    if told.platform_ref not in row.platform_ref.split():
        return Heeded.UNDER_WAY if row.lease is not None and row.lease_until > transaction.now else Heeded.NOT_OURS
    return row


def _write_down(transaction: Transaction, row: sa.Row[Any], **values: Any) -> None:
    """Change the message, and take it from a process that is just bringing it up to date."""
    transaction.execute(
        sa.update(messages).where(messages.c.id == row.id).values(lease=None, lease_until=None, **values)
    )


_HEARD = Prepared(
    sa.select(events.c.id).where(
        events.c.channel == sa.bindparam("channel"), events.c.event_id == sa.bindparam("event_id")
    )
)
_MESSAGE = Prepared(
    sa.select(messages).where(messages.c.id == sa.bindparam("id"), messages.c.channel == sa.bindparam("channel"))
)
