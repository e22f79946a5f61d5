"""What writing down a duty changes besides: a new target end date, a new document's last day."""

from collections.abc import Callable, Mapping
from datetime import date

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.domain.documents import BY_NAME
from apbot.domain.duties import provider_papers, target_end
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty
from apbot.store.tables import documents, placements

Effect = Callable[[Transaction, Actor, Duty, Mapping[str, str]], None]


def _target(transaction: Transaction, actor: Actor, duty: Duty, given: Mapping[str, str]) -> None:
    """Keep the new target end date of the placement."""
    on = date.fromisoformat(given["target"])
    transaction.execute(sa.update(placements).where(placements.c.id == duty.placement_id).values(target_end_on=on))
    note(transaction, actor, "target end date set", f"placement:{duty.placement_id}", on=on.isoformat())


def _document(transaction: Transaction, actor: Actor, duty: Duty, given: Mapping[str, str]) -> None:
    """Keep the last day of the new document."""
    kind, _, about = duty.about.partition(", ")
    if kind not in BY_NAME:
        kind, about = duty.about, ""
    transaction.execute(
        sa.update(documents)
        .where(documents.c.provider_id == duty.provider_id, documents.c.kind == kind, documents.c.about == about)
        .values(expires_on=date.fromisoformat(given["expires"]))
    )
    note(transaction, actor, "document renewed", f"provider:{duty.provider_id}", document=duty.about)


EFFECTS: Mapping[str, Effect] = {target_end.NAME: _target, provider_papers.DOCUMENT: _document}
"""By the kind of duty."""
