"""Days as people type them: what is certain is read, what is not is asked back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.dates import Days, Unclear, read_days, spoken_days
from apbot.domain.dates.meant import FAR, LONGEST

THURSDAY = date(2026, 9, 17)


def days(first: str, last: str = "", *rest: str) -> Days:
    """From "18 Sep" to another day of 2026, or a full ISO date."""
    return Days(_day(first), _day(last or first), rest)


def _day(text: str) -> date:
    if "-" in text:
        return date.fromisoformat(text)
    number, month = text.split()
    return date(2026, ["Sep", "Oct", "Nov", "Dec"].index(month) + 9, int(number))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("today", days("17 Sep")),
        ("Tomorrow", days("18 Sep")),
        ("day after tomorrow", days("19 Sep")),
        ("Monday", days("21 Sep")),
        ("on Friday", days("18 Sep")),
        ("this Fri.", days("18 Sep")),
        ("21/9", days("21 Sep")),
        ("21/09/2026", days("21 Sep")),
        ("21/9/26", days("21 Sep")),
        ("21.9.26", days("21 Sep")),
        ("21-9-2026", days("21 Sep")),
        ("2026-09-21", days("21 Sep")),
        ("21 Sep", days("21 Sep")),
        ("21sept", days("21 Sep")),
        ("21st of September", days("21 Sep")),
        ("Sep 21st, 2026", days("21 Sep")),
        ("Mon 21 Sep", days("21 Sep")),
        ("3/10", days("3 Oct")),
        ("3 Jan", days("2027-01-03")),
        ("29 Feb 2028", days("2028-02-29")),
        ("from 21 Sep to 25 Sep", days("21 Sep", "25 Sep")),
        ("21 to 25 Sep", days("21 Sep", "25 Sep")),
        ("21-25 Sep", days("21 Sep", "25 Sep")),
        ("21st – 25th September", days("21 Sep", "25 Sep")),
        ("21/9-25/9", days("21 Sep", "25 Sep")),
        ("21/9 until 2/10", days("21 Sep", "2 Oct")),
        ("Monday to Friday", days("21 Sep", "25 Sep")),
        ("mon-wed", days("21 Sep", "23 Sep")),
        ("Monday and Tuesday", days("21 Sep", "22 Sep")),
        ("today to Friday", days("17 Sep", "18 Sep")),
        ("tomorrow till 25 Sep", days("18 Sep", "25 Sep")),
        ("14 Sep to 18 Sep", days("14 Sep", "18 Sep")),
        ("20 Dec to 5 Jan", days("20 Dec", "2027-01-05")),
        ("3/9/2027 to 5/9/2027", days("2027-09-03", "2027-09-05")),
        ("next week", days("21 Sep", "25 Sep")),
        ("this week", days("17 Sep", "18 Sep")),
        ("Dorothy Okafor, tomorrow", days("18 Sep", "18 Sep", "Dorothy", "Okafor")),
        ("April May from 21 Sep by June", days("21 Sep", "21 Sep", "April", "May", "by", "June")),
        ("Anne-Marie to hospital tomorrow", days("18 Sep", "18 Sep", "Anne-Marie", "to", "hospital")),
    ],
)
def test_days_that_are_certain(typed: str, expected: Days) -> None:
    assert read_days(typed, THURSDAY) == expected


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("", "Which day?"),
        ("soon", "Which day?"),
        ("Thursday", "Today is Thursday. Write today, or the date of the next one: Thu 24 Sep 2026"),
        ("Thursday to Friday", "Today is Thursday"),
        ("next Monday", "Which Monday is next Monday: Mon 21 Sep 2026 or Mon 28 Sep 2026"),
        ("3/9", "Fri 3 Sep 2027 is far ahead"),
        ("3/9 to 5/9", "far ahead"),
        ("29 Feb", "far ahead"),
        ("31 Sep", "no date 31 Sep"),
        ("9/13", "The day comes first"),
        ("0/9", "no date"),
        ("Mon 22 Sep", "Tue 22 Sep 2026 is not a Monday"),
        ("yesterday", "is over"),
        ("16 Sep 2026", "is over"),
        ("25/9/2026 to 21/9/2026", "Write the earlier day first"),
        ("25 Sep to 21 Sep", "very long"),
        ("21 Sep 2026 to 25 Sep 2027", "very long"),
        ("21", "What is 21?"),
        ("21 Sep 5 days", "What is 5?"),
        ("21 to Friday", "Which month is 21?"),
        ("21 Sep and 25 Sep", "don't follow each other"),
        ("21 Sep, 25 Sep", "more than one day"),
        ("today tomorrow", "more than one day"),
    ],
)
def test_days_that_are_asked_back(typed: str, asks: str) -> None:
    with pytest.raises(Unclear, match=asks.replace("?", r"\?")):
        read_days(typed, THURSDAY)


@given(st.text(max_size=60), st.dates(date(2024, 1, 1), date(2035, 12, 31)))
def test_whatever_is_typed_is_read_or_asked_back(typed: str, today: date) -> None:
    try:
        found = read_days(typed, today)
    except Unclear:
        return
    assert found.starts_on <= found.ends_on
    assert found.ends_on >= today
    assert found.ends_on - found.starts_on <= LONGEST


WORDS = st.lists(
    st.sampled_from(
        [
            "today",
            "tomorrow",
            "monday",
            "fri",
            "21",
            "3",
            "31",
            "sep",
            "october",
            "3/9",
            "21/09/2026",
            "2026-09-21",
            "to",
            "until",
            "-",
            "and",
            "from",
            "next",
            "this",
            "week",
            "of",
            "the",
            "21st",
            "yesterday",
            "may",
            "CD34",
            "medical",
            "am",
        ]
    ),
    max_size=8,
)


@given(WORDS, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_no_word_is_lost_and_no_past_day_is_ever_meant(words: list[str], today: date) -> None:
    try:
        found = read_days(" ".join(words), today)
    except Unclear:
        return
    assert found.ends_on >= today
    assert [word for word in words if word in ("CD34", "medical", "am", "the")] == [
        word for word in found.rest if word in ("CD34", "medical", "am", "the")
    ]


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(0, FAR.days), st.integers(0, 20))
def test_a_date_that_is_written_out_is_read_as_itself(today: date, ahead: int, length: int) -> None:
    first = today + timedelta(days=ahead)
    last = first + timedelta(days=length)
    for form in ("%d/%m/%Y", "%d %b %Y", "%Y-%m-%d", "%a %d %B %Y"):
        assert read_days(f"{first:{form}}", today) == Days(first, first)
        if last != first:
            assert read_days(f"from {first:{form}} to {last:{form}}", today) == Days(first, last)


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(0, FAR.days))
def test_without_a_year_the_next_such_date_is_meant(today: date, ahead: int) -> None:
    first = today + timedelta(days=ahead)
    assert read_days(f"{first.day}/{first.month}", today) == Days(first, first)


def test_days_are_spoken_with_their_weekdays() -> None:
    assert spoken_days(THURSDAY, THURSDAY) == "Thu 17 Sep 2026"
    assert spoken_days(THURSDAY, THURSDAY + timedelta(days=1)) == "Thu 17 Sep 2026 to Fri 18 Sep 2026"
