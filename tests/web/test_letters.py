"""The page behind the link in a letter, without a browser."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from apbot.cards import Button
from apbot.channels.links import Links
from apbot.store.letters import Letter
from apbot.store.tables import audit, escalations, marks, messages, metadata, people, pupils, roles, schools
from tests import school
from tests.channels.forms import Page, Press
from tests.web.letterbox import PUBLIC_URL, Letterbox

NAMES = [each for _, first, last, _, _ in school.PUPILS for each in (first, last, f"{first[0]}.{last[0]}.")]


class Reader:
    """Opens links and posts the forms that stand there."""

    def __init__(self, box: Letterbox, client: httpx.AsyncClient) -> None:
        self.box = box
        self.client = client

    async def opens(self, path: str, status: int = 200) -> Page:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        self.holds_no_name(answer)
        return Page(answer.text)

    async def presses(self, press: Press | None, **inputs: str) -> Page:
        assert press is not None, "there is no such button"
        given = {**press.fields, **{f"input.{name}": value for name, value in inputs.items()}}
        return await self.posts(press.action, given)

    async def types(self, page: Page, text: str, status: int = 200) -> Page:
        press = page.find("Send")
        assert press is not None, "there is no box"
        return await self.posts(press.action, {**press.fields, "text": text}, status)

    async def posts(self, path: str, fields: dict[str, str], status: int = 200) -> Page:
        answer = await self.client.post(path, data=fields, follow_redirects=True)
        assert answer.status_code == status, answer.text
        self.holds_no_name(answer)
        return Page(answer.text)

    def holds_no_name(self, answer: httpx.Response) -> None:
        for name in NAMES:
            assert f" {name}" not in Page(answer.text).text
            assert f'"{name}' not in answer.text


@pytest.fixture
async def box() -> AsyncIterator[Letterbox]:
    """The letters of a Thursday."""
    made = Letterbox()
    await made.day.begin()
    yield made
    await made.day.end()


@pytest.fixture
async def reader(box: Letterbox) -> AsyncIterator[Reader]:
    """Somebody with a telephone."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=box.app), base_url=PUBLIC_URL) as client:
        yield Reader(box, client)


def everything(box: Letterbox) -> list[Any]:
    """Every row of every table but the audit log."""
    tables = [table for table in metadata.sorted_tables if table is not audit]
    return [[tuple(row) for row in box.day.rows(sa.select(table))] for table in tables]


def alert_of(box: Letterbox, where: str = "Hillcrest") -> int:
    found = box.day.rows(sa.select(escalations.c.id).where(escalations.c.school_id == box.day.ids[where]))
    return max(row.id for row in found)


