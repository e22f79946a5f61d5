"""What `/ap week` answers, and to whom."""

import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store.tables import audit, covers, duties, duty_records, placements
from tests.day import Day
from tests.stories.cast import answered, ask, hire, pupils_in, stranger


async def test_a_key_worker_sees_what_is_theirs_this_week_and_next_and_can_answer_it_there(day: Day) -> None:
    await day.until("09:00")
    kit = day.person("Kit Lowry")
    card = answered(await kit.types("/ap week"))
    assert pupils_in(card) == {"AB12", "CD34", "EF56"}
    assert card.heading == "3 things of yours to do this week, 0 next"
    contacts = [row for row in card.rows if "contact with the provider" in row.heading and row.buttons]
    assert len(contacts) == 3
    assert all("this week" in row.text and "due Fri 18 Sep 2026" in row.text for row in contacts)
    coming = next(row for row in card.rows if row.heading == "To come: contact with the provider")
    assert coming.text == "AB12 J.W., CD34 J.S., EF56 M.H. by Fri 25 Sep 2026"
    await kit.taps("Log contact", pupil="CD34", whom="named contact", how="telephone")
    assert (await ask(day, "Kit Lowry", "week")).startswith("2 things of yours to do this week")


async def test_what_is_overdue_comes_first_and_says_since_when(day: Day) -> None:
    await day.until("09:00")
    late = duties.c.key.like(f"contact:placement:{day.ids['EF56 placement']}%")
    day.change(duties, late, due_on=day.date.replace(day=11))
    card = answered(await day.person("Kit Lowry").types("/ap week"))
    assert card.heading.endswith("1 overdue")
    assert card.rows[0].heading == "EF56 M.H.: contact with the provider"
    assert card.rows[0].text == "The Garage · overdue since Fri 11 Sep 2026"


async def test_who_leads_sees_the_schools_counts_and_each_thing_that_is_overdue(day: Day) -> None:
    await day.until("09:00")
    late = duties.c.key.like(f"contact:placement:{day.ids['CD34 placement']}%")
    day.change(duties, late, due_on=day.date.replace(day=11))
    for person in ("Dorothy Okafor", "Helen Marsh", "Priya Nair"):
        card = answered(await day.person(person).types("/ap week"))
        counts = next(row.text for row in card.rows if row.heading == "Hillcrest")
        assert "Contact with the provider: 1 overdue, 2 this week, 3 next week" in counts
        assert [row.heading for row in card.rows if "overdue since" in row.text] == [
            "CD34 J.S.: contact with the provider"
        ]
    assert "Marsh Lane" not in await ask(day, "Dorothy Okafor", "week")


async def test_a_provider_sees_its_reports_and_nothing_of_contacts_or_visits(day: Day) -> None:
    near_the_end = Day(day.date.replace(month=10, day=14))
    try:
        await near_the_end.until("09:00")
        card = answered(await near_the_end.person("Sam Taylor").types("/ap week"))
        assert pupils_in(card) == {"AB12", "CD34", "GH78"}
        assert {row.heading.split(": ")[1] for row in card.rows} == {"provider's report"}
        assert pupils_in(answered(await near_the_end.person("Gary Stone").types("/ap week"))) == {"EF56"}
    finally:
        near_the_end.close()


async def test_what_was_handed_over_is_the_other_persons_now(day: Day) -> None:
    hire(day, "Rae Cole", Role.KEY_WORKER, "Hillcrest")
    await day.until("09:00")
    await day.person("Kit Lowry").types("/ap week")
    await day.person("Kit Lowry").taps("Hand over", pupil="AB12", whom="Rae Cole")
    assert pupils_in(answered(await day.person("Rae Cole").types("/ap week"))) == {"AB12"}
    shown = answered(await day.person("Kit Lowry").types("/ap week"))
    assert not any("AB12" in row.heading for row in shown.rows)


