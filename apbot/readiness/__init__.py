"""Whether everybody who must be reached would be, and every pupil asked about: today and the days to come."""

from apbot.readiness.backups import check_backups
from apbot.readiness.expected import look_ahead
from apbot.readiness.model import Finding, Report, Severity
from apbot.readiness.packages import check_registration, check_whole_weeks
from apbot.readiness.placed import check_codes, check_placements
from apbot.readiness.places import check_patterns, check_providers, check_terms
from apbot.readiness.staffing import check_staffing
from apbot.readiness.starting import check_gates
from apbot.store.database import Transaction

__all__ = ["Finding", "Report", "Severity", "check"]

AHEAD = 7
"""So many days after today are checked where nobody says otherwise."""


NO_SCHOOL = Finding(
    Severity.MEND, "The roster", "there is no school on it: nobody is asked about anybody", "Import one: apbot roster."
)


def check(
    transaction: Transaction, *, days: int = AHEAD, reason_school_days: int = 5, expects_backups: bool = False
) -> Report:
    """What would be missed, and what is to be mended, today and in the next `days` days; the worst first."""
    coming = look_ahead(transaction, days)
    findings = [
        *([] if coming.schools else [NO_SCHOOL]),
        *check_staffing(transaction, coming),
        *check_providers(transaction, coming),
        *check_terms(coming),
        *check_patterns(coming),
        *check_placements(coming),
        *check_gates(transaction, coming),
        *check_registration(coming),
        *check_whole_weeks(transaction, coming),
        *check_codes(transaction, coming, reason_school_days),
        *check_backups(transaction, coming, are_expected=expects_backups),
    ]
    order = {severity: at for at, severity in enumerate(Severity)}
    return Report(
        first=coming.days[0],
        last=coming.days[-1],
        schools=tuple(row.name for row in coming.schools.values()),
        findings=tuple(sorted(findings, key=lambda each: (order[each.severity], each.place))),
    )
