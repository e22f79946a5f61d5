"""Words in answer to an alert, read from the corpus beside this file: only "I am dealing with it" acknowledges."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.replies import Answer, read_alert_reply, references_in

CORPUS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "alert_replies_corpus.toml").read_text(encoding="utf-8")
)
KINDS = {
    "takes-on": Answer.TAKES_ON,
    "may-state-an-outcome": Answer.OUTCOME,
    "small-talk": Answer.SMALL_TALK,
    "other": Answer.OTHER,
}
PHRASES = [(text, KINDS[kind]) for kind, texts in CORPUS.items() for text in texts]
TAKES_ON = [text for text, kind in PHRASES if kind is Answer.TAKES_ON]


@pytest.mark.parametrize(("text", "right"), PHRASES, ids=[text for text, _ in PHRASES])
def test_a_phrase_is_what_the_corpus_says(text: str, right: Answer) -> None:
    assert read_alert_reply(text) is right


@given(
    st.sampled_from(TAKES_ON), st.sampled_from(["not", "never", "can't", "cannot", "who", "Tom", "if", "unless", "?"])
)
def test_a_word_that_turns_it_round_keeps_it_from_acknowledging(text: str, turned: str) -> None:
    for said in (f"{turned} {text}", f"{text} {turned}"):
        assert read_alert_reply(said) is not Answer.TAKES_ON, said


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(TAKES_ON), max_size=3).map("?".join)))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    read: Any = read_alert_reply(text)
    assert read in Answer
    if len(text) > 200 or "?" in text:
        assert read is not Answer.TAKES_ON


@pytest.mark.parametrize(
    "text", ["I'm on CD34", "on it for cd 34", "I'll deal with CD34 J.S.", "CD34: on it", "on it, CD-34", "CD34 on it"]
)
def test_a_reference_may_stand_in_it(text: str) -> None:
    references = ("AB12", "CD34")
    assert read_alert_reply(text, references) is Answer.TAKES_ON
    assert references_in(text, references) == {"CD34"}


@pytest.mark.parametrize("text", ["not CD34", "CD34?", "who is on CD34", "CD34", "CD345 on it", "CD34 on it at home"])
def test_a_reference_makes_nothing_else_of_it(text: str) -> None:
    assert read_alert_reply(text, ("AB12", "CD34")) is not Answer.TAKES_ON
