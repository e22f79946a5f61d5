"""The pure parts behind the commands: presence, attendance, small groups, week patterns, names, cover."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.attendance import attendance, counts_in_words, symbol
from apbot.domain.calendar import Calendar, Closure, Term
from apbot.domain.closed import closed_words
from apbot.domain.codes import MEANINGS
from apbot.domain.concern import CALLING
from apbot.domain.covers import ME, Cover, read_cover
from apbot.domain.dates import Unclear
from apbot.domain.marks import Fact
from apbot.domain.presence import Presence, presence
from apbot.domain.register import EntryState
from apbot.domain.roles import Role
from apbot.domain.smallgroups import SMALLEST, suppressed
from apbot.domain.timetable import Hours, Pattern
from apbot.domain.weekwords import pattern_words, starts_words
from apbot.domain.whois import Found, who_is

NOON = datetime(2026, 9, 17, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
THURSDAY = date(2026, 9, 17)
FRIDAY = date(2026, 9, 18)


class TestPresence:
    """Who is missing is never called anything else."""

    @pytest.mark.parametrize(
        ("fact", "expected"),
        [
            (None, Presence.UNANSWERED),
            (Fact.ARRIVED, Presence.ARRIVED),
            (Fact.LATE, Presence.ARRIVED),
            (Fact.NOT_ARRIVED, Presence.NOT_ARRIVED),
            (Fact.LEFT_SITE, Presence.LEFT_SITE),
            (Fact.NOT_RUNNING, Presence.NOT_RUNNING),
        ],
    )
    def test_of_an_expected_pupil_it_is_what_was_said(self, fact: Fact | None, expected: Presence) -> None:
        assert presence(EntryState.EXPECTED, fact, NOON - HOUR, NOON) is expected
        assert expected.is_missing == (fact is None or not fact.is_on_site)

    def test_before_the_start_nobody_is_missing(self) -> None:
        assert presence(EntryState.EXPECTED, None, NOON + HOUR, NOON) is Presence.AWAITED

    def test_who_is_excused_and_does_not_come_is_excused(self) -> None:
        for fact in (None, Fact.NOT_ARRIVED, Fact.NOT_RUNNING):
            assert presence(EntryState.EXCUSED, fact, NOON - HOUR, NOON) is Presence.EXCUSED

    def test_who_was_excused_came_and_left_is_missing(self) -> None:
        assert presence(EntryState.EXCUSED, Fact.ARRIVED, NOON - HOUR, NOON) is Presence.ARRIVED
        assert presence(EntryState.EXCUSED, Fact.LEFT_SITE, NOON - HOUR, NOON).is_missing


class TestAttendance:
    """Present of possible, by the codes' own statistics."""

    def test_codes_that_do_not_count_are_left_out(self) -> None:
        counted = attendance(["B", "K", "N", "I", "Y4", "D", "#", None])
        assert (counted.present, counted.possible, counted.percent) == (2, 4, 50.0)

    def test_without_a_session_that_counts_there_is_no_percentage(self) -> None:
        assert attendance([None, "Y4"]).percent is None

    @given(st.lists(st.sampled_from([None, *MEANINGS])))
    def test_it_is_never_above_a_hundred(self, codes: list[str | None]) -> None:
        counted = attendance(codes)
        assert counted.present <= counted.possible <= len(codes)

    @pytest.mark.parametrize("code", [None, *MEANINGS])
    def test_every_code_has_a_sign_and_a_word(self, code: str | None) -> None:
        assert symbol(code) in "✓✗–·"
        assert counts_in_words(code) in ("present", "absent", "not counted", "no code yet")


class TestSmallGroups:
    """What a governor is shown gives away no group under five."""

    def test_a_group_under_five_takes_the_total_with_it(self) -> None:
        assert suppressed({"arrived": 9, "missing": 3}) == ({"arrived": 9, "missing": None}, None)

    def test_groups_of_five_and_more_are_shown_with_their_total(self) -> None:
        assert suppressed({"arrived": 9, "missing": 5}) == ({"arrived": 9, "missing": 5}, 14)

    @given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 30)))
    def test_no_small_group_can_be_worked_out(self, counts: dict[str, int]) -> None:
        shown, total = suppressed(counts)
        assert all(count is None or count >= SMALLEST for count in shown.values())
        if total is not None:
            assert None not in shown.values()


