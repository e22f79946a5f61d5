"""What is missing of what must be in place before a placement starts: each near its start, older ones together."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from apbot.domain.startgate import NEAR, missing
from apbot.domain.walltime import spoken_date
from apbot.readiness.expected import Coming
from apbot.readiness.model import Finding, Severity
from apbot.roster.records import spoken_list
from apbot.store.database import Transaction
from apbot.store.startgate import load_gates

SAID_OF_ALL = frozenset({"no key worker", "no target end date"})
"""What `check_placements` says of every placement: an alert is copied to the key worker, whenever it began."""


def check_gates(transaction: Transaction, coming: Coming) -> Iterator[Finding]:
    """One finding for each placement that starts soon or has just begun; older ones that lack the same, in one."""
    soon, lately = coming.today + timedelta(days=NEAR), coming.today - timedelta(days=NEAR)
    gates = load_gates(transaction, [row.id for row in coming.running if row.starts_on <= soon])
    older: dict[tuple[int, tuple[str, ...]], list[str]] = defaultdict(list)
    for facts in gates.values():
        lacking = missing(facts)
        if facts.starts_on < lately:
            what = tuple(each.what for each in lacking if each.what not in SAID_OF_ALL)
            older[facts.school_id, what].append(f"{facts.pupil} ({facts.provider})")
        elif lacking:
            verb = "starts" if facts.starts_on >= coming.today else "began"
            yield Finding(
                Severity.MEND,
                coming.schools[facts.school_id].name,
                f"{facts.pupil} at {facts.provider} {verb} on {spoken_date(facts.starts_on)}: "
                f"{'; '.join(each.what for each in lacking)}",
                " ".join(dict.fromkeys(each.do for each in lacking)),
                frozenset({facts.school_id}),
            )
    for (school_id, what), found in older.items():
        if what:
            yield Finding(
                Severity.MEND,
                coming.schools[school_id].name,
                f"placements that began without all in place ({'; '.join(what)}): {spoken_list(found)}",
                "See to it, and enter it on the roster: the heading of each column says what belongs there.",
                frozenset({school_id}),
            )
