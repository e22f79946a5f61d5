"""`apbot db new-secrets`: what was stolen with a database signs nothing any more."""

from datetime import timedelta

import sqlalchemy as sa

from apbot.channels.links import SIGNED_WITH, Links
from apbot.cli import db
from apbot.store.kept_secrets import keep_secret
from apbot.store.letters import Letter
from apbot.store.processes import EVERYTHING, Process, beat
from apbot.store.tables import audit
from tests.day import Day
from tests.terminal import program, terminal_day  # noqa: F401  (a fixture)

run = program(db, "db")


def links(day: Day) -> Links:
    return Links("https://apbot.example", day.database.run(keep_secret, SIGNED_WITH))


def test_a_link_that_was_signed_with_what_was_stolen_leads_nowhere(day: Day) -> None:
    day.clock.forward(timedelta(minutes=1))  # apbot was stopped
    now = day.clock.now()
    letter = Letter(1, day.ids["Sam Taylor"], now + timedelta(days=3650))
    forged = links(day).to(letter).rsplit("/", 1)[1]
    assert links(day).read(forged, now) == letter
    answer = run("new-secrets")
    assert answer.output == "Made anew: letters. Now start apbot.\n"
    assert links(day).read(forged, now) is None
    (noted,) = day.rows(sa.select(audit.c.detail).where(audit.c.what == "secrets made anew"))
    assert noted.detail == {"names": ["letters"]}


def test_while_apbot_runs_nothing_is_made_anew(day: Day) -> None:
    before = day.database.run(keep_secret, SIGNED_WITH)
    day.database.run(beat, Process(EVERYTHING))
    answer = run("new-secrets")
    assert answer.exit_code == 1
    assert "Stop it on every machine" in answer.output
    assert day.database.run(keep_secret, SIGNED_WITH) == before
