"""Everybody's calendar at a secret address: made, followed, renewed, ended; by reference alone."""

import html
import re
from datetime import date

import sqlalchemy as sa
from icalendar import Calendar

from apbot.store.tables import audit, calendar_links, duties, people, placements
from apbot.web import calendar as pages
from apbot.web.limits import WRONG_A_MINUTE
from tests.web.office import Office


async def make(office: Office, name: str, do: str = "make") -> str:
    """Press the button on the page; the path of the address that it shows, if any."""
    page = await office.reads(name, "/calendar")
    token = re.findall(r'name="token" value="([^"]+)"', page)[-1]
    answer = await (await office.browser(name)).post("/calendar", data={"token": token, "do": do})
    assert answer.status_code == 200
    found = re.search(r'id="address" value="http://apbot.test(/calendar/[^"]+\.ics)"', answer.text)
    return html.unescape(found[1]) if found else ""


async def events(office: Office, path: str) -> dict[str, date]:
    """What stands in the calendar at this address, by its words."""
    answer = await office.get("", path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return {str(each["summary"]): each["dtstart"].dt for each in Calendar.from_ical(answer.content).walk("VEVENT")}


async def test_a_key_workers_calendar_has_visits_reviews_and_target_ends(office: Office) -> None:
    day = office.day
    day.change(placements, placements.c.ref == "CD34-OAK", review_dates=["2026-10-12", "2026-12-07"])
    await day.until("09:00")
    found = await events(office, await make(office, "Kit Lowry"))
    assert found["CD34: target end"] == date(2026, 10, 23)
    assert found["CD34: visit to the pupil due"] == date(2026, 10, 23)
    assert found["CD34: review planned"] == date(2026, 12, 7)
    assert {words.split(":")[0] for words in found} == {"AB12", "CD34", "EF56"}


async def test_what_is_booked_stands_on_the_day_for_which_it_is_booked(office: Office) -> None:
    day = office.day
    await day.until("09:00")
    booked = sa.and_(duties.c.kind == "visit", duties.c.placement_id == day.ids["CD34 placement"])
    day.change(duties, booked, booked_on=date(2026, 9, 24))
    found = await events(office, await make(office, "Kit Lowry"))
    assert found["CD34: visit to the pupil"] == date(2026, 9, 24)


async def test_no_name_and_no_initials_leave_by_the_calendar(office: Office) -> None:
    await office.day.until("09:00")
    for name in ("Priya Nair", "Sam Taylor"):
        text = (await office.get("", await make(office, name))).text
        assert "CD34" in text
        for word in ("Joana", "Silva", "J.S.", "Ward"):
            assert word not in text


async def test_a_provider_sees_its_own_placements_and_nothing_of_those_that_are_over(office: Office) -> None:
    await office.day.until("09:00")
    path = await make(office, "Sam Taylor")
    assert {words.split(":")[0] for words in await events(office, path)} == {"AB12", "CD34", "GH78"}
    office.day.change(placements, placements.c.ref == "CD34-OAK", ends_on=date(2026, 9, 16))
    assert "CD34: placement ends" not in await events(office, path)
    assert "CD34: placement ends" in await events(office, await make(office, "Priya Nair"))


async def test_a_new_address_ends_the_old_one_and_ending_leaves_none(office: Office) -> None:
    first = await make(office, "Kit Lowry")
    second = await make(office, "Kit Lowry")
    assert (await office.get("", first)).status_code == 404
    assert (await office.get("", second)).status_code == 200
    await make(office, "Kit Lowry", "end")
    assert (await office.get("", second)).status_code == 404
    assert "Your calendar has no address yet" in await office.reads("Kit Lowry", "/calendar")


async def test_it_is_ended_and_renewed_from_chat_which_never_holds_the_address(office: Office) -> None:
    day = office.day
    path = await make(office, "Priya Nair")
    asked = await day.person("Priya Nair").types("/ap calendar")
    assert asked.card is not None
    assert asked.card.heading == "Your calendar has an address since Thu 17 Sep 2026, not fetched yet"
    renewed = await day.person("Priya Nair").types("/ap calendar new")
    assert renewed.card is not None
    assert renewed.card.heading == "The old address of your calendar has ended"
    assert "Your calendar" in renewed.card.lines[0]
    assert (await office.get("", path)).status_code == 404
    again = await make(office, "Priya Nair")
    await day.person("Priya Nair").types("/ap calendar off")
    assert (await office.get("", again)).status_code == 404


async def test_a_leavers_calendar_is_gone_the_day_after(office: Office) -> None:
    path = await make(office, "Kit Lowry")
    office.day.change(people, people.c.name == "Kit Lowry", leaves_on=date(2026, 9, 17))
    assert (await office.get("", path)).status_code == 200
    office.day.change(people, people.c.name == "Kit Lowry", leaves_on=date(2026, 9, 16))
    gone, never = await office.get("", path), await office.get("", "/calendar/nonsense.ics")
    assert (gone.status_code, gone.text) == (404, never.text)


async def test_the_secret_is_kept_as_a_hash_alone(office: Office) -> None:
    secret = (await make(office, "Kit Lowry")).removeprefix("/calendar/").removesuffix(".ics")
    (row,) = office.day.rows(sa.select(calendar_links))
    assert len(secret) == 43
    assert secret not in str(row)
    assert secret not in str(office.day.rows(sa.select(audit)))


async def test_what_has_not_changed_is_not_sent_again(office: Office) -> None:
    await office.day.until("09:00")
    path = await make(office, "Kit Lowry")
    tag = (await office.get("", path)).headers["etag"]
    office.day.clock.set(office.day.clock.now())
    same = await office.get("", path, **{"if-none-match": f'"other", W/{tag}'})
    assert (same.status_code, same.content) == (304, b"")
    office.day.change(placements, placements.c.ref == "CD34-OAK", target_end_on=date(2026, 12, 18))
    assert (await office.get("", path, **{"if-none-match": tag})).status_code == 200


async def test_a_fetch_is_in_the_audit_log_once_a_day(office: Office) -> None:
    await office.day.until("09:00")
    path = await make(office, "Kit Lowry")
    for at in ("09:00", "09:30", "11:00", "15:00"):
        await office.day.until(at)
        await office.get("", path)
    (row,) = office.day.rows(sa.select(audit).where(audit.c.what == "calendar read"))
    assert (row.person_id, row.via) == (office.day.ids["Kit Lowry"], "calendar")
    assert row.detail == {"count": 3, "pupils": sorted(office.day.ids[each] for each in ("AB12", "CD34", "EF56"))}
    assert "It was last fetched Thu 17 Sep 2026 15:00." in await office.reads("Kit Lowry", "/calendar")


async def test_who_guesses_or_asks_without_end_is_asked_to_wait(office: Office) -> None:
    path = await make(office, "Kit Lowry")
    for _ in range(pages.FETCHES_A_MINUTE):
        assert (await office.get("", path)).status_code == 200
    told = await office.get("", path)
    assert (told.status_code, told.headers["retry-after"]) == (429, "60")
    for _ in range(WRONG_A_MINUTE):
        assert (await office.get("", "/calendar/guess.ics")).status_code == 404
    assert (await office.get("", "/calendar/guess.ics")).status_code == 429
    assert (await office.get("", await make(office, "Priya Nair"))).status_code == 200


async def test_another_site_can_make_no_address(office: Office) -> None:
    browser = await office.browser("Kit Lowry")
    assert (await browser.post("/calendar", data={"do": "make", "token": "wrong"})).status_code == 403
    assert office.day.rows(sa.select(calendar_links)) == []
