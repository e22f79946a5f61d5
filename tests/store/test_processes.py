"""Which processes are alive, what nobody does, and which channels can be counted on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.domain.priority import Priority
from apbot.schedules.tick import is_urgent
from apbot.store.due import overdue
from apbot.store.outbox import LEASE, Owed, Subject, claim, owe
from apbot.store.processes import (
    CHANNELS_KEPT,
    CLOCKS_AGREE,
    EVERYTHING,
    REMEMBERED,
    SILENT_AFTER,
    Part,
    Process,
    Seen,
    beat,
    clocks_apart,
    leave,
    load_processes,
    parts_that_nobody_does,
    still_runs,
)
from apbot.store.tables import addresses, channels, messages, processes
from tests import school
from tests.blank import blank

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Machines:
    """A database, and processes that come and go."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOW)
        self.database = blank(self.clock)
        self.ids = self.database.run(school.build)

    def beats(self, key: str, *parts: Part, on: tuple[str, ...] = ("web",)) -> Process:
        process = Process(frozenset(parts) or EVERYTHING, on, key=key, host="box", pid=7)
        self.database.run(beat, process)
        return process

    def idle(self) -> list[Part]:
        return self.database.run(parts_that_nobody_does)

    def alive(self) -> list[Seen]:
        return [each for each in self.database.run(load_processes) if each.lives(self.clock.now())]

    def channels(self) -> set[str]:
        return {row.name for row in self.database.run(lambda t: t.rows(sa.select(channels.c.name)))}


@pytest.fixture
def machines() -> Iterator[Machines]:
    """A database on which nothing runs."""
    found = Machines()
    yield found
    found.database.close()


def test_where_nothing_runs_nobody_does_anything(machines: Machines) -> None:
    assert machines.idle() == list(Part)


def test_one_that_is_told_nothing_does_everything(machines: Machines) -> None:
    machines.beats("a")
    assert machines.idle() == []


def test_a_part_that_was_never_started_is_missed(machines: Machines) -> None:
    machines.beats("a", Part.WEB)
    machines.beats("b", Part.DELIVERY)
    assert machines.idle() == [Part.SCHEDULES]
    machines.beats("c", Part.SCHEDULES)
    assert machines.idle() == []


def test_a_process_that_writes_no_more_is_missed_within_half_a_minute(machines: Machines) -> None:
    machines.beats("a", Part.WEB, Part.DELIVERY)
    machines.beats("b", Part.SCHEDULES)
    machines.clock.forward(SILENT_AFTER)
    machines.beats("a", Part.WEB, Part.DELIVERY)
    assert machines.idle() == []
    machines.clock.forward(SECOND)
    assert machines.idle() == [Part.SCHEDULES]


def test_a_process_that_ended_in_good_order_is_missed_at_once(machines: Machines) -> None:
    process = machines.beats("a")
    machines.database.run(leave, process)
    assert machines.idle() == list(Part)
    machines.beats("a")
    assert machines.idle() == [], "it has been stopped and goes on, as a laptop that was shut"


def test_a_process_keeps_its_row_and_its_beginning(machines: Machines) -> None:
    machines.beats("a")
    machines.clock.forward(60 * SECOND)
    machines.beats("a")
    (seen,) = machines.alive()
    assert (seen.started_at, seen.seen_at) == (NOW, NOW + 60 * SECOND)


def test_processes_that_are_long_gone_are_forgotten(machines: Machines) -> None:
    machines.beats("old")
    machines.clock.forward(REMEMBERED + SECOND)
    machines.beats("new")
    assert machines.database.run(lambda t: t.value(sa.select(sa.func.count()).select_from(processes))) == 1


