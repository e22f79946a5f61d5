"""The contract: what holds on every platform. A platform's tests subclass these and give a `stand` fixture.

class TestSlack(OutwardContract, EditContract, PressContract, TypeContract):
    @pytest.fixture
    def stand(self) -> Stand:
        return SlackStand()
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Button, Card, Choice, Input, InputKind, Row, Style, Tone
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.store.tables import addresses, entries, escalations, marks, messages, people, pupils
from tests.channels.chatday import ChatDay
from tests.channels.stand import Failure

LONG = "Ağıla 👩🏽‍🌾 شيماء " * 400
"""Longer than any platform takes: letters with marks, an emoji of several code points, and right-to-left."""


def plain_card(rows: int = 2, words: str = "Arrived") -> Card:
    """A card with everything that a card can have, on so many pupils."""
    reason = Input(
        "reason", "What do you know?", InputKind.CHOICE, (Choice("ill", "Ill"), Choice("unknown", "Unknown"))
    )
    return Card(
        heading="Register: Oak Farm, am, Thursday 17 September",
        tone=Tone.ASK,
        lines=("Pupils are expected from 09:30.", words),
        rows=tuple(
            Row(
                f"AB{number:02d}",
                words,
                Tone.ASK,
                (
                    Button("Arrived", "arrived", number, style=Style.PRIMARY, describes=f"AB{number:02d}"),
                    Button("Not arrived", "absent", number, inputs=(reason,), describes=f"AB{number:02d}"),
                ),
            )
            for number in range(1, rows + 1)
        ),
        buttons=(Button("All arrived", "all_arrived", 1, style=Style.PRIMARY),),
        footer="Or type it.",
    )


async def deliver(day: ChatDay, card: Card, ref: str = "", *, maybe_repeat: bool = False) -> Receipt:
    """Deliver one card to the DSL by hand."""
    outgoing = Outgoing(1, day.dsl_address, card, ref, maybe_repeat=maybe_repeat)
    (receipt,) = await day.channel.deliver([outgoing])
    return receipt


def fact(day: ChatDay, ref: str) -> str | None:
    """What was last said of the pupil this morning."""
    (row,) = day.rows(
        sa.select(entries.c.fact).where(entries.c.pupil_id == day.ids[ref]).order_by(entries.c.starts_at).limit(1)
    )
    said: str | None = row.fact
    return said


INITIALS = ("J.W.", "J.S.", "E.D.")
"""Of the pupils at Oak Farm."""


def names_pupils_as_it_should(day: ChatDay, *told: str) -> None:
    """What stands on the platform, and these answers, have references, and initials only where these may be."""
    there = [
        text for place in (day.farm, day.dsl_address) for s in day.stand.shown(place) for text in (s.text, *s.buttons)
    ]
    words = "\n".join((*there, *told))
    assert "AB12" in words
    found = [each for each in INITIALS if each in words]
    assert bool(found) is not day.channel.references_only, words


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


class PressContract:
    """What holds wherever people press buttons, on the platform itself or on a page that it leads to."""

    async def test_a_tap_records_the_arrival_and_the_register_says_so(self, day: ChatDay) -> None:
        await day.until("09:31")
        before = len(day.stand.shown(day.farm))
        await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
        assert fact(day, "AB12") == "arrived"
        day.newest(day.farm, "AB12", "Arrived · Sam Taylor, 09:31")
        standing = [shown for shown in day.stand.shown(day.farm) if "Register:" in shown.text]
        assert len(standing) == 1, "edited in place, not posted again"
        assert before >= 1

    async def test_the_same_tap_told_of_again_changes_nothing(self, day: ChatDay) -> None:
        await day.until("09:31")
        await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
        await day.stand.again()
        await day.app.tick()
        assert len(day.rows(sa.select(marks))) == 1

    async def test_what_a_press_is_answered_and_asks_shows_initials_only_where_these_may_be(self, day: ChatDay) -> None:
        await day.until("09:31")
        told = [await day.taps("Sam Taylor", day.farm, "Not arrived", "CD34", reason="ill")]
        told.append(
            await day.taps("Sam Taylor", day.farm, "Correct", "CD34", fact="arrived", because="marked by mistake")
        )
        names_pupils_as_it_should(day, *told)

    async def test_all_arrived(self, day: ChatDay) -> None:
        await day.until("09:31")
        await day.taps("Bea Whitlock", day.farm, "All arrived")
        assert [fact(day, ref) for ref in ("AB12", "CD34", "GH78")] == ["arrived"] * 3
        day.newest(day.farm, "All answered")

    async def test_a_late_time_is_asked_in_the_platforms_own_way(self, day: ChatDay) -> None:
        await day.until("09:52")
        await day.taps("Sam Taylor", day.farm, "Late", "AB12", at="09:50")
        day.newest(day.farm, "AB12", "late at 09:50 (20 minutes)")

    async def test_a_time_that_cannot_be_is_refused_with_a_reason_and_nothing_is_recorded(self, day: ChatDay) -> None:
        await day.until("09:40")
        answer = await day.taps("Sam Taylor", day.farm, "Late", "AB12", at="11:50")
        assert "has not come yet" in answer
        assert fact(day, "AB12") is None

    async def test_a_reason_is_asked_in_the_platforms_own_way(self, day: ChatDay) -> None:
        await day.until("09:31")
        await day.taps("Sam Taylor", day.farm, "Not arrived", "CD34", reason="ill")
        day.newest(day.farm, "CD34", "Not arrived: ill")

    async def test_a_correction_with_several_answers(self, day: ChatDay) -> None:
        await day.until("09:31")
        await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
        await day.taps(
            "Sam Taylor",
            day.farm,
            "Correct",
            "AB12",
            fact="not arrived",
            at="",
            reason="refused to come",
            because="marked by mistake",
        )
        assert fact(day, "AB12") == "not arrived"
        kept = day.rows(sa.select(marks.c.amends_because).order_by(marks.c.id))
        assert [row.amends_because for row in kept] == ["", "marked by mistake"]

    async def test_an_incident_is_reported_with_what_is_asked_and_reaches_the_school(self, day: ChatDay) -> None:
        await day.until("09:31")
        asked = {"pupil": "CD34", "kind": "accident", "at": "", "parents": "not yet"}
        answer = await day.taps("Sam Taylor", day.farm, "Incident", **asked)
        assert "Hillcrest is told: accident" in answer
        shown = day.newest(day.dsl_address, "Incident: accident", "CD34")
        assert any("Acknowledge" in label for label in shown.buttons)
        names_pupils_as_it_should(day, answer)

    async def test_a_concern_is_raised_on_the_register_and_asks_which_school(self, day: ChatDay) -> None:
        await day.until("09:31")
        answer = await day.taps("Sam Taylor", day.farm, "Raise a concern")
        assert "Which school is the pupil from?" in answer

    async def test_an_alert_is_acknowledged_and_closed_where_it_was_read(self, day: ChatDay) -> None:
        await day.until_register()
        await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
        await day.taps("Sam Taylor", day.farm, "Arrived", "GH78")
        await day.until("10:01")
        await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
        day.newest(day.stand.address_of("Priya Nair"), "Acknowledged by Dorothy Okafor")
        await day.taps(
            "Dorothy Okafor",
            day.dsl_address,
            "Record outcome",
            "CD34",
            outcome="at home ill, confirmed with a parent",
            words="spoke to mum",
        )
        (escalation,) = day.rows(sa.select(escalations))
        assert escalation.state == "closed"

    async def test_a_leaver_can_do_nothing_from_the_day_after(self, day: ChatDay) -> None:
        await day.until("09:31")
        day.change(people, people.c.id == day.ids["Sam Taylor"], leaves_on=day.date - timedelta(days=1))
        assert day.stand.turned_away in await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
        assert fact(day, "AB12") is None

    async def test_a_leaver_is_shown_nothing_new_from_the_day_after(self, day: ChatDay) -> None:
        await day.until("10:01")
        before = [each.text for each in day.stand.shown(day.dsl_address)]
        day.change(people, people.c.id == day.ids["Dorothy Okafor"], leaves_on=day.date - timedelta(days=1))
        await day.provider("Oak Farm").types("CD34 just arrived")
        await day.until("10:30")
        assert fact(day, "CD34") == "late"
        assert [each.text for each in day.stand.shown(day.dsl_address)] == before

    async def test_one_person_on_two_platforms_is_one_person(self, day: ChatDay) -> None:
        await day.until("10:01")
        await day.person("Dorothy Okafor").types("/ap today")
        await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
        (escalation,) = [
            row
            for row in day.rows(sa.select(escalations).where(escalations.c.school_id == day.ids["Hillcrest"]))
            if row.acknowledged_by_id
        ]
        assert escalation.acknowledged_by_id == day.ids["Dorothy Okafor"]


class TypeContract:
    """What holds where people type on the platform itself, alone or in a conversation that several share."""

    async def test_words_are_read_and_read_back(self, day: ChatDay) -> None:
        await day.until("09:31")
        answer = await day.types("Sam Taylor", day.farm, "all here except CD34")
        assert "AB12" in answer
        assert fact(day, "AB12") == "arrived"

    async def test_answers_to_words_show_initials_only_where_these_may_be(self, day: ChatDay) -> None:
        await day.until("09:31")
        told = [
            await day.types("Sam Taylor", day.farm, "AB12 here"),
            await day.types("Sam Taylor", day.farm, "CD34 late 25:80"),
            await day.types("Dorothy Okafor", day.dsl_address, "/ap status AB12"),
            await day.types("Dorothy Okafor", day.dsl_address, "/ap today"),
        ]
        for each in told:
            assert "AB12" in each or "CD34" in each
            names_pupils_as_it_should(day, each)
        said = "\n".join(told)
        assert any(each in said for each in INITIALS) is not day.channel.references_only

    async def test_what_is_unclear_is_asked_back_with_buttons(self, day: ChatDay) -> None:
        await day.until("09:31")
        await day.types("Sam Taylor", day.farm, "CD34 late 25:80")
        assert fact(day, "CD34") is None
        await day.taps("Sam Taylor", day.farm, "Not arrived", "CD34", reason="ill")
        assert fact(day, "CD34") == "not arrived"

    async def test_a_possible_concern_offers_a_call_and_no_word_of_it_is_kept(self, day: ChatDay) -> None:
        await day.until("09:31")
        words = "she told me her uncle hits her"
        answer = await day.types("Sam Taylor", day.farm, words)
        assert "safeguarding concern" in answer.lower()
        for table in ("messages", "events", "audit", "chat_lines", "questions"):
            for row in day.rows(sa.select(sa.text("*")).select_from(sa.text(table))):
                assert "uncle" not in str(tuple(row))

    async def test_commands(self, day: ChatDay) -> None:
        await day.until("09:31")
        own = day.stand.address_of("Dorothy Okafor")
        assert "/ap status" in await day.types("Dorothy Okafor", own, "/ap help")
        assert "AB12" in await day.types("Dorothy Okafor", own, "/ap status AB12")
        assert "Oak Farm" in await day.types("Dorothy Okafor", own, "/ap today")
        assert "no /ap nonsense" in await day.types("Dorothy Okafor", own, "/ap nonsense")

    @pytest.mark.parametrize("words", ["/ap status EF56", "ap status EF56"])
    async def test_a_command_typed_where_others_read_is_answered_to_who_asked_alone(
        self, day: ChatDay, words: str
    ) -> None:
        await day.until("09:31")
        before = len(day.stand.shown_to_all(day.farm))
        await day.types("Dorothy Okafor", day.farm, words)
        posted = "\n".join(each.text for each in day.stand.shown_to_all(day.farm)[before:])
        assert "The Garage" not in posted, "where a pupil goes who is not Oak Farm's"
        assert "EF56" not in posted

    async def test_on_it_typed_in_answer_to_an_alert_acknowledges_it(self, day: ChatDay) -> None:
        await day.until_register()
        await day.until("10:01")
        assert "Acknowledged" in await day.types("Dorothy Okafor", day.dsl_address, "I'm on it")
        day.newest(day.stand.address_of("Priya Nair"), "Acknowledged by Dorothy Okafor")

    async def test_words_that_state_an_outcome_are_answered_with_its_button(self, day: ChatDay) -> None:
        await day.until_register()
        await day.until("10:01")
        alert = day.newest(day.dsl_address, "Not arrived")
        answer = await day.types("Dorothy Okafor", day.dsl_address, "CD34 is at home, mum confirmed", alert)
        assert "Nothing was recorded yet" in answer
        assert not day.rows(sa.select(escalations).where(escalations.c.state != "open"))
        await day.taps(
            "Dorothy Okafor",
            day.dsl_address,
            "Record outcome",
            "CD34",
            outcome="at home ill, confirmed with a parent",
            words="",
        )
        day.newest(day.dsl_address, "CD34", "Outcome: at home ill")

    async def test_hello_and_help_said_to_apbot_alone_are_answered(self, day: ChatDay) -> None:
        own = day.stand.address_of("Dorothy Okafor")
        assert "This is apbot" in await day.types("Dorothy Okafor", own, "hello")
        assert "/ap status" in await day.types("Dorothy Okafor", own, "help")

    async def test_who_is_not_linked_does_nothing_and_is_told_how(self, day: ChatDay) -> None:
        await day.until("09:31")
        answer = await day.taps("Passing Stranger", day.farm, "Arrived", "AB12")
        assert "not linked" in answer
        assert "/ap link" in answer
        assert fact(day, "AB12") is None

    async def test_a_code_links_a_person_once(self, day: ChatDay) -> None:
        await day.until("09:31")
        own = day.stand.address_of("Tom Beckett")
        code = day.code_for(person="Tom Beckett")
        assert "You are linked, Tom Beckett" in await day.types("Tom Beckett", own, f"/ap link {code}")
        assert "Oak Farm" in await day.types("Tom Beckett", own, "/ap today")
        stranger = day.stand.address_of("Passing Stranger")
        assert "Not linked" in await day.types("Passing Stranger", stranger, f"/ap link {code}")

    async def test_a_providers_code_links_the_conversation_it_is_typed_in(self, day: ChatDay) -> None:
        garage = day.stand.shared_by("The Garage")
        await day.types("Gary Stone", garage, f"/ap link {day.code_for(provider='The Garage')}")
        await day.until("09:31")
        day.newest(garage, "Register: The Garage", "EF56")
