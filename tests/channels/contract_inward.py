"""The other half of the contract (`contract.py`): what holds wherever people press and type."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.store.tables import escalations, marks, people
from tests.channels.chatday import ChatDay
from tests.channels.samples import INITIALS, fact, names_pupils_as_it_should


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
