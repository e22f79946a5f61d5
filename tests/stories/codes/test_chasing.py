"""What is left over is asked for again each school morning, until every absence has its reason."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from apbot.messages import codes_overdue
from apbot.messages.kinds import Envelope
from apbot.store.chases import Chase, Waiting
from apbot.store.tables import closures, placements
from tests.day import Day
from tests.marks import WEEKS_ON_END
from tests.stories.codes.deciding import FRIDAY, all_arrive, buttons_of, codes, decisions, go_to, lists_of


async def test_a_mark_that_comes_after_the_decision_leaves_it_and_is_looked_at_again_next_morning(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    await priya.taps("Confirm N", "CD34")
    await priya.taps("Confirm N", "CD34")
    await priya.taps("Confirm all 4")
    await day.jump("16:00")
    await day.provider("Oak Farm").taps("Correct", "CD34", fact="late", at="13:10", because="found out since")
    assert set(codes(day, "CD34")) == {"N"}
    await go_to(day, FRIDAY, "08:30")
    priya.sees(
        "Codes of earlier days: 1 to look at again",
        "CD34 J.S.: Oak Farm, pm, Thu 17 Sep 2026 · Arrived late at 13:10",
        "N recorded by Priya Nair, 15:30",
        "look at it again: B suggested",
    )
    await priya.taps("Change", "CD34", code="B", because="found out since")
    assert codes(day, "CD34")[1] == "B"
    priya.sees("Codes of earlier days: all settled", "1 settled since by Priya Nair")


async def test_a_decision_that_is_looked_at_again_can_be_kept(day: Day) -> None:
    await all_arrive(day, but=("CD34",), at=("13:01",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    await priya.presses(buttons_of(day, "Priya Nair", "Change", "CD34")[1], code="O")
    await day.jump("16:00")
    await day.provider("Oak Farm").taps("Correct", "CD34", fact="arrived", because="found out since")
    await go_to(day, FRIDAY, "08:30")
    priya.sees("Codes of earlier days: 1 to look at again")
    await priya.taps("Keep O", "CD34")
    assert decisions(day, "CD34")[-1] == ("O", "attendance contact", "looked at again and kept")
    assert "look at again" not in lists_of(day, "Priya Nair", "Codes of earlier days")[-1]


async def test_what_is_left_at_night_stands_in_one_list_the_next_school_morning(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    await go_to(day, FRIDAY, "08:29")
    assert not lists_of(day, "Priya Nair", "Codes of earlier days")
    await day.jump("08:30")
    priya = day.attendance_contact("Hillcrest")
    assert lists_of(day, "Priya Nair", "Codes of earlier days") == [
        "Codes of earlier days: 2 to decide, 4 suggested",
    ]
    await priya.taps("Confirm 4 of Thu 17 Sep 2026")
    priya.sees("Codes of earlier days: 2 to decide", "4 settled since by Priya Nair")
    priya.sees("Codes to confirm: 2 to decide, Thu 17 Sep 2026")
    await priya.taps("Confirm N", "CD34")
    await priya.taps("Confirm N", "CD34")
    priya.sees("Codes of earlier days: all settled")


async def test_a_day_on_which_apbot_was_down_at_half_past_three_is_in_the_next_mornings_list_alone(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    day.date = FRIDAY
    await day.jump("09:00")
    assert lists_of(day, "Priya Nair", "Codes") == ["Codes of earlier days: 2 to decide, 4 suggested"]


async def test_nothing_is_chased_where_everything_is_settled(day: Day) -> None:
    await all_arrive(day)
    await day.jump("15:30")
    await day.attendance_contact("Hillcrest").taps("Confirm all")
    await go_to(day, FRIDAY, "08:30")
    assert not lists_of(day, "Priya Nair", "Codes of earlier days")


async def settle_thursday_but_cd34(day: Day) -> None:
    """Thursday is confirmed, but CD34's absence has no reason; nobody is expected after it."""
    await all_arrive(day, but=("CD34",))
    await day.jump("13:31")
    priya = day.attendance_contact("Hillcrest")
    for _ in range(2):
        await priya.taps("Record outcome", "CD34", outcome="found safe", words="at home")
    await day.jump("15:30")
    for _ in range(2):
        await priya.taps("Confirm N", "CD34")
    await priya.taps("Confirm all")
    await day.attendance_contact("Marsh Lane").taps("Confirm all")
    day.change(placements, sa.true(), ends_on=day.date)