def test_one_that_was_killed_while_its_clock_was_ahead_does_nothing_any_more(machines: Machines) -> None:
    machines.beats("a", Part.WEB, Part.SCHEDULES)
    machines.clock.set(NOW + timedelta(hours=1))
    machines.beats("b", Part.DELIVERY)
    machines.clock.set(NOW)
    assert machines.idle() == [Part.DELIVERY]
    assert "box" in machines.database.run(still_runs), "though nobody can know that it is gone"
    machines.clock.set(NOW + timedelta(hours=1))
    machines.beats("a", Part.WEB, Part.SCHEDULES)
    assert machines.idle() == []


def test_a_machine_whose_clock_is_a_little_ahead_is_counted_on(machines: Machines) -> None:
    machines.clock.set(NOW + SILENT_AFTER)
    machines.beats("a")
    machines.clock.set(NOW)
    assert machines.idle() == []


def test_a_process_whose_clock_is_ahead_is_told_of(machines: Machines) -> None:
    machines.beats("a")
    machines.clock.forward(-CLOCKS_AGREE)
    machines.beats("b")
    assert machines.database.run(clocks_apart) == {}
    machines.clock.forward(-SECOND)
    assert machines.database.run(clocks_apart) == {"seconds": 6.0}
    machines.database.run(leave, Process(EVERYTHING, key="a"))
    assert machines.database.run(clocks_apart) == {}


def test_the_channels_of_all_who_deliver_count(machines: Machines) -> None:
    machines.beats("a", Part.DELIVERY, on=("web", "slack"))
    machines.beats("b", Part.DELIVERY, on=("web", "telegram"))
    assert machines.channels() == {"slack", "telegram"}


def test_a_worker_without_slacks_token_does_not_take_slack_from_the_others(machines: Machines) -> None:
    machines.beats("a", on=("web", "slack"))
    machines.beats("b", on=("web",))
    machines.clock.forward(10 * SECOND)
    machines.beats("a", on=("web", "slack"))
    machines.beats("b", on=("web",))
    assert machines.channels() == {"slack"}


def test_who_does_not_deliver_has_no_channels(machines: Machines) -> None:
    machines.beats("a", Part.DELIVERY, on=("web",))
    machines.beats("b", Part.WEB, Part.SCHEDULES, on=("web", "slack"))
    assert machines.channels() == set()


def test_a_channel_outlives_a_restart_and_no_more(machines: Machines) -> None:
    machines.database.run(leave, machines.beats("a", Part.DELIVERY, on=("slack",)))
    machines.clock.forward(CHANNELS_KEPT)
    machines.beats("b", Part.DELIVERY)
    assert machines.channels() == {"slack"}
    machines.clock.forward(SECOND)
    machines.beats("b", Part.DELIVERY)
    assert machines.channels() == set()


def test_as_long_as_nobody_delivers_the_channels_stay_as_they_were(machines: Machines) -> None:
    machines.beats("a", Part.DELIVERY, on=("slack",))
    machines.clock.forward(timedelta(hours=1))
    machines.beats("b", Part.WEB, Part.SCHEDULES)
    assert machines.channels() == {"slack"}


def owed_on_slack(machines: Machines, priority: int) -> None:
    dsl = machines.ids["Dorothy Okafor"]
    machines.beats("a", Part.DELIVERY, on=("slack", "web"))
    machines.database.run(lambda t: t.insert(addresses, person_id=dsl, channel="slack", address="U1", rank=-1))
    machines.database.run(owe, [Owed(Subject("escalation", 1), priority, NOW, person_id=dsl)])


def standing(machines: Machines) -> set[Any]:
    rows = machines.database.run(lambda t: t.rows(sa.select(messages.c.channel, messages.c.state)))
    return {tuple(row) for row in rows}


@pytest.mark.parametrize("priority", [Priority.ESCALATION, Priority.DIGEST])
def test_what_waits_where_nobody_delivers_any_more_goes_elsewhere(machines: Machines, priority: Priority) -> None:
    owed_on_slack(machines, priority)
    machines.clock.forward(CHANNELS_KEPT)
    machines.beats("b", Part.DELIVERY)
    assert standing(machines) == {("slack", "owed")}
    machines.clock.forward(SECOND)
    machines.beats("b", Part.DELIVERY)
    assert standing(machines) == {("slack", "failed"), ("web", "owed")}


