"""What is known of providers themselves, whoever asks: registration, address, and what each has shown, until when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from apbot.domain.documents import ASKED_OF_ALL, expiry
from apbot.domain.duties.model import Document
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import documents, providers


@dataclass(frozen=True)
class Shown:
    """A document or training that the provider has shown, its date, and the last day on which it holds."""

    document: Document
    dated_on: date | None

    @property
    def name(self) -> str:
        """ "safeguarding training level 3, Sam Taylor"."""
        return f"{self.document.kind}, {self.document.about}" if self.document.about else self.document.kind


@dataclass(frozen=True)
class ProviderFacts:
    """A provider, and what it has shown."""

    id: int
    ref: str
    name: str
    telephone: str
    address: str
    registration: str
    registered: bool | None
    registration_checked_on: date | None
    activity: str
    shown: tuple[Shown, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The kinds of document that are asked of every provider, and that this one has not shown."""
        there = {each.document.kind for each in self.shown}
        return tuple(kind for kind in ASKED_OF_ALL if kind not in there)


def load_provider_facts(transaction: Transaction, provider_ids: Iterable[int]) -> dict[int, ProviderFacts]:
    """These providers by id, with the documents and trainings that they have shown."""
    ids = sorted(set(provider_ids))
    shown = load_shown(transaction, ids)
    return {
        row.id: ProviderFacts(
            id=row.id,
            ref=row.ref,
            name=row.name,
            telephone=row.telephone,
            address=row.address,
            registration=row.registration,
            registered=row.registered,
            registration_checked_on=row.registration_checked_on,
            activity=row.activity,
            shown=tuple(shown[row.id]),
        )
        for row in transaction.rows(sa.select(providers).where(providers.c.id.in_(ids)))
    }


def load_shown(transaction: Transaction, provider_ids: Iterable[int]) -> Mapping[int, list[Shown]]:
    """What each of these providers has shown, by kind and whose it is; nothing for one that has shown nothing."""
    shown: dict[int, list[Shown]] = defaultdict(list)
    for row in transaction.rows(_SHOWN, providers=list(provider_ids)):
        until = expiry(row.kind, row.dated_on, row.expires_on)
        shown[row.provider_id].append(Shown(Document(row.kind, row.about, until), row.dated_on))
    return shown


_SHOWN = Prepared(
    sa.select(documents)
    .where(documents.c.provider_id.in_(sa.bindparam("providers", expanding=True)))
    .order_by(documents.c.kind, documents.c.about, documents.c.id)
)
