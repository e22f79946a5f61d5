"""Who is told of what a transaction touched: after the commit, and only of what was kept."""

import asyncio

import pytest
import sqlalchemy as sa

from apbot.domain.access import TERMINAL
from apbot.store.audit import note
from apbot.store.database import Database, Transaction
from apbot.store.tables import schools
from tests.store.units import Broken, add, add_and_fail, refs, together


def test_listeners_are_told_what_was_touched_after_the_commit_and_only_then(on_file: Database) -> None:
    beside = sa.create_engine(on_file.engine.url)
    heard = []

    def listen(touched: frozenset[str]) -> None:
        with beside.connect() as connection:
            heard.append((touched, connection.execute(sa.select(schools.c.ref)).scalars().all()))

    on_file.listeners.append(listen)
    on_file.run(add, "HILL")
    assert heard == [(frozenset({"school:HILL"}), ["HILL"])]
    with pytest.raises(Broken):
        on_file.run(add_and_fail, "MARS")
    on_file.run(refs)
    assert len(heard) == 1, "neither what failed nor what touched nothing is told"
    beside.dispose()


async def test_of_a_group_listeners_are_told_what_succeeded(on_file: Database) -> None:
    heard: list[frozenset[str]] = []
    on_file.listeners.append(heard.append)

    def touch(transaction: Transaction, name: str, problem: bool) -> None:
        transaction.touched.add(name)
        if problem:
            raise Broken(name)

    await together(
        on_file, lambda t: touch(t, "messages", False), lambda t: touch(t, "chat", True), lambda t: touch(t, "x", False)
    )
    await asyncio.to_thread(on_file.close)  # the writer has told everybody
    assert heard == [{"school:held"}, {"messages", "x"}]


async def test_a_listener_that_fails_neither_fails_the_work_nor_stops_the_writer(on_file: Database) -> None:
    def fail(_: frozenset[str]) -> None:
        raise Broken("a listener")

    heard: list[frozenset[str]] = []
    on_file.listeners += [fail, heard.append]
    assert await asyncio.wait_for(on_file.write(add, "ONE"), 10) == 1
    assert await asyncio.wait_for(on_file.write(add, "TWO"), 10) == 2
    assert on_file.run(add, "THREE") == 3
    await asyncio.to_thread(on_file.close)  # the writer has told everybody
    assert len(heard) == 3


async def test_a_journal_that_fails_neither_fails_the_work_nor_stops_the_writer(on_file: Database) -> None:
    def fail(_: object) -> None:
        raise Broken("the journal")

    on_file.journal = fail
    for _ in range(2):
        await asyncio.wait_for(on_file.write(note, TERMINAL, "marked", "entry:1"), 10)
