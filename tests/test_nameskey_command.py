"""`apbot names-key`, run as people run it, on a database that is in use."""

import os
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from apbot.cli import check as check_command
from apbot.cli import nameskey as command
from apbot.clock import Clock, SystemClock, VirtualClock
from apbot.domain.access import TERMINAL
from apbot.settings import Settings
from apbot.store.audit import note
from apbot.store.connect import open_database
from apbot.store.database import Database, Transaction
from apbot.store.namekeys import cipher as ciphers
from apbot.store.namekeys.keyfile import VARIABLE, WrongKey, add_key, make_file, read_keys
from apbot.store.namekeys.rekeying import count_keys, encrypt_all
from apbot.store.processes import EVERYTHING, SILENT_AFTER, Process, beat, leave
from apbot.store.sealing import seal_due, verify
from apbot.store.tables import audit, chat_lines, events, pupils
from apbot.store.tables.personal import cipher_of
from tests import school

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)
NAMES = {"Jay Ward", "Joana da Silva", "Mo Hassan", "Ellie Dunn"}

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APBOT_DATABASE_URL", "sqlite:///apbot.db")
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(ciphers, "LOOKS_AGAIN", 0.0)  # a running process looks at the file each time: nobody waits


@pytest.fixture
def run() -> Run:
    app = typer.Typer()
    command.add_to(app)
    check_command.add_to(app)
    app.callback()(lambda: None)
    return lambda *words: CliRunner().invoke(app, words)


@pytest.fixture
def plain() -> None:
    """A database as it was before encryption was switched on, with an audit log that is sealed."""
    database = opened()
    database.run(school.build)
    database.run(say, "Joana's mum is on 01632 960777")
    database.run(note, TERMINAL, "marked", "entry:1", fact="arrived")
    database.run(seal_due)
    database.close()


