"""What writing down a duty changes besides: a new target end date, a document's last day, who has yet to be told."""

from collections.abc import Callable, Mapping
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.documents import BY_NAME
from apbot.domain.duties import emergency_review, provider_papers, review, review_told, target_end
from apbot.domain.duties.model import State
from apbot.domain.duties.schooldays import school_days_after
from apbot.domain.walltime import local_date
from apbot.store.audit import note
from apbot.store.calendars import load_school_calendar
from apbot.store.database import Transaction
from apbot.store.duties.mentioned import refresh_mentions
from apbot.store.duties.planning import plan_provider
from apbot.store.duties.records import Record, root_of
from apbot.store.duties.writing import close, open_duty
from apbot.store.tables import documents, duties, placements

Effect = Callable[[Transaction, Actor, Record], None]


def _target(transaction: Transaction, actor: Actor, record: Record) -> None:
    """Keep the new target end date of the placement."""
    on = date.fromisoformat(record.given["target"])
    transaction.execute(sa.update(placements).where(placements.c.id == record.placement_id).values(target_end_on=on))
    note(transaction, actor, "target end date set", f"placement:{record.placement_id}", on=on.isoformat())


def _document(transaction: Transaction, actor: Actor, record: Record) -> None:
    """Keep the last day of the new document."""
    kind, _, about = record.about.partition(", ")
    if kind not in BY_NAME:
        kind, about = record.about, ""
    transaction.execute(
        sa.update(documents)
        .where(documents.c.provider_id == record.provider_id, documents.c.kind == kind, documents.c.about == about)
        .values(expires_on=date.fromisoformat(record.given["expires"]))
    )
    note(transaction, actor, "document renewed", f"provider:{record.provider_id}", document=record.about)
    _next_one(transaction, actor, record)


def _next_one(transaction: Transaction, _: Actor, record: Record) -> None:
    """What has been done at the provider says when the next one is due, for every school with pupils there."""
    if record.provider_id is not None:
        plan_provider(transaction, local_date(transaction.now), record.provider_id)


def _review(transaction: Transaction, actor: Actor, record: Record) -> None:
    """Whoever has not been told of the outcome yet is a duty of its own, until an amendment or a tap says so."""
    key = f"{review_told.NAME}:record:{root_of(transaction, record)}"
    waiting = " and ".join(who for who in ("parents", "governors") if record.given.get(who) == review.NOT_YET)
    there = transaction.row(sa.select(duties.c.id, duties.c.state).where(duties.c.key == key))
    if there is None and waiting:
        today = local_date(transaction.now)
        calendar = load_school_calendar(transaction, record.school_id)
        open_duty(
            transaction,
            actor,
            review_told.KIND,
            key=key,
            school_id=record.school_id,
            opens_on=today,
            due_on=school_days_after(calendar, today, review_told.WITHIN) or today,
            placement_id=record.placement_id,
            about=waiting,
        )
    elif there is not None and there.state == State.OPEN.value:
        if not waiting:
            close(transaction, actor, there.id, State.DONE)
            return
        transaction.execute(sa.update(duties).where(duties.c.id == there.id).values(about=waiting))
        refresh_mentions(transaction, [there.id])


EFFECTS: Mapping[str, Effect] = {
    target_end.NAME: _target,
    provider_papers.DOCUMENT: _document,
    provider_papers.QUALITY_VISIT_KIND.name: _next_one,
    review.KIND.name: _review,
    emergency_review.NAME: _review,
}
"""By the kind of duty."""
