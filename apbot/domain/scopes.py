"""What a key of the read-only API may read."""

from enum import StrEnum


class Scope(StrEnum):
    """One kind of thing; a key holds any number of them."""

    TODAY = "today"
    """How many pupils of each school stand where, without a single reference."""
    PLACEMENTS = "placements"
    REGISTERS = "registers"
    ATTENDANCE = "attendance"
    """Every session with its code, as the school's MIS keeps it."""
    ESCALATIONS = "escalations"
    DUTIES = "duties"
    NAMES = "names"
    """Besides: pupils' full names, where else there is a reference."""


USUAL = tuple(each for each in Scope if each is not Scope.NAMES)
"""What a key may read where nobody says otherwise: everything, by reference."""
