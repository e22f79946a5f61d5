"""Who is told, and who is not."""

from datetime import date

from apbot.domain.roles import Role
from apbot.store.tables import people, placements, roles
from tests.day import Day
from tests.stories.awkward_days.changes import CD34, alerts


async def test_a_person_with_two_roles_is_told_once_of_each_step(day: Day) -> None:
    for role in (Role.ATTENDANCE_CONTACT, Role.DEPUTY_DSL, Role.ADMIN):
        day.database.run(
            lambda t, role=role: t.insert(
                roles, person_id=day.ids["Dorothy Okafor"], role=role.value, school_id=day.ids["Hillcrest"]
            )
        )
    day.change(placements, placements.c.id == day.ids[CD34], key_worker_id=day.ids["Dorothy Okafor"])
    await day.until("10:21")
    assert len(day.dsl("Hillcrest").cards) == 3


async def test_cover_that_has_left_is_passed_over_for_the_next_in_line(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Helen Marsh"], leaves_on=date(2026, 9, 16))
    day.cover("Dorothy Okafor", by="Helen Marsh")
    await day.until("10:00")
    day.person("Helen Marsh").sees_nothing()
    day.person("Tom Beckett").sees("Not arrived: 1 pupil")


async def test_a_key_worker_who_has_left_gets_no_copy(day: Day) -> None:
    day.change(people, people.c.id == day.ids["Kit Lowry"], leaves_on=date(2026, 9, 16))
    await day.until("10:00")
    day.dsl("Hillcrest").sees("Not arrived")
    day.person("Kit Lowry").sees_nothing()


async def test_a_key_worker_is_not_told_that_somebody_deals_with_an_alert_that_is_open_again(day: Day) -> None:
    await day.until("10:00")
    await day.dsl("Hillcrest").taps("Acknowledge")
    day.person("Kit Lowry").sees("Dorothy Okafor is dealing with it")
    await day.until("11:16")
    assert alerts(day) == ["not arrived: open"]
    day.person("Kit Lowry").does_not_see("is dealing with it")
