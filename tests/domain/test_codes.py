"""What is suggested for every fact, reason and arrangement, and what the school may give."""

from itertools import product

import pytest

from apbot.domain.codes import (
    AUTHORISED,
    MEANINGS,
    NOT_COUNTED,
    PLANNED,
    PRESENT,
    PROVIDER_ACTIVITIES,
    UNAUTHORISED,
    Arrangement,
    cautions,
    codes_offered,
    counts_as,
    lacks_nature,
    needs_deciding,
    planned,
    suggest,
    why_not,
)
from apbot.domain.escalation import Outcome
from apbot.domain.marks import Fact, Reason, Session
from apbot.domain.register import EntryState

SCHOOL = Arrangement(activity="animal care")
NO_NATURE = Arrangement()
WORK = Arrangement(activity_code="W", activity="a garage")
SPORT = Arrangement(activity_code="P")
VISIT = Arrangement(activity_code="V")
AUTHORITY = Arrangement(by_local_authority=True, activity="animal care")
DUAL = Arrangement(dual_registered=True, by_local_authority=True)
ARRANGEMENTS = (SCHOOL, NO_NATURE, WORK, SPORT, VISIT, AUTHORITY, DUAL)
FACTS = (None, *Fact)

EXPLAINED = {
    Reason.UNKNOWN: "N",
    Reason.ILL: "I",
    Reason.MEDICAL: "M",
    Reason.TRANSPORT: "Y1",
    Reason.TRAVEL: "Y2",
    Reason.REFUSED: "N",
    Reason.IN_SCHOOL: "N",
    Reason.INTERVIEW: "J1",
    Reason.FAMILY: "N",
    Reason.HOLIDAY: "N",
    Reason.RELIGIOUS: "R",
    Reason.OTHER: "N",
}


@pytest.mark.parametrize("fact", [Fact.ARRIVED, Fact.LATE, Fact.LEFT_SITE])
@pytest.mark.parametrize(
    ("arrangement", "code"),
    [(SCHOOL, "B"), (NO_NATURE, "B"), (WORK, "W"), (SPORT, "P"), (VISIT, "V"), (AUTHORITY, "K"), (DUAL, "D")],
)
def test_who_arranged_it_decides_the_code_of_a_pupil_who_came(fact: Fact, arrangement: Arrangement, code: str) -> None:
    assert suggest(fact, None, arrangement).code == code


@pytest.mark.parametrize(("reason", "code"), EXPLAINED.items())
@pytest.mark.parametrize("arrangement", [SCHOOL, NO_NATURE, WORK, SPORT, VISIT, AUTHORITY])
def test_the_reason_given_decides_the_code_of_a_pupil_who_did_not_come(
    reason: Reason, code: str, arrangement: Arrangement
) -> None:
    assert suggest(Fact.NOT_ARRIVED, reason, arrangement).code == code


@pytest.mark.parametrize("arrangement", [SCHOOL, NO_NATURE, WORK, SPORT, VISIT, AUTHORITY])
def test_silence_and_no_reason_are_n_and_a_session_that_does_not_run_is_y4(arrangement: Arrangement) -> None:
    assert suggest(None, None, arrangement).code == "N"
    assert suggest(Fact.NOT_ARRIVED, None, arrangement).code == "N"
    assert suggest(Fact.NOT_RUNNING, None, arrangement).code == "Y4"


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_the_other_school_records_a_dual_registered_pupil_whatever_was_said(
    fact: Fact | None, reason: Reason | None
) -> None:
    assert suggest(fact, reason, DUAL).code == "D"


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_only_codes_in_use_are_suggested_and_never_those_that_are_the_schools_alone(arrangement: Arrangement) -> None:
    for said in product(FACTS, (None, *Reason), (None, *Outcome)):
        fact, reason, outcome = said
        suggestion = suggest(fact, reason, arrangement, outcome)
        assert suggestion.code in MEANINGS, said
        assert suggestion.code not in {"/", "\\", "L", "O", "G", "U", "E", "X", "Z", "#", "C", "C1", "C2"}, said
        assert 0 < len(suggestion.why) <= 200, said
        assert suggestion.code in codes_offered(arrangement, Session.AM), said


