"""The roles people hold, and in which kind of organisation."""

from enum import StrEnum


class Role(StrEnum):
    """A person's part. The field's own words; see the project's glossary in docs/."""

    NAMED_CONTACT = "named contact"
    DEPUTY_CONTACT = "deputy contact"
    PROVIDER_STAFF = "provider staff"
    ATTENDANCE_CONTACT = "attendance contact"
    DSL = "DSL"
    DEPUTY_DSL = "deputy DSL"
    KEY_WORKER = "key worker"
    SENCO = "SENCO"
    HEAD = "head"
    NAMED_LEAD = "named lead"
    GOVERNOR = "governor"
    ADMIN = "admin"


PROVIDER_ROLES = frozenset({Role.NAMED_CONTACT, Role.DEPUTY_CONTACT, Role.PROVIDER_STAFF})
"""Held at a provider: its holders see that provider's placements only."""

SCHOOL_ROLES = frozenset(
    {
        Role.ATTENDANCE_CONTACT,
        Role.DSL,
        Role.DEPUTY_DSL,
        Role.KEY_WORKER,
        Role.SENCO,
        Role.HEAD,
        Role.NAMED_LEAD,
        Role.GOVERNOR,
        Role.ADMIN,
    }
)
"""Held at a school. An admin may also hold the role over everything, with no organisation named."""

SAFEGUARDING_ROLES = frozenset(
    {Role.ATTENDANCE_CONTACT, Role.DSL, Role.DEPUTY_DSL, Role.HEAD, Role.NAMED_LEAD, Role.ADMIN}
)
"""See every pupil of their school, acknowledge, and record outcomes."""
