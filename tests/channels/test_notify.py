"""Text messages and e-mail by GOV.UK Notify: who is told what, and what is sent afterwards."""

import pytest
import sqlalchemy as sa

from apbot.cards import Button
from apbot.channels.trial import send_test
from apbot.store.tables import addresses, messages
from tests.channels.chatday import ChatDay
from tests.channels.contract import OutwardContract
from tests.channels.notifystand import PUBLIC_URL, NotifyStand, texts_to
from tests.channels.stand import Stand


class TestSms(OutwardContract):
    """What every channel does, by text message."""

    @pytest.fixture
    def stand(self) -> Stand:
        return NotifyStand("sms")


class TestNotifyEmail(OutwardContract):
    """What every channel does, by Notify's e-mail."""

    @pytest.fixture
    def stand(self) -> Stand:
        return NotifyStand("email")


@pytest.fixture
def stand() -> NotifyStand:
    return NotifyStand("sms")


async def acknowledge(day: ChatDay, person: str = "Tom Beckett") -> None:
    (alert,) = day.rows(
        sa.select(messages.c.subject_id).where(
            messages.c.kind == "escalation", messages.c.person_id == day.ids["Dorothy Okafor"], messages.c.step == 0
        )
    )
    await day.person(person).presses(Button("Acknowledge", "acknowledge", alert.subject_id))


async def test_that_somebody_else_has_acknowledged_is_texted_once(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:31")  # by now there have been alerts at several steps
    before = len(texts_to(day, "Priya Nair"))
    assert before > 1
    await acknowledge(day)
    added = texts_to(day, "Priya Nair")[before:]
    assert len(added) == 1
    assert added[0].text.startswith("Acknowledged by Tom Beckett at 10:31: Not arrived: 2 pupils, Oak Farm, am.")
    await day.until("10:45")
    assert len(texts_to(day, "Priya Nair")) == before + 1


async def test_who_acknowledged_in_a_chat_has_a_text_that_says_so_as_well(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:01")
    before = len(texts_to(day, "Dorothy Okafor"))
    await acknowledge(day, "Dorothy Okafor")
    assert len(texts_to(day, "Dorothy Okafor")) == before + 1
    assert "Acknowledged by Dorothy Okafor" in texts_to(day, "Priya Nair")[-1].text


async def test_an_arrival_is_texted_once_and_names_the_pupil_by_reference_alone(day: ChatDay) -> None:
    await day.until_register()
    await day.until("10:01")
    before = len(texts_to(day, "Priya Nair"))
    await day.provider("Oak Farm", "Sam Taylor").types("AB12 and CD34 arrived")
    added = texts_to(day, "Priya Nair")[before:]
    assert [each.text.partition(" Sent")[0] for each in added] == [
        "Arrived: 2 pupils at Oak Farm. AB12, CD34. Nobody needs to look for them."
    ]


async def test_that_somebody_else_is_telephoning_about_a_concern_is_texted(day: ChatDay) -> None:
    await day.until("09:40")
    ask = Button("Ask", "concern", day.ids["Hillcrest"])
    await day.person("Sam Taylor").presses(ask)
    assert "asks you to telephone now" in texts_to(day, "Dorothy Okafor")[-1].text
    await day.person("Tom Beckett").taps("I am telephoning now")
    newest = [each.text.partition(".")[0] for each in texts_to(day, "Dorothy Okafor")]
    assert newest[-1] == "Tom Beckett is telephoning Sam Taylor"
    assert newest.count(newest[-1]) == 1


async def test_a_registers_marks_send_no_further_texts(day: ChatDay) -> None:
    await day.until_register()
    before = len(texts_to(day, "Sam Taylor"))
    await day.provider("Oak Farm", "Sam Taylor").types("all in")
    assert len(texts_to(day, "Sam Taylor")) == before == 1


async def test_two_people_with_one_telephone_are_both_told(day: ChatDay) -> None:
    shared = day.dsl_address
    day.change(addresses, addresses.c.person_id == day.ids["Priya Nair"], rank=50)
    day.database.run(
        lambda transaction: transaction.insert(
            addresses, person_id=day.ids["Priya Nair"], channel="sms", address=shared, rank=-9
        )
    )
    await day.until_register()
    await day.until("10:01")
    assert len([each for each in texts_to(day, "Dorothy Okafor") if "Oak Farm" in each.text]) == 2


async def test_a_test_text_leads_to_the_chat_and_not_nowhere(day: ChatDay) -> None:
    address = day.stand.address_of("Sam Taylor")
    assert await send_test(day.channel, address, day.clock.now()) is None
    assert texts_to(day, "Sam Taylor")[-1].text.endswith(f"\n{PUBLIC_URL}/chat")
