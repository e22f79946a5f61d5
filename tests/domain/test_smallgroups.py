"""Counts that name nobody, whatever else is known."""

from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.smallgroups import SMALLEST, suppressed, suppressed_beside


def test_a_small_group_takes_the_total_with_it() -> None:
    assert suppressed({"arrived": 12, "missing": 4}) == ({"arrived": 12, "missing": None}, None)
    assert suppressed({"arrived": 12, "missing": 5}) == ({"arrived": 12, "missing": 5}, 17)


def test_where_the_total_is_known_a_second_group_is_held_back_too() -> None:
    assert suppressed_beside({"Oak Farm": 9, "Garage": 7, "Forge": 2}) == {
        "Oak Farm": 9,
        "Garage": None,
        "Forge": None,
    }
    assert suppressed_beside({"Oak Farm": 9, "Garage": 7}) == {"Oak Farm": 9, "Garage": 7}
    assert suppressed_beside({"under 90%": 3, "others": 20}) == {"under 90%": None, "others": None}
    assert suppressed_beside({"a": 1, "b": 1, "c": 8, "d": 9}) == {"a": None, "b": None, "c": None, "d": 9}


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(min_value=0, max_value=30), max_size=6))
def test_nothing_small_can_be_found_by_subtraction_from_a_known_total(counts: dict[str, int]) -> None:
    shown = suppressed_beside(counts)
    assert all(each is None or each >= SMALLEST for each in shown.values())
    hidden = [counts[name] for name, each in shown.items() if each is None]
    if hidden and len(hidden) < len(counts):
        assert len(hidden) > 1
        assert sum(hidden) >= SMALLEST
