"""Who may see and do what. Every command, button, page and file asks here.

Provider staff see their own provider's placements; a school's people see their school's; a key worker sees the
placements they hold; a governor sees counts only; a leaver sees nothing from the day after they leave.
"""

from dataclasses import dataclass
from datetime import date

from apbot.domain.roles import PROVIDER_ROLES, SAFEGUARDING_ROLES, Role


@dataclass(frozen=True)
class RoleAt:
    """A role and where it is held; an admin over everything holds it nowhere in particular."""

    role: Role
    school_id: int | None = None
    provider_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """A person who does something, with what they may do today. `via` is the channel, or "terminal"."""

    person_id: int | None
    name: str
    roles: tuple[RoleAt, ...]
    via: str

    @property
    def is_admin_of_all(self) -> bool:
        """An admin with no organisation: a trust's, a local authority's, or whoever sits at the terminal."""
        return RoleAt(Role.ADMIN) in self.roles

    def schools(self) -> frozenset[int]:
        """The schools whose every pupil they may see."""
        return frozenset(
            each.school_id for each in self.roles if each.school_id is not None and each.role in SAFEGUARDING_ROLES
        )

    def providers(self) -> frozenset[int]:
        """The providers at which they are staff."""
        return frozenset(
            each.provider_id for each in self.roles if each.provider_id is not None and each.role in PROVIDER_ROLES
        )

    def may_mark(self, provider_id: int, school_id: int) -> bool:
        """Report facts about a pupil: the provider's staff, and the school, which may hear it by telephone."""
        return provider_id in self.providers() or self.may_answer(school_id)

    def may_answer(self, school_id: int) -> bool:
        """Acknowledge, record welfare outcomes, decide codes and plan absences for the school's pupils."""
        return self.is_admin_of_all or school_id in self.schools()

    def may_see(self, school_id: int, provider_id: int | None, key_worker_id: int | None) -> bool:
        """See a placement: its pupil by reference, its sessions, its marks."""
        return (
            self.may_answer(school_id)
            or (provider_id is not None and provider_id in self.providers())
            or (key_worker_id is not None and key_worker_id == self.person_id)
        )

    def acts_as(self, provider_id: int | None, school_id: int | None) -> str:
        """The role to write beside what they do, the weightiest they hold there."""
        here = {
            each.role
            for each in self.roles
            if (provider_id is not None and each.provider_id == provider_id)
            or (school_id is not None and each.school_id == school_id)
        }
        for role in Role:
            if role in here:
                return role.value
        return Role.ADMIN.value if self.is_admin_of_all else "nobody"


TERMINAL = Actor(None, "the terminal", (RoleAt(Role.ADMIN),), "terminal")
"""Whoever can run commands on the machine can read its database: they act as an admin over everything."""


def is_current(day: date, starts_on: date | None, leaves_on: date | None) -> bool:
    """Whether a person has access on `day`: `leaves_on` is their last day."""
    return (starts_on is None or starts_on <= day) and (leaves_on is None or day <= leaves_on)
