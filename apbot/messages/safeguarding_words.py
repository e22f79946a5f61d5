"""Words for incidents and concerns: how many and when, and nothing of what they were about."""

from collections.abc import Sequence

from apbot.domain.walltime import local_date, spoken_date
from apbot.messages.coding import counted
from apbot.store.safeguarding import ConcernRaised, Incidents


def incidents_words(found: Incidents) -> str:
    """ "3 incidents (2 poor behaviour, 1 accident), the last on ...; parents not told of 1"."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.kinds.items())
    untold = f"; parents not told of {found.parents_not_told}" if found.parents_not_told else ""
    return (
        f"{counted(found.count, 'incident', 'incidents')} ({kinds}), the last on {spoken_date(found.last_on)}{untold}"
    )


def concerns_words(found: Sequence[ConcernRaised]) -> str:
    """ "2 concerns raised: Mon 7 Sep 2026, Tue 8 Sep 2026"."""
    days = ", ".join(spoken_date(local_date(each.raised_at)) for each in found)
    return f"{counted(len(found), 'concern', 'concerns')} raised: {days}"
