"""Titles, names and values with colons in them, on the channels that put them into one line, or read them back."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.cards import Button, Card, Row
from apbot.channels.email.letter import Content, subject_of, text_of, write
from apbot.channels.email.threads import Thread, thread_of
from apbot.channels.news import digest
from apbot.channels.notify import texts
from apbot.channels.slack.blocks import Pressed, packed_button, unpacked_button, whole_text
from apbot.channels.telegram.rendering import LONGEST_DATA, data_for, plain_text, render
from apbot.web.views import read_press
from tests.fuzz.bounds import fuzzed, in_time

WORDS = st.text(st.sampled_from(":: ·/,#+=?-|\\<>&\"'\r\n\tAé1🚨"), max_size=40)
NOW = datetime(2026, 9, 17, 9, 30, tzinfo=UTC)


@given(verb=st.from_regex(r"[a-z_]{1,20}", fullmatch=True), subject=st.integers(0, 999_999_999), value=WORDS)
@fuzzed(200)
def test_a_button_is_read_back_as_it_was_given_out_whatever_its_value_is(verb: str, subject: int, value: str) -> None:
    button = Button("Log", verb, subject, value)
    with in_time():
        assert unpacked_button(packed_button(button)) == Pressed(verb, subject, value)
        press = read_press(f"event/12/{button.token}")
        data = data_for(button)
    assert (press.verb, press.subject, press.value) == (verb, subject, value)
    assert len(data.encode()) <= LONGEST_DATA
    assert data in (button.token, data[:25])


@given(heading=WORDS, rows=st.lists(st.tuples(WORDS, WORDS), max_size=3))
@fuzzed(200)
def test_a_letters_subject_and_thread_are_read_back_as_they_were_sent(
    heading: str, rows: list[tuple[str, str]]
) -> None:
    card = Card(heading, rows=tuple(Row(*each) for each in rows))
    sender, reader = Address("apbot", "apbot", "apbot.example"), Address("", "kit", "hillcrest.example")
    with in_time():
        thread = Thread("<1@apbot.example>", digest(heading), subject_of(card))
        letter = bytes(write(Content(card, NOW), sender, reader, "<2@apbot.example>", thread))
    found = message_from_bytes(letter, policy=SMTP)
    assert " ".join(str(found["Subject"]).split()) == f"Re: {thread.subject}"
    assert thread_of(thread.ref) == thread


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (Row("CD34 J.S.", "not arrived"), "CD34 J.S.: not arrived"),
        (
            Row("CD34 J.S.: visit to the pupil", "Oak Farm · due today"),
            "CD34 J.S.: visit to the pupil · Oak Farm · due today",
        ),
        (Row("Oak: the Farm", "2 pupils"), "Oak: the Farm · 2 pupils"),
        (Row("CD34 J.S.: visit to the pupil"), "CD34 J.S.: visit to the pupil"),
    ],
)
def test_of_two_colons_in_a_line_one_is_none(row: Row, line: str) -> None:
    card = Card("1 thing to do", rows=(row,))
    assert line in plain_text(card).splitlines()
    assert line in render(card).text.replace("<b>", "").replace("</b>", "")
    assert f"- {line}" in text_of(Content(card, NOW)).splitlines()
    assert line in texts.email(card, NOW)
    assert line in whole_text(card).splitlines()