def test_a_welfare_outcome_that_explains_the_absence_weighs_more_than_what_the_provider_was_told() -> None:
    assert suggest(Fact.NOT_ARRIVED, Reason.UNKNOWN, SCHOOL, Outcome.HOME_ILL).code == "I"
    assert suggest(None, None, SCHOOL, Outcome.HOME_ILL).code == "I"
    assert suggest(None, None, AUTHORITY, Outcome.ARRIVED_SINCE).code == "K"
    in_school = suggest(Fact.NOT_ARRIVED, Reason.ILL, SCHOOL, Outcome.IN_SCHOOL)
    assert in_school.code == "N"
    assert "in school" in in_school.why


@pytest.mark.parametrize("outcome", [Outcome.FOUND_SAFE, Outcome.CHECK_ASKED, Outcome.OTHER])
def test_a_welfare_outcome_that_explains_nothing_leaves_what_the_provider_was_told(outcome: Outcome) -> None:
    assert suggest(Fact.NOT_ARRIVED, Reason.ILL, SCHOOL, outcome).code == "I"
    assert suggest(None, None, SCHOOL, outcome).code == "N"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_welfare_outcome_changes_nothing_for_a_pupil_who_came(outcome: Outcome) -> None:
    assert suggest(Fact.ARRIVED, None, SCHOOL, outcome) == suggest(Fact.ARRIVED, None, SCHOOL)


def test_the_longest_nature_still_leaves_room_for_why() -> None:
    longest = Arrangement(activity="x" * 120)
    for fact in FACTS:
        for outcome in (None, *Outcome):
            assert len(suggest(fact, None, longest, outcome).why) <= 200


def test_left_site_is_for_the_school_to_decide() -> None:
    assert "decide" in suggest(Fact.LEFT_SITE, None, SCHOOL).why


def test_the_nature_of_the_activity_stands_beside_b_and_its_lack_is_said() -> None:
    assert "animal care" in suggest(Fact.ARRIVED, None, SCHOOL).why
    assert "must be recorded" in suggest(Fact.ARRIVED, None, NO_NATURE).why
    assert lacks_nature("B", NO_NATURE)
    assert not lacks_nature("B", SCHOOL)
    assert not lacks_nature("P", SPORT)


@pytest.mark.parametrize("code", PLANNED)
def test_a_planned_absence_keeps_the_schools_code(code: str) -> None:
    assert planned(code).code == code
    assert MEANINGS[code] in planned(code).why


@pytest.mark.parametrize("fact", [Fact.ARRIVED, Fact.LATE])
@pytest.mark.parametrize("arrangement", [SCHOOL, WORK, SPORT, VISIT, AUTHORITY, DUAL])
def test_a_pupil_who_came_as_expected_needs_no_deciding(fact: Fact, arrangement: Arrangement) -> None:
    assert not needs_deciding(EntryState.EXPECTED, fact, suggest(fact, None, arrangement).code, arrangement)


@pytest.mark.parametrize("fact", [None, Fact.NOT_ARRIVED, Fact.LEFT_SITE, Fact.NOT_RUNNING])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_whoever_was_expected_and_not_there_to_the_end_needs_deciding(
    fact: Fact | None, arrangement: Arrangement
) -> None:
    assert needs_deciding(EntryState.EXPECTED, fact, suggest(fact, None, arrangement).code, arrangement)


def test_b_without_its_nature_needs_deciding() -> None:
    assert needs_deciding(EntryState.EXPECTED, Fact.ARRIVED, "B", NO_NATURE)


@pytest.mark.parametrize("code", [code for code in PLANNED if code != "C2"])
@pytest.mark.parametrize("fact", [None, Fact.NOT_ARRIVED])
def test_a_planned_absence_needs_no_deciding(code: str, fact: Fact | None) -> None:
    assert not needs_deciding(EntryState.EXCUSED, fact, code, SCHOOL)


