"""What is owed, to whom and at which address; who takes it; what happens when it changes meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.domain.priority import Priority
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.outbox import LEASE, Owed, Subject, claim, owe, refresh, told
from apbot.store.people import keep_channels
from apbot.store.tables import addresses, messages
from tests import school
from tests.blank import blank, url_in

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
DSL, CONTACT = "Dorothy Okafor", "Priya Nair"


class Office:
    """A database with the invented world in it, and short ways to owe and to take."""

    def __init__(self, url: str = "") -> None:
        self.clock = VirtualClock(NOW)
        self.database = Database(url, self.clock, inline=True) if url else blank(self.clock)
        upgrade(self.database.engine)
        self.ids = self.database.run(school.build)
        self.heard: list[frozenset[str]] = []
        self.database.listeners.append(self.heard.append)

    def owe(self, *wanted: Owed) -> list[Owed]:
        return self.database.run(owe, wanted)

    def to(self, name: str = DSL, priority: int = Priority.ESCALATION, **subject: Any) -> Owed:
        """A message to a person; its subject is alert 1 unless said otherwise."""
        return Owed(Subject(**{"kind": "escalation", "id": 1, **subject}), priority, NOW, person_id=self.ids[name])

    def take(self, limit: int = 100, channel: str = "web", lease: str = "mine") -> list[sa.Row[Any]]:
        return list(self.database.run(claim, channel, lease, limit))

    def settle(self, row: sa.Row[Any], **values: Any) -> None:
        """As delivery does: the lease is given back."""
        self.change(row.id, **{"lease": None, "lease_until": None, "next_at": None, **values})

    def change(self, message_id: int, **values: Any) -> None:
        statement = sa.update(messages).where(messages.c.id == message_id).values(**values)
        self.database.run(lambda t: t.execute(statement))

    def sent(self, **subject: Any) -> int:
        """A message that was sent; its id."""
        self.owe(self.to(**subject))
        (row,) = self.take()
        self.settle(row, state="sent", sent_at=NOW, shown=1)
        return int(row.id)

    def row(self, message_id: int) -> sa.Row[Any]:
        found = self.database.run(lambda t: t.row(sa.select(messages).where(messages.c.id == message_id)))
        assert found is not None
        return found

    def all(self) -> list[sa.Row[Any]]:
        return list(self.database.run(lambda t: t.rows(sa.select(messages).order_by(messages.c.id))))

    def address(self, owner: str, channel: str, rank: int, **more: Any) -> None:
        self.database.run(keep_channels, ["slack", "telegram"])
        where = {"provider_id": self.ids[owner]} if owner in school.PROVIDERS else {"person_id": self.ids[owner]}
        self.database.run(
            lambda t: t.insert(addresses, channel=channel, address=f"{channel}-{owner}", rank=rank, **where, **more)
        )


@pytest.fixture
def office() -> Iterator[Office]:
    """An office with nothing owed."""
    found = Office()
    yield found
    found.database.close()


def test_owing_twice_owes_once(office: Office) -> None:
    assert office.owe(office.to(), office.to()) == []
    office.heard.clear()
    assert office.owe(office.to()) == []
    assert len(office.all()) == 1
    assert not office.heard, "nothing new: nobody is woken"


@pytest.mark.parametrize("other", [{"kind": "copy"}, {"id": 2}, {"step": 1}, {"round": 1}])
def test_another_kind_subject_step_or_round_is_another_message(office: Office, other: dict[str, Any]) -> None:
    office.owe(office.to(), office.to(**other))
    assert len(office.all()) == 2


def test_each_person_gets_their_own(office: Office) -> None:
    office.owe(office.to(DSL), office.to(CONTACT))
    assert {row.recipient for row in office.all()} == {f"person:{office.ids[name]}" for name in (DSL, CONTACT)}


def test_it_goes_to_the_address_of_the_lowest_rank_that_works(office: Office) -> None:
    office.address(DSL, "slack", -1)
    office.address(DSL, "telegram", -2, disabled_at=NOW)
    office.owe(office.to(DSL))
    assert [(row.channel, row.address) for row in office.all()] == [("slack", f"slack-{DSL}")]


def test_an_address_on_a_channel_that_is_not_set_up_is_passed_over(office: Office) -> None:
    office.address(DSL, "teams", -3)
    office.owe(office.to(DSL))
    assert [row.channel for row in office.all()] == ["web"]


def test_who_was_told_in_vain_is_told_on_the_next_channel(office: Office) -> None:
    office.address(DSL, "slack", 1)
    for attempt in range(3):
        office.owe(replace(office.to(DSL), subject=Subject("note", 1, attempt), attempt=attempt))
    assert [row.channel for row in office.all()] == ["web", "slack", "web"]


def test_what_is_owed_everywhere_goes_out_on_every_channel_once(office: Office) -> None:
    office.address(DSL, "slack", 1)
    for attempt in range(2):
        office.owe(replace(office.to(DSL), everywhere=True, attempt=attempt))
    assert [row.channel for row in office.all()] == ["web", "slack"]


def test_who_has_no_address_that_works_is_given_back(office: Office) -> None:
    office.database.run(lambda t: t.execute(sa.update(addresses).values(disabled_at=NOW)))
    provider = Owed(Subject("register", 1), Priority.PROMPT, NOW, provider_id=office.ids["Oak Farm"])
    assert office.owe(office.to(DSL), provider) == [office.to(DSL), provider]
    assert office.all() == []


def test_a_providers_message_goes_to_its_shared_conversation(office: Office) -> None:
    office.owe(Owed(Subject("register", 1), Priority.PROMPT, NOW, provider_id=office.ids["Oak Farm"]))
    (row,) = office.all()
    assert (row.recipient, row.person_id) == (f"provider:{office.ids['Oak Farm']}", None)


def test_new_messages_wake_delivery(office: Office) -> None:
    office.owe(office.to())
    assert office.heard == [{"messages"}]


def test_what_is_due_is_taken_the_weightiest_first_and_each_but_once(office: Office) -> None:
    for priority in (Priority.DIGEST, Priority.PROMPT, Priority.CONCERN, Priority.REMINDER, Priority.ESCALATION):
        office.owe(office.to(priority=priority, id=priority))
        office.clock.forward(timedelta(seconds=1))
    assert [row.priority for row in office.take(limit=3)] == [Priority.CONCERN, Priority.ESCALATION, Priority.PROMPT]
    assert [row.priority for row in office.take(lease="another")] == [Priority.REMINDER, Priority.DIGEST]
    assert office.take() == []


def test_of_the_same_weight_what_was_due_first_is_taken_first(office: Office) -> None:
    for number in (1, 2, 3):
        office.owe(office.to(id=number))
        office.clock.forward(timedelta(seconds=1))
    assert [row.subject_id for row in office.take(limit=2)] == [1, 2]


def test_nothing_is_taken_before_it_is_due_nor_for_another_channel(office: Office) -> None:
    office.owe(office.to())
    assert office.take(channel="slack") == []
    office.change(1, next_at=NOW + timedelta(seconds=1))
    assert office.take() == []
    office.clock.forward(timedelta(seconds=1))
    assert len(office.take()) == 1


def test_a_lease_that_runs_out_gives_an_unsent_message_back_marked_as_a_possible_repeat(office: Office) -> None:
    office.owe(office.to())
    (row,) = office.take(lease="a process that dies")
    assert (row.lease, row.maybe_repeat) == ("a process that dies", False)
    office.clock.forward(LEASE - timedelta(seconds=1))
    assert office.take() == []
    office.clock.forward(timedelta(seconds=1))
    (row,) = office.take(lease="the next")
    assert (row.lease, row.maybe_repeat) == ("the next", True)


def test_a_lease_that_runs_out_over_an_edit_is_no_repeat(office: Office) -> None:
    message = office.sent()
    office.database.run(refresh, ["escalation"], [1])
    office.take(lease="a process that dies")
    office.clock.forward(LEASE)
    (row,) = office.take()
    assert (row.id, row.state, row.maybe_repeat) == (message, "sent", False)


def test_once_a_possible_repeat_it_stays_one_until_it_is_settled(office: Office) -> None:
    office.owe(office.to())
    for _ in range(3):
        office.take()
        office.clock.forward(LEASE)
    (row,) = office.take()
    assert row.maybe_repeat


def test_what_was_sent_is_due_again_when_what_it_says_has_changed(office: Office) -> None:
    message = office.sent()
    assert office.take() == []
    office.heard.clear()
    office.clock.forward(timedelta(minutes=5))
    office.database.run(refresh, ["escalation"], [1])
    assert office.heard == [{"messages"}]
    (row,) = office.take()
    assert (row.id, row.wanted, row.shown) == (message, 2, 1)


def test_only_the_kinds_and_subjects_named_are_due_again(office: Office) -> None:
    office.sent()
    office.heard.clear()
    office.database.run(refresh, ["copy"], [1])
    office.database.run(refresh, ["escalation"], [2, 3])
    office.database.run(refresh, ["escalation"], [])
    assert office.take() == []
    assert not office.heard


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_what_was_cancelled_or_has_failed_is_not_brought_up_to_date(office: Office, state: str) -> None:
    message = office.sent()
    office.change(message, state=state)
    office.database.run(refresh, ["escalation"], [1])
    assert office.take() == []


def test_what_changes_while_it_is_under_way_stays_with_who_has_it_and_is_counted(office: Office) -> None:
    office.owe(office.to())
    (row,) = office.take(lease="mine")
    office.database.run(refresh, ["escalation"], [1])
    assert office.take(lease="another") == []
    assert office.row(row.id).wanted == row.wanted + 1


def test_what_changes_while_a_platform_has_asked_for_a_pause_waits_for_its_end(office: Office) -> None:
    office.owe(office.to())
    (row,) = office.take()
    later = NOW + timedelta(minutes=2)
    office.settle(row, tries=1, next_at=later)
    office.database.run(refresh, ["escalation"], [1])
    assert office.take() == []
    office.clock.set(later)
    (row,) = office.take()
    assert row.wanted == 2


def test_a_change_is_never_lost_whatever_was_tried_before(office: Office) -> None:
    message = office.sent()
    office.change(message, tries=3)
    office.database.run(refresh, ["escalation"], [1])
    assert len(office.take()) == 1


def test_those_told_are_those_to_whom_it_was_sent_or_is_owed(office: Office) -> None:
    sent = office.sent(name=DSL)
    office.owe(office.to(CONTACT), office.to("Tom Beckett"), office.to("Helen Marsh", kind="copy"), office.to(DSL))
    failed = next(row.id for row in office.all() if row.person_id == office.ids["Tom Beckett"])
    office.change(failed, state="failed")
    office.owe(Owed(Subject("escalation", 1), Priority.ESCALATION, NOW, provider_id=office.ids["Oak Farm"]))
    told_of_it = office.database.run(told, ["escalation"], 1)
    assert sorted(told_of_it) == sorted([office.ids[DSL], office.ids[CONTACT]])
    assert office.row(sent).state == "sent"


def test_two_that_take_at_once_never_take_the_same(tmp_path: Path) -> None:
    first = Office(url_in(tmp_path))
    first.owe(*(first.to(id=number) for number in range(60)))
    others = [Database(url_in(tmp_path), first.clock) for _ in range(3)]

    def take(transaction: Transaction, lease: str) -> list[int]:
        return [row.id for row in claim(transaction, "web", lease, 4)]

    def take_all(database: Database, lease: str) -> list[int]:
        taken: list[int] = []
        while some := database.run(take, lease):
            taken += some
        return taken

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(take_all, database, f"lease {number}") for number, database in enumerate(others)]
        taken = [message for job in jobs for message in job.result()]
    assert sorted(taken) == [row.id for row in first.all()]
    for database in (*others, first.database):
        database.close()


def test_those_to_one_person_leave_room_for_those_to_others() -> None:
    office = Office()
    office.owe(*(office.to(DSL, id=number) for number in range(1, 200)))
    office.owe(*(office.to(name, Priority.PROMPT, id=1) for name in (CONTACT, "Tom Beckett")))
    taken = office.database.run(claim, "web", "mine", 4, 1)
    assert [row.person_id for row in taken] == [office.ids[name] for name in (DSL, CONTACT, "Tom Beckett")]
    assert [row.subject_id for row in taken] == [1, 1, 1], "the alert first"
    office.database.close()
