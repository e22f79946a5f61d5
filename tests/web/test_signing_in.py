"""One-time links, sign-ins, and their ends."""

from datetime import date, timedelta

import httpx
import pytest
import sqlalchemy as sa
from starlette.requests import Request

from apbot.settings import Settings
from apbot.store import signin
from apbot.store.tables import addresses, audit, people, signin_links, web_sessions
from apbot.web.security import token_from
from apbot.web.server import create_app
from apbot.web.signin import SignInPages
from tests.web.site import Site
from tests.web.visitor import Visitor


async def test_a_link_asks_first_and_signs_in_on_the_press_of_a_button(stranger: Visitor) -> None:
    link = stranger.site.link("Dorothy Okafor")
    page = await stranger.get(link)
    assert page.status_code == 200
    assert "Sign in as Dorothy O.?" in page.text
    answer = await stranger.client.post(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie, "on this machine there is no https"
    assert (await stranger.get("/chat")).status_code == 303


async def test_a_link_works_once(stranger: Visitor) -> None:
    link = stranger.site.link("Dorothy Okafor")
    await stranger.client.post(link)
    stranger.client.cookies.clear()
    assert (await stranger.get(link)).status_code == 410
    answer = await stranger.client.post(link)
    assert answer.status_code == 410
    assert "set-cookie" not in answer.headers


async def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(stranger: Visitor) -> None:
    link = stranger.site.link("Dorothy Okafor")
    for _ in range(3):
        await stranger.client.head(link)
        await stranger.get(link)
    assert (await stranger.client.post(link)).status_code == 303


async def test_a_used_an_old_and_an_invented_link_look_the_same(stranger: Visitor) -> None:
    used, old = stranger.site.link("Dorothy Okafor"), stranger.site.link("Priya Nair", hours=1)
    await stranger.client.post(used)
    stranger.client.cookies.clear()
    stranger.site.clock.forward(timedelta(hours=1))
    answers = [await stranger.get(link) for link in (used, old, "/signin/invented")]
    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.text for answer in answers}) == 1
    assert "apbot link" in answers[0].text, "it says how to get a new one"


async def test_yesterdays_link_tapped_again_leads_to_the_chat_where_one_is_signed_in(stranger: Visitor) -> None:
    link = stranger.site.link("Dorothy Okafor")
    await stranger.client.post(link)
    for answer in (await stranger.get(link), await stranger.client.post(link)):
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")


async def test_guessing_is_slowed_down_and_an_office_signing_in_is_not(stranger: Visitor) -> None:
    for _ in range(40):
        assert (await stranger.client.post(stranger.site.link("Dorothy Okafor"))).status_code == 303
    stranger.client.cookies.clear()
    tries = [(await stranger.get(f"/signin/guess-{number}")).status_code for number in range(31)]
    assert tries == [410] * 30 + [429]
    stranger.site.clock.forward(timedelta(seconds=20))
    told = await stranger.get("/signin/another-guess")
    assert (told.status_code, told.headers["retry-after"]) == (429, "40")
    assert "Please wait 40 seconds" in told.text
    assert (await stranger.get(stranger.site.link("Priya Nair"))).status_code == 200, "who has a link gets in"
    stranger.site.clock.forward(timedelta(seconds=40))
    assert (await stranger.get("/signin/guess-again")).status_code == 410


