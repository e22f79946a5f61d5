"""Email: what is worth another letter, and in which thread it stands."""

import pytest
import sqlalchemy as sa

from apbot.cards import Button
from apbot.store.linking import Owner, link
from apbot.store.tables import escalations
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import MailRoom
from tests.channels.stand import Failure


@pytest.fixture
def stand() -> MailRoom:
    return MailRoom()


async def test_an_acknowledgement_is_a_letter_in_the_same_thread(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:01")
    await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
    first, second = day.stand.of(day.stand.address_of("Priya Nair"))
    assert second.message["In-Reply-To"] == second.message["References"] == first.message["Message-ID"]
    assert second.message["Subject"] == f"Re: {first.message['Subject']}"
    assert second.part("plain").startswith(f"Acknowledged by Dorothy Okafor at 10:01: {first.message['Subject']}")
    assert second.message["Importance"] is None
    assert "Acknowledged by Dorothy Okafor" in second.part("plain")
    await day.until("10:20")
    assert len(day.stand.of(day.stand.address_of("Priya Nair"))) == 2


async def test_a_stand_down_is_one_letter_in_the_thread_and_not_two(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:01")
    await day.taps("Sam Taylor", day.farm, "All ")
    first, second = day.stand.of(day.dsl_address)
    assert second.message["In-Reply-To"] == first.message["Message-ID"]
    assert second.message["Subject"] == f"Re: {first.message['Subject']}"
    assert "Arrived: 2 pupils at Oak Farm" in second.part("plain")
    assert "Nobody needs to look for them" in second.part("plain")


async def test_an_alert_that_is_closed_by_somebody_else_is_a_letter(day: ChatDay) -> None:
    await day.until_register()
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    await day.until("10:01")
    await day.taps("Dorothy Okafor", day.dsl_address, "Record outcome", "CD34", outcome="found safe", words="barn")
    last = day.stand.of(day.stand.address_of("Priya Nair"))[-1]
    assert "Closed: 1 pupil accounted for" in last.part("plain")


async def test_who_acknowledges_an_alert_gets_no_letter_about_it_and_the_key_worker_one_that_it_is_settled(
    day: ChatDay,
) -> None:
    kit = day.stand.address_of("Kit Lowry")
    owner = Owner(day.ids["Kit Lowry"], None)
    day.database.run(link, owner, "email", kit)
    await day.until_register()
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    await day.until("10:01")
    before = len(day.stand.of(day.dsl_address))
    await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
    await day.taps("Dorothy Okafor", day.dsl_address, "Record outcome", "CD34", outcome="found safe", words="barn")
    assert len(day.stand.of(day.dsl_address)) == before
    first, settled = day.stand.of(kit)
    assert settled.message["In-Reply-To"] == first.message["Message-ID"]
    assert "Closed: 1 pupil accounted for" in settled.part("plain")


async def test_whoever_was_told_several_times_is_told_once_that_it_is_acknowledged(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:50")
    before = day.stand.of(day.dsl_address)
    assert len(before) > 1
    (alert,) = day.rows(sa.select(escalations.c.id).where(escalations.c.school_id == day.ids["Hillcrest"]))
    await day.person("Tom Beckett").presses(Button("Acknowledge", "acknowledge", alert.id))
    (told,) = day.stand.of(day.dsl_address)[len(before) :]
    assert "Acknowledged by Tom Beckett" in told.part("plain")
    assert before[1].message["Subject"] == f"Re: {before[0].message['Subject']}"
    assert {mail.message["References"] for mail in [*before[1:], told]} == {before[0].message["Message-ID"]}


async def test_the_marks_of_a_register_are_no_letters(day: ChatDay) -> None:
    await day.until("09:31")
    for pupil in ("AB12", "CD34", "GH78"):
        await day.taps("Sam Taylor", day.farm, "Arrived", pupil)
    await day.until("09:50")
    assert len(day.stand.of(day.farm)) == 1
    assert "All answered" in day.stand.of(day.farm)[0].page


async def test_the_reminder_stands_in_the_registers_thread(day: ChatDay) -> None:
    await day.until("09:46")
    register, nudge = day.stand.of(day.farm)
    assert nudge.message["In-Reply-To"] == register.message["Message-ID"]
    assert "Register not answered" in nudge.part("plain")


async def test_a_repeat_has_a_name_of_its_own(day: ChatDay) -> None:
    """A mail program that knows the name of a letter may throw the second away unseen."""
    day.stand.fail_next(Failure.SILENT)
    await day.until("09:32")
    first, second, *_ = day.stand.of(day.farm) + day.stand.of(day.stand.address_of("Bea Whitlock"))
    repeats = [mail for mail in day.stand.mails if "May be a repeat." in mail.part("plain")]
    assert len(repeats) == 1
    assert first.message["Message-ID"] != second.message["Message-ID"]
