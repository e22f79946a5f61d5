"""Where every pupil is known to be this morning: one mark for each, by provider, and the counts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apbot.demo.roster import DAY
from apbot.domain.marks import Session
from apbot.store.database import Transaction
from apbot.store.escalations import load_escalations
from apbot.store.registers import Entry, load_registers
from apbot.store.tables import registers


class Known(StrEnum):
    """What is known of a pupil. The value is the letter by which the page knows it."""

    WAITING = "w"
    """Nobody has said anything yet, and it is not yet too long."""
    ARRIVED = "a"
    MISSING = "m"
    """Not arrived or gone, and nobody has recorded that they are safe."""
    SAFE = "s"
    """Not at the provider, and recorded as safe."""
    PLANNED = "p"


@dataclass(frozen=True)
class Group:
    """One provider's pupils."""

    provider_id: int
    provider: str
    pupils: tuple[Known, ...]


@dataclass(frozen=True)
class Board:
    """Everybody."""

    groups: tuple[Group, ...]
    alerts: int
    """How many have been opened."""
    open_alerts: int

    @property
    def counts(self) -> Counter[Known]:
        """How many pupils there are of each kind."""
        return Counter(known for group in self.groups for known in group.pupils)

    @property
    def unknown(self) -> int:
        """Pupils of whom nobody has said where they are."""
        return self.counts[Known.WAITING] + self.counts[Known.MISSING]


def read_board(transaction: Transaction) -> Board:
    """The board as it stands."""
    open_for: set[int] = set()
    settled_for: set[int] = set()
    alerts = load_escalations(transaction)
    for alert in alerts:
        for pupil in alert.pupils:
            (settled_for if pupil.is_settled else open_for).add(pupil.entry.id)
    morning = load_registers(transaction, registers.c.day == DAY, registers.c.session == Session.AM.value)
    groups = [
        Group(each.provider_id, each.provider, tuple(_known(each.entries, open_for, settled_for))) for each in morning
    ]
    return Board(
        tuple(sorted(groups, key=lambda group: group.provider_id)),
        len(alerts),
        sum(alert.state.is_live for alert in alerts),
    )


def _known(entries: Sequence[Entry], open_for: set[int], settled_for: set[int]) -> Iterator[Known]:
    for entry in entries:
        if entry.id in open_for:
            yield Known.MISSING
        elif entry.said is None and not entry.is_expected:
            yield Known.PLANNED
        elif entry.said is not None and entry.said.fact.is_on_site:
            yield Known.ARRIVED
        elif entry.id in settled_for:
            yield Known.SAFE
        else:
            yield Known.WAITING if entry.said is None else Known.MISSING
