"""Who is told: the holders of the roles, their cover, or the next in the line of succession."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.recipients import INTERCHANGEABLE, SUCCESSION, Holder, Told, choose
from apbot.domain.roles import SCHOOL_ROLES, Role

CONTACT, DSL, DEPUTY, HEAD, LEAD = (
    Role.ATTENDANCE_CONTACT,
    Role.DSL,
    Role.DEPUTY_DSL,
    Role.HEAD,
    Role.NAMED_LEAD,
)
FIRST = (CONTACT, DSL)

Team = Mapping[Role, Sequence[Holder]]


def here(person: int) -> Holder:
    """Somebody who is there and can be reached."""
    return Holder(person, reachable=True)


def silent(person: int) -> Holder:
    """Somebody who has no address that works."""
    return Holder(person, reachable=False)


def away(person: int, cover: Holder | None = None) -> Holder:
    """Somebody who is away today."""
    return Holder(person, reachable=True, away=True, cover=cover)


def test_every_holder_of_every_role_asked_for_is_told_in_order() -> None:
    team = {CONTACT: [here(1)], DSL: [here(2), here(3)], DEPUTY: [here(4)]}
    assert choose(team, FIRST) == Told((1, 2, 3), ())


def test_a_person_with_two_roles_is_told_once() -> None:
    assert choose({CONTACT: [here(1)], DSL: [here(1)]}, FIRST) == Told((1,), ())


def test_who_cannot_be_reached_is_passed_over_for_the_next_in_the_line() -> None:
    team = {CONTACT: [here(1)], DSL: [silent(2)], DEPUTY: [here(3)]}
    assert choose(team, FIRST) == Told((1, 3), (DSL,))


def test_one_of_two_holders_who_can_be_reached_is_enough() -> None:
    assert choose({CONTACT: [here(1)], DSL: [silent(2), here(3)]}, FIRST) == Told((1, 3), ())


def test_after_the_last_of_the_line_it_is_looked_for_from_the_top() -> None:
    assert choose({CONTACT: [here(1)]}, (Role.ADMIN,)) == Told((1,), (Role.ADMIN,))


def test_a_role_outside_the_line_is_stood_in_for_from_the_top() -> None:
    assert choose({CONTACT: [here(1)], DSL: [here(2)]}, (Role.GOVERNOR,)) == Told((1,), (Role.GOVERNOR,))


def test_who_is_away_is_not_told_and_their_cover_is() -> None:
    team = {CONTACT: [here(1)], DSL: [away(2, here(9))]}
    assert choose(team, FIRST) == Told((1, 9), ())


def test_cover_that_is_away_too_passes_it_on_to_their_own_cover() -> None:
    assert choose({DSL: [away(2, away(3, here(9)))]}, (DSL,)) == Told((9,), ())


@pytest.mark.parametrize("cover", [None, silent(9), away(9), away(9, silent(8))])
def test_away_without_cover_that_can_be_reached_is_passed_over_for_the_next_in_the_line(cover: Holder | None) -> None:
    team = {CONTACT: [here(1)], DSL: [away(2, cover)], DEPUTY: [here(3)]}
    assert choose(team, FIRST) == Told((1, 3), (DSL,))


def test_cover_that_is_told_already_is_told_once() -> None:
    assert choose({CONTACT: [here(1)], DSL: [away(2, here(1))]}, FIRST) == Told((1,), ())


@pytest.mark.parametrize(("held", "other"), [(HEAD, LEAD), (LEAD, HEAD)])
def test_a_head_answers_for_a_named_lead_and_the_other_way_round(held: Role, other: Role) -> None:
    assert choose({held: [here(1)]}, (HEAD, LEAD)) == Told((1,), ())
    assert choose({held: [here(1)]}, (other,)) == Told((1,), ()), "also where the other alone is asked for"


def test_with_neither_head_nor_lead_somebody_stands_in() -> None:
    team = {CONTACT: [here(1)], DSL: [here(2)], HEAD: [silent(3)], Role.ADMIN: [here(4)]}
    assert choose(team, (HEAD, LEAD)).person_ids == (4,)


def test_a_senco_who_may_not_see_every_pupil_stands_in_for_nobody() -> None:
    assert choose({Role.SENCO: [here(4)]}, (HEAD, LEAD)) == Told((), (HEAD, LEAD))


def test_nobody_is_told_only_where_nobody_can_be_reached() -> None:
    nobody = {role: [silent(number)] for number, role in enumerate(SCHOOL_ROLES)}
    assert choose(nobody, FIRST) == Told((), FIRST)
    assert choose({}, FIRST) == Told((), FIRST)


@st.composite
def teams(draw: st.DrawFn) -> Team:
    """Up to eight people, some silent, some away, some covering one another in chains, in any roles."""
    count = draw(st.integers(1, 8))
    reachable = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    gone = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    covered_by = draw(st.lists(st.integers(0, count - 1) | st.none(), min_size=count, max_size=count))

    def holder(person: int, above: tuple[int, ...] = ()) -> Holder:
        cover = covered_by[person]
        stand_in = None if cover is None or cover in (*above, person) else holder(cover, (*above, person))
        return Holder(person, reachable[person], away=gone[person], cover=stand_in if gone[person] else None)

    roles = st.dictionaries(st.sampled_from(sorted(SCHOOL_ROLES)), st.lists(st.integers(0, count - 1), max_size=3))
    return {role: [holder(person) for person in people] for role, people in draw(roles).items()}


WANTED = st.lists(st.sampled_from(sorted(SCHOOL_ROLES)), min_size=1, max_size=5).map(tuple)


def everybody(holder: Holder) -> list[Holder]:
    """A holder and the chain of cover."""
    return [holder, *(everybody(holder.cover) if holder.cover else [])]


@settings(max_examples=40, deadline=None)
@given(teams(), WANTED)
def test_nobody_is_told_who_is_away_or_cannot_be_reached_and_nobody_twice(team: Team, wanted: tuple[Role, ...]) -> None:
    told = choose(team, wanted).person_ids
    fit = {
        each.person_id
        for holders in team.values()
        for holder in holders
        for each in everybody(holder)
        if each.reachable and not each.away
    }
    assert set(told) <= fit
    assert len(set(told)) == len(told)


@settings(max_examples=40, deadline=None)
@given(teams(), WANTED)
def test_somebody_is_told_whenever_anybody_in_the_line_or_in_the_roles_can_be_reached(
    team: Team, wanted: tuple[Role, ...]
) -> None:
    line = [holder for role in (*SUCCESSION, *wanted) for holder in team.get(role, ())]
    can_be = any(holder.reached() is not None for holder in line)
    assert bool(choose(team, wanted).person_ids) == can_be


@settings(max_examples=40, deadline=None)
@given(teams(), WANTED)
def test_whoever_holds_a_role_and_can_be_reached_is_told_and_stands_in_for_nobody(
    team: Team, wanted: tuple[Role, ...]
) -> None:
    told = choose(team, wanted)
    for role in wanted:
        reached = {person for holder in team.get(role, ()) if (person := holder.reached()) is not None}
        assert reached <= set(told.person_ids)
        if reached:
            assert role not in told.stood_in_for
        elif role not in INTERCHANGEABLE:
            assert role in told.stood_in_for