async def test_links_that_strangers_make_up_do_not_come_to_the_writer(
    stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(*_: object, **__: object) -> None:
        raise AssertionError("taps and alerts would wait for it")

    monkeypatch.setattr(stranger.site.database, "write", write)
    assert (await stranger.client.post("/signin/made-up")).status_code == 410
    nobodys = {"token": token_from(""), "where": "everywhere"}
    assert (await stranger.client.post("/signout", data=nobodys)).status_code == 303


async def test_only_a_hash_of_a_secret_is_kept(sam: Visitor) -> None:
    link = sam.site.link("Dorothy Okafor")
    cookie = sam.client.cookies["apbot_session"]
    kept = b"".join(path.read_bytes() for path in sam.site.file.parent.iterdir())
    assert link.removeprefix("/signin/").encode() not in kept
    assert cookie.encode() not in kept


async def test_the_first_sign_in_makes_a_person_reachable(stranger: Visitor) -> None:
    site = stranger.site
    site.database.run(lambda transaction: transaction.execute(sa.delete(addresses)))
    touched: list[frozenset[str]] = []
    site.database.listeners.append(touched.append)
    await stranger.sign_in("Dorothy Okafor")
    await stranger.sign_in("Dorothy Okafor")
    (address,) = site.rows(sa.select(addresses))
    assert (address.person_id, address.channel, address.address) == (
        site.ids["Dorothy Okafor"],
        "web",
        f"person:{site.ids['Dorothy Okafor']}",
    )
    assert sum("roster" in each for each in touched) == 1


async def test_links_and_sign_ins_are_in_the_audit_log(sam: Visitor) -> None:
    await sam.client.post("/signout", data={"token": sam.token})
    rows = sam.site.rows(sa.select(audit).order_by(audit.c.id))
    assert [(row.what, row.via) for row in rows] == [
        ("sign-in link made", "terminal"),
        ("signed in", "web"),
        ("signed out", "web"),
    ]
    assert {row.subject for row in rows} == {sam.address}


async def test_signing_out_ends_the_sign_in_itself_and_not_the_cookie_alone(sam: Visitor) -> None:
    cookie = sam.client.cookies["apbot_session"]
    assert (await sam.client.post("/signout", data={"token": "wrong"})).status_code == 403
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 200
    answer = await sam.client.post("/signout", data={"token": sam.token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "apbot_session" not in sam.client.cookies
    sam.client.cookies.set("apbot_session", cookie)
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 303


async def test_a_sign_in_ends_after_thirty_days_however_much_it_is_used(sam: Visitor) -> None:
    for _ in range(29):
        sam.site.clock.forward(timedelta(days=1))
        assert (await sam.get(f"/chat/{sam.address}")).status_code == 200
    sam.site.clock.forward(timedelta(days=1) - timedelta(minutes=1))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 200
    sam.site.clock.forward(timedelta(minutes=1))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 303


async def test_a_sign_in_ends_on_a_device_that_nobody_uses_for_a_fortnight(sam: Visitor) -> None:
    sam.site.clock.forward(timedelta(days=13))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 200
    sam.site.clock.forward(timedelta(days=13))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 200
    sam.site.clock.forward(timedelta(days=1))
    assert sam.site.database.run(signin.people_signed_in), "opened yesterday"
    sam.site.clock.forward(timedelta(days=3))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 303, "the thirty days are over"


async def test_an_idle_sign_in_counts_as_none(sam: Visitor) -> None:
    sam.site.clock.forward(timedelta(days=14))
    assert not sam.site.database.run(signin.people_signed_in), "nobody would see an alert there"
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 303


async def test_cookies_that_strangers_make_up_fill_no_memory(site: Site, stranger: Visitor) -> None:
    pages = SignInPages(Settings(), site.database)
    for number in range(20):
        cookie = f"apbot_session={str(number) * 9000}".encode()
        request = Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", cookie)]})
        assert await pages.identify(request) is None
    assert not pages._remembered


async def test_not_every_page_that_is_opened_is_written_down(sam: Visitor) -> None:
    def expires() -> object:
        return sam.site.rows(sa.select(web_sessions.c.expires_at))[0].expires_at

    before = expires()
    for _ in range(5):
        sam.site.clock.forward(timedelta(minutes=11))
        await sam.get(f"/chat/{sam.address}")
    assert expires() == before
    sam.site.clock.forward(timedelta(minutes=11))
    await sam.get(f"/chat/{sam.address}")
    assert expires() > before  # type: ignore[operator]


async def test_a_database_that_can_not_write_keeps_nobody_out(sam: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise sa.exc.OperationalError("update", {}, Exception("disk full"))

    sam.site.clock.forward(timedelta(days=1))
    with monkeypatch.context() as broken:
        broken.setattr(sam.site.database, "write", fails)
        assert (await sam.get(f"/chat/{sam.address}")).status_code == 200


async def test_one_button_signs_a_person_out_of_every_device(sam: Visitor) -> None:
    site = sam.site
    unused = site.link("Sam Taylor")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site.app), base_url="http://apbot.test"
    ) as telephone:
        lost = Visitor(site, telephone)
        await lost.sign_in("Sam Taylor")
        assert "Sign out on every device" in (await sam.get(f"/chat/{sam.address}")).text
        answer = await sam.client.post("/signout", data={"token": sam.token, "where": "everywhere"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await lost.get(f"/chat/{sam.address}")).status_code == 303
        assert (await lost.client.post(unused)).status_code == 410
    assert [row.what for row in site.rows(sa.select(audit).order_by(audit.c.id))][-1] == "signed out everywhere"


async def test_each_sign_in_has_a_secret_of_its_own(stranger: Visitor) -> None:
    """What somebody put into the browser beforehand is worth nothing afterwards."""
    stranger.client.cookies.set("apbot_session", "planted-by-somebody-else")
    await stranger.client.post(stranger.site.link("Dorothy Okafor"))
    first = {each.value for each in stranger.client.cookies.jar} - {"planted-by-somebody-else"}
    await stranger.client.post(stranger.site.link("Dorothy Okafor"))
    second = {each.value for each in stranger.client.cookies.jar} - {"planted-by-somebody-else"}
    assert first
    assert second
    assert not first & second
    assert all(len(each) >= 43 for each in first | second), "256 bits of chance"


async def test_a_leaver_gets_nothing_at_all(sam: Visitor) -> None:
    sam.site.change(people, people.c.name == "Sam Taylor", leaves_on=date(2026, 9, 16))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 404
    assert (await sam.says("all in")).status_code == 404
    assert (await sam.get("/names")).status_code == 303
    assert not sam.site.lines()
    sam.site.clock.forward(timedelta(seconds=5))
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 303, "the sign-in is not worth anything either"


async def test_a_leaver_and_who_has_not_started_can_not_use_their_link(stranger: Visitor) -> None:
    site = stranger.site
    left, later = site.link("Dorothy Okafor"), site.link("Priya Nair")
    site.change(people, people.c.name == "Dorothy Okafor", leaves_on=date(2026, 9, 16))
    site.change(people, people.c.name == "Priya Nair", starts_on=date(2026, 9, 18))
    assert (await stranger.client.post(left)).status_code == 410
    assert (await stranger.client.post(later)).status_code == 410
    site.clock.forward(timedelta(days=1))
    assert (await stranger.client.post(later)).status_code == 303, "it was not used up before the first day"


def test_no_link_is_made_for_who_has_left(site: Site) -> None:
    site.change(people, people.c.name == "Dorothy Okafor", leaves_on=date(2026, 9, 16))
    with pytest.raises(signin.CannotSignIn, match="Dorothy Okafor left on 16 Sep 2026"):
        site.link("Dorothy Okafor")
    with pytest.raises(signin.CannotSignIn, match="no such person"):
        site.database.run(signin.make_link, 999, timedelta(hours=1))


async def test_a_lost_telephone_is_signed_out_by_a_new_link(sam: Visitor) -> None:
    site = sam.site
    unused = site.link("Sam Taylor")
    site.database.run(signin.make_link, site.ids["Sam Taylor"], timedelta(hours=1), end_others=True)
    assert (await sam.get(f"/chat/{sam.address}")).status_code == 303
    assert (await sam.client.post(unused)).status_code == 410


async def test_signing_in_as_somebody_else_ends_the_first_sign_in(sam: Visitor) -> None:
    await sam.sign_in("Dorothy Okafor")
    ended = sam.site.rows(sa.select(web_sessions.c.person_id).where(web_sessions.c.ended_at.is_not(None)))
    assert [row.person_id for row in ended] == [sam.site.ids["Sam Taylor"]]


async def test_who_is_signed_in_somewhere_can_be_asked(sam: Visitor) -> None:
    site = sam.site
    assert site.database.run(signin.people_signed_in) == {site.ids["Sam Taylor"]}
    site.clock.forward(timedelta(days=30))
    assert site.database.run(signin.people_signed_in) == frozenset()


async def test_two_presses_of_one_links_button_sign_in_once(site: Site) -> None:
    secret = site.link("Dorothy Okafor").removeprefix("/signin/")
    first = site.database.run(signin.sign_in, secret, signin.Lasts(timedelta(days=1), timedelta(days=1)))
    second = site.database.run(signin.sign_in, secret, signin.Lasts(timedelta(days=1), timedelta(days=1)))
    assert first is not None
    assert second is None
    assert len(site.rows(sa.select(web_sessions))) == 1
    assert len(site.rows(sa.select(signin_links).where(signin_links.c.used_at.is_not(None)))) == 1


async def test_with_https_the_cookie_never_travels_without(site: Site) -> None:
    settings = Settings(public_url="https://apbot.hillcrest.example")
    app = create_app(settings, site.database, site.webchat)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://apbot.hillcrest.example") as client:
        answer = await client.post(site.link("Dorothy Okafor"))
        assert answer.headers["set-cookie"].startswith("__Host-apbot_session=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "Path=/" in answer.headers["set-cookie"]
        assert "Domain" not in answer.headers["set-cookie"]
        assert (await client.get("/chat")).headers["location"].startswith("/chat/person:")


async def test_a_proxy_may_put_its_own_name_into_host(site: Site) -> None:
    settings = Settings(public_url="https://apbot.hillcrest.example")
    transport = httpx.ASGITransport(app=create_app(settings, site.database, site.webchat))
    async with httpx.AsyncClient(transport=transport, base_url="https://10.0.0.5:8080") as client:
        link = site.link("Dorothy Okafor")
        for origin, status in (("https://evil.example", 403), ("https://apbot.hillcrest.example", 303)):
            assert (await client.post(link, headers={"origin": origin})).status_code == status


async def test_the_start_page_says_how_to_get_in_or_leads_in(stranger: Visitor) -> None:
    page = await stranger.get("/")
    assert "You need a sign-in link" in page.text
    await stranger.sign_in("Dorothy Okafor")
    assert (await stranger.get("/")).headers["location"] == "/chat"
