"""Wrong codes on PostgreSQL, typed in several processes at once: they are counted together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from apbot.clock import VirtualClock
from apbot.store.database import Database
from apbot.store.guesses import Most, count_wrong, held_until
from apbot.store.migrate import upgrade

MOST = Most(20, timedelta(minutes=15))
NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)


def test_wrong_codes_that_come_in_at_once_are_all_counted(postgresql: str) -> None:
    clock = VirtualClock(NOW)
    databases = [Database(postgresql, clock) for _ in range(4)]
    upgrade(databases[0].engine)
    try:
        with ThreadPoolExecutor(4) as several:
            last = list(
                several.map(lambda each: databases[each % 4].run(count_wrong, "link code", "U1", MOST), range(20))
            )
        assert sum(last) == 1, "one of them was the last that is let through"
        assert databases[1].run(held_until, "link code", "U1", MOST) == NOW + timedelta(minutes=15)
        assert databases[1].run(held_until, "link code", "U2", MOST) is None
        clock.forward(timedelta(minutes=15))
        assert databases[2].run(held_until, "link code", "U1", MOST) is None
        assert not databases[3].run(count_wrong, "link code", "U1", MOST), "counted anew"
    finally:
        for each in databases:
            each.close()
