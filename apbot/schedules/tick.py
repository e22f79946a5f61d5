"""The tick: everything that has become due, until nothing is. Any number of processes may run it at once."""

from collections.abc import Callable, Sequence

from apbot.schedules import escalating, opening, prompting
from apbot.settings import Settings
from apbot.store.database import Database, Transaction

Schedule = Callable[[Transaction], bool]
"""Takes a batch of what is due and says whether there was any."""


def schedules(settings: Settings) -> Sequence[Schedule]:
    """Every schedule, the most urgent after what it depends on. A new one is one module, and one line here."""
    return (
        lambda transaction: opening.open_due(transaction, opens_at=settings.opens_at, codes_at=settings.codes_at),
        escalating.open_due,
        escalating.advance_due,
        prompting.prompt_due,
    )


async def tick(database: Database, wanted: Sequence[Schedule]) -> None:
    """Run each schedule until it finds nothing due; a batch is a transaction of its own."""
    for schedule in wanted:
        while await database.write(schedule):
            pass
