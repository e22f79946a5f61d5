"""The day's codes: suggested to the school, confirmed or changed by it, and chased until every absence has a reason."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from apbot.cards import Button
from apbot.messages import codes_overdue
from apbot.messages.coding import SHOWN
from apbot.messages.kinds import Envelope
from apbot.store.chases import Chase, Waiting
from apbot.store.database import Transaction
from apbot.store.tables import audit, closures, code_decisions, entries, messages, placements, providers, pupils
from tests import school
from tests.day import Day
from tests.marks import WEEKS_ON_END

FRIDAY = date(2026, 9, 18)


async def all_arrive(day: Day, *, but: tuple[str, ...] = (), at: tuple[str, ...] = ("09:31", "13:01")) -> None:
    """Every provider answers both registers: everybody came, but for some who did not arrive."""
    for time in at:
        await day.jump(time)
        for provider in school.PROVIDERS:
            for pupil, _, _, _, place in school.PUPILS:
                if place == provider and pupil in but:
                    await day.provider(provider).taps("Not arrived", pupil)
            register = [card for card in day.provider(provider).cards if card.heading.startswith("Register:")][-1]
            for button in register.buttons:
                if button.verb == "all_arrived":
                    await day.provider(provider).presses(button)


async def go_to(day: Day, on: date, at: str) -> None:
    """Let the days go by until `at` on `on`; every day is opened, and has its morning and its afternoon."""
    while day.date < on:
        day.date += timedelta(days=1)
        if day.date < on:
            for time in ("05:00", "08:30", "15:30"):
                await day.jump(time)
    for time in ("05:00", "08:30", "15:30"):
        if time < at:
            await day.jump(time)
    await day.jump(at)


def decisions(day: Day, pupil: str) -> list[tuple[str, str, str]]:
    """Every decision about a pupil: the code, who made it as what, and why it was changed."""
    return [
        (row.code, row.made_as, row.because)
        for row in day.rows(
            sa.select(code_decisions)
            .join_from(code_decisions, entries)
            .where(entries.c.pupil_id == day.ids[pupil])
            .order_by(code_decisions.c.id)
        )
    ]


def codes(day: Day, pupil: str) -> list[str | None]:
    """The codes in force for a pupil, session by session."""
    return [
        row.code
        for row in day.rows(
            sa.select(entries.c.code, entries.c.starts_at)
            .where(entries.c.pupil_id == day.ids[pupil])
            .order_by(entries.c.starts_at)
        )
    ]


def buttons_of(day: Day, person: str, label: str, pupil: str) -> list[Button]:
    """A person's buttons with this label beside this pupil, the oldest first."""
    return [
        button
        for card in day.person(person).cards
        for button in card.buttons_everywhere()
        if button.label == label and pupil in button.describes
    ]


def lists_of(day: Day, person: str, heading: str) -> list[str]:
    """The headings of the cards in a person's conversation that begin like this."""
    return [card.heading for card in day.person(person).cards if card.heading.startswith(heading)]


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


async def test_codes_are_asked_for_a_quarter_of_an_hour_after_the_last_session(day: Day) -> None:
    hours = {"usual": {"am": ["09:30", "12:00"], "pm": ["13:00", "16:30"]}, "on": {}}
    day.change(providers, providers.c.id == day.ids["The Garage"], hours=hours)
    await all_arrive(day)
    await day.jump("15:30")
    await day.jump("16:44")
    assert not lists_of(day, "Priya Nair", "Codes")
    assert lists_of(day, "Alan Pugh", "Codes"), "Marsh Lane has nobody at the Garage"
    await day.jump("16:45")
    assert lists_of(day, "Priya Nair", "Codes") == ["Codes to confirm: 6 suggested, Thu 17 Sep 2026"]


async def test_whoever_covers_for_the_attendance_contact_is_asked(day: Day) -> None:
    day.cover("Priya Nair", by="Tom Beckett")
    await all_arrive(day)
    await day.jump("15:30")
    assert lists_of(day, "Tom Beckett", "Codes to confirm")
    assert not lists_of(day, "Priya Nair", "Codes")


async def test_the_dsl_is_asked_where_nobody_reaches_the_attendance_contact(day: Day) -> None:
    day.unreachable("Priya Nair")
    await all_arrive(day)
    await day.jump("15:30")
    assert lists_of(day, "Dorothy Okafor", "Codes to confirm")


async def test_a_day_without_sessions_asks_for_nothing(day: Day) -> None:
    day.change(placements, sa.true(), pattern=["mon am"])
    for time in ("05:00", "08:30", "15:30", "16:00"):
        await day.jump(time)
    day.attendance_contact("Hillcrest").sees_nothing()
    assert not day.rows(sa.select(messages))


async def test_a_long_list_shows_the_first_and_the_next_as_these_are_settled(day: Day) -> None:
    def enrol(transaction: Transaction) -> None:
        for number in range(SHOWN + 3):
            pupil = transaction.insert(
                pupils, ref=f"ZZ{number:02}", school_id=day.ids["Hillcrest"], first_name="A", last_name="B"
            )
            transaction.insert(
                placements,
                ref=f"ZZ{number:02}-OAK",
                pupil_id=pupil,
                provider_id=day.ids["Oak Farm"],
                starts_on=school.TERM[0],
                pattern=["thu am"],
                hours={"usual": {}, "on": {}},
                touched_at=transaction.now,
            )

    day.database.run(enrol)
    day.change(placements, placements.c.key_worker_id.is_not(None), pattern=["mon am"])
    await day.jump("10:00")
    await day.jump("15:30")
    priya = day.attendance_contact("Hillcrest")
    priya.sees(f"Codes to confirm: {SHOWN + 3} to decide", "3 more to settle")
    assert "ZZ20" not in (text := "\n".join(str(c.rows) for c in priya.cards if c.heading.startswith("Codes"))), text
    await priya.taps("Confirm N", "ZZ00")
    priya.sees(f"Codes to confirm: {SHOWN + 2} to decide", "2 more to settle", "ZZ20")


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


async def test_deciding_is_in_the_audit_log_by_reference(day: Day) -> None:
    await all_arrive(day, but=("CD34",))
    await day.jump("15:30")
    await day.attendance_contact("Hillcrest").taps("Change", "CD34", code="M", comment="Joana was at the dentist")
    (row,) = day.rows(sa.select(audit).where(audit.c.what == "code decided"))
    assert row.person_id == day.ids["Priya Nair"]
    assert row.detail == {"code": "M", "before": None, "because": ""}


def test_a_school_that_confirms_nothing_for_long_is_shown_five_days_at_once() -> None:
    days = [Waiting(number, date(2026, 9, number), 4) for number in range(7, 14)]
    chase = Chase(1, 1, "Hillcrest", date(2026, 9, 14), is_newest=True, waiting=tuple(days))
    now = datetime(2026, 9, 14, 7, 30, tzinfo=UTC)
    shown = codes_overdue.card(chase, Envelope(None, 0, 0, now, now, sent_before=False))
    assert shown is not None
    assert shown.heading == "Codes of earlier days: 28 suggested"
    assert len(shown.buttons) == 5
    assert shown.lines[-1] == "2 more days to confirm: shown here as these are confirmed."