class TestWeeks:
    """Patterns and times as one says them."""

    @pytest.mark.parametrize(
        ("pattern", "words"),
        [
            (
                [f"{day} {half}" for day in ("mon", "tue", "wed", "thu", "fri") for half in ("am", "pm")],
                "Mon–Fri all day",
            ),
            (["tue pm A"], "Tue pm (week A)"),
            (["mon am", "wed am", "fri am"], "Mon, Wed, Fri am"),
            (["mon am", "tue am"], "Mon, Tue am"),
            (["mon am", "mon pm", "tue am"], "Mon all day, Tue am"),
            (["wed am", "wed pm B"], "Wed am, Wed pm (week B)"),
            ([], "no sessions"),
        ],
    )
    def test_a_pattern(self, pattern: list[str], words: str) -> None:
        assert pattern_words(Pattern.from_json(pattern)) == words

    def test_times_that_differ_on_a_day_are_said_apart(self) -> None:
        hours = Hours.from_json(
            {"usual": {"am": ["09:30", "12:00"], "pm": ["13:00", "15:00"]}, "on": {"fri pm": ["12:45", "14:30"]}}
        )
        pattern = Pattern.from_json(["mon am", "mon pm", "tue pm", "fri pm"])
        assert starts_words(pattern, hours) == "am from 09:30, pm from 13:00 (Fri 12:45)"
        assert starts_words(pattern, Hours()) == ""


class TestClosed:
    """Why there is no session."""

    CALENDAR = Calendar((Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),))

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (THURSDAY, ""),
            (date(2026, 9, 19), "Saturday"),
            (date(2026, 10, 26), "outside term"),
            (date(2026, 8, 31), "bank holiday"),
        ],
    )
    def test_the_whole_day(self, day: date, words: str) -> None:
        assert closed_words(self.CALENDAR, day) == words

    def test_half_a_day(self) -> None:
        shut = Calendar(self.CALENDAR.terms, (Closure(THURSDAY, THURSDAY, "pm", "INSET day"),))
        assert closed_words(shut, THURSDAY) == "pm: INSET day"


class TestNames:
    """A near miss is taken only where no other is near."""

    STAFF = {1: "Tom Beckett", 2: "Dorothy Okafor", 3: "Tom Barker", 4: "Priya Nair", 5: "Helen Marsh-Lane"}

    @pytest.mark.parametrize(
        ("typed", "person"),
        [
            ("Tom Beckett", 1),
            ("tom beckett", 1),
            ("Beckett", 1),
            ("Tom Bekett", 1),
            ("dorothy", 2),
            ("Dorthy Okafor", 2),
            ("Okafor, Dorothy", 2),
            ("Helen Marsh", 5),
        ],
    )
    def test_who_is_meant(self, typed: str, person: int) -> None:
        assert who_is(typed, self.STAFF) == Found(person)

    def test_two_of_a_name_are_asked_about(self) -> None:
        assert who_is("Tom", self.STAFF) == Found(None, (1, 3))

    @pytest.mark.parametrize("typed", ["", "?", "Xerxes", "Gary Stone"])
    def test_nobody_is_guessed(self, typed: str) -> None:
        assert who_is(typed, self.STAFF).person_id is None

    @given(st.text(max_size=30))
    def test_whoever_is_typed_nobody_unknown_is_found(self, typed: str) -> None:
        found = who_is(typed, self.STAFF)
        assert {found.person_id, *found.candidates} <= {None, *self.STAFF}


class TestCover:
    """Who is away, when, and who stands in."""

    @pytest.mark.parametrize(
        ("typed", "of", "by"),
        [
            ("tomorrow by Tom Beckett", ME, "Tom Beckett"),
            ("by Tom Beckett tomorrow", ME, "Tom Beckett"),
            ("me tomorrow by Tom Beckett", ME, "Tom Beckett"),
            ("Dorothy Okafor tomorrow by Tom Beckett", "Dorothy Okafor", "Tom Beckett"),
            ("Dorothy Okafor by Tom Beckett tomorrow", "Dorothy Okafor", "Tom Beckett"),
            ("for Dorothy tomorrow covered by me", "Dorothy", ME),
            ("tomorrow by nobody", ME, None),
        ],
    )
    def test_what_is_certain(self, typed: str, of: str, by: str | None) -> None:
        assert read_cover(typed, THURSDAY) == Cover(of, by, FRIDAY, FRIDAY)

    @pytest.mark.parametrize(
        "typed", ["", "tomorrow", "by Tom", "tomorrow by", "tomorrow by Tom by Ann", "tomorrow am by Tom"]
    )
    def test_what_is_not(self, typed: str) -> None:
        with pytest.raises(Unclear):
            read_cover(typed, THURSDAY)


def test_the_head_is_asked_about_a_concern_from_the_second_repeat_on() -> None:
    assert [Role.HEAD in CALLING.roles_at(step) for step in range(4)] == [False, False, True, True]
    assert all({Role.DSL, Role.DEPUTY_DSL} <= set(CALLING.roles_at(step)) for step in range(4))
