"""The key worker's side of an escalation: whose pupils they are, and who stands in for a key worker who is away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apbot.store.database import Transaction
from apbot.store.escalations import Escalation, Pupil, load_escalations_by_id
from apbot.store.people import load_cover


@dataclass(frozen=True)
class Copy:
    """An escalation as key workers see it. `stand_ins` are those of the register's day, by who is away."""

    escalation: Escalation
    stand_ins: Mapping[int, int | None]

    def pupils_of(self, person_id: int | None) -> tuple[Pupil, ...]:
        """The pupils whose key worker this person is, or stands in for."""
        return tuple(each for each in self.escalation.pupils if person_id in self._key_workers(each))

    def stands_in(self, person_id: int | None) -> bool:
        """Whether none of those pupils is their own."""
        return all(each.entry.key_worker_id != person_id for each in self.pupils_of(person_id))

    def _key_workers(self, pupil: Pupil) -> tuple[int, ...]:
        own = pupil.entry.key_worker_id
        stand_in = None if own is None else self.stand_ins.get(own)
        return tuple(each for each in (own, stand_in) if each is not None)


def load_copies(transaction: Transaction, ids: Sequence[int]) -> dict[int, Copy]:
    """These escalations as key workers see them, by id."""
    found = load_escalations_by_id(transaction, ids)
    stand_ins = {day: load_cover(transaction, day) for day in {each.register.day for each in found.values()}}
    return {each.id: Copy(each, stand_ins[each.register.day]) for each in found.values()}
