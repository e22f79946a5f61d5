"""Whether backups are made, where they ever were or are expected: a timer that has stopped says nothing by itself."""

from collections.abc import Iterator

from apbot.domain.walltime import local_date, spoken_date
from apbot.readiness.expected import Coming
from apbot.readiness.model import Finding, Severity
from apbot.store.backup.made import STALE, last_made
from apbot.store.database import Transaction

LOOK = "Look why `apbot backup` has not run: systemctl status apbot-backup, or docker compose logs backup."


def check_backups(transaction: Transaction, coming: Coming, *, are_expected: bool) -> Iterator[Finding]:
    """For every school's admins: the newest backup is older than two days, or there is none where one is expected."""
    made = last_made(transaction)
    if made is None and are_expected:
        yield _finding("none has ever been made", coming)
    elif made is not None and transaction.now - made > STALE:
        yield _finding(f"the last one was made on {spoken_date(local_date(made))}", coming)


def _finding(what: str, coming: Coming) -> Finding:
    return Finding(Severity.MEND, "Backups", what, LOOK, frozenset(coming.schools), is_told=True)
