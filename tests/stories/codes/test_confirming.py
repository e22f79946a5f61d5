"""The day's codes: suggested to the school, and confirmed or changed by it."""

import sqlalchemy as sa

from apbot.store.tables import audit, code_decisions, entries, placements, providers
from tests.day import Day
from tests.stories.codes.deciding import FRIDAY, all_arrive, buttons_of, codes, decisions, go_to, lists_of


async def test_when_everybody_came_one_tap_confirms_the_day(day: Day) -> None:
    await all_arrive(day)
    await day.jump("15:29")
    priya = day.attendance_contact("Hillcrest")
    priya.sees_nothing()
    await day.jump("15:30")
    priya.sees("Codes to confirm: 6 suggested, Thu 17 Sep 2026", "6 sessions attended: 6 B suggested")
    await priya.taps("Confirm all 6 suggested")
    priya.sees("Codes confirmed: Thu 17 Sep 2026", "6 sessions confirmed by Priya Nair, 15:30")
    assert codes(day, "AB12") == ["B", "B"]
    assert codes(day, "GH78") == [None, None], "another school's pupil"


async def test_each_school_is_asked_for_its_own_pupils_only(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    day.attendance_contact("Marsh Lane").sees("Codes to confirm: 2 suggested")
    day.attendance_contact("Marsh Lane").does_not_see("CD34", "AB12")
    assert not lists_of(day, "Dorothy Okafor", "Codes")


async def test_an_absence_stands_in_a_row_with_what_was_said_and_why_its_code_is_suggested(day: Day) -> None:
    await day.jump("09:31")
    await day.provider("Oak Farm").taps("Not arrived", "CD34", reason="ill")
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees("Codes to confirm", "CD34 J.S.: Oak Farm, am · Not arrived: ill (Sam Taylor, 09:31) · I suggested:")
    priya.does_not_see("Joana", "Silva")
    answer = await priya.taps("Confirm I", "CD34")
    assert answer.card is not None
    assert answer.card.heading == "CD34 J.S.: I recorded"
    priya.sees("I recorded by Priya Nair, 15:30")
    assert decisions(day, "CD34") == [("I", "attendance contact", "")]


async def test_silence_is_n_and_has_to_be_decided(day: Day) -> None:
    await day.jump("10:00")
    await day.jump("13:30")
    await day.jump("15:30")
    day.attendance_contact("Hillcrest").sees(
        "Codes to confirm: 6 to decide", "Nothing said", "N suggested: nobody has said whether the pupil arrived"
    )


async def test_a_code_can_be_changed_to_any_that_the_school_may_give(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    change = priya.button("Change", "CD34")
    offered = [choice.value for choice in change.inputs[0].choices]
    assert {"I", "M", "O", "G", "C", "C2", "Q", "Y1", "Y7", "B"} <= set(offered)
    assert not {"K", "D", "Z", "#"} & set(offered)
    await priya.presses(change, code="M", comment="dentist, letter seen")
    assert decisions(day, "CD34") == [("M", "attendance contact", "")]
    assert [row.comment for row in day.rows(sa.select(code_decisions.c.comment))] == ["dentist, letter seen"]


async def test_a_code_that_does_not_fit_the_placement_is_refused_with_what_would_be_right(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    answer = await day.attendance_contact("Hillcrest").taps("Change", "CD34", code="K")
    assert answer.card is not None
    assert "local authority" in answer.card.heading
    assert decisions(day, "CD34") == []


async def test_c2_for_a_session_of_the_placement_is_recorded_with_a_warning(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    answer = await day.attendance_contact("Hillcrest").taps("Change", "CD34", code="C2")
    assert answer.card is not None
    assert any("part-time timetable" in line for line in answer.card.lines)


async def test_a_code_that_is_changed_later_keeps_the_earlier_one_and_needs_a_reason(day: Day) -> None:
    await all_arrive(day, but=("CD34",), at=("09:31",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    await priya.taps("Confirm N", "CD34")
    change = buttons_of(day, "Priya Nair", "Change", "CD34")[-1]
    refused = await priya.presses(change, code="I", because="")
    assert refused.card is not None
    assert "choose why" in refused.card.heading
    await day.dsl("Hillcrest").presses(change, code="I", because="found out since")
    assert decisions(day, "CD34") == [("N", "attendance contact", ""), ("I", "DSL", "found out since")]
    assert codes(day, "CD34")[0] == "I"


async def test_the_same_tap_twice_and_a_second_person_change_nothing(day: Day) -> None:
    await all_arrive(day, but=("CD34",), at=("09:31",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    confirm = priya.button("Confirm N", "CD34")
    await priya.presses(confirm, event_id="once")
    await priya.presses(confirm, event_id="once")
    answer = await day.dsl("Hillcrest").presses(confirm)
    assert answer.card is not None
    assert answer.card.heading == "CD34 J.S.: N was recorded already"
    assert len(decisions(day, "CD34")) == 1


async def test_a_button_that_no_longer_says_what_is_so_does_nothing(day: Day) -> None:
    await all_arrive(day, but=("CD34",), at=("13:01",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    (_, confirm), everybody = buttons_of(day, "Priya Nair", "Confirm N", "CD34"), priya.button("Confirm all")
    await day.provider("Oak Farm").taps("Correct", "CD34", fact="late", at="13:20", because="marked by mistake")
    answer = await priya.presses(confirm)
    assert answer.card is not None
    assert "has changed, and nothing was recorded" in answer.card.heading
    answer = await priya.presses(everybody)
    assert answer.card is not None
    assert answer.card.heading.startswith("Nothing was confirmed")
    assert codes(day, "CD34") == [None, None]
    priya.sees("3 sessions attended: 3 B suggested")


async def test_provider_staff_and_another_school_decide_no_codes(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    for stranger in (day.provider("Oak Farm"), day.attendance_contact("Marsh Lane"), day.person("Kit Lowry")):
        for button in (priya.button("Confirm N", "CD34"), priya.button("Change", "CD34"), priya.button("Confirm all")):
            answer = await stranger.presses(button, code="I") if button.inputs else await stranger.presses(button)
            assert answer.card is not None
            assert "not yours to decide" in answer.card.heading
    assert not day.rows(sa.select(code_decisions))


async def test_b_without_the_nature_of_the_activity_is_asked_for_it_once(day: Day) -> None:
    day.change(providers, providers.c.id == day.ids["The Garage"], activity="")
    await all_arrive(day)
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees("Codes to confirm: 2 to decide, 4 suggested", "EF56", "the nature of the activity must be recorded")
    refused = await priya.taps("Record the activity", "EF56", nature=" ")
    assert refused.card is not None
    assert "nature of the activity" in refused.card.heading
    await priya.taps("Record the activity", "EF56", nature="motor vehicle repair")
    priya.sees("Codes to confirm: 5 suggested", "5 sessions attended: 5 B suggested")
    await priya.taps("Confirm all 5")
    natures = day.rows(
        sa.select(code_decisions.c.nature)
        .join_from(code_decisions, entries)
        .where(entries.c.pupil_id == day.ids["EF56"])
    )
    assert [row.nature for row in natures] == ["motor vehicle repair", "motor vehicle repair"]


async def test_what_the_local_authority_arranged_is_k_and_a_dual_registered_pupil_d(day: Day) -> None:
    day.change(placements, placements.c.pupil_id == day.ids["AB12"], arranged_by="local authority")
    day.change(placements, placements.c.pupil_id == day.ids["EF56"], dual_registered=True)
    await all_arrive(day, but=("EF56",))
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees("4 sessions attended: 2 K, 2 B suggested", "EF56 M.H.", "D suggested: dual registered")


async def test_a_planned_absence_is_confirmed_with_the_others(day: Day) -> None:
    day.plan_absence("CD34")
    await all_arrive(day)
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees("Codes to confirm: 6 suggested", "2 sessions absent as planned: 2 M suggested")
    await priya.taps("Confirm all 6")
    assert codes(day, "CD34") == ["M", "M"]


async def test_a_pupil_who_comes_though_an_absence_was_planned_has_to_be_looked_at(day: Day) -> None:
    day.plan_absence("CD34")
    await day.jump("09:31")
    await day.provider("Oak Farm").taps("Arrived after all", "CD34")
    await day.jump("15:30")
    day.attendance_contact("Hillcrest").sees("CD34 J.S.: Oak Farm, am · planned absence; arrived", "B suggested")
    await day.provider("Oak Farm").taps("Correct", "CD34", fact="not arrived", because="wrong pupil")
    await go_to(day, FRIDAY, "08:30")
    day.attendance_contact("Hillcrest").sees("CD34 J.S.: Oak Farm, am, Thu 17 Sep 2026", "N suggested")


async def test_a_welfare_outcome_that_explains_the_absence_changes_what_is_suggested(day: Day) -> None:
    await day.jump("10:00")
    priya = day.attendance_contact("Hillcrest")
    await priya.taps("Record outcome", "CD34", outcome="at home ill, confirmed with a parent")
    await day.jump("15:30")
    priya.sees("CD34 J.S.: Oak Farm, am", "Welfare outcome: at home ill", "I suggested")


async def test_a_pupil_who_left_site_has_to_be_looked_at(day: Day) -> None:
    await all_arrive(day)
    await day.jump("14:00")
    await day.provider("Oak Farm").taps("Left site", "AB12", at="13:50")
    await day.jump("15:30")
    day.attendance_contact("Hillcrest").sees(
        "Codes to confirm: 1 to decide, 5 suggested", "AB12 J.W.: Oak Farm, pm · Left site at 13:50", "decide"
    )


async def test_deciding_is_in_the_audit_log_by_reference(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    await day.attendance_contact("Hillcrest").taps("Change", "CD34", code="M", comment="Joana was at the dentist")
    (row,) = day.rows(sa.select(audit).where(audit.c.what == "code decided"))
    assert row.person_id == day.ids["Priya Nair"]
    assert row.detail == {"code": "M", "before": None, "because": ""}
