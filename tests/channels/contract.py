"""The contract: what holds on every platform. A platform's tests subclass these and give a `stand` fixture.

class TestSlack(OutwardContract, EditContract, PressContract, TypeContract):
    @pytest.fixture
    def stand(self) -> Stand:
        return SlackStand()

Here is what holds of what goes out; `contract_inward.py` has what holds where people press and type.
"""

from datetime import timedelta

import sqlalchemy as sa

from apbot.cards import Button
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.store.tables import addresses, escalations, messages, pupils
from tests.channels.chatday import ChatDay
from tests.channels.samples import LONG, deliver, names_pupils_as_it_should, plain_card
from tests.channels.stand import Failure


class OutwardContract:
    """What every channel does with what it is given to deliver."""

    async def test_prompts_and_alerts_show_initials_only_where_these_may_be(self, day: ChatDay) -> None:
        await day.until("09:31")
        names_pupils_as_it_should(day)
        await day.until("10:01")
        day.newest(day.dsl_address, "Not arrived", "AB12")
        names_pupils_as_it_should(day)

    async def test_that_a_pupil_has_a_social_worker_stands_only_where_initials_may(self, day: ChatDay) -> None:
        day.change(pupils, pupils.c.ref == "AB12", social_worker=True)
        await day.until("10:01")
        shown = day.newest(day.dsl_address, "Not arrived", "AB12")
        assert ("social worker" in shown.text) is not day.channel.references_only

    async def test_the_prompt_reaches_the_provider(self, day: ChatDay) -> None:
        await day.until("09:31")
        shown = day.newest(day.farm, "Register: Oak Farm", "AB12", "CD34", "GH78")
        assert "Jay" not in shown.text
        assert "Ward" not in shown.text

    async def test_a_pupil_who_never_arrives_reaches_the_dsl_at_thirty_minutes(self, day: ChatDay) -> None:
        await day.until("10:01")
        shown = day.newest(day.dsl_address, "Not arrived", "AB12", "CD34")
        assert "GH78" not in shown.text, "another school's pupil"
        assert not day.rows(sa.select(messages).where(messages.c.state != "sent", messages.c.kind == "escalation"))

    async def test_a_platform_that_is_busy_says_when_to_try_again(self, day: ChatDay) -> None:
        day.stand.fail_next(Failure.BUSY, timedelta(seconds=7))
        receipt = await deliver(day, plain_card())
        assert receipt.outcome is Outcome.AGAIN
        assert receipt.retry_after is not None
        assert receipt.retry_after >= timedelta(seconds=7)

    async def test_a_platform_that_is_broken_may_have_taken_it_and_is_tried_again(self, day: ChatDay) -> None:
        day.stand.fail_next(Failure.BROKEN)
        assert (await deliver(day, plain_card())).outcome is day.stand.broken_means
        assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED

    async def test_a_platform_that_accepts_and_never_answers_is_unknown_and_the_repeat_says_so(
        self, day: ChatDay
    ) -> None:
        day.stand.fail_next(Failure.SILENT)
        assert (await deliver(day, plain_card())).outcome is Outcome.UNKNOWN
        assert (await deliver(day, plain_card(), maybe_repeat=True)).outcome is Outcome.ACCEPTED
        assert "repeat" in day.stand.shown(day.dsl_address)[-1].text.lower()

    async def test_an_address_that_is_refused_for_good_is_given_up(self, day: ChatDay) -> None:
        day.stand.fail_next(Failure.REFUSED)
        receipt = await deliver(day, plain_card())
        assert receipt.outcome is Outcome.REFUSED
        assert receipt.why
        assert day.dsl_address not in receipt.why

    async def test_one_refused_address_holds_up_no_other(self, day: ChatDay) -> None:
        day.stand.fail_next(Failure.REFUSED)
        await day.until("10:01")
        gone = day.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None)))
        assert len(gone) == 1
        told = day.rows(
            sa.select(messages.c.person_id).where(messages.c.kind == "escalation", messages.c.state == "sent")
        )
        assert {day.ids["Priya Nair"], day.ids["Dorothy Okafor"]} <= {row.person_id for row in told}

    async def test_a_card_of_sixty_pupils_is_shown_whole(self, day: ChatDay) -> None:
        receipt = await deliver(day, plain_card(60))
        assert receipt.outcome is Outcome.ACCEPTED
        words = "\n".join(shown.text for shown in day.stand.shown(day.dsl_address))
        assert all(f"AB{number:02d}" in words for number in range(1, 61))

    async def test_words_beyond_what_the_platform_takes_are_cut_and_not_refused(self, day: ChatDay) -> None:
        receipt = await deliver(day, plain_card(3, LONG))
        assert receipt.outcome is Outcome.ACCEPTED
        assert "AB03" in "\n".join(shown.text for shown in day.stand.shown(day.dsl_address))

    async def test_saying_the_same_again_is_no_trouble(self, day: ChatDay) -> None:
        first = await deliver(day, plain_card())
        assert (await deliver(day, plain_card(), first.platform_ref)).outcome is Outcome.ACCEPTED

    async def test_a_platform_that_is_down_for_ten_minutes_gets_the_alert_late_and_it_says_so(
        self, day: ChatDay
    ) -> None:
        await day.until("09:59")
        real = day.channel.deliver

        async def down(batch: list[Outgoing]) -> list[Receipt]:
            return [Receipt(Outcome.AGAIN, why="503") for _ in batch]

        day.channel.deliver = down  # type: ignore[method-assign, assignment]
        await day.until("10:09")
        day.person("Dorothy Okafor").sees("Not arrived")  # on the next of her channels meanwhile
        day.channel.deliver = real  # type: ignore[method-assign]
        await day.until("10:16")
        day.newest(day.dsl_address, "Not arrived", "minutes late")


class EditContract:
    """What holds where a message that was sent can be changed."""

    async def test_what_is_shown_follows_what_has_happened(self, day: ChatDay) -> None:
        await day.until_register()
        await day.until("10:01")
        before = len(day.stand.shown(day.dsl_address))
        (alert,) = day.rows(sa.select(escalations.c.id).where(escalations.c.school_id == day.ids["Hillcrest"]))
        await day.person("Tom Beckett").presses(Button("Acknowledge", "acknowledge", alert.id))
        day.newest(day.dsl_address, "Acknowledged by Tom Beckett")
        assert len(day.stand.shown(day.dsl_address)) == before, "edited in place"

    async def test_a_sixty_pupil_card_that_shrinks_leaves_nothing_old_standing(self, day: ChatDay) -> None:
        first = await deliver(day, plain_card(60))
        second = await deliver(day, plain_card(2), first.platform_ref)
        assert second.outcome is Outcome.ACCEPTED
        there = [shown.text for shown in day.stand.shown(day.dsl_address) if not shown.is_deleted]
        assert len(there) == 1
        assert "AB60" not in there[0]

    async def test_a_message_that_somebody_deleted_is_no_trouble(self, day: ChatDay) -> None:
        first = await deliver(day, plain_card())
        day.stand.delete(day.stand.shown(day.dsl_address)[-1])
        again = await deliver(day, plain_card(words="Left site"), first.platform_ref)
        assert again.outcome is Outcome.ACCEPTED
        assert "Left site" in [s for s in day.stand.shown(day.dsl_address) if not s.is_deleted][-1].text
