"""Whether backups are still made, where they ever were: a timer that has stopped says nothing by itself."""

from collections.abc import Iterator

from apbot.domain.walltime import local_date, spoken_date
from apbot.readiness.expected import Coming
from apbot.readiness.model import Finding, Severity
from apbot.store.backup.made import STALE, last_made
from apbot.store.database import Transaction


def check_backups(transaction: Transaction, coming: Coming) -> Iterator[Finding]:
    """For every school's admins: the newest backup is older than two days."""
    made = last_made(transaction)
    if made is not None and transaction.now - made > STALE:
        yield Finding(
            Severity.MEND,
            "Backups",
            f"the last one was made on {spoken_date(local_date(made))}",
            "Look why `apbot backup` has not run since: systemctl status apbot-backup.",
            frozenset(coming.schools),
        )
