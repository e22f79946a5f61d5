"""The pages without scripts: what they show, to whom, and what they refuse."""

import logging
from datetime import timedelta

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from apbot.cards import Card, Tone, card_from_json
from tests.web.site import Clerk, register
from tests.web.visitor import Visitor

JSON = {"accept": "application/json"}


async def test_a_stranger_gets_nothing(stranger: Visitor) -> None:
    site = stranger.site
    await site.webchat.deliver([site.message("Oak Farm", register("AB12 J.W."))])
    for path in ("/chat", f"/chat/provider:{site.ids['Oak Farm']}", "/names"):
        answer = await stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "AB12" not in answer.text
    answer = await stranger.client.post("/chat/act", data={"conversation": "person:1", "text": "all in"}, headers=JSON)
    assert (answer.status_code, answer.json()["problem"][:19]) == (401, "You are signed out.")
    assert (await stranger.get("/chat/live")).text == "retry: 2000\n\nevent: signed-out\ndata:\n\n"


async def test_provider_staff_find_their_providers_conversation_and_their_own(sam: Visitor) -> None:
    page = (await sam.get(f"/chat/{sam.address}")).text
    assert f'href="/chat/provider:{sam.site.ids["Oak Farm"]}"' in page
    assert "You and apbot" in page
    assert "The Garage" not in page
    assert "Sam T." in page


async def test_the_chat_opens_where_something_was_said_last(sam: Visitor) -> None:
    site = sam.site
    await site.webchat.deliver([site.message("Oak Farm", Card("Register"))])
    assert (await sam.get("/chat")).headers["location"] == f"/chat/provider:{site.ids['Oak Farm']}"
    await site.webchat.deliver([site.message("Sam Taylor", Card("For you"))])
    assert (await sam.get("/chat")).headers["location"] == f"/chat/{sam.address}"


async def test_another_persons_conversation_is_as_if_it_were_not_there(sam: Visitor) -> None:
    site = sam.site
    for address in (f"person:{site.ids['Bea Whitlock']}", f"provider:{site.ids['The Garage']}", "provider:999", "x"):
        assert (await sam.get(f"/chat/{address}")).status_code == 404
        assert (await sam.says("all in", address)).status_code == 404
    assert not site.lines()


async def test_a_card_is_shown_with_its_tone_in_words_and_its_buttons_named(sam: Visitor) -> None:
    site = sam.site
    await site.webchat.deliver([site.message("Sam Taylor", register("AB12 J.W.", "CD34 J.S.", marked="CD34 J.S."))])
    page = (await sam.get(f"/chat/{sam.address}")).text
    for part in (
        "Please answer",
        "Register: Oak Farm, am, Thu 17 Sep 2026",
        'aria-label="Arrived, AB12 J.W."',
        "Arrived 09:31",
        '<span class="unseen">Done: </span>',
        '<a href="tel:01632960201">01632 960201</a>',
        ">09:30</time>",
        "Thu 17 Sep 2026</h2>",
    ):
        assert part in page, part


async def test_times_are_as_the_clock_on_the_wall_shows_them(sam: Visitor) -> None:
    site = sam.site
    site.clock.forward(timedelta(days=60))  # in November, after the clocks have gone back
    await sam.sign_in("Sam Taylor")
    await sam.says("late one")
    page = (await sam.get(f"/chat/{sam.address}")).text
    assert ">08:30</time>" in page
    assert "Mon 16 Nov 2026" in page


async def test_what_only_one_member_sees_is_not_on_the_others_page(sam: Visitor, clerk: Clerk) -> None:
    site = sam.site
    oak_farm = f"provider:{site.ids['Oak Farm']}"
    await sam.says("/ap help", oak_farm)
    await sam.says("all in", oak_farm, event_id="event-two")
    mine = (await sam.get(f"/chat/{oak_farm}")).text
    assert "What you can type" in mine
    assert "only you see this" in mine
    await sam.sign_in("Bea Whitlock")
    hers = (await sam.get(f"/chat/{oak_farm}")).text
    assert "What you can type" not in hers
    assert "/ap help</p>" not in hers
    assert "all in</p>" in hers
    assert "Read: 6 characters" in hers


async def test_words_are_escaped_whatever_they_are(sam: Visitor) -> None:
    nasty = "<script>alert(1)</script> \"'& \u202etxt.exe\u202c 🐴 " + "Donaudampfschiff" * 20
    await sam.says(nasty)
    answer = await sam.says(nasty, event_id="event-two", headers=JSON)
    page = (await sam.get(f"/chat/{sam.address}")).text
    for html in (page, "".join(answer.json()["lines"])):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34;&#39;&amp;" in html
        assert "🐴" in html


async def test_a_cards_words_are_escaped_too(sam: Visitor) -> None:
    nasty = '<img src=x onerror="alert(1)">'
    card = register(nasty)
    card = Card(nasty, Tone.ALERT, (f"{nasty} 01632 960999",), card.rows, card.buttons, nasty)
    await sam.site.webchat.deliver([sam.site.message("Sam Taylor", card)])
    page = (await sam.get(f"/chat/{sam.address}")).text
    assert "<img src=x" not in page
    assert 'onerror="alert' not in page
    assert '<a href="tel:01632960999">' in page


