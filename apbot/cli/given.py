"""What somebody gave a command: a day, or the reference of a pupil, a person, a school. Wrong ones end the program."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from apbot.cli.trouble import fail
from apbot.domain.walltime import plausible

if TYPE_CHECKING:
    import sqlalchemy as sa

    from apbot.store.database import Transaction


def day_or_exit(option: str, text: str) -> date:
    """The day that was given to `option`: 01/09/2026 or 2026-09-01."""
    form = "%Y-%m-%d" if "-" in text else "%d/%m/%Y"
    try:
        return plausible(datetime.strptime(text.strip(), form).date())  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        fail(f"{option} {text[:40]!r} is not a date. Write it like 01/09/2026.", code=2)


def id_or_exit(transaction: "Transaction", table: "sa.Table", called: str, ref: str) -> int:
    """The id of the pupil, person or school with this reference, however it is typed."""
    from apbot.roster.refs import closest, key
    from apbot.store.roster import ids_by_ref

    known = ids_by_ref(transaction, table)
    found = next((known[each] for each in known if key(each) == key(ref)), None)
    if found is None:
        near = closest(ref[:80], known)
        hint = f"Did you mean {near}?" if near else f"There are: {_some(known)}."
        fail(f"There is no {called} with the reference {ref[:80]}. {hint}", code=2)
    return found


def school_called(transaction: "Transaction", ref: str) -> int:
    """The id of the school with this reference."""
    from apbot.store.tables import schools

    return id_or_exit(transaction, schools, "school", ref)


def _some(known: dict[str, int]) -> str:
    refs = sorted(known)
    return ", ".join(refs[:10]) + (" ..." if len(refs) > 10 else "") if refs else "none yet"
