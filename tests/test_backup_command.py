"""`apbot backup` and `apbot restore`, run as people run them, on both databases."""

import asyncio
import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from apbot.cli import backup as backing_up
from apbot.cli import check as checking
from apbot.cli import restore as restoring
from apbot.clock import SystemClock
from apbot.readiness import check
from apbot.settings import Settings
from apbot.store.backup.restoring import GAP
from apbot.store.connect import open_database
from apbot.store.copying import snapshot, tables_of, tally
from apbot.store.database import Database
from apbot.store.migrate import HEAD, migrate
from apbot.store.namekeys.keyfile import WrongKey, make_file
from apbot.store.sealing import verify
from apbot.store.tables import checks, people, providers, pupils
from tests.day import Day

Run = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APBOT_DATABASE_URL", f"sqlite:///{tmp_path}/apbot.db")
    return tmp_path


@pytest.fixture
def day(here: Path) -> Iterator[Day]:
    made = Day(url=f"sqlite:///{here}/apbot.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def run() -> Run:
    app = typer.Typer()
    backing_up.add_to(app)
    restoring.add_to(app)
    checking.add_to(app)
    return lambda *words: CliRunner().invoke(app, list(map(str, words)))


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A folder with the database of a morning, and its backup, which was made while apbot had the database open."""
    folder = tmp_path_factory.mktemp("morning")
    made = Day(url=f"sqlite:///{folder}/apbot.db")
    asyncio.run(made.until("10:30"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("APBOT_DATABASE_URL", f"sqlite:///{folder}/apbot.db")
        assert run("backup", "--out", folder / "kept.backup.gz").exit_code == 0
    made.close()
    return folder


@pytest.fixture
def backup(morning: Path, here: Path) -> Path:
    """A morning's backup, beside the database that it is of."""
    shutil.copytree(morning, here, dirs_exist_ok=True)
    return here / "kept.backup.gz"


def in_database(here: Path, query: str) -> list[tuple[Any, ...]]:
    """What stands in the database that is backed up."""
    with closing(sqlite3.connect(here / "apbot.db")) as connection:
        return connection.execute(query).fetchall()


def held(url: str) -> dict[str, tuple[int, str]]:
    """What each table of a database holds."""
    database = Database(url, SystemClock())
    with snapshot(database.engine) as connection:
        found = {each.name: tuple(tally(connection, each)) for each in tables_of(connection)}
    database.close()
    return found


CHANGED_BY_A_RESTORE = {"audit", "messages", "chat_lines", "signin_links", "link_codes"}


def _written(here: Path, file: Path) -> list[str]:
    return sorted(each.name for each in here.iterdir() if each != file and not each.name.startswith("apbot.db"))


def test_a_backup_is_restored_as_it_was(backup: Path, here: Path, run: Run) -> None:
    tried = run("restore", backup, "--verify", "--json")
    assert tried.exit_code == 0, tried.output
    told = json.loads(tried.output)
    assert (told["troubles"], told["schools"], told["schema"]) == ([], 2, HEAD)
    assert told["rows"]["entries"] == 8
    assert _written(here, backup) == [], "it was only tried out"
    made = run("restore", backup, "--into", f"sqlite:///{here}/new.db")
    assert made.exit_code == 0, made.output
    before, after = held(f"sqlite:///{here}/apbot.db"), held(f"sqlite:///{here}/new.db")
    assert {name for name in before if before[name] != after[name]} <= CHANGED_BY_A_RESTORE
    assert (here / "new.db").stat().st_mode & 0o777 == 0o600
    assert _written(here, backup) == ["new.db"]


def test_the_new_database_is_protected_as_the_old_one_was(backup: Path, here: Path, run: Run) -> None:
    assert run("restore", backup, "--into", f"sqlite:///{here}/new.db").exit_code == 0
    names = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') ORDER BY name"
    old, new = sqlite3.connect(here / "apbot.db"), sqlite3.connect(here / "new.db")
    assert new.execute(names).fetchall() == old.execute(names).fetchall()
    assert new.execute("PRAGMA foreign_key_check").fetchall() == []
    old.close()
    new.close()
    database = Database(f"sqlite:///{here}/new.db", SystemClock())
    assert database.run(verify).broken is None
    assert database.run(lambda transaction: transaction.insert(providers, ref="NEW", name="New", hours={})) > GAP
    database.close()


def test_an_empty_value_stays_one_and_a_null_in_json_too(day: Day, here: Path, run: Run) -> None:
    """To the database they are not the same, and to a query that asks for what is there neither."""
    both = (sa.null(), None)
    for number, report in enumerate(both):
        values = {"day": sa.func.date(f"2026-01-0{number + 1}"), "report": report}
        day.database.run(lambda transaction, values=values: transaction.execute(sa.insert(checks).values(values)))
    assert run("backup", "--out", "kept.gz").exit_code == 0
    assert run("restore", "kept.gz", "--into", f"sqlite:///{here}/new.db").exit_code == 0
    query = "SELECT report FROM checks ORDER BY day"
    for file in ("apbot.db", "new.db"):
        connection = sqlite3.connect(file)
        assert connection.execute(query).fetchall()[:2] == [(None,), ("null",)]
        connection.close()


def test_a_folder_keeps_the_newest_and_nothing_of_others_goes(day: Day, here: Path, run: Run) -> None:
    folder = here / "kept"
    folder.mkdir()
    for name in ("apbot-20260101-000000.backup.gz", "apbot-20260102-000000.backup.gz", "letter.pdf", "apbot.db"):
        (folder / name).write_bytes(b"")
    result = run("backup", "--out", folder, "--keep", "2")
    assert result.exit_code == 0, result.output
    left = sorted(each.name for each in folder.iterdir())
    assert left[:1] == ["apbot-20260102-000000.backup.gz"]
    assert len(left) == 4
    assert {"letter.pdf", "apbot.db"} < set(left)
    assert (folder / left[1]).stat().st_mode & 0o777 == 0o600


def test_that_a_backup_was_made_is_in_the_log(backup: Path, here: Path) -> None:
    ((via, detail),) = in_database(here, "SELECT via, detail FROM audit WHERE what = 'backup made'")
    assert via == "terminal"
    assert json.loads(detail)["bytes"] == backup.stat().st_size


def test_admins_are_told_when_none_is_made_any_more(day: Day, run: Run) -> None:
    def says() -> list[str]:
        return [each.what for each in day.database.run(check).findings if each.place == "Backups"]

    day.clock.set(SystemClock().now())
    assert says() == [], "who backs up in another way is not bothered"
    assert run("backup", "--out", "kept.gz").exit_code == 0
    day.clock.set(SystemClock().now() + timedelta(days=1, hours=20))
    assert says() == []
    day.clock.forward(timedelta(days=1))
    assert len(says()) == 1


def test_admins_are_told_when_none_was_ever_made_where_one_is_expected(
    day: Day, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Backups" not in run("check").output
    monkeypatch.setenv("APBOT_EXPECTS_BACKUPS", "true")
    assert "none has ever been made" in run("check").output
    assert run("backup", "--out", "kept.gz").exit_code == 0
    assert "Backups" not in run("check").output


async def test_the_mornings_message_says_it_too(here: Path) -> None:
    expecting = Day(url=f"sqlite:///{here}/other.db", expects_backups=True)
    await expecting.until("07:31")
    expecting.person("Ada Quill").sees("Backups", "none has ever been made")
    expecting.close()


def test_a_backup_goes_to_standard_output_whole(day: Day, here: Path, run: Run) -> None:
    result = run("backup", "--out", "-")
    (here / "kept.gz").write_bytes(result.stdout_bytes)
    assert "rows of" in result.stderr
    assert run("restore", "kept.gz", "--verify").exit_code == 0


def test_it_is_one_state_of_everything_while_others_write(day: Day, here: Path) -> None:
    with snapshot(day.database.engine) as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(people))
        other = Database(f"sqlite:///{here}/apbot.db", day.clock)
        other.run(lambda transaction: transaction.insert(people, ref="NEW", name="Idris Okafor"))
        other.close()
        assert connection.scalar(sa.select(sa.func.count()).select_from(people)) == before


def _packed(*lines: object) -> bytes:
    return gzip.compress(b"".join(orjson.dumps(line) + b"\n" for line in lines))


FIRST = {
    "backup of apbot": 1, "apbot": "0", "schema": HEAD, "made_at": "2026-09-17T02:00:00+00:00", "audit_head": "",
    "tables": [{"name": "people", "columns": ["id"], "rows": 10**12, "highest": 0}],
}  # fmt: skip
GARBAGE = {
    "empty": b"",
    "text": b"Dear all, please find attached",
    "another gzip": gzip.compress(b"hello\n"),
    "another gzip of JSON": _packed([1], [2]),
    "no manifest": _packed({"backup of apbot": 1}),
    "of a later format": _packed({**FIRST, "backup of apbot": 2}),
    "no time zone": _packed({**FIRST, "made_at": "2026-09-17T02:00:00"}),
    "rows of no end": gzip.compress(
        orjson.dumps(FIRST) + b"\n" + (b"[" + b" " * 7_000_000 + b"1]\n") * 20, compresslevel=1
    ),
    "a line of no end": gzip.compress(orjson.dumps(FIRST) + b"\n" + b" " * 9_000_000, compresslevel=1),
    "rows that are none": _packed(FIRST, {"name": "Ann"}),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_backup_is_refused_in_a_sentence(name: str, here: Path, run: Run) -> None:
    file = here / "garbage.gz"
    file.write_bytes(GARBAGE[name])
    for how in (["--verify"], ["--into", f"sqlite:///{here}/new.db"]):
        result = run("restore", file, *how)
        assert result.exit_code == 1, result.output
        assert "can't be restored: it" in result.output or "can't be restored: what it says" in result.output or (
            "can't be restored: a row" in result.output
        )  # fmt: skip
        assert "Nothing was written." in result.output
    assert _written(here, file) == []


def test_a_damaged_backup_is_refused_wherever_the_damage_is(backup: Path, here: Path, run: Run) -> None:
    whole = backup.read_bytes()
    for place in range(10, len(whole), len(whole) // 20):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            backup.write_bytes(damaged)
            result = run("restore", backup, "--into", f"sqlite:///{here}/new.db")
            assert result.exit_code == 1, place
            assert "Nothing was written" in result.output
    assert _written(here, backup) == []


def _changed(backup: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """As somebody does who packs it anew."""
    lines = change(gzip.decompress(backup.read_bytes()).splitlines(keepends=True))
    backup.write_bytes(gzip.compress(b"".join(lines)))


def test_a_changed_row_is_found_by_its_checksum(backup: Path, run: Run) -> None:
    _changed(backup, lambda lines: [line.replace(b"Oak Farm", b"Oak Barn") for line in lines])
    result = run("restore", backup, "--verify")
    assert result.exit_code == 1
    assert "its checksums are not those of what is in it" in result.output


@pytest.mark.parametrize(("schema", "why"), [("9999", "update it"), ("0x", "its schema")])
def test_a_backup_of_another_schema_is_refused(backup: Path, run: Run, schema: str, why: str) -> None:
    of_head = f'"schema":"{HEAD}"'.encode()
    _changed(backup, lambda lines: [lines[0].replace(of_head, f'"schema":"{schema}"'.encode()), *lines[1:]])
    result = run("restore", backup, "--verify")
    assert result.exit_code == 1
    assert why in result.output


WILD = [{"a": 1}, [1], 2**63, -1.5, True, "x" * 300, "2026-99-99"]


@pytest.mark.parametrize("value", WILD, ids=lambda value: type(value).__name__)
def test_values_that_do_not_belong_are_refused_though_their_checksums_are_right(
    backup: Path, here: Path, run: Run, value: object
) -> None:
    """In every column of one row, one after another; what SQLite takes all the same is found when it is read back."""
    lines = [orjson.loads(line) for line in gzip.decompress(backup.read_bytes()).splitlines()]
    tables = {each["name"]: each for each in lines[0]["tables"]}
    begin = 1
    for name, each in tables.items():
        if name == "entries":
            break
        begin += each["rows"]
    for column in ("alert_at", "pupil_id", "code", "state"):
        changed = [list(line) if isinstance(line, list) else line for line in lines]
        changed[begin][tables["entries"]["columns"].index(column)] = value
        rows = changed[begin : begin + tables["entries"]["rows"]]
        sums = dict(
            lines[-1]["sha256"], entries=sha256(b"".join(orjson.dumps(row) + b"\n" for row in rows)).hexdigest()
        )
        backup.write_bytes(_packed(*changed[:-1], {"sha256": sums}))
        result = run("restore", backup, "--into", f"sqlite:///{here}/new.db")
        assert result.exit_code in (0, 1), (column, result.exception)
        if result.exit_code == 1:
            assert "Nothing was written" in result.output, result.output
            assert not (here / "new.db").exists()
        else:
            assert (column, type(value)) in {("code", str), ("state", str)}, "text is text"
            (here / "new.db").unlink()


def test_a_log_that_was_changed_before_the_backup_is_found(day: Day, here: Path, run: Run) -> None:
    day.database.close()
    connection = sqlite3.connect("apbot.db")
    connection.execute(
        "INSERT INTO audit (at, via, what, subject, detail, number, seal)"
        f" VALUES ('2026-09-17 08:00:00.000000', 'web', 'x', 'y', '{{}}', 1, '{'0' * 64}')"
    )
    connection.commit()
    connection.close()
    assert run("backup", "--out", "kept.gz").exit_code == 0
    result = run("restore", "kept.gz", "--into", f"sqlite:///{here}/new.db")
    assert result.exit_code == 1
    assert "WRONG: the audit log is not what was written" in result.output
    assert not (here / "new.db").exists()


def test_a_database_that_did_not_get_into_its_file_is_not_called_restored(tmp_path: Path) -> None:
    """As on a disk that has room for what SQLite writes beside the file, and not for both."""
    made = tmp_path / "new"
    made.mkdir()
    left_open = []

    def fill() -> None:
        with restoring._new_file(made / "apbot.db") as beside:
            left_open.append(connection := sqlite3.connect(beside))
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE rows (id INTEGER)")

    with pytest.raises(OSError, match="No space"):
        fill()
    assert not (made / "apbot.db").exists()
    for each in left_open:
        each.close()


def test_a_database_that_is_there_is_never_restored_over(backup: Path, here: Path, run: Run) -> None:
    for there in (here / "apbot.db", here / "new.db-wal"):
        there.touch()
        result = run("restore", backup, "--into", f"sqlite:///{str(there).removesuffix('-wal')}")
        assert result.exit_code == 1
        assert "is there already" in result.output
    assert in_database(here, "SELECT count(*) FROM entries") == [(8,)]


def test_a_database_that_refuses_a_row_is_quoted_without_the_row(
    backup: Path, here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = 'null value in column "ref"\nDETAIL:  Failing row contains (1, null, Joana, da Silva).'

    def refuse(*_: object) -> None:
        raise sa.exc.IntegrityError("INSERT", {}, Exception(said))

    monkeypatch.setattr("apbot.store.backup.restoring.restore", refuse)
    result = run("restore", backup, "--into", f"sqlite:///{here}/new.db")
    assert 'nothing was restored: null value in column "ref".' in result.output
    assert "Silva" not in result.output


@pytest.mark.parametrize("revision", ["0001", "0006"])
def test_a_backup_of_an_older_schema_is_brought_up(here: Path, run: Run, revision: str) -> None:
    database = Database(f"sqlite:///{here}/apbot.db", SystemClock())
    migrate(database.engine, revision)
    with database.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO people (ref, name, email, mobile) VALUES ('AM', 'Aisha Malik', '', '')")
        )
        connection.execute(
            sa.text(
                "INSERT INTO audit (at, via, what, subject, detail)"
                " VALUES ('2026-09-17 08:00:00.000000', 'web', 'x', 'y', '{}')"
            )
        )
    database.close()
    made = run("backup", "--out", "kept.gz")
    assert made.exit_code == 0, made.output
    result = run("restore", "kept.gz", "--into", f"sqlite:///{here}/new.db")
    assert result.exit_code == 0, result.output
    assert f"brought up from revision {revision} to {HEAD}" in result.output
    connection = sqlite3.connect("new.db")
    assert connection.execute("SELECT name FROM people").fetchall() == [("Aisha Malik",)]
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    connection.close()


@pytest.mark.parametrize(
    "words",
    [
        ("restore", "kept.gz"),
        ("restore", "kept.gz", "--verify", "--into", "sqlite:///x.db"),
        ("restore", "nothing.gz", "--verify"),
        ("restore", "kept.gz", "--into", "mysql://x"),
        ("backup", "--out", "kept.gz"),
        ("backup", "--out", "new.gz", "--keep", "3"),
    ],
)
def test_what_was_asked_for_wrongly_is_said_in_a_sentence(words: tuple[str, ...], here: Path, run: Run) -> None:
    (here / "kept.gz").touch()
    result = run(*words)
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1


def test_without_a_database_no_backup_is_made(here: Path, run: Run) -> None:
    result = run("backup", "--out", "kept.gz")
    assert result.exit_code == 1
    assert "no database" in result.output
    (here / "apbot.db").touch()
    result = run("backup", "--out", "kept.gz")
    assert result.exit_code == 1
    assert "there is no apbot database" in result.output
    assert _written(here, here / "apbot.db") == []


async def test_encrypted_names_are_restored_without_the_key_and_read_with_it(here: Path, run: Run) -> None:
    make_file(here / "names.key")
    kept = Settings(database_url=f"sqlite:///{here}/apbot.db", names_key_file=str(here / "names.key"))
    day = Day(url=kept.database_url, names_key_file=kept.names_key_file)
    await day.until("10:30")
    day.close()
    file, other = here / "kept.backup.gz", f"sqlite:///{here}/other.db"
    assert run("backup", "--out", file).exit_code == 0
    assert b"Joana" not in gzip.decompress(file.read_bytes())
    assert run("restore", file, "--into", other).exit_code == 0
    with pytest.raises(WrongKey):
        open_database(Settings(database_url=other))
    restored = open_database(kept.model_copy(update={"database_url": other}))
    names = restored.run(lambda transaction: transaction.rows(sa.select(pupils.c.ref, pupils.c.first_name)))
    assert ("CD34", "Joana") in {tuple(row) for row in names}
    restored.close()