def test_what_can_be_sent_nowhere_keeps_nothing_else_waiting_and_is_not_overdue_for_ever(machines: Machines) -> None:
    owed_on_slack(machines, Priority.ESCALATION)
    machines.database.run(lambda t: t.execute(sa.delete(addresses).where(addresses.c.channel == "web")))
    machines.clock.forward(CHANNELS_KEPT + SECOND)
    machines.beats("b", Part.DELIVERY)
    assert standing(machines) == {("slack", "failed")}
    assert not machines.database.run(is_urgent)
    assert "messages" not in machines.database.run(overdue, machines.clock.now())


def test_an_edit_that_waits_where_nobody_delivers_any_more_is_made_when_somebody_does(machines: Machines) -> None:
    owed_on_slack(machines, Priority.ESCALATION)
    machines.database.run(
        lambda t: t.execute(sa.update(messages).values(state="sent", sent_at=NOW, next_at=NOW, wanted=2, shown=1))
    )
    machines.clock.forward(CHANNELS_KEPT + SECOND)
    assert "messages" in machines.database.run(overdue, machines.clock.now())
    machines.beats("b", Part.DELIVERY)
    assert "messages" not in machines.database.run(overdue, machines.clock.now())
    machines.beats("c", Part.DELIVERY, on=("slack", "web"))
    assert len(machines.database.run(claim, "slack", "a lease", 10)) == 1


def test_an_alert_that_was_sent_there_does_not(machines: Machines) -> None:
    owed_on_slack(machines, Priority.ESCALATION)
    machines.database.run(
        lambda t: t.execute(sa.update(messages).values(state="sent", sent_at=NOW, next_at=None, shown=1))
    )
    machines.clock.forward(CHANNELS_KEPT + SECOND)
    machines.beats("b", Part.DELIVERY)
    assert standing(machines) == {("slack", "sent")}


class TestAClockThatWasAhead:
    """An hour ahead, then put right: what delivery had put off by it does not wait for that hour."""

    def row(self, machines: Machines) -> sa.Row[Any]:
        (found,) = machines.database.run(lambda t: t.rows(sa.select(messages)))
        return found

    def owed(self, machines: Machines, **columns: Any) -> None:
        alert = Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, machines.ids["Dorothy Okafor"])
        machines.database.run(owe, [alert])
        machines.database.run(lambda t: t.execute(sa.update(messages).values(**columns)))

    @pytest.mark.parametrize("pause", [5 * SECOND, timedelta(hours=1)])
    def test_what_was_tried_in_vain_is_tried_again_at_once(self, machines: Machines, pause: timedelta) -> None:
        then = NOW + timedelta(hours=1)
        self.owed(machines, tries=1, tried_at=then, next_at=then + pause)
        machines.beats("a")
        assert self.row(machines).next_at == NOW

    def test_what_was_claimed_is_left_to_who_is_at_it_for_a_lease(self, machines: Machines) -> None:
        then = NOW + timedelta(hours=1) + LEASE
        self.owed(machines, lease="1", lease_until=then, next_at=then)
        machines.beats("a")
        assert self.row(machines).next_at == self.row(machines).lease_until == NOW + LEASE
        machines.clock.forward(30 * SECOND)
        machines.beats("a")
        assert self.row(machines).next_at == NOW + LEASE, "once"

    def test_a_pause_that_a_platform_asked_for_is_kept_where_the_clock_was_right(self, machines: Machines) -> None:
        self.owed(machines, tries=1, tried_at=NOW, next_at=NOW + timedelta(hours=1))
        machines.beats("a")
        assert self.row(machines).next_at == NOW + timedelta(hours=1)
