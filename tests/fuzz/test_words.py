"""What people type: whatever it is, it is read in time, nothing escapes, and nobody is marked who was not named."""

import tomllib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apbot.channels.slack.payloads import mentions, words_in
from apbot.domain.absences import read_absence
from apbot.domain.concern import NotAReference, read_reference
from apbot.domain.covers import read_cover
from apbot.domain.dates.meant import read_day_gone, read_days
from apbot.domain.dates.typed import Unclear
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.shorthand import read_shorthand
from apbot.domain.incident import read_typed
from apbot.domain.replies import Expected, read_alert_reply, read_reply, references_in, sounds_like_concern
from apbot.handlers.linking import LINK
from apbot.web.deeds import WORDS_LIMIT
from apbot.web.pages import _telephones
from tests.fuzz.bounds import examples, fuzzed, in_time
from tests.fuzz.mutants import garbled

TODAY = date(2026, 9, 17)
PUPILS = (
    Expected("AB12", "Amira", "Khan"),
    Expected("CD34", "Jay", "Smith"),
    Expected("EF56", "Tom", "O'Neil"),
    Expected("GH78", "Zoë", "Clarke"),
)
CORPUS = tomllib.loads((Path(__file__).parents[1] / "domain" / "replies_corpus.toml").read_text("utf-8"))
PHRASES = sorted(
    {text for name, themes in CORPUS.items() if name != "registers" for rows in themes.values() for text in rows}
)
WORDS = sorted({word for phrase in PHRASES for word in phrase.split()})

TYPED = st.one_of(
    st.text(max_size=400),
    st.lists(st.sampled_from(WORDS), max_size=400).map(" ".join),
    st.lists(st.sampled_from(PHRASES), min_size=1, max_size=40).map("; ".join),
    st.tuples(st.sampled_from(PHRASES), st.randoms(use_true_random=False)).map(lambda both: garbled(*both)),
    st.tuples(st.sampled_from([*WORDS, " ", "\n", "0", "9:", "a", "-", "AB12", "(", "."]), st.integers(1, 3000)).map(
        lambda both: both[0] * both[1]
    ),
).map(lambda text: text[:6000])


def refuses(read: Callable[..., Any], *given_: Any, refusals: tuple[type[Exception], ...] = (Unclear,)) -> Any:
    """What `read` makes of it, or None where it says what is unclear."""
    try:
        return read(*given_)
    except refusals as refusal:
        said = str(refusal)
    assert said.strip()
    assert len(said) < 600, "a refusal repeats no endless text"
    return None


@given(TYPED)
@fuzzed(120)
@example("9:50 " * 400)
@example("and " * 500)
@example("a" * 2000)
@example("(" * 2000)
@example("AB12" * 500)
@example("all in except " * 140)
def test_a_reply_to_a_register_is_read_in_time(text: str) -> None:
    with in_time():
        reading = read_reply(text, PUPILS, now=time(10), starts=time(9, 30))
    assert {each.reference for each in reading.said} <= {each.reference for each in PUPILS}


FACTS = ["arrived", "here", "in", "not in", "absent", "ill", "late", "at 9:50", "gone home", "didn't show", "is", "was"]
JOINED = [",", ".", "but", "and", "\n", ";", "-", "sorry", "thanks", "hello", "please", "at", "this morning"]


@given(st.sets(st.sampled_from(PUPILS), min_size=1, max_size=3), st.data())
@fuzzed(120)
def test_nobody_is_marked_who_is_not_named_where_nobody_says_all(named: set[Expected], data: st.DataObject) -> None:
    names = [
        name for each in named for name in (each.reference, each.first_name, f"{each.first_name} {each.last_name}")
    ]
    others = data.draw(st.lists(st.sampled_from([*names, *FACTS, *JOINED]), min_size=1, max_size=12))
    parts = [data.draw(st.sampled_from(names)), *others]
    said = read_reply(" ".join(parts), PUPILS, now=time(10), starts=time(9, 30)).said
    assert {each.reference for each in said} <= {each.reference for each in named}, " ".join(parts)


@given(TYPED)
@fuzzed(80)
@example("on it " * 1000)
@example("'" * 3000)
def test_a_reply_to_an_alert_is_read_in_time(text: str) -> None:
    with in_time():
        read_alert_reply(text, ["AB12", "CD34"])
        references_in(text, ["AB12", "CD34"])
        sounds_like_concern(text)


@given(TYPED)
@fuzzed(80)
@example("9" * 5000)
@example("1/1/" * 1000)
@example("mon " * 1000)
@example("29 feb 9999999999999999999999")
@example("²/³/2026")
@example("31/12/9999 until 1/1/0001")
@example("by by by by")
def test_days_absences_and_covers_are_read_or_asked_back(text: str) -> None:
    with in_time():
        refuses(read_days, text, TODAY)
        refuses(read_day_gone, text, TODAY)
        refuses(read_absence, text, TODAY)
        refuses(read_cover, text, TODAY)
        read_typed(text)
        refuses(read_reference, text, ["Amira"], refusals=(NotAReference,))


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_done_is_read_however_it_is_written(kind: str) -> None:
    for chance in examples(f"shorthand {kind}", 12):
        words = [chance.choice([*WORDS, "next", "by phone", "seen", "parent", "12/10", "tomorrow", "notes:", "😀"])]
        words += [garbled(chance.choice(WORDS), chance) for _ in range(chance.randrange(60))]
        text = chance.choice((" ", "\n", ", ", "")).join(words)
        with in_time():
            read_shorthand(KINDS[kind], text, TODAY)


@given(TYPED)
@fuzzed(60)
@example("/ap link " + "A" * 5000)
@example("/ap link " + "A " * 5000)
@example("/ap link " + " " * 20_000)
@example("/ap link A" + " " * 20_000 + "\x00")
@example("link A" + " " * 20_000 + "\n.")
@example("<" * 20_000)
@example("<@" * 10_000)
@example("<a|" * 7000)
@example("0" * WORDS_LIMIT)
@example("+44" + " " * 20_000)
@example("+44" + "(0" * 10_000)
@example("0 1 " * 5000)
def test_the_marks_of_platforms_codes_and_telephone_numbers_are_found_in_time(text: str) -> None:
    with in_time():
        LINK.match(text)
        words_in(text, "U0APBOT")
        mentions(text, "U0APBOT")
        _telephones(text)
