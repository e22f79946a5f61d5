"""The steps of an escalation: always a next alert, at a later time, until every pupil is safe."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.escalation import (
    FIRST,
    OUTCOME_WITHIN,
    REOPENS_AFTER,
    Outcome,
    Policy,
    State,
    Step,
    advance,
)
from apbot.domain.roles import SCHOOL_ROLES, Role

TEN = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
ROLES = st.lists(st.sampled_from(sorted(SCHOOL_ROLES)), min_size=1, max_size=4).map(tuple)
POLICIES = st.builds(
    lambda gaps, roles, every: Policy(
        tuple(Step(sum(gaps[: at + 1]) - gaps[0], role) for at, role in enumerate(roles[: len(gaps)])), every
    ),
    st.lists(st.integers(1, 60), min_size=5, max_size=5),
    st.lists(ROLES, min_size=1, max_size=5),
    st.integers(1, 120),
)
ANY_POLICY = st.builds(
    Policy,
    st.lists(st.builds(Step, st.integers(-5, 60), ROLES), min_size=1, max_size=5).map(tuple),
    st.integers(-5, 60),
)
"""As somebody might type one by mistake: steps out of order, repeated every 0 minutes."""


def test_the_standard_steps_are_at_once_at_ten_and_at_twenty_minutes_then_every_fifteen() -> None:
    policy = Policy.standard()
    assert policy.roles_at(0) == (Role.ATTENDANCE_CONTACT, Role.DSL)
    assert policy.roles_at(1) == (*FIRST, Role.DEPUTY_DSL)
    assert {Role.HEAD, Role.NAMED_LEAD} <= set(policy.roles_at(2))
    assert policy.roles_at(7) == policy.roles_at(2)
    assert [policy.wait_after(step) for step in range(4)] == [timedelta(minutes=each) for each in (10, 10, 15, 15)]


@settings(max_examples=40, deadline=None)
@given(POLICIES)
def test_a_policy_is_kept_as_plain_json_and_comes_back(policy: Policy) -> None:
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


@pytest.mark.parametrize("kept", [None, {"steps": [], "every": 15}])
def test_a_school_that_has_set_no_steps_has_the_standard_ones(kept: dict[str, object] | None) -> None:
    assert Policy.from_json(kept).steps == Policy.standard().steps


@settings(max_examples=40, deadline=None)
@given(POLICIES, st.integers(1, 30))
def test_open_and_unanswered_each_step_follows_at_its_minute_and_the_last_is_repeated(
    policy: Policy, count: int
) -> None:
    at, step = TEN + policy.wait_after(0), 0
    for number in range(1, count):
        move = advance(policy, State.OPEN, 0, step, at, reminded=False)
        assert (move.state, move.round, move.step, move.remind) == (State.OPEN, 0, number, False)
        minutes = (at - TEN) // timedelta(minutes=1)
        last = policy.steps[-1].after_minutes
        after_last = number - len(policy.steps) + 1
        assert minutes == (
            policy.steps[number].after_minutes if after_last <= 0 else last + after_last * policy.every_minutes
        )
        assert policy.roles_at(number) == policy.steps[min(number, len(policy.steps) - 1)].roles
        at, step = move.next_at, move.step


@settings(max_examples=40, deadline=None)
@given(ANY_POLICY, st.sampled_from([State.OPEN, State.ACKNOWLEDGED]), st.booleans(), st.integers(0, 40))
def test_whatever_the_policy_says_the_next_move_is_always_in_the_future(
    policy: Policy, state: State, reminded: bool, step: int
) -> None:
    # A step that is due at once would be taken again and again within one tick, which then never ends.
    move = advance(policy, state, 0, step, TEN, reminded=reminded)
    assert move.next_at >= TEN + timedelta(minutes=1)
    assert policy.wait_after(0) >= timedelta(minutes=1)


@settings(max_examples=40, deadline=None)
@given(ANY_POLICY, st.lists(st.booleans(), min_size=1, max_size=40))
def test_until_it_is_settled_there_is_always_another_message_and_never_the_same_twice(
    policy: Policy, answers: list[bool]
) -> None:
    # At each due time: advance, then perhaps somebody acknowledges. Each message is one (round, step).
    state, round_, step, reminded, now = State.OPEN, 0, 0, False, TEN
    told = {(0, 0)}
    silent_for = timedelta()
    next_at = now + policy.wait_after(0)
    for acknowledges in answers:
        if acknowledges and state is State.OPEN:
            state, reminded, next_at = State.ACKNOWLEDGED, False, now + OUTCOME_WITHIN
        silent_for, now = next_at - now, next_at
        assert silent_for <= max(OUTCOME_WITHIN, timedelta(minutes=65))
        move = advance(policy, state, round_, step, now, reminded=reminded)
        assert (move.round, move.step) not in told, "a message that was sent before would not go out again"
        told.add((move.round, move.step))
        state, round_, step, reminded, next_at = move.state, move.round, move.step, move.remind, move.next_at
        assert next_at > now


def test_acknowledged_without_an_outcome_it_is_reminded_once_and_then_opens_again_from_the_first_step() -> None:
    policy = Policy.standard()
    reminder = advance(policy, State.ACKNOWLEDGED, 0, 2, TEN, reminded=False)
    assert (reminder.state, reminder.round, reminder.step, reminder.remind) == (State.ACKNOWLEDGED, 0, 3, True)
    assert reminder.next_at == TEN + REOPENS_AFTER
    again = advance(policy, State.ACKNOWLEDGED, 0, 3, reminder.next_at, reminded=True)
    assert (again.state, again.round, again.step, again.remind) == (State.OPEN, 1, 0, False)
    assert again.next_at == reminder.next_at + policy.wait_after(0)


def test_opened_again_it_goes_through_all_its_steps_again() -> None:
    policy = Policy.standard()
    move = advance(policy, State.ACKNOWLEDGED, 0, 3, TEN, reminded=True)
    for number in (1, 2, 3):
        move = advance(policy, move.state, move.round, move.step, move.next_at, reminded=False)
        assert (move.state, move.round, move.step) == (State.OPEN, 1, number)


def test_somebody_has_something_to_do_while_it_is_open_or_acknowledged_only() -> None:
    assert {state for state in State if state.is_live} == {State.OPEN, State.ACKNOWLEDGED}


def test_every_outcome_settles_but_a_welfare_check_that_was_only_asked_for() -> None:
    assert [outcome for outcome in Outcome if not outcome.settles] == [Outcome.CHECK_ASKED]
    assert {outcome for outcome in Outcome if outcome.needs_words} == {Outcome.FOUND_SAFE, Outcome.OTHER}
