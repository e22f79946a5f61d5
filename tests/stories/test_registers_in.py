"""The day in one line, to the admins: on good days too, and by a set time on bad ones."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.cards import Card, Tone
from apbot.channels.port import Outcome, Receipt
from apbot.domain.roles import Role
from apbot.store.tables import audit, closures, people, roundups
from tests import school
from tests.day import Day, text_of
from tests.marks import WEEKS_ON_END
from tests.stories.cast import hire

ADMIN = "Ada Quill"


def lines(day: Day, name: str = ADMIN) -> list[Card]:
    """What this admin was told of the registers."""
    return [card for card in day.person(name).cards if "registers" in card.heading.lower()]


def line(day: Day, name: str = ADMIN) -> str:
    """The one line that they were told, as text."""
    (found,) = lines(day, name)
    return text_of(found)


async def all_answer(day: Day) -> None:
    """Both providers answer both registers, as they are asked."""
    for at in ("09:31", "13:01"):
        await day.until(at)
        await day.provider("Oak Farm").taps("All arrived")
        await day.provider("The Garage").taps("All arrived")


async def test_a_good_day_is_told_as_soon_as_the_last_register_is_in(day: Day) -> None:
    await all_answer(day)
    await day.until("13:07")
    said = line(day)
    assert "All registers in: 4" in said
    assert "8 expected, 8 arrived, 0 not arrived." in said
    assert "No alert was opened." in said
    assert "Everything was delivered." in said
    assert lines(day)[0].tone is Tone.DONE
    await day.until("20:00")
    assert len(lines(day)) == 1


async def test_before_the_last_session_has_begun_nothing_is_said(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.provider("The Garage").taps("All arrived")
    await day.until("13:00")
    assert not lines(day)


async def test_by_three_those_that_are_not_in_are_named_and_what_became_of_the_alerts(day: Day) -> None:
    await day.until("09:31")
    await day.provider("The Garage").taps("All arrived")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34")
    await day.until("10:01")
    await day.dsl("Hillcrest").taps("Acknowledge")
    await day.until("13:01")
    await day.provider("The Garage").taps("All arrived")
    await day.until("14:59")
    assert not lines(day)
    await day.until("15:01")
    said = line(day)
    assert "2 of 4 registers not in: Oak Farm am, Oak Farm pm" in said
    assert "8 expected, 3 arrived, 1 not arrived, 4 of whom nothing was said." in said
    assert "opened" in said
    assert "1 acknowledged" in said
    assert lines(day)[0].tone is Tone.ALERT


async def test_it_names_no_pupil_and_nobody(day: Day) -> None:
    await day.until("15:01")
    said = line(day)
    assert "Oak Farm am" in said
    for name in (*(pupil[0] for pupil in school.PUPILS), *(who for who, _, _ in school.STAFF)):
        assert name not in said


async def test_a_message_that_could_not_be_delivered_and_a_slow_alert_are_trouble(day: Day) -> None:
    await day.until("09:31")
    await day.provider("The Garage").taps("All arrived")
    await day.until("09:59")
    day.recorder.answers = [Receipt(Outcome.REFUSED, why="blocked")]
    await day.jump("10:05")
    await day.until("13:01")
    for place in ("Oak Farm", "The Garage"):
        await day.provider(place).taps("All arrived")
    await day.until("15:01")
    said = line(day)
    assert "1 message could not be delivered" in said
    assert "came 5 minutes after it was due" in said


async def test_a_schools_admin_is_told_of_their_own_school_only(day: Day) -> None:
    hire(day, "Nell Ash", Role.ADMIN, "Marsh Lane")
    await all_answer(day)
    await day.until("13:07")
    assert "All registers in: 2" in line(day, "Nell Ash")
    assert "2 expected, 2 arrived" in line(day, "Nell Ash")
    assert "All registers in: 4" in line(day)


async def test_a_school_that_is_closed_has_no_line_for_its_admin(day: Day) -> None:
    hire(day, "Nell Ash", Role.ADMIN, "Marsh Lane")
    at = {"school_id": day.ids["Marsh Lane"], "starts_on": day.date, "ends_on": day.date, "kind": "closed"}
    day.database.run(lambda transaction: transaction.insert(closures, **at))
    await all_answer(day)
    await day.until("15:01")
    assert not lines(day, "Nell Ash")
    assert "6 expected" in line(day)


@pytest.mark.parametrize("day_off", [date(2026, 9, 19), date(2026, 10, 28), date(2026, 12, 25)], ids=str)
async def test_on_a_day_without_school_there_is_none(day_off: date) -> None:
    day = Day(day_off)
    await day.until("16:00")
    assert not lines(day)
    assert not day.rows(sa.select(roundups).where(roundups.c.day == day_off, roundups.c.next_at.is_not(None)))
    day.close()


@WEEKS_ON_END
async def test_it_comes_every_school_day(day: Day) -> None:
    await all_answer(day)
    await day.until("16:00")
    day.date = date(2026, 9, 18)
    await day.until("16:00")
    assert len(lines(day)) == 2
    day.date = date(2026, 9, 20)
    await day.until("16:00")
    assert len(lines(day)) == 2


async def test_it_is_told_late_rather_than_not_at_all_but_not_of_an_earlier_day(day: Day) -> None:
    await day.jump("16:40")
    assert len(lines(day)) == 1
    day.date = date(2026, 9, 22)
    await day.jump("06:00")
    assert len(lines(day)) == 1


async def test_without_an_admin_the_next_in_line_is_told(day: Day) -> None:
    day.change(people, people.c.id == day.ids[ADMIN], leaves_on=date(2026, 9, 1))
    await day.until("15:01")
    assert any("registers not in" in card.heading for card in day.attendance_contact("Hillcrest").cards)


async def test_the_time_is_a_setting_and_that_it_was_told_is_in_the_audit_log() -> None:
    day = Day(rounds_up_at="14:10")
    await day.until("14:11")
    assert "registers not in" in line(day)
    assert day.rows(sa.select(audit).where(audit.c.what == "registers rounded up"))
    day.close()


async def test_registers_that_have_not_begun_are_not_called_late() -> None:
    day = Day(rounds_up_at="12:00")
    await day.until("09:31")
    for place in ("Oak Farm", "The Garage"):
        await day.provider(place).taps("All arrived")
    await day.until("12:01")
    assert "All registers in so far, 2 of 4" in line(day)
    day.close()


async def test_it_waits_while_an_alert_is_owed(day: Day) -> None:
    from apbot.domain.walltime import instant, parse_wall

    at = instant(day.date, parse_wall("10:00"))
    await day.until("09:59")
    day.change(roundups, roundups.c.day == day.date, next_at=at)
    day.clock.set(at)
    assert await day.app.decide()
    assert day.rows(sa.select(roundups).where(roundups.c.next_at == at))
    await day.app.delivery.drain()
    await day.app.decide()
    assert not day.rows(sa.select(roundups).where(roundups.c.next_at == at))
