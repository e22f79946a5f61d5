"""What a kind of message is: how weighty, what it is about, and how its card is made.

One module of this package defines one kind. `apbot.messages.registry` lists them; delivery knows no other way to
learn what a message says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from apbot.cards import Card
from apbot.domain.priority import Priority
from apbot.store.database import Transaction

V = TypeVar("V")


@dataclass(frozen=True)
class Envelope:
    """For whom and at which point a card is made."""

    person_id: int | None
    """Who reads it; None for a conversation that several people share."""
    round: int
    step: int
    due_at: datetime
    now: datetime
    sent_before: bool
    """It has been sent and is being brought up to date."""
    sent_at: datetime | None = None
    """When it was, where that matters."""


@dataclass(frozen=True)
class MessageKind(Generic[V]):
    """One kind of message.

    `load` reads what the cards of many subjects need, in a few queries; `card` makes one, purely. A card of None
    says that there is nothing (any longer) to say: a message not yet sent is then cancelled.
    """

    name: str
    priority: Priority
    load: Callable[[Transaction, Sequence[int]], Mapping[int, V]]
    card: Callable[[V, Envelope], Card | None]

    def render(self, transaction: Transaction, wanted: Sequence[tuple[int, Envelope]]) -> list[Card | None]:
        """The cards for these (subject, envelope) pairs, in order."""
        views = self.load(transaction, sorted({subject for subject, _ in wanted}))
        return [self.card(views[subject], envelope) if subject in views else None for subject, envelope in wanted]


AnyKind = MessageKind[Any]
