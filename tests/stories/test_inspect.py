"""What an inspector asks: the headlines in chat, the pack whole, and who may have it."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import card_from_json
from apbot.domain.access import TERMINAL
from apbot.domain.roles import Role
from apbot.papers.document import Paper
from apbot.papers.inspection import paper
from apbot.store.inspection import read_pack
from apbot.store.people import load_actor
from apbot.store.pupils import find_pupil
from apbot.store.tables import audit, concerns, documents, duty_records, incidents, placements, providers
from tests import history
from tests.day import Day, text_of
from tests.stories.cast import UNKNOWN, VISIT, answered, ask, hire, stranger

CODES = "BB NN OO BN NN BB Y4 UU BB BB BI"


@pytest.fixture
def placed(day: Day) -> Day:
    """CD34's placement as the roster has it when all is in place, and the registers since the term began."""
    day.change(
        placements,
        placements.c.ref == "CD34-OAK",
        aims="back to class by Christmas",
        authorised_by="Helen Marsh, head",
        referred_on=date(2026, 8, 24),
        agreement_on=date(2026, 8, 28),
        risk_shared_on=date(2026, 8, 28),
        dsl_details_on=date(2026, 8, 28),
        review_dates=["2026-10-12"],
        meals="packed lunch",
        rest_of_week="",
    )
    day.change(
        providers,
        providers.c.name == "Oak Farm",
        registration="URN 139999",
        registered=True,
        registration_checked_on=date(2026, 8, 20),
    )

    def put(transaction):
        for kind in ("letter of assurance", "public liability insurance", "safeguarding policy"):
            transaction.insert(documents, provider_id=day.ids["Oak Farm"], kind=kind, dated_on=date(2026, 8, 20))

    day.database.run(put)
    day.database.run(history.put, day.ids, date(2026, 9, 2), {"CD34": CODES, "AB12": "BB BB"})
    return day


async def the_days_work(day: Day) -> None:
    """A non-arrival that is settled, a contact, and a visit."""
    await day.until("10:04")
    dsl = day.dsl("Hillcrest")
    await dsl.taps("Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent")
    kit = day.person("Kit Lowry")
    await kit.types("/ap status CD34")
    await kit.taps("Log contact", pupil="CD34", whom="named contact", how="telephone", follow_up="ask about shoes")
    await kit.types("/ap status CD34")
    await kit.taps("Log visit", pupil="CD34", **VISIT)


def pack_for(day: Day, person: str, reference: str = "CD34") -> Paper | None:
    def read(transaction):
        actor = TERMINAL if not person else load_actor(transaction, day.ids[person], "web")
        pupil = find_pupil(transaction, actor, reference)
        pack = None if pupil is None else read_pack(transaction, actor, pupil, "test")
        return None if pack is None else paper(pack)

    return day.database.run(read)


def words_of(whole: Paper) -> str:
    return json.dumps(
        [
            [each.heading, each.facts, [[t.caption, t.columns, t.rows] for t in each.tables], each.notes]
            for each in whole.sections
        ],
        ensure_ascii=False,
    )


def section(whole: Paper, heading: str):
    return next(each for each in whole.sections if each.heading.startswith(heading))


async def test_the_headlines_say_why_with_whom_and_how_it_goes(placed: Day) -> None:
    await the_days_work(placed)
    card = answered(await placed.dsl("Hillcrest").types("/ap inspect cd34"))
    said = {row.heading: row.text for row in card.rows}
    assert card.heading == "CD34 J.S.: what an inspector would ask"
    assert said["Oak Farm: why, and who decided"] == "back to class by Christmas · authorised by Helen Marsh, head"
    assert said["Oak Farm: registration"].startswith("registered as a school, URN 139999, checked Thu 20 Aug 2026")
    # 10 of 20: two of twenty-two did not run.
    assert said["Oak Farm: attendance"] == "50% (10 of 20) · 1 non-arrival, acknowledged after 4 minutes (median)"
    assert "Visit to the pupil: 1 due, 1 done" in said["Oak Farm: contacts, visits, reviews"]
    assert "target end date Fri 23 Oct 2026" in said["Oak Farm: progress, reintegration and end"]
    assert not any("not in place" in heading for heading in said)
    assert card.page is not None
    assert card.page.path == "/inspect/CD34"
    assert card_from_json(json.loads(json.dumps(card.to_json()))) == card


