"""Who is told of a duty today: its owner, or who stands in; once it is overdue, or urgent, also who leads on it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from apbot.domain.duties.model import Owner
from apbot.domain.roles import Role
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty
from apbot.store.people import SchoolTeam, addresses_of_people, load_cover, load_provider_people, load_teams, there_on

LEADS = (Role.NAMED_LEAD, Role.HEAD, Role.DSL)
"""Who leads on alternative provision: the first of these that somebody holds and can be reached."""

LINE = (Owner.PROVIDER, Owner.KEY_WORKER, Owner.LEAD)
"""Where an owner can't be reached, the next of these is told in their place."""

CONTACTS = frozenset({Role.NAMED_CONTACT})


@dataclass(frozen=True)
class Told:
    """Who is told of one duty: the owners, and the leads because it is overdue, or can't wait."""

    owners: tuple[int, ...]
    leads: tuple[int, ...] = ()

    @property
    def everybody(self) -> frozenset[int]:
        """All of them."""
        return frozenset((*self.owners, *self.leads))


class Owners:
    """The people of one day, read once for many duties."""

    def __init__(self, transaction: Transaction, found: Sequence[Duty], day: date) -> None:
        """Read whoever may be told of `found` on `day`."""
        self._day = day
        self._teams: Mapping[int, SchoolTeam] = load_teams(transaction, {each.school_id for each in found}, day)
        self._contacts = load_provider_people(transaction, {each.provider_id for each in found}, day, CONTACTS)
        self._cover = load_cover(transaction, day)
        named = {person for each in found for person in (each.key_worker_id, each.handed_to_id) if person is not None}
        everybody = named | {each for each in self._cover.values() if each is not None}
        everybody |= {person for contacts in self._contacts.values() for person in contacts}
        there = there_on(transaction, everybody, day)
        self._reachable = there & addresses_of_people(transaction, there).keys()

    def of(self, duty: Duty) -> Told:
        """Who is told of `duty` on the day."""
        owners = self._first(duty, duty.kind.owner)
        if not (duty.standing.is_overdue(self._day) or duty.kind.is_urgent):
            return Told(owners)
        return Told(owners, self._others(duty, owners))

    def _first(self, duty: Duty, owner: Owner) -> tuple[int, ...]:
        """The owners, or, where none can be reached, those who come next in line."""
        if duty.handed_to_id is not None and (person := self._present(duty.handed_to_id)) is not None:
            return (person,)
        for each in LINE[LINE.index(owner) :]:
            if found := self._holders(duty, each):
                return found
        return ()

    def _holders(self, duty: Duty, owner: Owner) -> tuple[int, ...]:
        match owner:
            case Owner.KEY_WORKER:
                person = None if duty.key_worker_id is None else self._present(duty.key_worker_id)
                return () if person is None else (person,)
            case Owner.PROVIDER:
                present = (self._present(each) for each in self._contacts.get(duty.provider_id, ()))
                return tuple(dict.fromkeys(each for each in present if each is not None))
            case Owner.LEAD:
                return self._leads(duty, ())

    def _others(self, duty: Duty, owners: Collection[int]) -> tuple[int, ...]:
        """Whom an overdue duty is told to besides: somebody other than its owners, if there is anybody."""
        if duty.kind.escalates_to is Owner.KEY_WORKER:
            found = tuple(each for each in self._holders(duty, Owner.KEY_WORKER) if each not in owners)
            if found:
                return found
        return self._leads(duty, owners)

    def _leads(self, duty: Duty, but: Collection[int]) -> tuple[int, ...]:
        team = self._teams[duty.school_id]
        for role in LEADS:
            held = [person for holder in team.holders.get(role, ()) if (person := holder.reached()) is not None]
            if found := tuple(dict.fromkeys(person for person in held if person not in but)):
                return found
        return () if but else team.choose([Role.NAMED_LEAD]).person_ids

    def _present(self, person_id: int) -> int | None:
        """The person, or who covers for them; None where neither can be reached."""
        person = self._cover.get(person_id, person_id)
        return person if person in self._reachable else None
