"""What several processes on one database have to do, whichever database it is."""

from collections.abc import Sequence

from apbot.channels.port import MAYBE_REPEAT
from tests.faults.morning import Morning
from tests.processes.running import Running


async def all_come_up(bare: Morning, together: Sequence[Running]) -> None:
    """Each says where it is, none ends, and each is well."""
    await bare.until(lambda: all(each.url or each.ended is not None for each in together), "where they are")
    assert [each.said for each in together if each.ended is not None] == []
    for each in together:
        await bare.until_well(each)


async def everybody_is_told_once(morning: Morning, together: Sequence[Running]) -> None:
    """A morning of theirs, until every alert is out."""
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know and morning.is_settled, "the alerts")
    morning.holds()
    assert not any(MAYBE_REPEAT in each.text for each in morning.slack.workspace.seen)
    assert not any("Traceback" in line for each in together for line in each.said)