@pytest.fixture
def encrypted(plain: None, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("names-key", "make", "--out", "names.key").exit_code == 0
    monkeypatch.setenv(VARIABLE, "names.key")
    assert run("names-key", "encrypt", "--yes", "--compact").exit_code == 0


def opened(clock: Clock | None = None, **settings: object) -> Database:
    return open_database(Settings(_env_file=None, **settings), clock or VirtualClock(NOW))  # type: ignore[arg-type, call-arg]


def say(transaction: Transaction, text: str) -> None:
    card = {"heading": f"Read: {text}"}
    transaction.insert(chat_lines, conversation="person:1", text=text, card=card, at=NOW, changed=1)
    transaction.insert(events, channel="web", event_id="1", at=NOW, reply={"card": card, "kept": True})


def names_in(database: Database) -> set[str]:
    query = sa.select(pupils.c.first_name, pupils.c.last_name)
    return {f"{row.first_name} {row.last_name}" for row in database.run(lambda transaction: transaction.rows(query))}


def on_disk() -> bytes:
    return b"".join(path.read_bytes() for path in sorted(Path().glob("apbot.db*")))


def keys_in_use() -> set[str]:
    database = opened()
    counts = database.run(count_keys)
    database.close()
    return {key for of_table in counts.values() for key in of_table}


def test_switched_on_nothing_that_was_plain_is_left_in_the_files(
    plain: None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert b"Joana" in on_disk()
    made = run("names-key", "make", "--out", "names.key")
    assert "keep a copy" in made.output
    monkeypatch.setenv(VARIABLE, "names.key")
    before = on_disk()
    for words in (("encrypt", "--compact"), ("rotate",), ("status",)):
        refused = run("names-key", *words)
        assert (refused.exit_code, "not encrypted yet" in refused.output) == (2, True), (
            "somebody may run without the key"
        )
    assert on_disk() == before
    done = run("names-key", "encrypt", "--yes", "--compact")
    assert done.exit_code == 0, done.output
    for each in ("Joana", "Silva", "Hassan", "960777", "taxi 12"):
        assert each.encode() not in on_disk(), each
    status = run("names-key", "status")
    assert (status.exit_code, "plain" in status.output) == (0, False), status.output
    database = opened()
    assert names_in(database) == NAMES
    assert database.run(verify).broken is None, "the audit log is as it was sealed"
    database.close()


def running(ago: timedelta = timedelta()) -> Process:
    """A process that wrote so long ago that it lives."""
    database = open_database(Settings(_env_file=None), VirtualClock(datetime.now(UTC) - ago))  # type: ignore[call-arg]
    process = Process(EVERYTHING, ["web"], key=f"{ago}", host="box", pid=77)
    database.run(beat, process)
    database.close()
    return process


def test_nothing_is_encrypted_while_an_apbot_runs_that_has_no_key(
    plain: None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = running()
    run("names-key", "make", "--out", "names.key")
    monkeypatch.setenv(VARIABLE, "names.key")
    refused = run("names-key", "encrypt", "--yes")
    assert refused.exit_code == 2
    assert "an apbot that has no key" in refused.output
    assert "(box, process 77). Stop it first" in refused.output
    assert b"Joana" in on_disk()
    monkeypatch.delenv(VARIABLE)
    database = opened()  # nothing was noted either: it starts as it did
    database.run(leave, process)
    database.close()
    monkeypatch.setenv(VARIABLE, "names.key")
    assert run("names-key", "encrypt", "--yes").exit_code == 0


def test_who_was_killed_half_a_minute_ago_keeps_nobody_from_encrypting(
    plain: None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(SILENT_AFTER + timedelta(seconds=1))
    run("names-key", "make", "--out", "names.key")
    monkeypatch.setenv(VARIABLE, "names.key")
    assert run("names-key", "encrypt", "--yes").exit_code == 0


def test_a_new_database_is_not_encrypted_beside_an_apbot_that_has_no_key(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    running()
    make_file(Path("names.key"))
    monkeypatch.setenv(VARIABLE, "names.key")
    with pytest.raises(WrongKey, match="an apbot that has no key"):
        opened(clock=SystemClock())


def test_keys_are_changed_and_nothing_is_decrypted_while_apbot_runs_with_the_key(encrypted: None, run: Run) -> None:
    process = running()
    assert run("names-key", "rotate").exit_code == 0
    assert run("names-key", "encrypt", "--yes").exit_code == 0
    refused = run("names-key", "decrypt-all", "--yes")
    assert (refused.exit_code, "Nothing was decrypted. apbot still runs" in refused.output) == (2, True)
    assert keys_in_use() == {read_keys(Path("names.key"))[0].id}
    database = opened()
    database.run(leave, process)
    database.close()
    assert run("names-key", "decrypt-all", "--yes").exit_code == 0


def test_a_key_file_is_never_overwritten(run: Run) -> None:
    run("names-key", "make", "--out", "names.key")
    before = Path("names.key").read_bytes()
    again = run("names-key", "make", "--out", "names.key")
    assert (again.exit_code, Path("names.key").read_bytes()) == (1, before)
    assert "is there already" in again.output


def test_a_new_key_is_on_the_disk_before_anything_is_under_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    flush = os.fsync

    def fsync(handle: int) -> None:
        flushed.append(os.fstat(handle).st_ino)
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    for change in (make_file, add_key):
        flushed.clear()
        change(tmp_path / "names.key")
        # What is in the file, and then that the folder has it under its name.
        assert flushed == [(tmp_path / "names.key").stat().st_ino, tmp_path.stat().st_ino]


def test_keys_are_changed_while_somebody_writes_and_nothing_is_lost(encrypted: None, run: Run) -> None:
    (old,) = read_keys(Path("names.key"))
    writes = opened()
    ended, wrote = threading.Event(), []

    def write() -> None:
        while not ended.is_set():
            text = f"word {len(wrote)}"
            writes.run(
                lambda transaction, text=text: transaction.insert(
                    chat_lines, conversation="person:1", text=text, at=NOW, changed=1
                )
            )
            wrote.append(text)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = run("names-key", "rotate")
    finally:
        ended.set()
        writer.join()
    assert done.exit_code == 0, done.output
    new, also_old = read_keys(Path("names.key"))
    assert also_old == old
    assert keys_in_use() == {new.id}
    assert f"Nothing is under {old.id} any more" in done.output
    query = sa.select(chat_lines.c.text)
    found = {row.text for row in writes.run(lambda transaction: transaction.rows(query))}
    assert len(wrote) > 5
    assert found >= set(wrote)
    assert names_in(writes) == NAMES
    assert writes.run(verify).broken is None
    noted = sa.select(audit.c.detail).where(audit.c.what == "names encrypted").order_by(audit.c.id.desc())
    assert writes.run(lambda transaction: transaction.value(noted)) == {"key": new.id}
    writes.close()
    lines = Path("names.key").read_text().splitlines()
    Path("names.key").write_text("\n".join(lines[:-1]) + "\n")
    again = opened()
    assert names_in(again) == NAMES, "without the old key too"
    again.close()


def test_a_change_that_was_broken_off_is_ended_by_encrypting_again(encrypted: None, run: Run) -> None:
    (old,) = read_keys(Path("names.key"))
    new = add_key(Path("names.key"))
    database = opened()
    cipher = cipher_of(database.engine.dialect)
    assert cipher is not None

    def pulled_the_plug(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encrypt_all(database, cipher, pulled_the_plug)
    assert names_in(database) == NAMES, "everything can be read meanwhile"
    database.close()
    assert keys_in_use() == {old.id, new.id}
    assert run("names-key", "status").exit_code == 0
    assert run("names-key", "encrypt").exit_code == 0
    assert keys_in_use() == {new.id}


def test_a_new_database_is_encrypted_from_its_first_name_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("names-key", "make", "--out", "names.key")
    monkeypatch.setenv(VARIABLE, "names.key")
    database = opened()
    database.run(school.build)
    assert names_in(database) == NAMES
    assert b"Joana" not in on_disk()
    database.close()
    assert run("names-key", "status").exit_code == 0


def test_what_was_written_plain_all_the_same_is_told_of(encrypted: None, run: Run) -> None:
    connection = sqlite3.connect("apbot.db")
    connection.execute("UPDATE pupils SET last_name = 'da Silva' WHERE ref = 'CD34'")
    connection.commit()
    connection.close()
    assert "pupils' names are still plain: 1" in run("check").output
    status = run("names-key", "status")
    assert (status.exit_code, "1 plain" in status.output) == (1, True)
    assert run("names-key", "encrypt").exit_code == 0
    assert run("names-key", "status").exit_code == 0


def test_switched_off_everything_is_plain_again(encrypted: None, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("names-key", "decrypt-all").exit_code == 2, "not while apbot may run"
    done = run("names-key", "decrypt-all", "--yes")
    assert done.exit_code == 0, done.output
    with pytest.raises(WrongKey, match="not encrypted yet"):
        opened()
    monkeypatch.delenv(VARIABLE)
    database = opened()
    assert names_in(database) == NAMES
    query = sa.select(chat_lines.c.text, chat_lines.c.card)
    (line,) = database.run(lambda transaction: transaction.rows(query))
    assert line == ("Joana's mum is on 01632 960777", {"heading": "Read: Joana's mum is on 01632 960777"})
    database.close()


def test_without_the_key_apbot_does_not_start(encrypted: None, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = on_disk()
    monkeypatch.delenv(VARIABLE)
    for opens in (opened, lambda: opened(database_url="sqlite:///apbot.db")):
        with pytest.raises(WrongKey, match="encrypted, and APBOT_NAMES_KEY_FILE is not set"):
            opens()
    assert run("check").exit_code == 2
    assert on_disk()[:100_000] == before[:100_000], "nothing was written"


def test_with_another_key_apbot_does_not_start(encrypted: None, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (right,) = read_keys(Path("names.key"))
    make_file(Path("other.key"))
    with pytest.raises(WrongKey, match=f"has no key {right.id}"):
        opened(names_key_file="other.key")
    with pytest.raises(WrongKey, match="can't be read"):
        opened(names_key_file="gone.key")
    monkeypatch.setenv(VARIABLE, "other.key")
    refused = run("names-key", "status")
    assert (refused.exit_code, f"no key {right.id}" in refused.output) == (2, True)
    Path("both.key").write_text(Path("other.key").read_text() + Path("names.key").read_text())
    both = opened(names_key_file="both.key")
    assert names_in(both) == NAMES
    both.close()


def test_a_key_that_only_looks_right_is_refused(encrypted: None) -> None:
    connection = sqlite3.connect("apbot.db")
    connection.execute("UPDATE name_keys SET proof = substr(proof, 1, 30)")
    connection.commit()
    connection.close()
    with pytest.raises(WrongKey, match="does not fit this database"):
        opened()


def test_encrypted_names_are_not_shown_as_names_where_the_list_of_keys_was_emptied(
    encrypted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect("apbot.db")
    connection.execute("DELETE FROM name_keys")
    connection.commit()
    connection.close()
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(WrongKey, match="are encrypted"):
        opened()


def test_what_cannot_be_read_is_named_by_table_column_and_row_and_left_as_it_is(encrypted: None, run: Run) -> None:
    connection = sqlite3.connect("apbot.db")
    connection.execute("UPDATE pupils SET last_name = substr(last_name, 1, 40) WHERE ref = 'CD34'")
    (row_id, garbled) = connection.execute("SELECT id, last_name FROM pupils WHERE ref = 'CD34'").fetchone()
    connection.commit()
    connection.close()
    said = f"pupils.last_name of the row with the id {row_id}: it was cut off"
    for words in (("status",), ("rotate",), ("encrypt",), ("decrypt-all", "--yes")):
        done = run("names-key", *words)
        assert (done.exit_code, said in done.output) == (1, True), done.output
        assert "Silva" not in done.output
    connection = sqlite3.connect("apbot.db")
    assert connection.execute("SELECT last_name FROM pupils WHERE ref = 'CD34'").fetchone() == (garbled,)
    connection.close()


def test_check_says_who_else_can_read_the_key_and_that_a_copy_is_wanted(encrypted: None, run: Run) -> None:
    assert "Is a copy of it kept apart" in run("check").output
    Path("names.key").chmod(0o644)
    done = run("check")
    assert (done.exit_code, "chmod 600 names.key" in done.output) == (1, True), done.output


def test_check_says_nothing_of_keys_where_there_are_none(plain: None, run: Run) -> None:
    assert "key" not in run("check").output.lower().replace("key worker", "")


def test_commands_on_keys_say_what_to_do_where_nothing_is_encrypted(plain: None, run: Run) -> None:
    for words in (("status",), ("rotate",), ("encrypt",), ("decrypt-all", "--yes")):
        done = run("names-key", *words)
        assert (done.exit_code, "names-key make" in done.output) == (2, True)