async def test_n_is_chased_each_school_morning_once_it_is_older_than_five_school_days(day: Day) -> None:
    await settle_thursday_but_cd34(day)
    await go_to(day, date(2026, 9, 24), "08:31")
    assert not lists_of(day, "Priya Nair", "Codes of earlier days"), "Thursday week: five school days"
    await go_to(day, date(2026, 9, 25), "08:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees("Codes of earlier days: 2 without a reason for too long", "CD34 J.S.: Oak Farm, am, Thu 17 Sep 2026")
    assert not lists_of(day, "Dorothy Okafor", "Reason still")
    await go_to(day, date(2026, 9, 28), "08:30")
    assert lists_of(day, "Priya Nair", "Codes")[-2:] == [
        "Codes to settle, Fri 25 Sep 2026: see the newest list",
        "Codes of earlier days: 2 without a reason for too long",
    ], "nothing at the week-end, and Monday's list takes the place of Friday's"
    await priya.taps("Change", "CD34", code="I", because="found out since")
    await priya.taps("Change", "CD34", code="I", because="found out since")
    await go_to(day, date(2026, 9, 29), "08:30")
    assert not [h for h in lists_of(day, "Priya Nair", "Codes of earlier days") if "without a reason" in h]


async def test_days_on_which_the_school_is_closed_do_not_count(day: Day) -> None:
    await settle_thursday_but_cd34(day)
    day.database.run(
        lambda transaction: transaction.insert(
            closures,
            school_id=day.ids["Hillcrest"],
            starts_on=date(2026, 9, 21),
            ends_on=date(2026, 9, 22),
            kind="INSET day",
        )
    )
    await go_to(day, date(2026, 9, 28), "08:31")
    assert not lists_of(day, "Priya Nair", "Codes of earlier days")
    await go_to(day, date(2026, 9, 29), "08:30")
    assert lists_of(day, "Priya Nair", "Codes of earlier days")


@WEEKS_ON_END
async def test_the_dsl_gets_a_copy_after_twice_as_long(day: Day) -> None:
    await settle_thursday_but_cd34(day)
    await go_to(day, date(2026, 10, 1), "08:31")
    assert not lists_of(day, "Dorothy Okafor", "Reason still")
    await go_to(day, date(2026, 10, 2), "08:30")
    dsl = day.dsl("Hillcrest")
    dsl.sees("Reason still not established: 2 sessions", "CD34 J.S.")
    await dsl.taps("Change", "CD34", code="I", because="found out since")
    await dsl.taps("Change", "CD34", code="I", because="found out since")
    dsl.sees("Settled: every absence")


async def test_how_long_an_absence_may_be_without_a_reason_is_a_setting() -> None:
    day = Day(reason_school_days=2)
    try:
        await settle_thursday_but_cd34(day)
        await go_to(day, date(2026, 9, 22), "08:30")
        assert lists_of(day, "Priya Nair", "Codes of earlier days")
    finally:
        day.close()


def test_a_school_that_confirms_nothing_for_long_is_shown_five_days_at_once() -> None:
    days = [Waiting(number, date(2026, 9, number), 4) for number in range(7, 14)]
    chase = Chase(1, 1, "Hillcrest", date(2026, 9, 14), is_newest=True, waiting=tuple(days))
    now = datetime(2026, 9, 14, 7, 30, tzinfo=UTC)
    shown = codes_overdue.card(chase, Envelope(None, 0, 0, now, now, sent_before=False))
    assert shown is not None
    assert shown.heading == "Codes of earlier days: 28 suggested"
    assert len(shown.buttons) == 5
    assert shown.lines[-1] == "2 more days to confirm: shown here as these are confirmed."
