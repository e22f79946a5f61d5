"""What somebody is shown is read beside the writer, and nothing is shown that is not in the audit log."""

import asyncio
import threading
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.access import TERMINAL
from apbot.exports.registers import Range
from apbot.exports.tables import TABLES, take_out
from apbot.handlers.commands.inspect import pack_called
from apbot.papers.subject import read_subject
from apbot.store.database import Database, Transaction
from apbot.store.names import read_names
from apbot.store.people import load_actor
from apbot.store.placementrecord import read_placement
from apbot.store.providerrecord import read_provider
from apbot.store.reads import note_read
from apbot.store.showing import show, show_now
from apbot.store.tables import audit
from tests import school
from tests.store.units import Broken, add, refs

TERM = Range(date(2026, 9, 1), date(2026, 10, 23), None)


def entries(database: Database) -> list[str]:
    return [row.what for row in database.run(lambda t: t.rows(sa.select(audit.c.what).order_by(audit.c.id)))]


async def test_what_takes_long_to_read_holds_up_nobody_who_writes(on_file: Database) -> None:
    begun, written = threading.Event(), threading.Event()

    def read(transaction: Transaction) -> list[str]:
        found = refs(transaction)
        begun.set()
        assert written.wait(60), "what was to be written waits for what is read"
        note_read(transaction, TERMINAL, "status read", [7])
        return found

    async def write() -> None:
        await asyncio.to_thread(begun.wait, 60)
        await on_file.write(add, "meanwhile")
        written.set()

    found, _ = await asyncio.gather(show(on_file, read), write())
    assert found == []
    assert entries(on_file) == ["status read"]


def test_what_can_t_be_entered_is_not_shown(on_file: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise Broken

    monkeypatch.setattr(on_file, "run", fails)
    with pytest.raises(Broken):
        show_now(on_file, lambda transaction: note_read(transaction, TERMINAL, "status read", [7]))


def test_what_is_refused_leaves_no_entry(on_file: Database) -> None:
    def refused(transaction: Transaction) -> None:
        note_read(transaction, TERMINAL, "status read", [7])
        raise Broken

    with pytest.raises(Broken):
        show_now(on_file, refused)
    assert entries(on_file) == []


def _placement(transaction: Transaction) -> object:
    actor = load_actor(transaction, school.person_id(transaction, "Dorothy Okafor"), "web")
    assert actor is not None
    return read_placement(transaction, actor, "CD34-OAK", None)


def _provider(transaction: Transaction) -> object:
    actor = load_actor(transaction, school.person_id(transaction, "Dorothy Okafor"), "web")
    assert actor is not None
    return read_provider(transaction, actor, "OAK ", None)


def _names(transaction: Transaction) -> object:
    actor = load_actor(transaction, school.person_id(transaction, "Dorothy Okafor"), "web")
    assert actor is not None
    return read_names(transaction, actor)


@pytest.mark.parametrize(
    ("read", "what"),
    [
        *((lambda t, name=name: take_out(t, TERMINAL, name, TERM, "csv"), f"{name} exported") for name in TABLES),
        (lambda t: pack_called(t, TERMINAL, "CD34", "inspection pack read"), "inspection pack read"),
        (_placement, "placement read"),
        (_provider, "provider read"),
        (_names, "names read"),
    ],
)
def test_whatever_is_shown_only_reads_and_is_entered(
    on_file: Database, read: Callable[[Transaction], object], what: str
) -> None:
    on_file.run(school.build)
    assert show_now(on_file, read) is not None
    assert entries(on_file) == [what]


def test_a_subject_s_archive_only_reads(on_file: Database) -> None:
    ids = on_file.run(school.build)
    assert on_file.look(read_subject, ids["CD34"]).reference == "CD34"
