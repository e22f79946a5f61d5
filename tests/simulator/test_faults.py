"""The rehearsal with faults: the promises hold, the same seed is the same again, and what breaks one is seen."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot import delivery, settling
from apbot.cards import Reply
from apbot.channels.port import Outcome, Receipt
from apbot.domain.walltime import instant
from apbot.handlers import dispatch
from apbot.messages.registry import KINDS
from apbot.roster.records import Records
from apbot.simulator.faults import process, promises
from apbot.simulator.faults.campaign import campaign
from apbot.simulator.faults.dice import PER_DAY, PER_MESSAGE, PER_PRESS, PER_TRANSACTION, Log
from apbot.simulator.faults.machinery import Machinery
from apbot.simulator.faults.play import Played, play
from apbot.simulator.faults.worlds import World, draw
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import messages, registers

MONDAY = date(2026, 9, 14)
EVERY_KIND = {*PER_DAY, *PER_MESSAGE, *PER_PRESS, *PER_TRANSACTION}


def day(seed: int = 7, placements: int = 60, *, intensity: float = 1.0, processes: int = 2) -> Played:
    world = draw(seed, MONDAY, MONDAY, placements)
    return play(replace(world, intensity=intensity, processes=processes, whole=False), Log())


def broken(played: Played) -> set[str]:
    return {promise for promise, count in played.breaches.items() if count}


def is_found(promise: str, **given: Any) -> bool:
    """Whether one of a few days finds it broken: what takes two faults that meet does not happen on each."""
    return any(promise in broken(day(seed, 120, intensity=2.0, **given)) for seed in range(30, 50))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_promise_holds_whatever_fails(seed: int) -> None:
    played = day(seed, intensity=1.5, processes=seed % 3 + 1)
    assert broken(played) == set(), played.examples
    assert played.sessions > 30
    assert sum(played.faults.values()) > 30
    assert played.shown["escalation"] > 5


def test_where_nothing_fails_every_alert_is_there_within_seconds_and_none_twice() -> None:
    played = day(intensity=0.0)
    assert broken(played) == set(), played.examples
    assert (played.faults, played.repeats, played.said_late) == ({}, 0, 0)
    assert played.slowest_seconds < 5


def test_an_alert_that_was_seen_is_not_due_later_where_the_roster_then_gives_more_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def minutes(records: Records, wanted: int) -> Records:
        return replace(records, placements=tuple(replace(each, alert_minutes=wanted) for each in records.placements))

    def plan(self: Machinery, day: date) -> None:
        self.loop.call_at(self.clock.seconds_at(instant(day, time(9, 11))), self.import_roster)

    drawn = World.records
    monkeypatch.setattr(World, "records", lambda self: minutes(drawn(self), 10))
    monkeypatch.setattr("apbot.simulator.faults.play.changed", lambda records, *_: minutes(records, 20))
    monkeypatch.setattr(Machinery, "plan_day", plan)
    played = day(1, intensity=0.0)
    assert broken(played) == set(), played.examples
    assert played.shown["escalation"] > 5


def test_the_same_seed_is_the_same_day_again_in_another_process_and_another_seed_is_not() -> None:
    first, again, other = (_digest(seed, hashes) for seed, hashes in ((11, "1"), (11, "2"), (12, "1")))
    assert first == again
    assert first != other


def _digest(seed: int, hashes: str) -> str:
    span = ["--from", "2026-09-14", "--to", "2026-09-14", "--placements", "60"]
    done = subprocess.run(
        [sys.executable, "-m", "apbot", "simulate", "--faults", "--seed", str(seed), *span],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONHASHSEED": hashes},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("SHA-256 ")[1].strip()


def test_seed_after_seed_is_played_until_there_were_enough_sessions() -> None:
    told: list[int] = []
    totals = campaign(60, 1, first=MONDAY, last=MONDAY, placements=40, progress=told.append)
    assert totals.is_good, [each.examples for each in totals.failed]
    assert totals.sessions == told[-1] >= 60
    assert totals.worlds == len(told) > 1
    assert told[-2] < 60, "no more worlds than were wanted"


def test_every_kind_of_fault_there_is_happens() -> None:
    happened: set[str] = set()
    for seed in range(20, 23):
        happened |= day(seed, 60, intensity=4.0).faults.keys()
    rare = {"clock set back by an hour", "clock set forward by ten minutes", "token revoked for an hour"}
    assert happened >= EVERY_KIND - rare


# Sabotage: each promise, broken on purpose, is seen to be broken.


def test_an_alert_that_is_never_sent_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "escalation", replace(KINDS["escalation"], card=lambda *_: None))
    assert promises.SEEN in broken(day(placements=20))


def test_an_alert_that_hides_how_late_it_is_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apbot.messages.escalation.LATE_IS", timedelta(days=1))
    assert is_found(promises.SAYS_LATE, processes=1)


def test_a_health_query_that_says_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "overdue", lambda *_: {})
    assert is_found(promises.REPORTED, processes=1)


def test_an_unknown_outcome_that_is_taken_for_a_refusal_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = settling._settled

    def forgetful(transaction: Transaction, each: Any, receipt: Receipt) -> dict[str, Any]:
        if receipt.outcome is Outcome.UNKNOWN:
            receipt = replace(receipt, outcome=Outcome.AGAIN)
        return real(transaction, each, receipt)

    monkeypatch.setattr(settling, "_settled", forgetful)
    assert is_found(promises.REPEATS)


def test_settling_without_a_look_at_the_lease_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {column: sa.bindparam(column) for column in settling._SETTLED}
    unchecked = Prepared(
        sa.update(messages)
        .where(messages.c.id == sa.bindparam("b_id"))
        .values(values | {"lease": None, "lease_until": None, "next_at": sa.bindparam("next_at")})
    )
    monkeypatch.setattr(settling, "_SETTLE", unchecked)
    assert is_found(promises.REPEATS, processes=3)


def test_a_pupil_shown_to_strangers_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = draw(7, MONDAY, MONDAY, 60).records().pupils[0].ref
    real = KINDS["register"].card

    def leaking(view: Any, envelope: Any) -> Any:
        card = real(view, envelope)
        return card and replace(card, lines=(*card.lines, stranger))

    monkeypatch.setitem(KINDS, "register", replace(KINDS["register"], card=leaking))
    assert promises.OWN_PUPILS in broken(day())


def test_a_prompt_that_outlives_its_session_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real, load = Transaction.insert_new, KINDS["register"].load

    def late(self: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        if table is registers:
            rows = [{**row, "next_at": row["ends_at"] + timedelta(minutes=3)} for row in rows]
        return real(self, table, rows)

    def longer(transaction: Transaction, ids: Sequence[int]) -> dict[int, Any]:
        found = load(transaction, ids)
        return {key: replace(each, ends_at=each.ends_at + timedelta(hours=1)) for key, each in found.items()}

    monkeypatch.setattr(Transaction, "insert_new", late)
    monkeypatch.setattr("apbot.schedules.prompting.load_registers_by_id", longer)
    monkeypatch.setitem(KINDS, "register", replace(KINDS["register"], load=longer))
    assert promises.IN_TIME in broken(day(placements=30))


def test_a_press_that_is_done_each_time_it_is_told_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = dispatch.handle

    def again(transaction: Transaction, actor: Any, action: Any) -> Reply:
        again.count += 1  # type: ignore[attr-defined]
        return real(transaction, actor, replace(action, event_id=f"{action.event_id} {again.count}"))  # type: ignore[attr-defined]

    again.count = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(process, "handle", again)
    assert promises.PRESSES in broken(day(intensity=2.0))


def test_a_message_that_stays_leased_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = settling.settle

    def stuck(transaction: Transaction, claimed: Sequence[Any], results: Sequence[Any]) -> int:
        sent = real(transaction, claimed, results)
        transaction.execute(sa.update(messages).where(messages.c.id == claimed[0].row.id).values(lease="for ever"))
        return sent

    monkeypatch.setattr(delivery, "settle", stuck)
    assert promises.SETTLED in broken(day())
