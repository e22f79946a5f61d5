"""Who is told: the holders of the roles, or, where nobody who holds one can be reached, the next holder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apbot.domain.roles import Role

SUCCESSION = (
    Role.ATTENDANCE_CONTACT,
    Role.DSL,
    Role.DEPUTY_DSL,
    Role.NAMED_LEAD,
    Role.HEAD,
    Role.ADMIN,
)
"""The order in which the next holder is looked for, from the role that nobody holds onwards, then from the top."""

INTERCHANGEABLE = frozenset({Role.HEAD, Role.NAMED_LEAD})
"""Either of them answers for both: a school names a head or a lead, seldom both."""


@dataclass(frozen=True)
class Holder:
    """A person who holds a role at a school today. `cover` stands in while they are away."""

    person_id: int
    reachable: bool
    away: bool = False
    cover: "Holder | None" = None

    def reached(self) -> int | None:
        """The person who is reached by telling this holder, or None."""
        if not self.away:
            return self.person_id if self.reachable else None
        return self.cover.reached() if self.cover is not None else None

    @property
    def informed(self) -> int:
        """Who gets what is only for this holder's information: whoever stands in, if that is of use, or they."""
        reached = self.reached()
        return self.person_id if reached is None else reached


@dataclass(frozen=True)
class Told:
    """Who is told, in order, and the roles for which somebody else stood in."""

    person_ids: tuple[int, ...]
    stood_in_for: tuple[Role, ...]


def choose(holders: Mapping[Role, Sequence[Holder]], roles: Iterable[Role]) -> Told:
    """The people to tell for `roles`, each once.

    Empty only where nobody at all in the school's line of succession can be reached: then somebody outside must
    be told that the alert could not be sent.
    """
    wanted = tuple(roles)
    chosen: dict[int, None] = {}
    stood_in = []
    for role in wanted:
        found = reached(holders.get(role, ()))
        if not found and role in INTERCHANGEABLE:
            either = [each for each in SUCCESSION if each in INTERCHANGEABLE]
            found = tuple(person for each in either for person in reached(holders.get(each, ())))
        if not found:
            stood_in.append(role)
            found = _next(holders, role)
        chosen.update(dict.fromkeys(found))
    return Told(tuple(chosen), tuple(stood_in))


def reached(holders: Sequence[Holder]) -> tuple[int, ...]:
    """The people who are reached by telling these holders."""
    return tuple(person for holder in holders if (person := holder.reached()) is not None)


def _next(holders: Mapping[Role, Sequence[Holder]], role: Role) -> tuple[int, ...]:
    start = SUCCESSION.index(role) + 1 if role in SUCCESSION else 0
    for each in SUCCESSION[start:] + SUCCESSION[:start]:
        if found := reached(holders.get(each, ())):
            return found
    return ()