async def test_the_register_stands_there_for_one_person_by_reference(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    page = await reader.opens(box.link("Sam Taylor"))
    assert "For Sam T." in page.text
    assert "Register: Oak Farm, am" in page.text
    assert all(reference in page.text for reference in ("AB12", "CD34", "GH78"))
    assert "This page works until 12:00" in page.text


async def test_opening_a_link_changes_nothing(box: Letterbox, reader: Reader) -> None:
    await box.day.until("10:01")
    link, alert = box.link("Dorothy Okafor", "escalation"), alert_of(box)
    before = everything(box)
    for path in (link, f"{link}?press=acknowledge:{alert}:", f"{link}?done=abc", f"{link}?press=nonsense"):
        assert (await reader.client.get(path)).status_code == 200
        assert (await reader.client.head(path)).status_code == 200
    assert everything(box) == before
    opened = box.day.rows(sa.select(audit.c.person_id, audit.c.via).where(audit.c.what == "message opened"))
    assert [tuple(each) for each in opened] == [(box.day.ids["Dorothy Okafor"], "link")], "once in a quarter of an hour"


async def test_a_one_tap_link_asks_first_and_one_tap_does_it(box: Letterbox, reader: Reader) -> None:
    await box.day.until("10:01")
    link = f"{box.link('Dorothy Okafor', 'escalation')}?press=acknowledge:{alert_of(box)}:"
    page = await reader.opens(link)
    yes = page.find("Yes, I acknowledge")
    assert yes is not None
    assert yes.is_focused
    assert page.text.index("Acknowledge?") < page.text.index("Alert")
    done = await reader.presses(yes)
    assert done.text.index("Acknowledged") < done.text.index("Acknowledged by Dorothy Okafor")
    assert "has been done, or is not needed any more" in (await reader.opens(link)).text
    (row,) = box.day.rows(sa.select(escalations).where(escalations.c.id == alert_of(box)))
    assert row.acknowledged_by_id == box.day.ids["Dorothy Okafor"]
    kept = box.day.rows(sa.select(audit.c.via).where(audit.c.what == "escalation acknowledged"))
    assert [each.via for each in kept] == ["link"]


async def test_a_link_to_a_button_that_asks_something_opens_its_form(box: Letterbox, reader: Reader) -> None:
    await box.day.until("10:01")
    path = box.link("Dorothy Okafor", "escalation")
    record = (await reader.opens(path)).find("Record outcome")
    assert record is not None
    (pupil,) = box.day.rows(sa.text("SELECT id FROM escalated WHERE escalation_id = " + str(alert_of(box))))  # type: ignore[arg-type]
    asked = await reader.opens(f"{path}?press=outcome:{pupil.id}:")
    done = await reader.presses(asked.find("Record outcome"), outcome="found safe", words="in the barn")
    assert "Closed: 1 pupil accounted for" in done.text


async def test_the_page_goes_on_from_the_answer_to_what_is_left(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:40")
    page = await reader.types(await reader.opens(box.link("Sam Taylor")), "CD34 late 25:80")
    assert "That time can't be right" in page.text
    page = await reader.presses(page.find("Not arrived", "CD34"), reason="ill")
    assert "CD34: not arrived: ill" in page.text
    assert "Please answer for the 2 left" in page.text


async def test_words_are_read_and_read_back(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    page = await reader.types(await reader.opens(box.link("Sam Taylor")), "all in except CD34")
    assert "AB12: arrived" in page.text
    page = await reader.types(page, "ta")
    assert "There was nothing to record" in page.text


async def test_a_possible_concern_offers_a_call_and_no_word_of_it_is_kept(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    page = await reader.types(await reader.opens(box.link("Sam Taylor")), "AB12 told me her uncle hits her")
    assert "Is this a safeguarding concern?" in page.text
    assert "uncle" not in page.text
    assert not any("uncle" in str(rows) for rows in everything(box))
    page = await reader.presses(page.find("Ask Hillcrest's DSL to call me now"))
    assert "Hillcrest is to telephone you now" in page.text
    await box.day.app.tick()
    assert box.letter("Dorothy Okafor", "concern")


async def test_a_concern_is_raised_and_an_incident_reported_behind_a_link_too(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    page = await reader.opens(box.link("Sam Taylor"))
    page = await reader.presses(page.find("Raise a concern"))
    assert "Which school is the pupil from?" in page.text
    page = await reader.presses(page.find("Ask Marsh Lane's DSL to call me now"))
    assert "Marsh Lane is to telephone you now" in page.text
    page = await reader.opens(box.link("Sam Taylor"))
    page = await reader.presses(page.find("Incident"), pupil="CD34", kind="accident", parents="yes")
    assert "Hillcrest is told: accident" in page.text
    assert "J.S." not in page.text


@pytest.mark.parametrize("words", ["/ap today", "ap status CD34", "/AP link ABCD-EFGH"])
async def test_a_link_is_no_way_in_to_commands(box: Letterbox, reader: Reader, words: str) -> None:
    await box.day.until("09:31")
    page = await reader.types(await reader.opens(box.link("Sam Taylor")), words, 422)
    assert "Only the register's answers" in page.text
    assert words in page.text, "put back, so that nothing is lost"


async def test_words_are_about_the_links_register_and_no_other(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    page = await reader.opens(box.link("Sam Taylor"))
    box.day.change(roles, roles.c.person_id == box.day.ids["Sam Taylor"], provider_id=box.day.ids["The Garage"])
    refused = await reader.types(page, "all in", 422)
    assert "You don't work at that provider today" in refused.text
    assert not box.day.rows(sa.select(marks))


async def test_what_is_not_a_register_takes_no_words(box: Letterbox, reader: Reader) -> None:
    await box.day.until("10:01")
    path = box.link("Dorothy Okafor", "escalation")
    page = await reader.opens(path)
    assert page.find("Send") is None
    press = page.find("Acknowledge")
    assert press is not None
    fields = {"token": press.fields["token"], "event_id": "event-one", "text": "all in"}
    await reader.posts(path, fields, 422)


async def test_only_what_was_offered_can_be_pressed(box: Letterbox, reader: Reader) -> None:
    await box.day.until("10:01")
    links, sam = box.links(), box.letter("Sam Taylor", "register")
    path = box.link("Sam Taylor")
    page = await reader.opens(path)
    press = page.find("Arrived")
    assert press is not None
    acknowledge = Button("Acknowledge", "acknowledge", alert_of(box))
    elsewhere = Letter(box.letter("Dorothy Okafor", "escalation").message_id, sam.person_id, sam.until)
    forged = Links("", "another secret").sign_press(sam, "event-one", acknowledge)
    for posted in (forged, links.sign_press(elsewhere, "event-one", acknowledge), "x/1/acknowledge:1:", ""):
        refused = await reader.posts(path, {**press.fields, "press": posted}, 422)
        assert "That button can't be read" in refused.text
    assert not box.day.rows(sa.select(marks))
    assert all(row.state == "open" for row in box.day.rows(sa.select(escalations)))


async def test_the_same_form_sent_again_does_nothing_and_is_answered_the_same(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    press = (await reader.opens(box.link("Sam Taylor"))).find("Arrived", "AB12")
    first = await reader.presses(press)
    second = await reader.presses(press)
    assert first.text == second.text
    assert len(box.day.rows(sa.select(marks))) == 1


async def test_words_that_are_too_long_are_put_back(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    page = await reader.opens(box.link("Sam Taylor"))
    answer = await reader.types(page, "all in " * 400, 422)
    assert "2,000 can be sent at once" in answer.text
    assert "all in all in" in answer.text
    assert (await reader.types(page, "  ", 422)).find("Send")


async def test_garbage_is_refused_and_nothing_is_done(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    path = box.link("Sam Taylor")
    press = (await reader.opens(path)).find("Arrived")
    assert press is not None
    post = reader.client.post
    assert (await post(path, content=b"\xff\xfe")).status_code == 400
    assert (await post(path, content=b"text=" + b"x" * 70_000)).status_code == 413
    assert (await post(path, data={**press.fields, "token": "x"})).status_code == 403
    assert (await post(path, data=press.fields, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await post(path, data=press.fields, headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await reader.client.put(path)).status_code == 405
    assert not box.day.rows(sa.select(marks))


async def test_a_telephones_mail_program_that_says_nothing_of_itself_can_post(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    press = (await reader.opens(box.link("Sam Taylor"))).find("Arrived")
    assert press is not None
    answer = await reader.client.post(press.action, data=press.fields, headers={"origin": "null"})
    assert answer.status_code == 303


async def test_a_registers_link_ends_with_its_session(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    path = box.link("Sam Taylor")
    press = (await reader.opens(path)).find("Arrived")
    assert press is not None
    await box.day.until("12:00")
    page = await reader.opens(path, 410)
    assert "telephone the school now" in page.text
    await reader.posts(path, press.fields, 410)
    assert not box.day.rows(sa.select(marks))


async def test_an_alerts_link_lasts_a_week(box: Letterbox, reader: Reader) -> None:
    await box.day.until("10:01")
    path = box.link("Dorothy Okafor", "escalation")
    box.day.clock.set(box.day.clock.now() + timedelta(days=6, hours=23))
    await reader.opens(path)
    box.day.clock.set(box.day.clock.now() + timedelta(hours=2))
    await reader.opens(path, 410)


async def test_a_dead_link_says_nothing_about_anybody(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    path = box.link("Sam Taylor")
    sam = box.letter("Sam Taylor", "register")
    others = box.links().to(Letter(box.letter("Bea Whitlock", "register").message_id, sam.person_id, sam.until))
    nobodys = box.links().to(Letter(4711, sam.person_id, sam.until))
    texts = set()
    for dead in ("/m/made-up", f"{path}x", path[:-3], others, nobodys, "/m/" + "a" * 5000):
        page = await reader.opens(dead, 410)
        texts.add(page.text)
        assert "Sam" not in page.text
        assert "Oak Farm" not in page.text
    assert len(texts) == 1, "nobody learns which of them there is"


async def test_a_leaver_and_somebody_without_a_role_are_turned_away(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    sam, bea = box.link("Sam Taylor"), box.link("Bea Whitlock")
    press = (await reader.opens(sam)).find("Arrived")
    assert press is not None
    box.day.change(people, people.c.id == box.day.ids["Sam Taylor"], leaves_on=box.day.date - timedelta(days=1))
    box.day.database.run(
        lambda transaction: transaction.execute(
            sa.delete(roles).where(roles.c.person_id == box.day.ids["Bea Whitlock"])
        )
    )
    await reader.opens(sam, 410)
    await reader.posts(sam, press.fields, 410)
    await reader.opens(bea, 410)
    assert not box.day.rows(sa.select(marks))


async def test_guessing_is_slowed_and_never_locks_a_good_link_out(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    for _ in range(30):
        await reader.opens("/m/guess", 410)
    page = await reader.opens("/m/guess", 429)
    assert "wait 60 seconds" in page.text
    await reader.opens(box.link("Sam Taylor"))


async def test_before_any_link_was_made_every_link_is_dead(box: Letterbox, reader: Reader) -> None:
    before = everything(box)
    await reader.opens("/m/guess", 410)
    assert everything(box) == before


async def test_the_page_is_kept_nowhere_and_tells_nobody_where_it_is(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    answer = await reader.client.get(box.link("Sam Taylor"))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in answer.text
    assert "noindex" in answer.text


async def test_what_is_of_special_care_is_on_the_board_to_which_an_alerts_page_leads(
    box: Letterbox, reader: Reader
) -> None:
    box.day.change(pupils, sa.true(), social_worker=True)
    await box.day.until_register()
    await box.day.until("10:01")
    answer = await reader.client.get(box.link("Dorothy Okafor", "escalation"))
    assert "CD34" in answer.text
    assert "social worker" not in answer.text
    assert 'href="/board">See on the board who else is to be told</a>' in answer.text


async def test_initials_stay_in_the_chat(box: Letterbox, reader: Reader) -> None:
    await box.day.until_register()
    await box.day.until("10:01")
    assert box.day.rows(sa.select(schools.c.initials_in_chat))[0].initials_in_chat
    page = await reader.opens(box.link("Sam Taylor", "nudge"))
    assert "CD34" in page.text
    page = await reader.presses(page.find("Arrived", "CD34"))
    assert "CD34: arrived" in page.text
    await box.day.app.tick()
    for kind in ("escalation", "stand down"):
        assert "CD34" in (await reader.opens(box.link("Dorothy Okafor", kind))).text
    box.day.newest(box.day.dsl_address, "CD34 J.S.")


async def test_a_message_that_is_gone_is_a_dead_link(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:31")
    path = box.link("Sam Taylor")
    box.day.change(messages, messages.c.id == box.letter("Sam Taylor", "register").message_id, kind="no such kind")
    await reader.opens(path, 410)


async def test_behind_a_nudge_every_answer_can_be_pressed(box: Letterbox, reader: Reader) -> None:
    await box.day.until("09:46")
    page = await reader.opens(box.link("Sam Taylor", "nudge"))
    assert page.find("Late", "CD34")
    page = await reader.presses(page.find("Not arrived", "CD34"), reason="ill")
    assert "CD34: not arrived: ill" in page.text