async def test_a_form_that_was_sent_leads_back_to_the_conversation(sam: Visitor, clerk: Clerk) -> None:
    site = sam.site
    await site.webchat.deliver([message := site.message("Sam Taylor", register("AB12"))])
    typed = await sam.says("all in")
    assert (typed.status_code, typed.headers["location"]) == (303, f"/chat/{sam.address}")
    pressed = await sam.presses(f"{message.message_id}/arrived:1:")
    assert pressed.headers["location"] == f"/chat/{sam.address}#message-{message.message_id}"
    action = clerk.actions[-1]
    assert (action.verb, action.subject, action.value, action.message_id) == ("arrived", 1, "", message.message_id)


async def test_a_button_with_inputs_gives_them_with_it(sam: Visitor, clerk: Clerk) -> None:
    await sam.presses("/late:7:x:y", **{"input.at": "09:50", "input.note": "bus"})
    action = clerk.actions[-1]
    assert (action.verb, action.subject, action.value) == ("late", 7, "x:y")
    assert action.inputs == {"at": "09:50", "note": "bus"}


async def test_a_press_may_be_posted_with_its_parts_spelled_out(sam: Visitor, clerk: Clerk) -> None:
    answer = await sam.posts(verb="arrived", subject="7", value="x", message_id="", event_id="press-00001")
    assert answer.status_code == 303
    assert (clerk.actions[-1].verb, clerk.actions[-1].subject, clerk.actions[-1].value) == ("arrived", 7, "x")
    for wrong in ({"subject": "x"}, {"message_id": "x"}, {"event_id": "no"}):
        assert (await sam.posts(headers=JSON, **{"verb": "arrived", **wrong})).status_code == 422


async def test_the_same_form_sent_twice_is_one_event_and_other_content_another(sam: Visitor, clerk: Clerk) -> None:
    for _ in range(2):
        await sam.says("all in")
        await sam.presses("5/arrived:1:")
        await sam.presses("5/late:1:", **{"input.at": "09:50"})
    assert len(clerk.actions) == 3
    await sam.says("all in except CD34")
    await sam.presses("5/arrived:2:")
    await sam.presses("5/late:1:", **{"input.at": "09:55"})
    assert len(clerk.actions) == 6, "a page that the browser brought back is not a second copy of the first"


async def test_two_people_with_one_event_name_do_not_swallow_each_others(sam: Visitor, clerk: Clerk) -> None:
    oak_farm = f"provider:{sam.site.ids['Oak Farm']}"
    await sam.says("all in", oak_farm)
    await sam.sign_in("Bea Whitlock")
    await sam.says("all in", oak_farm)
    assert len(clerk.actions) == 2


async def test_too_many_words_are_refused_and_stay_in_the_box(sam: Visitor, clerk: Clerk) -> None:
    words = "long " * 401
    page = await sam.says(words)
    assert page.status_code == 422
    assert "2,004 characters; 2,000 can be sent at once" in page.text
    assert words.strip() in page.text.split("<textarea")[1].split("</textarea>")[0]
    answer = await sam.says(words, headers=JSON)
    assert (answer.status_code, "2,000" in answer.json()["problem"]) == (422, True)
    assert not clerk.actions


@pytest.mark.parametrize("press", ["", "x", "event-12/x/arrived:1:", "event-12//arrived", "short//arrived:1:"])
async def test_a_press_that_can_not_be_read_does_nothing(sam: Visitor, clerk: Clerk, press: str) -> None:
    answer = await sam.posts(press=press, event_id="", headers=JSON)
    assert answer.status_code == 422
    assert not clerk.actions


async def test_a_post_without_the_right_token_is_refused(sam: Visitor, clerk: Clerk) -> None:
    for token in ("", "0" * 32, "ü"):
        answer = await sam.says("all in", token=token)
        assert answer.status_code == 403
        assert "out of date" in answer.text
    assert not clerk.actions


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://apbot.test:81"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ],
)
async def test_a_post_from_another_site_is_refused(sam: Visitor, clerk: Clerk, headers: dict[str, str]) -> None:
    answer = await sam.says("all in", headers=headers)
    assert (answer.status_code, "another site" in answer.text) == (403, True)
    assert (await sam.client.post(sam.site.link("Bea Whitlock"), headers=headers)).status_code == 403
    assert not clerk.actions


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "origin": "http://apbot.test"},
        {"sec-fetch-site": "same-origin", "origin": "null"},  # what a form of a page without a referrer says
        {"origin": "null"},  # the same from a browser too old for Sec-Fetch-Site
        {"sec-fetch-site": "none"},
        {},
    ],
)
async def test_a_post_from_the_page_itself_is_not(sam: Visitor, headers: dict[str, str]) -> None:
    assert (await sam.says("all in", headers=headers)).status_code == 303