async def test_what_is_not_in_place_is_said(day: Day) -> None:
    await day.until("09:00")
    text = await ask(day, "Dorothy Okafor", "inspect AB12")
    assert "no aims recorded · nobody has authorised it" in text
    assert "Oak Farm: not in place: no commissioning agreement; nobody has authorised it; no aims" in text


async def test_the_pack_answers_every_question_of_the_key_steps(placed: Day) -> None:
    await the_days_work(placed)
    whole = pack_for(placed, "Dorothy Okafor")
    assert whole is not None
    assert whole.title == "Placement pack: CD34 Joana da Silva"
    assert dict(section(whole, "Why, and who decided").facts) == {
        "Aims": "back to class by Christmas",
        "Commissioned by": "Hillcrest",
        "Arranged by": "the school",
        "Authorised by": "Helen Marsh, head",
        "Referred on": "Mon 24 Aug 2026",
        "Agreement signed on": "Fri 28 Aug 2026",
        "Risk information exchanged on": "Fri 28 Aug 2026",
        "DSL's details given to the provider on": "Fri 28 Aug 2026",
        "Key worker": "Kit Lowry",
    }
    provider = dict(section(whole, "The provider").facts)
    assert provider["Registration"] == "registered as a school, URN 139999, checked Thu 20 Aug 2026"
    assert provider["Activity"] == "animal care"
    assert "letter of assurance to Fri 20 Aug 2027" in provider["Documents"]
    times = dict(section(whole, "Times").facts)
    assert (times["Target end date"], times["Transport"]) == ("Fri 23 Oct 2026", "taxi 12")
    (terms,) = section(whole, "Attendance").tables
    assert terms.rows == (
        ("Autumn 1", "Wed 2 Sep 2026", "Wed 16 Sep 2026", "50% (10 of 20)", "10 B, 5 N, 2 O, 2 U, 2 Y4, 1 I"),
    )
    (missed,) = section(whole, "Non-arrivals").tables
    assert missed.rows == (
        (
            "Thu 17 Sep 2026",
            "am",
            "10:00",
            "after 4 minutes, Dorothy Okafor",
            "after 4 minutes",
            "at home ill, confirmed with a parent",
            "Dorothy Okafor",
        ),
    )
    (visits,) = section(whole, "Visits, with the pupil's view").tables
    assert visits.columns[1:4] == ("Was the pupil seen", "The pupil's view", "In their words (no names)")
    assert visits.rows[0][1:4] == ("yes, alone", "mostly happy", "the goats are best")
    (week,) = section(whole, "The whole week").tables
    assert week.rows == tuple((session, *["Oak Farm"] * 5) for session in ("am", "pm"))
    assert dict(section(whole, "Reintegration").facts)["Destination"] == "not recorded"


async def test_incidents_and_concerns_are_counted_and_dated_and_nothing_more(placed: Day) -> None:
    def happened(transaction):
        at = transaction.now - timedelta(days=1)
        for kind, told, withdrawn in (("accident", "yes", None), ("damage", "not yet", None), ("other", "no", at)):
            transaction.insert(
                incidents,
                placement_id=placed.ids["CD34 placement"],
                provider_id=placed.ids["Oak Farm"],
                school_id=placed.ids["Hillcrest"],
                kind=kind,
                happened_at=at,
                parents_told=told,
                raised_by_id=placed.ids["Sam Taylor"],
                raised_as="named contact",
                raised_at=at,
                withdrawn_at=withdrawn,
                acknowledged_at=at,
            )
        transaction.insert(
            concerns,
            school_id=placed.ids["Hillcrest"],
            provider_id=placed.ids["Oak Farm"],
            raised_by_id=placed.ids["Sam Taylor"],
            raised_at=at,
            acknowledged_at=at + timedelta(minutes=3),
            pupil_id=placed.ids["CD34"],
            reference="MC-2026-17",
        )

    placed.database.run(happened)
    whole, for_kit = pack_for(placed, "Dorothy Okafor"), pack_for(placed, "Kit Lowry")
    assert whole is not None
    assert for_kit is not None
    assert section(whole, "Incidents").notes == (
        "2 incidents (1 accident, 1 damage), the last on Wed 16 Sep 2026; parents not told of 1.",
    )
    (table,) = section(whole, "Safeguarding concerns").tables
    assert table.rows == (("Wed 16 Sep 2026", "04:00", "04:03", "Oak Farm", "MC-2026-17"),)
    assert "MC-2026-17" not in words_of(for_kit)
    assert not any(each.heading == "Safeguarding concerns" for each in for_kit.sections)
    await placed.until("09:00")
    assert "Concerns: 1 concern raised: Wed 16 Sep 2026." in await ask(placed, "Dorothy Okafor", "status CD34")
    assert "oncern" not in await ask(placed, "Sam Taylor", "status CD34")


