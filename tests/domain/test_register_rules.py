"""What may be said about an expected pupil, after what has been said already."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apbot.domain.marks import Fact, Reason
from apbot.domain.register import Statement, Verdict, judge, minutes_late, settled

START = datetime(2026, 9, 17, 8, 30, tzinfo=UTC)
NOW = START + timedelta(minutes=20)

MINUTES = st.integers(-60, 200).map(lambda count: START + timedelta(minutes=count))
AS_SAID = st.builds(Statement, st.sampled_from(Fact), MINUTES | st.none(), st.sampled_from(Reason) | st.none())
"""Anything that a button, typed words or a command may come up with."""

RECORDED = st.builds(lambda said, now: settled(said, None, now, START), AS_SAID, MINUTES)
"""Anything that may stand in a register."""

NEW_FACTS = {
    (Fact.NOT_ARRIVED, Fact.ARRIVED),
    (Fact.NOT_ARRIVED, Fact.LATE),
    (Fact.NOT_RUNNING, Fact.ARRIVED),
    (Fact.NOT_RUNNING, Fact.LATE),
    (Fact.LEFT_SITE, Fact.ARRIVED),
    (Fact.LEFT_SITE, Fact.LATE),
    (Fact.ARRIVED, Fact.LEFT_SITE),
    (Fact.LATE, Fact.LEFT_SITE),
    (Fact.NOT_ARRIVED, Fact.NOT_RUNNING),
}
"""Changes of fact that the course of a session explains. All others say that an earlier mark was wrong."""


def said(fact: Fact, minutes: int | None = None, reason: Reason | None = None) -> Statement:
    """A statement; `minutes` after the session's start."""
    return Statement(fact, None if minutes is None else START + timedelta(minutes=minutes), reason)


def settle(statement: Statement, before: Statement | None = None, now: datetime = NOW) -> Statement:
    """`statement` as it is recorded now."""
    return settled(statement, before, now, START)


@pytest.mark.parametrize("fact", Fact)
@pytest.mark.parametrize("over", [False, True])
def test_the_first_thing_said_is_recorded_also_after_the_session(fact: Fact, over: bool) -> None:
    assert judge(None, settle(said(fact)), session_over=over) is Verdict.RECORD


@pytest.mark.parametrize("before", Fact)
@pytest.mark.parametrize("after", Fact)
def test_while_the_session_runs_only_what_its_course_explains_is_recorded_without_a_reason(
    before: Fact, after: Fact
) -> None:
    first = settle(said(before))
    verdict = judge(first, said(after, 100, Reason.ILL), session_over=False)
    if before is after is Fact.NOT_ARRIVED or (before, after) in NEW_FACTS:
        assert verdict is Verdict.RECORD
    else:
        assert verdict is Verdict.AMEND


@pytest.mark.parametrize("before", Fact)
@pytest.mark.parametrize("after", Fact)
def test_after_the_session_every_change_is_a_correction(before: Fact, after: Fact) -> None:
    verdict = judge(settle(said(before)), said(after, 100, Reason.ILL), session_over=True)
    assert verdict is Verdict.AMEND


@settings(max_examples=50, deadline=None)
@given(RECORDED, AS_SAID, MINUTES, st.booleans())
def test_a_contradiction_is_never_recorded_without_a_reason(
    before: Statement, statement: Statement, now: datetime, over: bool
) -> None:
    full = settled(statement, before, now, START)
    change = (before.fact, full.fact)
    assume(change not in NEW_FACTS and before.fact is not full.fact)
    assert judge(before, full, session_over=over) is Verdict.AMEND


@settings(max_examples=50, deadline=None)
@given(AS_SAID, RECORDED | st.none(), MINUTES, st.booleans())
def test_what_is_recorded_says_the_same_as_itself_and_is_settled(
    statement: Statement, before: Statement | None, now: datetime, over: bool
) -> None:
    full = settled(statement, before, now, START)
    assert judge(full, full, session_over=over) is Verdict.SAME
    assert settled(full, full, now + timedelta(hours=1), START) == full