def test_a_planned_absence_needs_deciding_where_it_can_not_be_right() -> None:
    assert needs_deciding(EntryState.EXCUSED, None, "C2", SCHOOL), "part-time inside a full-time package"
    assert needs_deciding(EntryState.EXCUSED, None, "M", DUAL), "the other school records it"
    assert needs_deciding(EntryState.EXCUSED, Fact.ARRIVED, "B", SCHOOL), "planned to be away, and came"
    assert needs_deciding(EntryState.EXCUSED, Fact.NOT_RUNNING, "Y4", SCHOOL)
    assert needs_deciding(EntryState.EXCUSED, None, "B", SCHOOL), "nobody can attend unseen"


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("session", list(Session))
def test_what_is_offered_fits_the_placement_and_a_platforms_list(arrangement: Arrangement, session: Session) -> None:
    offered = codes_offered(arrangement, session)
    assert len(offered) == len(set(offered))
    assert set(offered) <= MEANINGS.keys() - {"Z", "#"}
    assert ("K" in offered) == arrangement.by_local_authority
    assert ("B" in offered) != arrangement.by_local_authority
    assert ("D" in offered) == arrangement.dual_registered
    assert ("/" in offered) == (session is Session.AM)
    assert ("\\" in offered) == (session is Session.PM)
    assert set(PLANNED) | {"N", "O", "G", "U", "Q", "Y1", "Y7"} <= set(offered)
    assert all(len(f"{code}: {MEANINGS[code]}") <= 75 for code in offered)


def test_a_code_that_is_not_offered_is_refused_with_what_would_be_right() -> None:
    assert "local authority" in why_not("K", SCHOOL)
    assert "K, not B" in why_not("B", AUTHORITY)
    assert "dual registered" in why_not("D", SCHOOL)
    assert "offered" in why_not("H", SCHOOL)


def test_c2_is_warned_of_and_so_are_the_marks_of_the_schools_own_register() -> None:
    assert "part-time" in cautions("C2", None, EntryState.EXPECTED)[0]
    for code in ("/", "\\", "L"):
        assert "the school itself" in cautions(code, Fact.ARRIVED, EntryState.EXPECTED)[0]


def test_a_code_that_contradicts_what_was_said_is_warned_of() -> None:
    assert cautions("B", Fact.NOT_ARRIVED, EntryState.EXPECTED)
    assert cautions("K", None, EntryState.EXPECTED)
    assert cautions("O", Fact.LATE, EntryState.EXPECTED)
    assert cautions("Y1", Fact.ARRIVED, EntryState.EXPECTED)
    assert cautions("B", Fact.ARRIVED, EntryState.EXCUSED)


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("B", Fact.ARRIVED),
        ("K", Fact.LATE),
        ("B", Fact.LEFT_SITE),
        ("I", Fact.NOT_ARRIVED),
        ("N", None),
        ("U", Fact.LATE),
    ],
)
def test_a_code_that_fits_what_was_said_is_given_without_a_word(code: str, fact: Fact | None) -> None:
    assert cautions(code, fact, EntryState.EXPECTED) == ()


def test_every_code_counts_in_one_way() -> None:
    kinds = (PRESENT, AUTHORISED, UNAUTHORISED, NOT_COUNTED)
    assert frozenset().union(*kinds) == MEANINGS.keys()
    assert sum(map(len, kinds)) == len(MEANINGS)
    assert {counts_as(code) for code in PROVIDER_ACTIVITIES} == {"present, or an approved activity"}
    assert counts_as("N") == "unauthorised absence"
    assert counts_as("I") == "authorised absence"
    assert counts_as("D") == "not counted"
    assert "law" not in counts_as("Y1")


@pytest.mark.parametrize("code", ["H", "J", "Y", "F"])
def test_codes_that_were_abolished_are_not_there(code: str) -> None:
    assert code not in MEANINGS