async def test_who_stands_in_sees_what_is_to_be_done_for_whom_until_when_and_can_answer_it(day: Day) -> None:
    rosa = hire(day, "Rosa Bell", Role.KEY_WORKER, "Hillcrest")
    await day.person("Kit Lowry").types("/ap cover from 17 Sep to 22 Sep by Rosa Bell")
    await day.until("09:00")
    card = answered(await rosa.types("/ap week"))
    assert card.heading == "0 things of yours to do this week, 0 next · 3 for Kit Lowry"
    contacts = [row for row in card.rows if row.buttons]
    assert {row.heading.split()[0] for row in contacts} == {"AB12", "CD34", "EF56"}
    assert all(row.text.startswith("this week · for Kit Lowry, until Tue 22 Sep 2026 · ") for row in contacts)
    coming = next(row for row in card.rows if "To come" in row.heading)
    assert coming.heading == "To come for Kit Lowry, until Tue 22 Sep 2026: contact with the provider"
    assert not card.lines
    await rosa.taps("Log contact", pupil="CD34", whom="named contact", how="telephone")
    assert (await ask(day, "Rosa Bell", "week")).startswith("0 things of yours to do this week, 0 next · 2 for Kit")
    read = day.rows(sa.select(audit.c.subject).where(audit.c.what == "week read"))
    assert {row.subject for row in read} == {f"pupil:{day.ids[each]}" for each in ("AB12", "CD34", "EF56")}


async def test_what_opens_once_the_cover_has_ended_is_not_shown_to_who_stood_in(day: Day) -> None:
    rosa = hire(day, "Rosa Bell", Role.KEY_WORKER, "Hillcrest")
    await day.person("Kit Lowry").types("/ap cover today by Rosa Bell")
    await day.until("09:00")
    assert not any("To come" in row.heading for row in answered(await rosa.types("/ap week")).rows)
    day.change(covers, sa.true(), withdrawn_at=day.clock.now())
    assert "Nothing is owed by you" in await ask(day, "Rosa Bell", "week")


async def test_of_two_who_were_to_stand_in_the_later_one_sees_it(day: Day) -> None:
    for name in ("Rosa Bell", "Rae Cole"):
        hire(day, name, Role.KEY_WORKER, "Hillcrest")
        await day.person("Kit Lowry").types(f"/ap cover today by {name}")
    await day.until("09:00")
    assert "Nothing is owed by you" in await ask(day, "Rosa Bell", "week")
    assert "3 for Kit Lowry" in await ask(day, "Rae Cole", "week")


async def test_who_answers_for_a_school_sees_what_is_theirs_to_do_for_a_key_worker(day: Day) -> None:
    await day.person("Kit Lowry").types("/ap cover today by Priya Nair")
    await day.until("09:00")
    card = answered(await day.person("Priya Nair").types("/ap week"))
    assert card.heading == "This week and next: 3 for Kit Lowry"
    assert sum("for Kit Lowry, until Thu 17 Sep 2026" in row.text for row in card.rows) == 3


async def test_an_admin_of_everything_sees_counts_and_no_pupil(day: Day) -> None:
    await day.until("09:00")
    card = answered(await day.person("Ada Quill").types("/ap week"))
    assert not pupils_in(card)
    assert [row.heading for row in card.rows] == ["Hillcrest", "Marsh Lane"]


async def test_who_has_nothing_to_do_with_pupils_learns_nothing(day: Day) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    hire(day, "a key worker without pupils", Role.KEY_WORKER, "Hillcrest")
    await day.until("09:00")
    for person in ("a governor", "a key worker without pupils"):
        assert "Nothing is owed by you" in await ask(day, person, "week")
    answer = await stranger(day).types("/ap week")
    assert answer.is_refusal


async def test_more_than_fits_is_counted_and_every_pupil_shown_is_in_the_audit_log(day: Day) -> None:
    def _more(transaction):
        row = transaction.rows(sa.select(placements).where(placements.c.id == day.ids["AB12 placement"]))[0]
        for number in range(25):
            given = row._asdict() | {"ref": f"AB12-{number}", "id": None}
            transaction.execute(sa.insert(placements).values(**{k: v for k, v in given.items() if k != "id"}))

    day.database.run(_more)
    await day.until("09:00")
    card = answered(await day.person("Kit Lowry").types("/ap week"))
    assert sum(bool(row.buttons) for row in card.rows) == 20
    assert "8 more are not shown here" in card.lines[0]
    read = day.rows(sa.select(audit.c.subject).where(audit.c.what == "week read"))
    assert {row.subject for row in read} <= {f"pupil:{day.ids[each]}" for each in ("AB12", "CD34", "EF56")}
    assert len(read) >= 1
    assert day.rows(sa.select(duty_records)) == []