async def test_when_it_has_ended_it_says_where_the_pupil_went(placed: Day) -> None:
    def end(transaction):
        transaction.execute(
            sa.update(placements).where(placements.c.ref == "CD34-OAK").values(ends_on=date(2026, 9, 15))
        )
        transaction.insert(
            duty_records,
            kind="end of placement",
            school_id=placed.ids["Hillcrest"],
            placement_id=placed.ids["CD34 placement"],
            happened_on=date(2026, 9, 15),
            given={"report": "received", "destination": "back to the school", "view": "good", "words": "ready"},
            made_by_id=placed.ids["Kit Lowry"],
            made_as="key worker",
            made_at=transaction.now,
        )

    placed.database.run(end)
    whole = pack_for(placed, "Dorothy Okafor")
    assert whole is not None
    said = dict(section(whole, "Reintegration").facts)
    assert (said["Destination"], said["The pupil's own view"]) == ("back to the school", "good")
    assert any(each.heading == "Oak Farm, from Wed 2 Sep 2026 (over)" for each in whole.sections)
    (week,) = section(whole, "The whole week").tables
    assert week.rows[0] == ("am", *["at the school"] * 5)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("Priya Nair", True),
        ("Dorothy Okafor", True),
        ("Helen Marsh", True),
        ("Kit Lowry", True),
        ("Ada Quill", True),
        ("Sam Taylor", False),
        ("Gary Stone", False),
        ("Zainab Malik", False),
        ("a governor", False),
        ("a SENCO", False),
        ("a key worker without pupils", False),
    ],
)
async def test_only_the_pupils_own_school_may_have_it(day: Day, person: str, may: bool) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    hire(day, "a SENCO", Role.SENCO, "Hillcrest")
    hire(day, "a key worker without pupils", Role.KEY_WORKER, "Hillcrest")
    await day.until("09:00")
    card = answered(await day.person(person).types("/ap inspect CD34"))
    assert (card.page is not None) is may
    assert (pack_for(day, person) is not None) is may
    if not may:
        knows_pupil = person == "Sam Taylor"
        assert card.heading.startswith("An inspector's pack is the school's" if knows_pupil else UNKNOWN)


async def test_a_stranger_learns_nothing(day: Day) -> None:
    assert (await stranger(day).types("/ap inspect CD34")).is_refusal


async def test_a_key_worker_gets_the_placements_that_they_hold(day: Day) -> None:
    def second(transaction):
        row = transaction.rows(sa.select(placements).where(placements.c.ref == "CD34-OAK"))[0]._asdict()
        del row["id"]
        given = row | {"ref": "CD34-GAR", "provider_id": day.ids["The Garage"], "key_worker_id": None}
        transaction.execute(sa.insert(placements).values(**given))

    day.database.run(second)
    own, all_of_it = pack_for(day, "Kit Lowry"), pack_for(day, "Dorothy Okafor")
    assert own is not None
    assert all_of_it is not None
    assert "The Garage" not in words_of(own)
    assert "The Garage" in words_of(all_of_it)


async def test_each_reading_is_in_the_audit_log_under_its_own_name(placed: Day) -> None:
    await placed.until("09:00")
    await ask(placed, "Dorothy Okafor", "inspect CD34")
    read = placed.rows(sa.select(audit.c.what).where(audit.c.subject == f"pupil:{placed.ids['CD34']}"))
    assert [row.what for row in read][-1] == "inspection headlines read"


async def test_chat_never_shows_the_name_that_the_pack_has(placed: Day) -> None:
    await placed.until("09:00")
    answered(await placed.person("Kit Lowry").types("/ap inspect CD34"))
    assert "Silva" not in text_of(answered(await placed.dsl("Hillcrest").types("/ap inspect CD34")))
