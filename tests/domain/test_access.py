"""Who may mark, answer and see: every role, at every kind of place."""

from datetime import date

import pytest

from apbot.domain.access import TERMINAL, Actor, RoleAt, is_current
from apbot.domain.roles import PROVIDER_ROLES, SAFEGUARDING_ROLES, SCHOOL_ROLES, Role

SCHOOL, OTHER_SCHOOL = 1, 2
PROVIDER, OTHER_PROVIDER = 1, 2
"""The same numbers as the schools' on purpose: a school's id is not a provider's."""

ME, SOMEBODY = 7, 8

HAS_PUPILS = SAFEGUARDING_ROLES
"""See and answer for every pupil of their school."""


def actor(*roles: RoleAt) -> Actor:
    """A person with these roles."""
    return Actor(ME, "Invented", roles, "web")


@pytest.mark.parametrize("role", Role)
def test_at_the_pupils_school(role: Role) -> None:
    who = actor(RoleAt(role, school_id=SCHOOL))
    allowed = role in HAS_PUPILS
    assert who.may_answer(SCHOOL) == allowed
    assert who.may_mark(PROVIDER, SCHOOL) == allowed
    assert who.may_see(SCHOOL, PROVIDER, None) == allowed
    assert who.may_see(SCHOOL, None, None) == allowed


@pytest.mark.parametrize("role", Role)
def test_at_another_school(role: Role) -> None:
    who = actor(RoleAt(role, school_id=OTHER_SCHOOL))
    assert not who.may_answer(SCHOOL)
    assert not who.may_mark(PROVIDER, SCHOOL)
    assert not who.may_mark(OTHER_PROVIDER, SCHOOL), "its number is that of the school they work at"
    assert not who.may_see(SCHOOL, PROVIDER, None)
    assert not who.may_see(SCHOOL, OTHER_PROVIDER, None)


@pytest.mark.parametrize("role", Role)
def test_at_the_provider(role: Role) -> None:
    who = actor(RoleAt(role, provider_id=PROVIDER))
    allowed = role in PROVIDER_ROLES
    assert who.may_mark(PROVIDER, SCHOOL) == allowed
    assert who.may_see(SCHOOL, PROVIDER, None) == allowed
    assert not who.may_answer(SCHOOL), "a provider never acknowledges, records an outcome or gives a code"
    assert not who.is_admin_of_all


@pytest.mark.parametrize("role", Role)
def test_at_another_provider(role: Role) -> None:
    who = actor(RoleAt(role, provider_id=OTHER_PROVIDER))
    assert not who.may_mark(PROVIDER, SCHOOL)
    assert not who.may_mark(PROVIDER, OTHER_SCHOOL), "its number is that of the provider they work at"
    assert not who.may_see(SCHOOL, PROVIDER, None)
    assert not who.may_answer(SCHOOL)


@pytest.mark.parametrize("role", Role)
def test_at_no_place_in_particular_only_an_admin_may_do_anything(role: Role) -> None:
    who = actor(RoleAt(role))
    allowed = role is Role.ADMIN
    assert who.is_admin_of_all == allowed
    assert who.may_answer(SCHOOL) == who.may_mark(PROVIDER, SCHOOL) == who.may_see(SCHOOL, PROVIDER, None) == allowed


@pytest.mark.parametrize("role", Role)
def test_whoever_is_a_placements_key_worker_sees_it_and_no_other_and_answers_for_none(role: Role) -> None:
    who = actor(RoleAt(role, school_id=OTHER_SCHOOL))
    assert who.may_see(SCHOOL, PROVIDER, ME)
    assert not who.may_see(SCHOOL, PROVIDER, SOMEBODY)
    assert not who.may_answer(SCHOOL)
    assert not who.may_mark(PROVIDER, SCHOOL)


def test_a_school_admin_is_no_admin_of_everything() -> None:
    who = actor(RoleAt(Role.ADMIN, school_id=SCHOOL))
    assert not who.is_admin_of_all
    assert (who.may_answer(SCHOOL), who.may_answer(OTHER_SCHOOL)) == (True, False)


def test_a_governor_and_a_key_worker_see_no_pupil_by_their_role_alone() -> None:
    for role in (Role.GOVERNOR, Role.KEY_WORKER, Role.SENCO):
        assert actor(RoleAt(role, school_id=SCHOOL)).schools() == frozenset()


def test_two_roles_give_what_each_of_them_gives() -> None:
    who = actor(RoleAt(Role.DSL, school_id=SCHOOL), RoleAt(Role.PROVIDER_STAFF, provider_id=OTHER_PROVIDER))
    assert who.may_answer(SCHOOL)
    assert not who.may_answer(OTHER_SCHOOL)
    assert who.may_mark(OTHER_PROVIDER, OTHER_SCHOOL)
    assert not who.may_mark(PROVIDER, OTHER_SCHOOL)
    assert (who.schools(), who.providers()) == ({SCHOOL}, {OTHER_PROVIDER})


def test_a_person_without_roles_may_do_nothing() -> None:
    who = actor()
    assert not who.may_answer(SCHOOL)
    assert not who.may_mark(PROVIDER, SCHOOL)
    assert not who.may_see(SCHOOL, PROVIDER, None)
    assert who.acts_as(PROVIDER, SCHOOL) == "nobody"


def test_a_placement_without_a_key_worker_is_nobodys_who_is_unknown() -> None:
    assert not Actor(None, "nobody", (), "web").may_see(SCHOOL, PROVIDER, None)


def test_the_terminal_is_an_admin_over_everything() -> None:
    assert TERMINAL.is_admin_of_all
    assert TERMINAL.may_mark(PROVIDER, SCHOOL)
    assert TERMINAL.acts_as(PROVIDER, SCHOOL) == "admin"


def test_the_role_written_beside_a_deed_is_one_held_at_that_place() -> None:
    who = actor(
        RoleAt(Role.DSL, school_id=SCHOOL),
        RoleAt(Role.HEAD, school_id=SCHOOL),
        RoleAt(Role.DEPUTY_CONTACT, provider_id=OTHER_PROVIDER),
    )
    assert who.acts_as(PROVIDER, SCHOOL) == "DSL"
    assert who.acts_as(OTHER_PROVIDER, OTHER_SCHOOL) == "deputy contact"
    assert who.acts_as(None, OTHER_SCHOOL) == "nobody"
    assert who.acts_as(None, None) == "nobody"


def test_every_role_is_held_at_a_provider_or_at_a_school_and_none_at_both() -> None:
    assert set(Role) == PROVIDER_ROLES | SCHOOL_ROLES
    assert not PROVIDER_ROLES & SCHOOL_ROLES
    assert SAFEGUARDING_ROLES <= SCHOOL_ROLES


@pytest.mark.parametrize(
    ("starts_on", "leaves_on", "expected"),
    [
        (None, None, True),
        (date(2026, 9, 17), None, True),
        (date(2026, 9, 18), None, False),
        (None, date(2026, 9, 17), True),
        (None, date(2026, 9, 16), False),
        (date(2026, 9, 17), date(2026, 9, 17), True),
        (date(2026, 9, 18), date(2026, 9, 16), False),
    ],
)
def test_access_lasts_from_the_first_day_to_the_last_both_included(
    starts_on: date | None, leaves_on: date | None, expected: bool
) -> None:
    assert is_current(date(2026, 9, 17), starts_on, leaves_on) == expected
