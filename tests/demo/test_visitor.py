"""A visitor who takes part: what they did stands, and the script goes on sensibly around it."""

from apbot.demo.mornings import DOROTHY, GARY, MEL, PRIYA, SAM, TOM
from apbot.domain.escalation import Outcome, State
from apbot.domain.marks import Reason
from tests.demo.conftest import Watched


def odd(watched: Watched, who: str) -> list[str]:
    """Answers that a person would only get for doing what makes no sense."""
    said = ("recorded already", "already marked", "Not recorded", "no longer", "Nothing left", "acknowledged it at")
    return [heading for heading in watched.headings(who) if any(each in heading for each in said)]


async def test_a_register_that_the_visitor_answered_is_left_alone(bad: Watched) -> None:
    await bad.until("09:30")
    await bad.does(SAM, text="all in")
    before = len(bad.lines(SAM))
    await bad.until("09:40")
    assert len(bad.lines(SAM)) == before
    assert "09:31" not in bad.performance.done
    assert ("09:30", "You stepped in as Sam Taylor. The morning goes on from what you did.") in bad.told


async def test_a_register_that_the_visitor_answered_in_part_is_finished_by_buttons(bad: Watched) -> None:
    await bad.until("09:40")
    await bad.taps(GARY, "arrived", "HM52")
    await bad.until("09:52")
    assert bad.typed(GARY) == []
    assert bad.board()["The Garage"] == "amaaaaaa"
    assert not odd(bad, GARY)


async def test_a_pupil_whom_the_visitor_has_in_is_not_reported_missing_by_the_script(bad: Watched) -> None:
    await bad.until("09:40")
    await bad.taps(GARY, "arrived", "CD34")
    await bad.to_the_end()
    assert bad.board()["The Garage"] == "a" * 8
    assert "The Garage" not in {alert.register.provider for alert in bad.alerts()}
    assert not odd(bad, GARY)
    bad.kept_every_promise()


async def test_a_silent_provider_for_whom_the_visitor_speaks_is_no_alert(bad: Watched) -> None:
    await bad.until("09:58")
    await bad.does(MEL, text="all here")
    await bad.to_the_end()
    assert "Riverside Studio" not in {alert.register.provider for alert in bad.alerts()}
    assert not {"10:00", "10:04", "10:14"} & bad.performance.done
    assert (
        "10:00",
        "Not arrived: 1 pupil, The Garage, am. The school’s attendance contact and DSL are told.",
    ) in bad.told
    assert not odd(bad, PRIYA)


async def test_an_alert_that_the_visitor_takes_on_is_not_taken_on_again(bad: Watched) -> None:
    await bad.until("10:01")
    await bad.taps(DOROTHY, "acknowledge", "Riverside Studio")
    await bad.taps(DOROTHY, "acknowledge", "The Garage")
    await bad.to_the_end()
    assert bad.alert("Riverside Studio").acknowledged_by == "Dorothy Okafor"
    assert bad.lines(TOM) == [], "nothing was left for the deputy"
    for who in (PRIYA, DOROTHY, TOM):
        assert not odd(bad, who)
    assert bad.performance.board.unknown == 0
    assert bad.told[-1][1].endswith("Some of the names stand there for you.")
    bad.kept_every_promise()


async def test_an_outcome_that_the_visitor_recorded_stands(bad: Watched) -> None:
    await bad.until("10:13")
    await bad.taps(PRIYA, "outcome", "GH78", outcome=Outcome.IN_SCHOOL.value)
    await bad.to_the_end()
    outcomes = {pupil.entry.reference: pupil.outcome for pupil in bad.alert("Riverside Studio").pupils}
    assert outcomes["GH78"] is Outcome.IN_SCHOOL
    assert outcomes["JK29"] is Outcome.FOUND_SAFE
    assert not odd(bad, PRIYA)


async def test_an_alert_of_the_visitors_own_is_told_and_cleared_up_by_the_school(bad: Watched) -> None:
    await bad.until("09:35")
    await bad.taps("BOATS-CH", "absent", "JV53", reason=Reason.TRANSPORT.value)
    await bad.until("10:02")
    assert any("Not arrived: 1 pupil, The Boatyard" in words for _, words in bad.told)
    await bad.to_the_end()
    assert bad.alert("The Boatyard").state is State.CLOSED
    assert bad.alert("The Boatyard").acknowledged_by == "Magda Nowak"
    assert bad.performance.board.unknown == 0


async def test_what_is_still_open_at_the_end_is_said(bad: Watched) -> None:
    await bad.until("10:36")
    await bad.taps(SAM, "left", "AB12", at="10:36")
    await bad.to_the_end()
    assert bad.performance.board.unknown == 1
    assert "1 of the forty pupils is not accounted for yet" in bad.told[-1][1]


async def test_after_the_end_the_chats_still_answer(bad: Watched) -> None:
    await bad.to_the_end()
    await bad.does(SAM, text="/ap today")
    assert "Today" in bad.headings(SAM)[-1] or bad.headings(SAM)[-1]
    await bad.taps(SAM, "left", "AB12", at="10:39")
    assert bad.alerts()[-1].state is State.OPEN