@settings(max_examples=50, deadline=None)
@given(AS_SAID, RECORDED | st.none(), MINUTES)
def test_what_is_recorded_is_complete(statement: Statement, before: Statement | None, now: datetime) -> None:
    full = settled(statement, before, now, START)
    match full.fact:
        case Fact.LATE:
            assert full.at is not None
            assert full.at > START
            assert minutes_late(full.fact, full.at, START) >= 1
        case Fact.LEFT_SITE:
            assert full.at is not None
        case Fact.NOT_ARRIVED:
            assert full.reason is not None
    if full.fact not in (Fact.NOT_ARRIVED, Fact.NOT_RUNNING):
        assert full.reason is None


@pytest.mark.parametrize("minutes", [-30, -1, 0])
def test_late_at_or_before_the_start_is_an_arrival(minutes: int) -> None:
    assert settle(said(Fact.LATE, minutes)) == Statement(Fact.ARRIVED)


def test_late_after_the_start_keeps_its_time_and_without_one_it_is_now() -> None:
    assert settle(said(Fact.LATE, 1)) == said(Fact.LATE, 1)
    assert settle(said(Fact.LATE)) == said(Fact.LATE, 20)
    assert settle(said(Fact.LATE), now=START - timedelta(minutes=5)) == Statement(Fact.ARRIVED)


@pytest.mark.parametrize("before", [Fact.NOT_ARRIVED, Fact.LEFT_SITE, Fact.NOT_RUNNING])
def test_arrived_after_it_was_known_that_they_were_not_there_is_late_from_now(before: Fact) -> None:
    first = settle(said(before))
    assert settle(said(Fact.ARRIVED), first) == said(Fact.LATE, 20)
    assert settle(said(Fact.ARRIVED, 15), first) == said(Fact.LATE, 15)


def test_arrived_before_the_start_after_all_is_an_arrival() -> None:
    first = settle(said(Fact.NOT_RUNNING), now=START - timedelta(hours=1))
    assert settle(said(Fact.ARRIVED), first, START - timedelta(minutes=5)) == Statement(Fact.ARRIVED)


def test_not_arrived_without_a_reason_has_none_known_and_keeps_one_given_before() -> None:
    assert settle(said(Fact.NOT_ARRIVED)).reason is Reason.UNKNOWN
    ill = settle(said(Fact.NOT_ARRIVED, reason=Reason.ILL))
    assert settle(said(Fact.NOT_ARRIVED), ill) == ill
    assert judge(ill, settle(said(Fact.NOT_ARRIVED), ill), session_over=False) is Verdict.SAME


def test_a_reason_found_later_is_new_and_each_one_given_is_kept() -> None:
    unknown = settle(said(Fact.NOT_ARRIVED))
    ill = settle(said(Fact.NOT_ARRIVED, reason=Reason.ILL), unknown)
    assert judge(unknown, ill, session_over=False) is Verdict.RECORD


def test_a_departure_at_another_time_than_the_one_recorded_is_a_correction() -> None:
    left = settle(said(Fact.LEFT_SITE, 60))
    assert judge(left, said(Fact.LEFT_SITE, 60), session_over=False) is Verdict.SAME
    assert judge(left, said(Fact.LEFT_SITE, 70), session_over=False) is Verdict.AMEND


def test_left_returned_and_left_again_are_three_new_facts() -> None:
    there = settle(said(Fact.ARRIVED))
    left = settle(said(Fact.LEFT_SITE), there, START + timedelta(minutes=60))
    back = settle(said(Fact.ARRIVED), left, START + timedelta(minutes=70))
    again = settle(said(Fact.LEFT_SITE), back, START + timedelta(minutes=80))
    assert back == said(Fact.LATE, 70)
    assert [judge(a, b, session_over=False) for a, b in ((there, left), (left, back), (back, again))] == [
        Verdict.RECORD
    ] * 3


def test_minutes_late_are_whole_minutes_after_the_start_and_only_of_a_late_arrival() -> None:
    assert minutes_late(Fact.LATE, START + timedelta(minutes=20, seconds=59), START) == 20
    assert minutes_late(Fact.LATE, START - timedelta(minutes=20), START) == 0
    assert minutes_late(Fact.ARRIVED, START + timedelta(minutes=20), START) == 0
    assert minutes_late(Fact.LATE, None, START) == 0
    assert minutes_late(None, None, START) == 0
