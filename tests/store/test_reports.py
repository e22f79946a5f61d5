"""What schools are told in figures, held against a small world whose figures were worked out by hand."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.attendance import Attendance
from apbot.domain.walltime import instant, parse_wall
from apbot.domain.watches import Sickness
from apbot.store.calendars import load_calendars
from apbot.store.reports.done import Done, count_done, fallen_due
from apbot.store.reports.nonarrivals import NonArrival, Waits, load_non_arrivals, non_arrivals, response
from apbot.store.reports.weekly import Grid, WeekReport, Who, work_out_week
from apbot.store.tables import duties, duty_records, entries, registers
from tests import history
from tests.day import Day

WEEK = date(2026, 9, 7), date(2026, 9, 11)
AB, CD, EF = Who("AB12", "J.W."), Who("CD34", "J.S."), Who("EF56", "M.H.")


@pytest.fixture
def world(day: Day) -> Day:
    """Wed 2 Sep to Fri 11 Sep, at two providers; Marsh Lane's GH78 too, which is no business of Hillcrest's."""
    day.database.run(
        history.put,
        day.ids,
        date(2026, 9, 2),
        {  #        W2 T3 F4 M7 T8 W9 T10 F11
            "AB12": "BB BB BB BB BB BB BB BB",
            "CD34": "BB NN OO BN NN BB Y4 UU",
            "EF56": "-- II -- -- II -- I. II",
            "GH78": "NN NN NN NN NN NN NN NN",
        },
    )
    return day


def week_of(world: Day) -> WeekReport:
    def work_out(transaction):
        return work_out_week(transaction, world.ids["Hillcrest"], "Hillcrest", load_calendars(transaction), *WEEK)

    return world.database.run(work_out)


def test_the_weeks_attendance_by_provider_and_pupil(world: Day) -> None:
    week = week_of(world)
    # AB12 10 of 10; CD34 B N N N B B U U: 3 of 8, two sessions did not run; EF56 0 of 5, one has no code yet.
    assert week.by_pupil == ((EF, Attendance(0, 5)), (CD, Attendance(3, 8)), (AB, Attendance(10, 10)))
    assert week.by_provider == (("Oak Farm", Attendance(13, 18)), ("The Garage", Attendance(0, 5)))
    assert week.attendance == Attendance(13, 23)
    assert week.attendance.percent == 56.5


def test_the_trend_is_by_school_week_and_begins_with_the_first(world: Day) -> None:
    # The week of 2 September: AB12 6 of 6, CD34 2 of 6, EF56 0 of 2.
    assert week_of(world).trend == (
        (date(2026, 8, 31), Attendance(8, 14)),
        (date(2026, 9, 7), Attendance(13, 23)),
    )


def test_who_is_under_ninety_per_cent_in_the_school_year_so_far(world: Day) -> None:
    assert week_of(world).under == ((EF, Attendance(0, 7)), (CD, Attendance(5, 14)))


def test_unauthorised_sessions_are_counted_over_ten_school_weeks(world: Day) -> None:
    # N N O O, N N N, U U: nine; one more and it is the threshold.
    week = week_of(world)
    assert week.unauthorised == ((CD, 9),)
    assert week.unauthorised_since == date(2026, 8, 31)


def test_long_sickness_is_listed_and_short_is_not(world: Day) -> None:
    assert week_of(world).ill == ()
    world.database.run(lambda t: t.execute(sa.delete(entries).where(entries.c.pupil_id == world.ids["EF56"])))
    ill = " ".join(["II -- -- -- --"] * 3 + ["II"])  # four Mondays: sixteen school days
    world.database.run(history.put, world.ids, date(2026, 8, 17), {"EF56": ill})
    assert week_of(world).ill == ()  # before the term no day is a school day
    world.clock.set(instant(date(2026, 10, 2), parse_wall("16:00")))
    world.database.run(history.put, world.ids, date(2026, 9, 14), {"EF56": "II -- -- -- -- II -- -- -- -- II"})

    def later(transaction):
        calendars = load_calendars(transaction)
        return work_out_week(
            transaction, world.ids["Hillcrest"], "Hillcrest", calendars, date(2026, 9, 28), date(2026, 10, 2)
        )

    ((who, found),) = world.database.run(later).ill
    assert who == EF
    assert found == Sickness(5, 19, date(2026, 8, 31), date(2026, 9, 28), 7.0)


def test_the_grid_has_a_code_for_every_session_and_a_sign_for_none(world: Day) -> None:
    grid = week_of(world).grid
    assert isinstance(grid, Grid)
    assert grid.days[0] == date(2026, 9, 2)
    assert len(grid.days) == 8
    rows = dict(grid.rows)
    assert list(rows) == [EF, CD, AB]
    assert rows[CD][:8] == ("B", "B", "N", "N", "O", "O", "B", "N")
    assert rows[EF][:4] == ("", "", "I", "I")
    assert rows[EF][12:14] == ("I", "·")


def test_a_session_that_is_not_over_counts_for_nothing(world: Day) -> None:
    world.clock.set(instant(date(2026, 9, 8), parse_wall("11:00")))
    assert week_of(world).attendance == Attendance(3, 4)


def test_what_no_school_has_is_no_report(day: Day) -> None:
    assert week_of(day).is_empty


async def test_non_arrivals_say_how_fast_they_were_taken_on_and_closed(day: Day) -> None:
    await day.until("10:00")
    priya = day.person("Priya Nair")
    await day.until("10:04")
    await priya.taps("Acknowledge")
    await day.until("10:20")
    await priya.taps("Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent")
    await day.until("10:41")
    found = day.database.run(
        load_non_arrivals,
        non_arrivals(registers.c.day == day.date, entries.c.school_id == day.ids["Hillcrest"]),
    )
    by_pupil = {each.pupil_id: each for each in found}
    assert len(found) == 3
    assert by_pupil[day.ids["CD34"]].minutes_to_closed == 20
    assert by_pupil[day.ids["CD34"]].outcome_by == "Priya Nair"
    answered = response(found)
    taken_on = [each for each in found if each.acknowledged_at is not None]
    # The Garage's was acknowledged; recording an outcome took Oak Farm's on.
    assert sorted(each.minutes_to_acknowledged for each in taken_on) == [4, 20, 20]
    assert answered.acknowledged == Waits(20, 20)
    assert answered.closed == Waits(20, 20)
    assert answered.still_open == 2


def test_median_and_worst_of_waits() -> None:
    assert Waits.of([1, None, 10, 4]) == Waits(4, 10)
    assert Waits.of([None]) == Waits(None, None)
    assert response([]) == response(iter(list[NonArrival]()))


async def test_what_was_due_is_counted_by_what_became_of_it(day: Day) -> None:
    def put(transaction):
        def owed(number, due_on, state, done_on=None):
            duty = transaction.insert(
                duties,
                kind="contact",
                key=f"test {number}",
                school_id=day.ids["Hillcrest"],
                placement_id=day.ids["CD34 placement"],
                opens_on=due_on - timedelta(days=4),
                due_on=due_on,
                state=state,
                closed_at=transaction.now,
            )
            if done_on is not None:
                transaction.insert(
                    duty_records,
                    kind="contact",
                    school_id=day.ids["Hillcrest"],
                    placement_id=day.ids["CD34 placement"],
                    duty_id=duty,
                    happened_on=done_on,
                    given={},
                    made_as="key worker",
                    made_at=transaction.now,
                )

        friday = date(2026, 9, 4)
        owed(1, friday, "done", friday)
        owed(2, friday, "done", friday + timedelta(days=3))
        owed(3, friday, "missed")
        owed(4, friday, "not due")
        owed(5, friday, "withdrawn")
        owed(6, friday, "open")
        owed(7, date(2026, 9, 18), "open")
        owed(8, date(2026, 10, 2), "open")
        return count_done(transaction, fallen_due(), day.date, date(2026, 9, 2), date(2026, 9, 18))

    assert day.database.run(put) == {
        "contact": Done(due=5, in_time=1, late=1, missed=1, overdue=1, ahead=1),
    }
