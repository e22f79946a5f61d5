"""The inspector's pack behind sign-in: for the pupil's own school, and nobody else."""

import io
from datetime import date

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from apbot.store.tables import audit, people, placements, pupils
from apbot.web import inspect
from tests import history
from tests.day import THURSDAY
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.visits import amended, visited


@pytest.fixture
def site(site: Site) -> Site:
    """With some registers behind it."""
    site.database.run(history.put, site.ids, date(2026, 9, 2), {"CD34": "BB NN OO BN"})
    return site


async def as_(visitor: Visitor, name: str) -> Visitor:
    visitor.client.cookies.clear()
    await visitor.sign_in(name)
    return visitor


def noted(site: Site) -> list[str]:
    rows = site.rows(sa.select(audit.c.what).where(audit.c.subject == f"pupil:{site.ids['CD34']}"))
    return [row.what for row in rows]


async def test_the_dsl_sees_the_pack_with_the_name_and_that_is_written_down(site: Site, sam: Visitor) -> None:
    dsl = await as_(sam, "Dorothy Okafor")
    answer = await dsl.get("/inspect/CD34")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "Placement pack: CD34 Joana da Silva" in answer.text
    assert "37.5% (3 of 8)" in answer.text
    assert '<th scope="col">Half term</th>' in answer.text
    assert noted(site) == ["inspection pack read"]


async def test_its_pdf_says_the_same(site: Site, sam: Visitor) -> None:
    dsl = await as_(sam, "Dorothy Okafor")
    answer = await dsl.get("/inspect/pdf/CD34")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="placement-pack-CD34.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "Joana da Silva" in text
    assert "37.5% (3 of 8)" in text
    assert noted(site) == ["inspection pack taken as PDF"]


async def test_of_what_was_amended_what_stands_is_in_the_pack_and_that_it_was_amended(site: Site, sam: Visitor) -> None:
    site.database.run(visited, site.ids, "calm")
    site.database.run(amended, site.ids["Priya Nair"], "tired")
    dsl = await as_(sam, "Dorothy Okafor")
    page = (await dsl.get("/inspect/CD34")).text
    assert "Priya Nair (attendance contact), amended" in page
    assert "tired" in page
    assert "calm" not in page
    drawn = (await dsl.get("/inspect/pdf/CD34")).content
    assert "amended" in "".join(each.extract_text() for each in PdfReader(io.BytesIO(drawn)).pages)


@pytest.mark.parametrize("person", ["Sam Taylor", "Zainab Malik", "Gary Stone"])
async def test_others_learn_not_even_that_the_pupil_is_there(site: Site, sam: Visitor, person: str) -> None:
    other = await as_(sam, person)
    for path in ("/inspect/", "/inspect/pdf/"):
        theirs, none = await other.get(f"{path}CD34"), await other.get(f"{path}ZZ99")
        assert theirs.status_code == none.status_code == 404
        assert theirs.text == none.text
    assert noted(site) == []


async def test_a_key_worker_sees_it_until_they_no_longer_hold_the_placement(site: Site, sam: Visitor) -> None:
    kit = await as_(sam, "Kit Lowry")
    assert (await kit.get("/inspect/CD34")).status_code == 200
    site.change(placements, placements.c.ref == "CD34-OAK", key_worker_id=None)
    assert (await kit.get("/inspect/CD34")).status_code == 404


async def test_strangers_and_leavers_are_turned_away(site: Site, sam: Visitor, stranger: Visitor) -> None:
    assert (await stranger.get("/inspect/CD34")).status_code == 303
    dsl = await as_(sam, "Dorothy Okafor")
    site.change(people, people.c.name == "Dorothy Okafor", leaves_on=THURSDAY.replace(day=16))
    assert (await dsl.get("/inspect/CD34")).status_code in (303, 404)
    assert noted(site) == []


@pytest.mark.parametrize("reference", ["", "%00", "x" * 3000, "%F0%9F%90%90", "'; --"])
async def test_nonsense_in_the_address_is_no_pack(site: Site, sam: Visitor, reference: str) -> None:
    dsl = await as_(sam, "Dorothy Okafor")
    assert (await dsl.get(f"/inspect/{reference}")).status_code in (303, 400, 404)


async def test_a_reference_with_a_slash_and_a_name_with_marks_are_shown_as_they_are(site: Site, sam: Visitor) -> None:
    site.change(pupils, pupils.c.ref == "CD34", ref="HC/2026-34", last_name="<b>Silva</b>")
    dsl = await as_(sam, "Dorothy Okafor")
    answer = await dsl.get("/inspect/HC%2F2026-34")
    assert answer.status_code == 200
    assert "&lt;b&gt;Silva&lt;/b&gt;" in answer.text
    assert 'href="/inspect/pdf/HC/2026-34"' in answer.text
    assert (await dsl.get("/inspect/pdf/HC/2026-34")).headers["content-type"] == "application/pdf"


async def test_where_no_pdf_can_be_made_the_page_is_named_instead(
    site: Site, sam: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> bytes:
        raise inspect.NotDrawn("no memory")

    monkeypatch.setattr(inspect.Press, "pdf", broken)
    dsl = await as_(sam, "Dorothy Okafor")
    answer = await dsl.get("/inspect/pdf/CD34")
    assert answer.status_code == 503
    assert "The page has the same" in answer.text
