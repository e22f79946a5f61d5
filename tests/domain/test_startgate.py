"""What must be in place before a placement starts, and what of it is missing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from apbot.domain.startgate import Facts, Shown, missing

STARTS = date(2026, 9, 7)
READY = Facts(
    placement_id=1,
    pupil="CD34",
    school_id=1,
    provider="Oak Farm",
    starts_on=STARTS,
    agreement_on=date(2026, 7, 13),
    authorised_by="Helen Marsh, head",
    aims="to come every day",
    target_end_on=date(2026, 12, 18),
    review_dates=(date(2026, 10, 12),),
    registered=False,
    registration_checked_on=date(2026, 7, 1),
    documents=(
        Shown("letter of assurance", dated_on=date(2026, 7, 1)),
        Shown("public liability insurance", expires_on=date(2027, 3, 31)),
        Shown("safeguarding policy", dated_on=date(2025, 9, 7)),
    ),
    risk_shared_on=date(2026, 7, 13),
    has_key_worker=True,
    dsl_details_on=date(2026, 7, 13),
    meals="packed lunch",
    transport="bus 12",
)


def what(**changed: Any) -> list[str]:
    """What is missing where this is otherwise."""
    return [each.what for each in missing(replace(READY, **changed))]


def test_nothing_is_missing_where_all_is_in_place() -> None:
    assert missing(READY) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"agreement_on": None}, "no commissioning agreement"),
        ({"authorised_by": " "}, "nobody has authorised it"),
        ({"aims": ""}, "no aims"),
        ({"target_end_on": None}, "no target end date"),
        ({"review_dates": ()}, "no review dates"),
        ({"registered": None}, "nobody has said whether the provider is registered as a school"),
        ({"registration_checked_on": None}, "registration not checked"),
        ({"risk_shared_on": None}, "risk information not exchanged"),
        ({"has_key_worker": False}, "no key worker"),
        ({"dsl_details_on": None}, "the provider does not have the DSL's details"),
        ({"meals": ""}, "meals not arranged"),
        ({"transport": ""}, "transport not arranged"),
        ({"documents": READY.documents[1:]}, "no letter of assurance"),
        ({"documents": (READY.documents[0], READY.documents[2])}, "no public liability insurance"),
        ({"documents": READY.documents[:2]}, "no safeguarding policy"),
    ],
)
def test_each_thing_is_missed_for_itself_and_says_what_to_do(changed: dict[str, Any], said: str) -> None:
    (found,) = missing(replace(READY, **changed))
    assert found.what == said
    assert found.do.endswith(".")


def test_where_nobody_has_said_anything_all_of_it_is_missing() -> None:
    found = missing(Facts(placement_id=1, pupil="CD34", school_id=1, provider="Oak Farm", starts_on=STARTS))
    assert len(found) == len({each.what for each in found}) == 14


def test_a_document_holds_to_its_last_day_and_not_after() -> None:
    assert what(starts_on=date(2026, 9, 7)) == []
    said = what(starts_on=date(2026, 9, 8))
    assert said == ["the safeguarding policy ends on Mon 7 Sep 2026, before the start"]


def test_of_two_of_a_kind_the_one_that_still_holds_counts() -> None:
    old = Shown("letter of assurance", expires_on=date(2026, 1, 31))
    assert what(documents=(old, *READY.documents)) == []


def test_a_document_of_another_kind_stands_in_for_nothing() -> None:
    assert what(documents=(*READY.documents[1:], Shown("DBS list", dated_on=STARTS))) == ["no letter of assurance"]