async def test_a_body_of_more_than_64_kilobytes_is_refused(sam: Visitor, clerk: Clerk) -> None:
    answer = await sam.says("x" * 65_536)
    assert answer.status_code == 413
    assert not clerk.actions


async def test_every_page_carries_its_headers(sam: Visitor) -> None:
    for path in ("/", "/signin/x", f"/chat/{sam.address}", "/names", "/nowhere", "/chat/person:999"):
        headers = (await sam.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


async def test_static_files_may_be_kept_for_ever_under_an_address_that_changes_with_them(sam: Visitor) -> None:
    page = (await sam.get(f"/chat/{sam.address}")).text
    address = page.split('src="')[1].split('"')[0]
    answer = await sam.get(address)
    assert "?v=" in address
    assert "immutable" in answer.headers["cache-control"]
    assert "<script>" not in page.replace("<script src=", "")
    assert 'style="' not in page


async def test_an_unknown_page_is_a_plain_404(sam: Visitor) -> None:
    for path in ("/nowhere", "/chat/static/nothing.js", "/chat/a/b"):
        answer = await sam.get(path)
        assert (answer.status_code, "There is no such page" in answer.text) == (404, True)
    assert (await sam.client.post("/names")).status_code == 405


async def test_an_error_says_nothing_of_what_was_typed_anywhere(
    sam: Visitor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as logged:
        answer = await sam.says("break")
    assert answer.status_code == 500
    assert "Nothing was done" in answer.text
    (entry,) = (each for each in logged if each["log_level"] == "error")
    assert (entry["problem"], entry["page"]) == ("RuntimeError", "act")
    everything = f"{answer.text}{logged}{caplog.text}{capsys.readouterr()}"
    assert "typed by Jo" not in everything
    assert "break" not in everything.replace("line-break", "")
    assert not sam.site.lines()


async def test_no_secret_and_no_word_is_logged(
    sam: Visitor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()
    with caplog.at_level(logging.DEBUG):
        await sam.says("Joana is ill")
        await sam.get("/names")
        link = sam.site.link("Bea Whitlock")
        await sam.get(link)
        await sam.client.post(link)
    said = [record.getMessage() for record in caplog.records if record.name not in ("httpx", "httpcore")]
    everything = f"{said}{capsys.readouterr()}"
    for secret in (link.removeprefix("/signin/"), sam.client.cookies["apbot_session"], "Joana", "Silva", "ill"):
        assert secret not in everything, secret


async def test_earlier_lines_are_shown_when_asked_for(sam: Visitor) -> None:
    site = sam.site
    cards = [site.message("Sam Taylor", Card(f"Number {number:03}")) for number in range(150)]
    await site.webchat.deliver(cards[:100])
    await site.webchat.deliver(cards[100:])
    page = (await sam.get(f"/chat/{sam.address}")).text
    assert "Number 049<" not in page
    assert "Number 050<" in page
    assert page.index("Number 050<") < page.index("Number 149<")
    more = (await sam.get(f"/chat/{sam.address}?show=200")).text
    assert "Number 000<" in more
    assert "Show earlier" not in more
    for nonsense in ("-1", "x", "9" * 40, "²"):
        assert (await sam.get(f"/chat/{sam.address}?show={nonsense}")).status_code == 200


async def test_a_reply_is_to_the_message_that_was_chosen(sam: Visitor, clerk: Clerk) -> None:
    site = sam.site
    await site.webchat.deliver([message := site.message("Sam Taylor", Card("Register: yesterday, pm"))])
    page = (await sam.get(f"/chat/{sam.address}?reply={message.message_id}")).text
    assert f'name="message_id" value="{message.message_id}"' in page
    assert "Replying to “<span" in page
    await sam.says("all in", message_id=str(message.message_id))
    assert clerk.actions[-1].message_id == message.message_id
    for nonsense in ("999", "x", "-1"):
        assert (await sam.get(f"/chat/{sam.address}?reply={nonsense}")).status_code == 200


async def test_words_that_were_not_kept_are_not_shown(sam: Visitor) -> None:
    answer = await sam.says("worried about CD34", headers=JSON)
    assert "(words not kept)" in answer.json()["lines"][0]
    assert "worried" not in answer.text
    assert "worried" not in (await sam.get(f"/chat/{sam.address}")).text


async def test_a_short_answer_is_a_line_and_a_longer_one_a_card(sam: Visitor) -> None:
    answer = await sam.presses("/late:1:", headers=JSON, **{"input.at": "09:50"})
    assert '<p class="note"' in answer.json()["lines"][0]
    (line,) = sam.site.lines()
    assert card_from_json(line.card).heading == "Late, at 09:50: "


async def test_a_page_that_is_not_there_under_a_prefix_is_plain_too(sam: Visitor) -> None:
    answer: httpx.Response = await sam.get("/signin/a/b")
    assert answer.status_code == 404
