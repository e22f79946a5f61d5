"""apbot goes on from a backup as if it had been off since: nothing is missed in silence, nobody is flooded, and what
was posted after the backup speaks of no other pupil."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.app import App
from apbot.clock import SystemClock
from apbot.settings import Settings
from apbot.store.backup.archive import Archive, write_archive
from apbot.store.backup.restoring import GAP, load, restore, troubles_of
from apbot.store.connect import open_database
from apbot.store.copying import snapshot
from apbot.store.database import Database
from apbot.store.tables import audit, chat_lines, entries, link_codes, messages
from tests.day import Day


class Backed:
    """A day whose database is backed up, and later put back as it was then."""

    def __init__(self, day: Day, folder: Path) -> None:
        self.day = day
        self._folder = folder
        self._file = folder / "kept.backup.gz"
        self._opened = [day.database]

    def up(self) -> None:
        kept = BytesIO()
        with snapshot(self.day.database.engine) as connection:
            write_archive(connection, kept, apbot="0", made_at=self.day.clock.now())
        self._file.write_bytes(kept.getvalue())

    def put_back(self) -> None:
        """The disk is lost; a new machine is made of the backup. What was posted still stands in the chats."""
        archive = Archive(self._file)
        manifest = archive.examine()
        trial = Database(f"sqlite:///{self._folder}/trial.db", SystemClock())
        url = f"sqlite:///{self._folder}/new.db"
        made = Database(url, self.day.clock)
        load(archive, manifest, trial)
        assert list(troubles_of(trial, manifest)) == []
        restore(trial, manifest, made)
        trial.close()
        made.close()
        self.day.settings = Settings(database_url=url)
        self.day.database = open_database(self.day.settings, self.day.clock, inline=True)
        self._opened.append(self.day.database)
        self.day.app = App(self.day.settings, self.day.database, [self.day.recorder])

    def posted_since(self, at: datetime) -> Counter[tuple[str, str]]:
        """How many messages each address got since, by the first words of what they are."""
        posted = self.day.recorder.posted.values()
        return Counter((each.address, " ".join(each.card.heading.split()[:2])) for each in posted if each.at >= at)

    def close(self) -> None:
        for each in self._opened:
            each.close()


@pytest.fixture
def backed(tmp_path: Path) -> Iterator[Backed]:
    made = Backed(Day(url=f"sqlite:///{tmp_path}/old.db"), tmp_path)
    yield made
    made.close()


async def test_a_backup_of_the_night_is_as_if_apbot_had_been_off_since(backed: Backed) -> None:
    day = backed.day
    await day.until("04:30")
    backed.up()
    await day.until("10:05")
    since = day.clock.now()
    backed.put_back()
    await day.app.tick()
    posted = backed.posted_since(since)
    assert posted[(f"provider:{day.ids['Oak Farm']}", "Register: Oak")] == 1, "its marks are lost: it is asked again"
    alerts = sum(count for (_, heading), count in posted.items() if heading == "Not arrived:")
    assert alerts == 6, "for each provider one to the attendance contact and the DSL of each of its schools"
    assert max(posted.values()) == 2, "nobody gets more than one message about each of two providers"


async def test_a_button_from_after_the_backup_marks_nobody(backed: Backed) -> None:
    day = backed.day
    await day.until("04:30")
    backed.up()
    await day.until("09:50")
    oak_farm = day.provider("Oak Farm")
    orphans = [button for card in oak_farm.cards for button in card.buttons_everywhere() if button.verb == "arrived"]
    assert orphans
    backed.put_back()
    await day.app.tick()
    assert all(row.id > GAP for row in day.rows(sa.select(entries.c.id))), "no id is given twice"
    for button in orphans:
        assert (await oak_farm.presses(button)).is_refusal
    assert day.rows(sa.select(entries.c.id).where(entries.c.fact.is_not(None))) == []
    await oak_farm.taps("Arrived", pupil="AB12")
    assert len(day.rows(sa.select(entries.c.id).where(entries.c.fact == "arrived"))) == 1


async def test_a_backup_of_a_week_ago_tells_of_each_day_once_and_asks_only_about_today(backed: Backed) -> None:
    day = backed.day
    await day.until("11:30")
    backed.up()
    day.date = date(2026, 9, 24)
    since = day.clock.now()
    backed.put_back()
    await day.jump("09:45")
    posted = backed.posted_since(since)
    contact = day.attendance_contact("Hillcrest")
    assert posted[(contact.address, "Nobody was")] == 4, "Friday, Monday, Tuesday and Wednesday"
    asked = [(address, count) for (address, heading), count in posted.items() if heading.startswith("Register:")]
    assert sorted(asked) == sorted((f"provider:{day.ids[name]}", 1) for name in ("Oak Farm", "The Garage"))
    day.provider("Oak Farm").sees("Register", "Thu 24 Sep 2026")
    # What was open when the backup was made may have been settled since: nobody knows, so it is said, and how late.
    contact.sees("Not arrived", "Thu 17 Sep 2026", "hours late")
    of_one = Counter[str]()
    for (address, _), count in posted.items():
        of_one[address] += count
    assert max(of_one.values()) <= 12, "four days, two alerts that were open, and what is owed by the week"


async def test_what_was_owed_comes_marked_and_what_could_be_used_once_is_used(backed: Backed) -> None:
    day = backed.day
    await day.until("09:29")
    tomorrow = day.clock.now() + timedelta(days=1)
    day.database.run(
        lambda transaction: transaction.insert(link_codes, person_id=1, code_hash="0" * 64, expires_at=tomorrow)
    )
    day.database.run(
        lambda transaction: transaction.insert(
            chat_lines, conversation="person:1", text="hello", at=transaction.now, changed=7
        )
    )
    day.clock.forward(timedelta(minutes=1))
    await day.app.decide()
    backed.up()
    backed.put_back()
    owed = day.rows(sa.select(messages.c.maybe_repeat).where(messages.c.state == "owed"))
    assert owed
    assert all(row.maybe_repeat for row in owed)
    assert day.rows(sa.select(link_codes.c.id).where(link_codes.c.used_at.is_(None))) == []
    assert day.rows(sa.select(sa.func.max(chat_lines.c.changed)))[0][0] > GAP, "an open page shows what is new"
    assert len(day.rows(sa.select(audit.c.id).where(audit.c.what == "restored from a backup"))) == 1
