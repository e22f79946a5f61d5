"""The pages of a placement and of a provider: who sees how much, amendments kept, history by the page."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.marks import Session
from apbot.store.database import Transaction
from apbot.store.tables import audit, documents, entries, placements, registers
from tests.web.office import Office
from tests.web.visits import amended, visited

CD34 = "/placements/CD34-OAK"


@pytest.mark.parametrize(
    ("reader", "sees_name", "sees_gate"),
    [("Priya Nair", True, True), ("Kit Lowry", True, True), ("Ada Quill", True, True), ("Sam Taylor", False, False)],
)
async def test_the_school_sees_the_name_and_what_was_arranged_the_provider_the_reference(
    office: Office, reader: str, sees_name: bool, sees_gate: bool
) -> None:
    await office.day.until("10:05")
    page = await office.reads(reader, CD34)
    assert "CD34" in page
    assert ("Joana" in page) is sees_name
    assert ("No commissioning agreement" in page) is sees_gate
    assert ("reason not yet established" in page) is sees_name, "codes are the school's"


@pytest.mark.parametrize("reader", ["Alan Pugh", "Gary Stone"])
async def test_to_others_a_placement_is_as_if_it_were_not_there(office: Office, reader: str) -> None:
    await office.day.until("10:05")
    theirs, none = await office.get(reader, CD34), await office.get(reader, "/placements/NONE")
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.text == none.text


async def test_an_amendment_stands_beside_what_it_corrects(office: Office) -> None:
    day = office.day
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    await day.until("09:40")
    await day.provider("Oak Farm").taps(
        "Correct", pupil="CD34", fact="not arrived", reason="ill", because="wrong pupil"
    )
    page = await office.reads("Priya Nair", CD34)
    assert "Amended: 09:40 Sam Taylor (named contact): arrived → not arrived: ill, because wrong pupil" in page


async def test_an_alert_stands_with_its_outcome_and_no_other_pupil(office: Office) -> None:
    day = office.day
    await day.until("10:02")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="found safe", words="at the bus stop")
    page = await office.reads("Priya Nair", CD34)
    assert "<strong>Found safe</strong>: <bdi>at the bus stop</bdi>" in page
    assert "Dorothy Okafor, Thu 17 Sep 2026 10:02" in page
    assert "AB12" not in page, "who was in the same alert"
    assert "at the bus stop" not in await office.reads("Sam Taylor", CD34)


async def test_what_was_done_is_there_for_the_school_and_not_for_the_provider(office: Office) -> None:
    await office.day.until("09:00")
    office.day.database.run(visited, office.day.ids, "calm")
    page = await office.reads("Priya Nair", CD34)
    assert "Written down by Kit Lowry (key worker), Thu 17 Sep 2026 09:00" in page
    assert "Written down by" not in await office.reads("Sam Taylor", CD34)


async def test_what_was_amended_is_struck_out_below_what_stands(office: Office) -> None:
    day = office.day
    await day.until("09:00")
    day.database.run(visited, day.ids, "calm")
    await day.until("09:30")
    for by, words in (("Kit Lowry", "tired"), ("Priya Nair", "worn out")):
        day.database.run(amended, day.ids[by], words)
    page = await office.reads("Priya Nair", CD34)
    done = page.split('id="h-records"')[1].split("</section>")[0]
    assert done.count("<h3>") == 1, "what stands is one thing"
    stands, *before = done.split("Before that it said:")
    assert "worn out" in stands
    assert "Amended by Priya Nair (attendance contact), Thu 17 Sep 2026 09:30" in stands
    for block, words, by in zip(
        before,
        ("tired", "calm"),
        (
            "Amended by Kit Lowry (key worker), Thu 17 Sep 2026 09:30",
            "Written down by Kit Lowry (key worker), Thu 17 Sep 2026 09:00",
        ),
        strict=True,
    ):
        assert f"<bdi>{words}</bdi>" in block.split("<del>")[1].split("</del>")[0]
        assert by in block


async def test_history_comes_by_the_page(office: Office) -> None:
    day = office.day
    days = [date(2026, 9, 2) + timedelta(days=number) for number in range(15)]

    def fill(transaction: Transaction) -> None:
        for each in days:
            for session in Session:
                starts_at = transaction.now - (day.date - each) - timedelta(hours=8 if session is Session.AM else 4)
                register = transaction.insert(
                    registers,
                    provider_id=day.ids["Oak Farm"],
                    day=each,
                    session=session.value,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(hours=2),
                )
                transaction.insert(
                    entries,
                    register_id=register,
                    placement_id=day.ids["CD34 placement"],
                    pupil_id=day.ids["CD34"],
                    school_id=day.ids["Hillcrest"],
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(hours=2),
                    state="expected",
                    alert_minutes=30,
                    alert_due=starts_at,
                    fact="arrived",
                )

    day.database.run(fill)
    await day.until("09:45")
    first = await office.reads("Priya Nair", CD34)
    assert first.count('<th scope="row">') == 30
    older = first.split('<a class="button" href="?before=')[1].split('"')[0]
    second = await office.reads("Priya Nair", f"{CD34}?before={older}")
    assert second.count('<th scope="row">') == 1
    assert "Wed 2 Sep 2026, am" in second
    assert "Earlier sessions" not in second


@pytest.mark.parametrize(
    "query",
    [
        "?before=nonsense",
        "?before=2026-09-17",
        "?before=%00",
        "?before=0001-01-01T00:00:00%2B14:00",
        "?before=9999-12-31T23:59:59-14:00",
        "?until=31-31",
        "?until=0001-01-05",
    ],
)
async def test_an_address_that_is_nonsense_shows_the_newest(office: Office, query: str) -> None:
    await office.day.until("09:45")
    assert "Thu 17 Sep 2026, am" in await office.reads("Priya Nair", f"{CD34}{query}")
    assert "Thu 17 Sep 2026, am" in await office.reads("Priya Nair", f"/providers/OAK%20{query}")


@pytest.mark.parametrize(
    ("reader", "pupils"),
    [("Priya Nair", {"AB12", "CD34"}), ("Alan Pugh", {"GH78"}), ("Sam Taylor", {"AB12", "CD34", "GH78"})],
)
async def test_a_providers_page_shows_the_readers_own_pupils(office: Office, reader: str, pupils: set[str]) -> None:
    await office.day.until("10:05")
    page = await office.reads(reader, "/providers/OAK%20")
    assert {each for each in ("AB12", "CD34", "EF56", "GH78") if each in page} == pupils
    assert f"<td>{len(pupils)}</td>" in page, "the registers count the same pupils"
    assert ("Joana" in page) is (reader == "Priya Nair")


async def test_a_provider_where_none_of_ones_pupils_is_stays_closed(office: Office) -> None:
    assert (await office.get("Alan Pugh", "/providers/THE%20")).status_code == 404
    assert (await office.get("Gary Stone", "/providers/OAK%20")).status_code == 404


async def test_documents_say_when_they_end_and_what_was_never_shown(office: Office) -> None:
    day = office.day

    def show(transaction: Transaction) -> None:
        for kind, expires_on in (
            ("public liability insurance", date(2026, 9, 1)),
            ("letter of assurance", date(2026, 10, 1)),
            ("fire drill", date(2027, 9, 1)),
        ):
            transaction.insert(documents, provider_id=day.ids["Oak Farm"], kind=kind, expires_on=expires_on)

    day.database.run(show)
    page = await office.reads("Priya Nair", "/providers/OAK%20")
    assert "Ended on Tue 1 Sep 2026" in page
    assert "Ends on Thu 1 Oct 2026" in page
    assert "Holds until Wed 1 Sep 2027" in page
    assert page.count("Not shown") == 1, "the safeguarding policy"


async def test_each_opening_is_in_the_audit_log(office: Office) -> None:
    day = office.day
    await office.reads("Priya Nair", CD34)
    await office.reads("Priya Nair", "/providers/OAK%20")
    found = day.rows(sa.select(audit).where(audit.c.what.in_(["placement read", "provider read"])))
    assert [(row.subject, row.person_id) for row in found] == [
        (f"pupil:{day.ids['CD34']}", day.ids["Priya Nair"]),
        (f"provider:{day.ids['Oak Farm']}", day.ids["Priya Nair"]),
    ]
    assert found[1].detail == {"count": 2, "pupils": sorted((day.ids["AB12"], day.ids["CD34"]))}


async def test_a_reference_with_a_slash_has_a_page(office: Office) -> None:
    office.day.change(placements, placements.c.ref == "CD34-OAK", ref="CD34/1 ä")
    await office.day.until("09:45")
    page = await office.reads("Priya Nair", "/placements/CD34%2F1%20%C3%A4")
    assert "placement CD34/1 ä" in page
    assert "/placements/CD34%2F1%20%C3%A4" in await office.reads("Priya Nair", "/board")
