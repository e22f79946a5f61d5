"""Columns that are encrypted at rest: what goes in comes out, only there, and only with the right key."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import given
from hypothesis import strategies as st

from apbot.clock import VirtualClock
from apbot.domain.initials import UNREADABLE
from apbot.store.database import Database, Transaction
from apbot.store.migrate import upgrade
from apbot.store.namekeys import cipher as ciphers
from apbot.store.namekeys.cipher import PREFIX, Cipher, Unreadable
from apbot.store.namekeys.keyfile import WrongKey, add_key, make_file, others_can_read, read_keys
from apbot.store.namekeys.rekeying import PLACES
from apbot.store.prepared import Prepared
from apbot.store.tables import chat_lines, events, metadata, pupils, schools
from apbot.store.tables.personal import Personal, PersonalJson

NOW = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=2000)
WHERE = "pupils.first_name"


pytestmark = pytest.mark.sqlite


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Cipher:
    path = tmp_path_factory.mktemp("keys") / "names.key"
    make_file(path)
    return Cipher(path)


@pytest.fixture(scope="module")
def database(names: Cipher) -> Iterator[Database]:
    made = Database("sqlite://", VirtualClock(NOW), names=names)
    upgrade(made.engine)
    made.run(lambda transaction: transaction.insert(schools, ref="HILL", name="Hillcrest"))
    yield made
    made.close()


def raw(database: Database, sql: str) -> list[str]:
    return [row[0] for row in database.run(lambda transaction: transaction.rows(sa.text(sql)))]


@given(text=ANYTHING)
def test_any_text_comes_out_as_it_went_in(names: Cipher, text: str) -> None:
    kept = names.encrypt(WHERE, text)
    assert names.decrypt(WHERE, kept) == text
    assert (kept == "") == (text == "")
    assert len(text) < 4 or text not in kept


_INSERT = Prepared(sa.insert(pupils))
_SELECT = Prepared(sa.select(pupils.c.first_name, pupils.c.last_name).where(pupils.c.ref == sa.bindparam("ref")))


@given(first=ANYTHING, last=ANYTHING)
def test_prepared_statements_and_all_others_read_what_either_wrote(database: Database, first: str, last: str) -> None:
    def work(transaction: Transaction) -> None:
        transaction.execute(sa.delete(pupils))
        values = {"school_id": 1, "first_name": first, "last_name": last}
        transaction.execute(sa.insert(pupils).values(ref="A1", **values))
        transaction.change(_INSERT, {"ref": "B2", **values})
        for ref in ("A1", "B2"):
            assert tuple(transaction.row(_SELECT, ref=ref)) == (first, last)
            query = sa.select(pupils.c.first_name, pupils.c.last_name).where(pupils.c.ref == ref)
            assert tuple(transaction.row(query)) == (first, last)

    database.run(work)
    assert all(each == "" or each.startswith(PREFIX) for each in raw(database, "SELECT first_name FROM pupils"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANYTHING, inner, max_size=3),
    max_leaves=10,
)


@given(said=st.dictionaries(ANYTHING, JSON, max_size=4))
def test_any_structure_comes_out_as_it_went_in(database: Database, said: dict[str, object]) -> None:
    def work(transaction: Transaction) -> object:
        transaction.execute(sa.delete(events))
        transaction.insert(events, channel="web", event_id="1", at=NOW, reply=said)
        return transaction.value(sa.select(events.c.reply))

    assert database.run(work) == said
    (kept,) = raw(database, "SELECT reply FROM events")
    assert kept.startswith(f'"{PREFIX}')


def test_no_structure_at_all_stays_none(database: Database) -> None:
    def work(transaction: Transaction) -> list[object]:
        line = {"conversation": "person:1", "at": NOW, "changed": 1}
        transaction.insert(chat_lines, **line, text="words", card=None)
        transaction.insert(chat_lines, **line, text="", card=sa.null())
        return [tuple(row) for row in transaction.rows(sa.select(chat_lines.c.text, chat_lines.c.card))]

    assert database.run(work) == [("words", None), ("", None)]


def test_the_same_name_is_never_kept_the_same_twice(names: Cipher) -> None:
    assert len({names.encrypt(WHERE, "Joana") for _ in range(100)}) == 100


def test_what_stood_there_before_encryption_is_read(database: Database) -> None:
    def work(transaction: Transaction) -> object:
        transaction.execute(sa.delete(pupils))
        transaction.insert(pupils, ref="CD34", school_id=1, first_name="", last_name="da Silva")
        transaction.execute(sa.text("UPDATE pupils SET first_name = 'Joana'"))
        return transaction.value(sa.select(pupils.c.first_name))

    assert database.run(work) == "Joana"


@given(at=st.integers(0, 200), by=st.integers(1, 255), cut=st.integers(1, 80))
def test_what_was_changed_or_cut_off_is_never_read_as_something_else(names: Cipher, at: int, by: int, cut: int) -> None:
    kept = names.encrypt(WHERE, "Joana da Silva")
    at = len(PREFIX) + at % (len(kept) - len(PREFIX))
    changed = kept[:at] + chr(ord(kept[at]) ^ by) + kept[at + 1 :]
    for each in (changed, kept[: max(len(PREFIX), len(kept) - cut)]):
        try:
            assert names.decrypt(WHERE, each) == "Joana da Silva"  # the last letter of base64 may carry nothing
        except Unreadable:
            continue


def test_a_value_that_was_put_into_another_column_is_not_read(names: Cipher) -> None:
    with pytest.raises(Unreadable, match="another column"):
        names.decrypt("pupils.last_name", names.encrypt(WHERE, "Joana"))


def test_what_cannot_be_read_is_said_once_without_the_value_and_fails_nothing(database: Database) -> None:
    def work(transaction: Transaction) -> object:
        transaction.execute(sa.delete(pupils))
        transaction.insert(pupils, ref="CD34", school_id=1, first_name="Joana", last_name="da Silva")
        transaction.execute(sa.text("UPDATE pupils SET first_name = substr(first_name, 1, 40)"))
        return [transaction.row(sa.select(pupils.c.first_name, pupils.c.last_name)) for _ in range(3)]

    with structlog.testing.capture_logs() as logs:
        assert database.run(work) == [(UNREADABLE, "da Silva")] * 3
    (line,) = logs
    assert (line["log_level"], line["column"]) == ("error", WHERE)
    assert "cut off" in line["why"]
    assert "da Silva" not in str(line)


@pytest.mark.parametrize("kept", ["enc1:00000000:AAAA", "enc1:", "nc1:00000000:AAAA", ""])
def test_a_structure_that_cannot_be_read_gives_what_its_readers_can_do_with(database: Database, kept: str) -> None:
    def work(transaction: Transaction) -> object:
        transaction.execute(sa.delete(events))
        transaction.insert(events, channel="web", event_id="1", at=NOW, reply={"card": {"heading": "x"}, "kept": True})
        transaction.execute(sa.text("UPDATE events SET reply = :kept"), {"kept": f'"{kept}"'})
        return transaction.value(sa.select(events.c.reply))

    assert database.run(work) == {"card": None, "kept": True}


@pytest.mark.parametrize(
    "asks",
    [
        lambda: pupils.c.first_name == "Joana",
        lambda: pupils.c.last_name.in_(["da Silva"]),
        lambda: chat_lines.c.text.icontains("Joana"),
        lambda: pupils.c.upn > "A",
        lambda: pupils.c.last_name.desc(),
        lambda: chat_lines.c.text + "x",
        lambda: events.c.reply["card"],
    ],
)
def test_to_have_the_database_compare_such_a_column_is_an_error_with_a_key_or_without(asks: object) -> None:
    with pytest.raises(TypeError, match="may be encrypted"):
        asks()  # type: ignore[operator]


def test_whether_there_is_anything_in_it_can_be_asked(database: Database) -> None:
    def work(transaction: Transaction) -> list[str]:
        transaction.execute(sa.delete(pupils))
        for ref, upn in (("AB12", ""), ("CD34", "A823432320001")):
            transaction.insert(pupils, ref=ref, school_id=1, first_name="J", last_name="W", upn=upn)
        return [
            str(transaction.value(sa.select(pupils.c.ref).where(which)))
            for which in (pupils.c.upn == "", pupils.c.upn != "")
        ]

    assert database.run(work) == ["AB12", "CD34"]


def test_each_column_is_named_as_what_it_is() -> None:
    kinds = (Personal, PersonalJson)
    columns = [each for table in metadata.sorted_tables for each in table.c if isinstance(each.type, kinds)]
    assert [each.type.where for each in columns] == [str(each) for each in columns] == [each.where for each in PLACES]


def test_without_a_key_nothing_is_done_to_values_at_all() -> None:
    for dialect in (sa.create_engine("sqlite://").dialect, sa.dialects.postgresql.dialect()):  # type: ignore[no-untyped-call]
        for column in (pupils.c.first_name, chat_lines.c.text):
            kind = column.type.dialect_impl(dialect)
            assert kind.bind_processor(dialect) is None
            assert kind.result_processor(dialect, None) is None


def test_a_prepared_statement_goes_by_the_database_that_it_runs_on(names: Cipher, database: Database) -> None:
    plain = Database("sqlite://", VirtualClock(NOW))
    upgrade(plain.engine)
    plain.run(lambda transaction: transaction.insert(schools, ref="HILL", name="Hillcrest"))
    for each in (plain, database, plain):
        each.run(lambda transaction: transaction.execute(sa.delete(pupils)))
        values = {"ref": "CD34", "school_id": 1, "first_name": "Joana", "last_name": "da Silva"}
        each.run(lambda transaction, values=values: transaction.change(_INSERT, values))
        assert each.run(lambda transaction: transaction.row(_SELECT, ref="CD34")).first_name == "Joana"
        (kept,) = raw(each, "SELECT first_name FROM pupils")
        assert kept.startswith(PREFIX) == (each is database)
    plain.close()


def test_a_running_process_takes_up_a_new_key_and_goes_on_reading_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "names.key"
    old = make_file(path)
    runs, other = Cipher(path), Cipher(path)
    before = runs.encrypt(WHERE, "Joana")
    new = add_key(path)
    other.look_again()
    assert runs.decrypt(WHERE, other.encrypt_under(new.id, WHERE, "Mo")) == "Mo", "at once, though it has just looked"
    newer = add_key(path)
    monkeypatch.setattr(ciphers, "LOOKS_AGAIN", -1.0)
    assert runs.encrypt(WHERE, "Mo").startswith(f"{PREFIX}{newer.id}:"), "and soon it encrypts under it"
    assert runs.decrypt(WHERE, before) == "Joana"
    path.unlink()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            runs.look_again()
    assert len(logs) == 1
    assert runs.decrypt(WHERE, before) == "Joana", "a file that is gone takes no key away"
    assert old.id != new.id


def test_a_key_file_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "names.key"
    made = make_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        make_file(path)
    added = add_key(path)
    assert [each.id for each in read_keys(path)] == [added.id, made.id]
    assert path.stat().st_mode & 0o777 == 0o600
    assert not others_can_read(path)
    path.chmod(0o640)
    assert others_can_read(path)
    assert [each.name for each in tmp_path.iterdir()] == ["names.key"]


GOOD = "A" * 43 + "="


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "holds no key"),
        (b"# only a note\n", "holds no key"),
        (b"hello\n", "line 1 .* is no key"),
        (f"{GOOD}\n{GOOD[:-4]}\n".encode(), "line 2 .* is no key"),
        (f"{GOOD}\n{GOOD}\n".encode(), "the same key twice"),
        ("ключ\n".encode(), "is no key file"),
        (b"\x00\xff" * 50, "is no key file"),
        (f"{GOOD}\n".encode() + b"#" * 70_000, "holds no key"),
    ],
)
def test_a_file_that_is_no_key_file_is_refused_without_showing_what_is_in_it(
    tmp_path: Path, text: bytes, why: str
) -> None:
    path = tmp_path / "names.key"
    path.write_bytes(text)
    with pytest.raises(WrongKey, match=why) as refused:
        read_keys(path)
    assert GOOD[:20] not in str(refused.value)
    assert "hello" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(WrongKey, match=r"none\.key can't be read"):
        read_keys(tmp_path / "none.key")
