"""What somebody logs in one line: what is certain is taken, and nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.dates import Unclear, read_day_gone
from apbot.domain.duties.model import Ask
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.shorthand import ALSO, MARKED_BY, TOGETHER, read_shorthand, words_beyond
from apbot.handlers.commands.logging import EXAMPLES

THURSDAY = date(2026, 9, 17)
LOGGED = ("contact", "visit", "review", "report")

WHOLE = (
    ("contact", "phoned named contact, fine", {"whom": "named contact", "how": "telephone", "attendance": "fine"}),
    (
        "contact",
        "Spoke to the deputy by email yesterday",
        {"whom": "deputy contact", "how": "email", "on": "2026-09-16"},
    ),
    (
        "contact",
        "met staff on 15/9, follow up: send the timetable",
        {"whom": "other staff", "how": "meeting", "on": "2026-09-15", "follow_up": "send the timetable"},
    ),
    (
        "visit",
        "seen with staff, unsure, wellbeing good, progress a worry, next 12/10",
        {
            "seen": "yes, with staff",
            "view": "unsure",
            "wellbeing": "good",
            "progress": "a worry",
            "next_on": "2026-10-12",
        },
    ),
    (
        "review",
        "continues, parents and governors told, next one on Monday 12 Oct",
        {"outcome": "goes on as it is", "parents": "yes", "governors": "yes", "next_on": "2026-10-12"},
    ),
    (
        "review",
        "return to school, parents yes, governors not yet, next 12 Oct 2026",
        {"outcome": "return to school planned", "parents": "yes", "governors": "not yet", "next_on": "2026-10-12"},
    ),
    ("report", "uploaded", {"how": "in the school's system"}),
)


@pytest.mark.parametrize(("kind", "text", "answers"), WHOLE, ids=[text for _, text, _ in WHOLE])
def test_what_is_certain_is_taken_whole(kind: str, text: str, answers: dict[str, str]) -> None:
    read = read_shorthand(KINDS[kind], text, THURSDAY)
    assert dict(read.given) == answers
    assert read.is_whole(KINDS[kind])


UNSURE = (
    ("contact", "rang and emailed staff", "how"),
    ("contact", "phoned staff on Thursday", "on"),
    ("visit", "seen alone, happy, good, good, next 12 Oct", "wellbeing"),
    ("visit", "seen alone, happy, wellbeing good, progress good, next Friday", "next_on"),
    ("visit", "seen alone, happy, wellbeing good, progress good, next week", "next_on"),
    ("visit", "seen alone, happy, wellbeing good, wellbeing mixed, progress good, next 12 Oct", "wellbeing"),
    ("review", "told, next 12 Oct", "parents"),
    ("report", "by email or on paper", "how"),
)


@pytest.mark.parametrize(("kind", "text", "asked"), UNSURE, ids=[text for _, text, _ in UNSURE])
def test_what_can_be_read_in_two_ways_is_left_to_be_asked(kind: str, text: str, asked: str) -> None:
    read = read_shorthand(KINDS[kind], text, THURSDAY)
    assert asked not in read.given
    assert not read.is_whole(KINDS[kind])


def test_a_word_that_is_not_understood_keeps_it_from_being_recorded() -> None:
    read = read_shorthand(KINDS["contact"], "phoned named contact, Joana was lovely", THURSDAY)
    assert read.left == ("joana", "lovely")
    assert not read.is_whole(KINDS["contact"])


@pytest.mark.parametrize("kind", LOGGED)
def test_every_example_that_is_shown_is_understood_whole(kind: str) -> None:
    typed = EXAMPLES[kind].split("CD34 ")[1]
    assert read_shorthand(KINDS[kind], typed, THURSDAY).is_whole(KINDS[kind])


def test_apbots_own_words_are_no_concern_and_ones_own_are_looked_through() -> None:
    assert words_beyond(KINDS["contact"], "phoned named contact, attendance a worry") == ""
    assert "bruises" in words_beyond(KINDS["contact"], "phoned staff, follow up: bruises")
    assert "bruises" in words_beyond(KINDS["report"], "by email, bruises")
    assert "bruises" in words_beyond(KINDS["visit"], "bruises " * 200)


def test_every_way_to_say_it_is_one_of_the_choices() -> None:
    choices = {
        (question.name, choice) for name in LOGGED for question in KINDS[name].questions for choice in question.choices
    }
    assert set(ALSO) <= choices
    assert {answer for answers in TOGETHER.values() for answer in answers} <= choices
    own = {question.name for name in LOGGED for question in KINDS[name].questions if question.ask is Ask.WORDS}
    assert own == set(MARKED_BY)


@given(st.text(max_size=700), st.sampled_from(LOGGED))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_it_and_what_is_given_is_an_answer(text: str, name: str) -> None:
    kind = KINDS[name]
    read = read_shorthand(kind, text, THURSDAY)
    for question in kind.questions:
        if question.ask is Ask.CHOICE and question.name in read.given:
            assert read.given[question.name] in question.choices
    for day in ("on", "next_on"):
        if day in read.given:
            date.fromisoformat(read.given[day])


WORDS = [word for each in [*ALSO.values(), *TOGETHER] for word in each.replace(";", " ").split()]
DATES = ["next", "12", "Oct", "1/1", "31/2", "yesterday", "Friday", ",", "follow", "up", "to", "99/99/99", "-"]


@given(st.lists(st.sampled_from(WORDS + DATES), max_size=30), st.sampled_from(LOGGED))
@settings(max_examples=300, deadline=None)
def test_no_mixture_of_known_words_breaks_it(words: list[str], name: str) -> None:
    read_shorthand(KINDS[name], " ".join(words), THURSDAY)


DAYS_GONE = (
    ("yesterday", date(2026, 9, 16)),
    ("on Monday", date(2026, 9, 14)),
    ("Friday", date(2026, 9, 11)),
    ("3/9", date(2026, 9, 3)),
    ("18 Sep", date(2025, 9, 18)),
    ("18 Sep 2026", date(2026, 9, 18)),
    ("nothing", None),
)


@pytest.mark.parametrize(("text", "day"), DAYS_GONE)
def test_a_day_that_has_gone_by_is_the_last_such(text: str, day: date | None) -> None:
    assert read_day_gone(text, THURSDAY)[0] == day


@pytest.mark.parametrize("text", ["Thursday", "1/9 and 2/9", "1/9 to 3/9", "31 Feb", "Mon 15 Sep 2026"])
def test_a_day_that_can_be_read_in_two_ways_is_asked_back(text: str) -> None:
    with pytest.raises(Unclear):
        read_day_gone(text, THURSDAY)
