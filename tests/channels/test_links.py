"""The links in letters."""

from datetime import UTC, datetime, timedelta

import pytest

from apbot.channels.links import Links
from apbot.store.kept_secrets import keep_secret
from apbot.store.letters import Letter, load_letters
from apbot.store.tables import messages
from tests.day import Day

NOW = datetime(2026, 9, 17, 8, 30, tzinfo=UTC)
LETTER = Letter(7, 12, NOW + timedelta(hours=2))


def test_a_link_leads_to_its_letter_until_its_time_is_over() -> None:
    links = Links("https://apbot.example/", "secret")
    token = links.to(LETTER).removeprefix("https://apbot.example/m/")
    assert "/" not in token
    assert links.read(token, NOW) == LETTER
    assert links.read(token, LETTER.until) is None


def test_every_link_ends_in_a_letter() -> None:
    """What finds links in plain text takes a sign at the end for the sentence's."""
    ends = {Links("", "secret").to(Letter(number, 1, NOW))[-1] for number in range(200)}
    assert ends == {"x"}


@pytest.mark.parametrize("token", ["", "x", "W10.abc", "a" * 10_000, "ünï.cödé", "W103LDEyLDFd.AAAA"])
def test_a_made_up_link_leads_nowhere(token: str) -> None:
    assert Links("https://apbot.example", "secret").read(token, NOW) is None


def test_a_link_signed_with_another_secret_leads_nowhere() -> None:
    token = Links("", "another").to(LETTER).removeprefix("/m/")
    assert Links("", "secret").read(token, NOW) is None


async def test_the_letter_of_a_register_ends_with_its_session(bare: Day) -> None:
    await bare.until("09:46")
    (nudge, *_) = bare.rows(messages.select().where(messages.c.kind == "nudge"))
    (register, *_) = bare.rows(messages.select().where(messages.c.kind == "register"))
    letters = bare.database.run(load_letters, [nudge.id, register.id])
    assert set(letters) == {nudge.id}, "a conversation that several read is nobody's letter"
    assert letters[nudge.id].until == datetime(2026, 9, 17, 11, 0, tzinfo=UTC)


def test_a_kept_secret_is_made_once(bare: Day) -> None:
    first = bare.database.run(keep_secret, "letters")
    assert bare.database.run(keep_secret, "letters") == first
    assert bare.database.run(keep_secret, "other") != first
