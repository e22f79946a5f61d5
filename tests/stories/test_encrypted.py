"""A day whose names are encrypted at rest: everything holds as it does without, and nobody can read the file.

All stories run so with `APBOT_TEST_ENCRYPTED=1`; here are a few that read, compare and sort names.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.app import ChatApp
from apbot.store.namekeys.keyfile import make_file
from apbot.store.tables import metadata, pupils
from tests.blank import url_in
from tests.day import Day
from tests.stories.test_concern import (  # noqa: F401
    test_the_dsls_side_adds_the_safeguarding_systems_reference,
    test_words_that_could_be_a_concern_lead_to_a_call_and_are_kept_nowhere,
)
from tests.stories.test_logging import (  # noqa: F401
    test_a_slip_is_amended_and_the_first_entry_is_kept,
    test_the_pupils_name_is_kept_in_no_words,
    test_typed_twice_it_is_recorded_once,
)
from tests.stories.test_the_escalation import (  # noqa: F401
    alert,
    test_nobody_else_is_told_while_the_first_two_have_ten_minutes,
    test_the_outcome_closes_it_with_the_name_of_who_established_it,
)
from tests.stories.test_the_morning import *  # noqa: F403


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    make_file(tmp_path / "names.key")
    made = Day(url=url_in(tmp_path), names_key_file=str(tmp_path / "names.key"))
    yield made
    made.close()


def at_rest(day: Day, folder: Path) -> bytes:
    """Everything that lies in the database's files, as a thief has it; of PostgreSQL, whose files are elsewhere, every
    row as the server keeps it."""
    if day.database.engine.name == "postgresql":
        each = (f"SELECT t::text FROM {table.name} AS t" for table in metadata.sorted_tables)
        found = day.rows(sa.text(" UNION ALL ".join(each)))  # type: ignore[arg-type]
        return "\n".join(row[0] for row in found).encode()
    return b"".join(each.read_bytes() for each in sorted(folder.iterdir()) if each.name.startswith("apbot.db"))


def garble(day: Day, reference: str, column: str = "first_name") -> None:
    """As a failing disk does."""
    cut = sa.text(f"UPDATE pupils SET {column} = substr({column}, 1, 30) WHERE ref = '{reference}'")
    day.database.run(lambda transaction: transaction.execute(cut))


async def test_an_alert_goes_out_with_the_reference_when_the_name_cannot_be_read(day: Day) -> None:
    for reference in ("CD34", "AB12"):
        garble(day, reference)
    garble(day, "AB12", "last_name")
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="GH78")
    await day.until("10:00")
    day.dsl("Hillcrest").sees("not arrived", "CD34", "AB12")
    day.dsl("Hillcrest").sees("EF56 M.H.")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="found safe", words="at the library")
    day.dsl("Hillcrest").sees("CD34", "found safe")
    await day.person("Ada Quill").types("/ap status CD34")
    assert "CD34" in str(day.person("Ada Quill").answer)


async def test_a_busy_day_leaves_no_name_and_no_word_that_somebody_typed_in_the_files(day: Day, tmp_path: Path) -> None:
    day.change(pupils, pupils.c.ref == "CD34", first_name="Quxandra", last_name="Vylkomir", upn="Z823432320001")
    chat = ChatApp(day.settings, day.database)
    people = {name: day.ids[name] for name in ("Sam Taylor", "Dorothy Okafor", "Kit Lowry", "Priya Nair")}

    async def types(name: str, text: str, where: str = "") -> None:
        place = where or f"person:{people[name]}"
        await chat.chat.act(people[name], place, event_id=f"typed-{next(day.events)}", text=text)
        await chat.tick()

    day.app = chat
    await day.until("09:31")
    farm = f"provider:{day.ids['Oak Farm']}"
    await types("Sam Taylor", "AB12 in, GH78 wibblewick late", farm)
    await types("Sam Taylor", "Quxandra's mum is on 01632 960777, zanzibarred", farm)
    await day.until("10:05")
    outcome = {"outcome": "found safe", "words": "hobblegate, mum on 01632 960778"}
    await chat.chat.act(
        people["Dorothy Okafor"],
        f"person:{people['Dorothy Okafor']}",
        event_id="outcome",
        verb="outcome",
        subject=1,
        inputs=outcome,
    )
    await types("Dorothy Okafor", "/ap status CD34")
    await types("Dorothy Okafor", "snufflewort about Vylkomir")
    await types("Kit Lowry", "/ap contact CD34 seen, gribblefast and content")
    await day.until("16:00")
    files = at_rest(day, tmp_path)
    assert b"CD34" in files, "references are in clear: these are the right files"
    files = re.sub(rb"enc1:[\w:=-]+", b"", files)  # in which any five letters come up by chance now and then
    for each in ("Quxandra", "Vylkomir", "Z823432320001", "Joana", "da Silva", "Ellie", "Hassan", "taxi 12"):
        assert each.encode() not in files, each
    for each in ("wibblewick", "960777", "zanzibarred", "hobblegate", "960778", "snufflewort", "gribblefast", "Q.V."):
        assert each.encode() not in files, each
    typed = day.rows(sa.text("SELECT count(*) FROM chat_lines WHERE text LIKE 'enc1:%'"))  # type: ignore[arg-type]
    assert typed[0][0] >= 5, "what was typed is kept, encrypted"
