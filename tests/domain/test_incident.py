"""Incidents and concerns: what is typed of one, what counts towards a review, and what is a reference."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain import concern, incident
from apbot.domain.concern import NotAReference, read_reference
from apbot.domain.incident import Kind, ParentsTold, Typed, calls_for_a_review, read_typed
from apbot.domain.roles import Role

LINES = (
    ("behaviour 10:15 parents told", Typed(Kind.BEHAVIOUR, "10:15", ParentsTold.YES)),
    ("accident, mum not told yet", Typed(Kind.ACCIDENT, "", ParentsTold.NOT_YET)),
    ("damage at 9.40; dad informed", Typed(Kind.DAMAGE, "09:40", ParentsTold.YES)),
    ("Substance. Parents not told", Typed(Kind.SUBSTANCE, "", ParentsTold.NO)),
    ("left the site 10:20", Typed(Kind.LEFT_SITE, "10:20")),
    ("other, home has been told", Typed(Kind.OTHER, "", ParentsTold.YES)),
)


@pytest.mark.parametrize(("text", "typed"), LINES, ids=[text for text, _ in LINES])
def test_a_line_that_says_all_of_it_is_understood_whole(text: str, typed: Typed) -> None:
    assert read_typed(text) == typed
    assert read_typed(text).is_whole


UNSURE = (
    *("", "behaviour", "parents told", "behaviour accident parents told", "behaviour 10:15 10:20 parents told"),
    *("behaviour in the yard, parents told", "damage 25:99 parents told", "accident parents told parents not told"),
)


@pytest.mark.parametrize("text", UNSURE)
def test_what_is_missing_said_twice_or_not_understood_is_asked(text: str) -> None:
    assert not read_typed(text).is_whole


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    read_typed(text)


def test_the_third_calls_for_a_review_and_none_while_one_is_open() -> None:
    assert [calls_for_a_review(count, is_open=False) for count in range(5)] == [False, False, False, True, True]
    assert not any(calls_for_a_review(count, is_open=True) for count in range(9))


def test_an_accident_and_leaving_site_are_no_poor_behaviour() -> None:
    assert {kind for kind in Kind if kind.is_behaviour} == {Kind.BEHAVIOUR, Kind.DAMAGE, Kind.SUBSTANCE}


def test_who_is_told_widens_and_never_narrows() -> None:
    for calling in (incident.CALLING, concern.CALLING):
        told = [set(calling.roles_at(step)) for step in range(5)]
        assert all(before <= after for before, after in itertools.pairwise(told))
        assert Role.DSL in told[0]


@pytest.mark.parametrize("text", ["CPOMS-2026-0142", "MC-77", "12345", "A1", "  MyConcern/2026/1 ", "a" * 39 + "1"])
def test_a_reference_is_taken_as_it_is(text: str) -> None:
    assert read_reference(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "CPOMS", "a b1", "1-", "-1", "a" * 40 + "1", "hit-her-at-home-2", "№1", "１２", "1\n2", "😀1", "a;1"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(NotAReference):
        read_reference(text)


def test_a_pupils_name_is_no_reference_however_it_is_written() -> None:
    for text in ("Joana1", "JOANA-1", "silva/2"):
        with pytest.raises(NotAReference):
            read_reference(text, ["Joana", "Silva"])


@given(st.text(max_size=60))
def test_whatever_is_taken_is_short_and_plain(text: str) -> None:
    try:
        taken = read_reference(text)
    except NotAReference:
        return
    assert len(taken) <= concern.LONGEST
    assert taken.isascii()
    assert any(each.isdigit() for each in taken)
