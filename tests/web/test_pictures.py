"""A card's picture in the built-in chat: for who may read the card, and nobody else."""

from apbot.cards import Card, Picture
from apbot.store.tables import people
from tests.day import THURSDAY
from tests.web.site import Site
from tests.web.visitor import Visitor

CARD = Card(
    "The week to Fri 11 Sep 2026: attendance 91%",
    picture=Picture("Hillcrest", "Sessions of <1> pupil: 1 absence.", ("Mon 7",), (("AB12", ("B", "N")),)),
)


async def shown(site: Site, to: str) -> str:
    """Deliver the card; the path of its picture."""
    await site.webchat.deliver([site.message(to, CARD)])
    return f"/chat/picture/{site.lines()[-1].id}"


async def test_it_stands_in_the_card_with_words_for_who_can_not_see_it(site: Site, sam: Visitor) -> None:
    path = await shown(site, "Sam Taylor")
    page = (await sam.get(f"/chat/{sam.address}")).text
    assert f'<img src="{path}" alt="Sessions of &lt;1&gt; pupil: 1 absence."' in page
    answer = await sam.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\x89PNG")


async def test_what_is_shared_is_seen_by_all_who_share_it(site: Site, sam: Visitor) -> None:
    assert (await sam.get(await shown(site, "Oak Farm"))).status_code == 200
    assert (await sam.get(await shown(site, "The Garage"))).status_code == 404


async def test_nobody_elses_is_shown_and_nothing_tells_that_it_is_there(site: Site, sam: Visitor) -> None:
    theirs = await sam.get(await shown(site, "Priya Nair"))
    none = await sam.get("/chat/picture/999999")
    assert theirs.status_code == none.status_code == 404
    assert theirs.text == none.text


async def test_strangers_and_leavers_are_turned_away(site: Site, sam: Visitor, stranger: Visitor) -> None:
    path = await shown(site, "Sam Taylor")
    assert (await stranger.get(path)).status_code == 303
    site.change(people, people.c.name == "Sam Taylor", leaves_on=THURSDAY.replace(day=16))
    assert (await sam.get(path)).status_code == 404


async def test_a_number_that_is_none_is_no_picture(site: Site, sam: Visitor) -> None:
    for number in ("0", "99999999999999999999999999", "-1", "x"):
        assert (await sam.get(f"/chat/picture/{number}")).status_code == 404
