"""Full names: only behind sign-in, only for who may see them, and never without a trace."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store.database import Transaction
from apbot.store.tables import audit, people, placements, pupils, roles
from tests.web.site import Site
from tests.web.visitor import Visitor

EVERYBODY = {"Jay Ward", "Joana da Silva", "Mo Hassan", "Ellie Dunn"}


async def names_seen(visitor: Visitor, name: str) -> set[str]:
    await visitor.sign_in(name)
    page = (await visitor.get("/names")).text
    return {each for each in EVERYBODY if each in page}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("Sam Taylor", {"Jay Ward", "Joana da Silva", "Ellie Dunn"}),
        ("Gary Stone", {"Mo Hassan"}),
        ("Dorothy Okafor", {"Jay Ward", "Joana da Silva", "Mo Hassan"}),
        ("Alan Pugh", {"Ellie Dunn"}),
        ("Kit Lowry", {"Jay Ward", "Joana da Silva", "Mo Hassan"}),
        ("Ada Quill", EVERYBODY),
    ],
)
async def test_everybody_sees_their_own(stranger: Visitor, reader: str, seen: set[str]) -> None:
    assert await names_seen(stranger, reader) == seen


async def test_a_governor_sees_none(stranger: Visitor, site: Site) -> None:
    site.change(roles, roles.c.person_id == site.ids["Dorothy Okafor"], role=Role.GOVERNOR.value)
    assert await names_seen(stranger, "Dorothy Okafor") == set()


async def test_a_key_worker_sees_the_placements_they_hold_and_no_more(stranger: Visitor, site: Site) -> None:
    site.change(placements, placements.c.pupil_id == site.ids["AB12"], key_worker_id=None)
    assert await names_seen(stranger, "Kit Lowry") == {"Joana da Silva", "Mo Hassan"}


async def test_a_placement_that_ended_or_has_not_begun_opens_nothing(stranger: Visitor, site: Site) -> None:
    site.change(placements, placements.c.pupil_id == site.ids["AB12"], ends_on=date(2026, 9, 16))
    site.change(placements, placements.c.pupil_id == site.ids["CD34"], starts_on=date(2026, 9, 18))
    assert await names_seen(stranger, "Sam Taylor") == {"Ellie Dunn"}
    assert await names_seen(stranger, "Dorothy Okafor") == {"Jay Ward", "Joana da Silva", "Mo Hassan"}, (
        "the school's own"
    )


async def test_a_pupil_who_has_gone_is_gone(stranger: Visitor, site: Site) -> None:
    site.change(pupils, pupils.c.ref == "AB12", ends_on=date(2026, 9, 16))
    assert await names_seen(stranger, "Ada Quill") == EVERYBODY - {"Jay Ward"}


async def test_a_provider_learns_of_no_other_provider_of_its_pupil(stranger: Visitor, site: Site) -> None:
    before = site.rows(sa.select(placements).where(placements.c.pupil_id == site.ids["AB12"]))[0]
    also = {**before._mapping, "ref": "AB12-GAR", "provider_id": site.ids["The Garage"]}
    del also["id"]
    site.database.run(Transaction.insert, placements, **also)
    await stranger.sign_in("Gary Stone")
    page = (await stranger.get("/names")).text
    assert "Jay Ward" in page
    assert "Oak Farm" not in page


async def test_each_reading_is_written_down_by_reference(sam: Visitor) -> None:
    await sam.get("/names")
    await sam.get("/names")
    rows = sam.site.rows(sa.select(audit).where(audit.c.what == "names read"))
    assert len(rows) == 2
    assert (rows[0].person_id, rows[0].via, rows[0].subject) == (sam.site.ids["Sam Taylor"], "web", sam.address)
    assert rows[0].detail == {"count": 3, "pupils": sorted(sam.site.ids[each] for each in ("AB12", "CD34", "GH78"))}


async def test_who_lost_their_role_a_second_ago_sees_none(sam: Visitor) -> None:
    await sam.get("/names")
    sam.site.change(people, people.c.name == "Sam Taylor", leaves_on=date(2026, 9, 16))
    answer = await sam.get("/names")
    assert answer.status_code == 303
    assert "Joana" not in answer.text
