"""The chat as people use it: two browsers, a keyboard, a telephone, a lost connection, no scripts at all."""

import dataclasses
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from apbot.cards import Button, Card, Row, Style, Tone
from apbot.web.routes import chat_routes
from tests.web.site import Clerk, Served, Site, register

OpenPage = Callable[..., Page]
TOO_SMALL = """() => [...document.querySelectorAll("a[href], button, summary, select, textarea, input, .choice")]
  .filter((each) => each.checkVisibility() && each.type !== "hidden" && !each.closest("p[dir], .skip"))
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([html]) => html)"""
LONG = "Donaudampfschifffahrtsgesellschaft" * 8


def alert(number: int = 1) -> Card:
    return Card(
        f"Not arrived: 1 pupil, Oak Farm, am ({number})",
        Tone.ALERT,
        ("The session started at 09:30. Telephone 01632 960201.",),
        (Row("CD34 J.S.", "Transport: taxi 12", Tone.ALERT),),
        (Button("Acknowledge: I am dealing with it", "acknowledge", number, style=Style.DANGER),),
        "Hillcrest",
    )


def row(page: Page, pupil: str) -> Locator:
    """The row of a pupil on the newest register."""
    return page.locator("#log .rows > li", has_text=pupil).last


def widths(page: Page) -> tuple[int, int]:
    """How wide the page is, and how wide the window."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return wide, window


def test_signing_in_by_a_link_and_out_again(page_of: OpenPage, served: Served) -> None:
    page = page_of()
    link = served.url + served.site.link("Sam Taylor")
    page.goto(link)
    expect(page.get_by_role("heading", name="Sign in as Sam T.?")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".me > summary")).to_have_text("Signed in as Sam T.")
    page.locator(".me > summary").click()
    page.get_by_role("link", name="Who is who").click()
    expect(page.get_by_role("cell", name="Joana da Silva")).to_be_visible()
    page.get_by_role("link", name="Messages").click()
    page.locator(".me > summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="You need a sign-in link")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link can't be used")).to_be_visible()


def test_a_second_tap_on_sign_in_loses_nothing(page_of: OpenPage, served: Served) -> None:
    page = page_of()
    page.goto(served.url + served.site.link("Sam Taylor"))
    page.get_by_role("button", name="Sign in").evaluate("button => { button.click(); button.click(); }")
    expect(page.locator(".me > summary")).to_have_text("Signed in as Sam T.")


def test_what_one_types_the_other_reads_at_once(page_of: OpenPage, clerk: Clerk) -> None:
    sam, bea = page_of("Sam Taylor"), page_of("Bea Whitlock", 390, 844)
    sam.get_by_label("Message", exact=True).fill("all in except CD34")
    sam.get_by_label("Message", exact=True).press("Enter")
    expect(sam.locator(".line.mine .words")).to_have_text("all in except CD34")
    expect(bea.locator(".line.theirs .words")).to_have_text("all in except CD34")
    expect(bea.locator(".line.theirs .author")).to_have_text("Sam T.")
    expect(bea.locator(".line.bot .note strong")).to_have_text("Read: 18 characters")
    expect(sam.get_by_label("Message", exact=True)).to_have_value("")
    assert len(clerk.actions) == 1


def test_a_card_arrives_live_and_is_brought_up_to_date_in_place(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor")
    message = served.site.message("Oak Farm", register("AB12 J.W.", "CD34 J.S."))
    served.deliver(message)
    expect(sam.get_by_role("heading", name="Register: Oak Farm, am")).to_be_visible()
    expect(sam.get_by_role("heading", name="Thu 17 Sep 2026", exact=True)).to_have_count(1)
    served.deliver(dataclasses.replace(message, card=register("AB12 J.W.", "CD34 J.S.", marked="AB12 J.W.")))
    expect(sam.locator("#log")).to_contain_text("Arrived 09:31")
    expect(sam.locator("#log .line")).to_have_count(1)


def test_an_edit_takes_nothing_from_under_the_finger(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor")
    message = served.site.message("Oak Farm", register("AB12 J.W.", "CD34 J.S."))
    served.deliver(message)
    row(sam, "CD34 J.S.").locator("summary").click()
    note = row(sam, "CD34 J.S.").get_by_label("Note")
    note.fill("half typ")
    before = note.bounding_box()
    served.deliver(dataclasses.replace(message, card=register("AB12 J.W.", "CD34 J.S.", marked="AB12 J.W.")))
    expect(sam.locator("#log")).to_contain_text("Arrived 09:31")
    expect(note).to_be_focused()
    sam.keyboard.type("ed")
    expect(note).to_have_value("half typed")
    assert before is not None
    assert note.bounding_box() is not None


def test_the_focus_stays_near_a_button_that_an_edit_took_away(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor")
    message = served.site.message("Oak Farm", register("AB12 J.W.", "CD34 J.S."))
    served.deliver(message)
    sam.get_by_role("button", name="Arrived, AB12 J.W.").focus()
    served.deliver(dataclasses.replace(message, card=register("AB12 J.W.", "CD34 J.S.", marked="AB12 J.W.")))
    expect(sam.get_by_role("button", name="Undo")).to_be_focused()


def test_a_press_moves_nothing_and_its_answer_is_shown(page_of: OpenPage, served: Served, clerk: Clerk) -> None:
    sam = page_of("Sam Taylor", 390, 600)
    served.deliver(*(served.site.message("Oak Farm", register(f"AB{number} J.W.")) for number in range(10, 16)))
    ab14 = row(sam, "AB14 J.W.")
    ab14.locator("summary").click()
    ab14.get_by_label("Arrived at").fill("09:50")
    ab14.get_by_role("button", name="Late, AB14 J.W.").last.click()
    expect(sam.locator("#toast")).to_contain_text("Late, at 09:50")
    expect(ab14.locator("summary")).to_be_in_viewport()
    assert clerk.actions[-1].inputs == {"at": "09:50", "why": "bus", "note": ""}
    ab14.locator("summary").click()
    expect(sam.locator("#toast")).to_be_hidden(timeout=2000)  # by itself it would go after six seconds


def test_what_was_refused_stays_to_be_put_right(page_of: OpenPage, served: Served, clerk: Clerk) -> None:
    sam = page_of("Sam Taylor", 390, 844)
    served.deliver(served.site.message("Oak Farm", register("AB12 J.W.")))
    ab12 = row(sam, "AB12 J.W.")
    ab12.locator("summary").click()
    ab12.get_by_label("Arrived at").fill("19:50")
    ab12.get_by_label("Note").fill("no bus")
    ab12.get_by_role("button", name="Late, AB12 J.W.").last.click()
    expect(sam.locator("#log")).to_contain_text("19:50 has not come yet.")
    expect(ab12.get_by_label("Arrived at")).to_be_focused()
    expect(ab12.get_by_label("Note")).to_have_value("no bus")
    expect(ab12.locator(".pressed")).to_have_count(0)
    ab12.get_by_label("Arrived at").fill("09:50")
    ab12.get_by_role("button", name="Late, AB12 J.W.").last.click()
    expect(sam.locator("#log")).to_contain_text("Late, at 09:50: no bus")
    expect(ab12.get_by_label("Arrived at")).to_be_hidden()


def test_of_a_message_taller_than_the_screen_the_head_is_enough(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor", 390, 600)
    tall = tuple(f"AB{number} J.W." for number in range(10, 22))
    served.deliver(*(served.site.message("Oak Farm", register(*tall)) for _ in range(2)))
    expect(sam.locator("#log .card")).to_have_count(2)
    sam.locator("#to-newest").click()
    expect(sam.locator("#log .card h3").last).to_be_in_viewport()
    expect(sam.locator("#to-newest")).to_be_hidden()


def test_two_taps_on_one_button_are_one_event(page_of: OpenPage, served: Served, clerk: Clerk) -> None:
    sam = page_of("Sam Taylor")
    served.deliver(served.site.message("Oak Farm", register("AB12 J.W.")))
    button = sam.get_by_role("button", name="Arrived, AB12 J.W.")
    button.evaluate("button => { button.click(); button.click(); button.click(); }")
    expect(button).to_have_class("button primary pressed")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert [action.verb for action in clerk.actions] == ["arrived"]
    button.click()
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert len(clerk.actions) == 2, "pressed again later it is another press"


def test_a_button_that_asks_by_keyboard_alone(page_of: OpenPage, served: Served, clerk: Clerk) -> None:
    sam = page_of("Sam Taylor")
    served.deliver(served.site.message("Oak Farm", register("AB12 J.W.")))
    sam.get_by_role("button", name="Arrived, AB12 J.W.").focus()
    sam.keyboard.press("Tab")
    sam.keyboard.press("Enter")
    expect(sam.get_by_label("Arrived at")).to_be_focused()
    sam.keyboard.press("Escape")
    expect(sam.locator("summary", has_text="Late")).to_be_focused()
    expect(sam.get_by_label("Arrived at")).to_be_hidden()
    sam.keyboard.press("Enter")
    expect(sam.get_by_label("Arrived at")).to_be_focused()
    sam.keyboard.type("0950a")  # where the browser shows twelve hours it asks for am, else it passes over the letter
    expect(sam.get_by_label("Arrived at")).to_have_value("09:50")
    sam.keyboard.press("Tab")
    if not sam.get_by_role("radio", name="Bus").evaluate("radio => radio === document.activeElement"):
        sam.keyboard.press("Tab")  # past the time's own picker
    sam.keyboard.press("ArrowDown")
    sam.keyboard.press("Tab")
    sam.keyboard.type("no bus")
    sam.keyboard.press("Enter")
    expect(sam.locator("summary", has_text="Late")).to_be_focused()
    expect(sam.locator("#log")).to_contain_text("Late, at 09:50: no bus")
    action = clerk.actions[-1]
    assert action.inputs == {"at": "09:50", "why": "ill", "note": "no bus"}
    assert (action.verb, action.value, action.message_id) == ("late", "x:y", 1)


def test_a_reply_to_an_earlier_card(page_of: OpenPage, served: Served, clerk: Clerk) -> None:
    sam = page_of("Sam Taylor")
    site = served.site
    yesterday, today = site.message("Oak Farm", Card("Register: Wed")), site.message("Oak Farm", Card("Register: Thu"))
    served.deliver(yesterday, today)
    sam.get_by_role("link", name="Reply to “Register: Wed”").click()
    expect(sam.locator("#answering")).to_contain_text("Replying to “Register: Wed”")
    expect(sam.get_by_label("Message", exact=True)).to_be_focused()
    sam.get_by_role("link", name="Cancel the reply").click()
    expect(sam.locator("#answering")).to_be_hidden()
    sam.get_by_role("link", name="Reply to “Register: Wed”").click()
    sam.keyboard.type("all in")
    sam.keyboard.press("Enter")
    expect(sam.locator(".line.mine")).to_have_count(1)
    expect(sam.locator("#answering")).to_be_hidden()
    sam.keyboard.type("all in today")
    sam.keyboard.press("Enter")
    expect(sam.locator(".line.mine")).to_have_count(2)
    assert [action.message_id for action in clerk.actions] == [yesterday.message_id, None]


def test_nothing_that_is_typed_runs(page_of: OpenPage, served: Served) -> None:
    sam, bea = page_of("Sam Taylor"), page_of("Bea Whitlock")
    for page in (sam, bea):
        page.on("dialog", lambda _: pytest.fail("a script that was typed ran"))
    nasty = '<script>alert(1)</script><img src=x onerror="alert(2)"> \u202egnp.exe'
    sam.get_by_label("Message", exact=True).fill(nasty)
    sam.keyboard.press("Enter")
    served.deliver(served.site.message("Oak Farm", Card(nasty, lines=(nasty,), footer=nasty)))
    expect(bea.locator(".line.theirs .words")).to_have_text(nasty)
    expect(bea.locator(".card h3")).to_have_text(nasty)
    sam.reload()
    expect(sam.locator(".line.mine .words")).to_have_text(nasty)
    assert sam.locator("#log img, #log script").count() == 0


def test_an_alert_is_shouted_and_stays_in_sight(page_of: OpenPage, served: Served) -> None:
    dorothy = page_of("Dorothy Okafor", 390, 700)
    served.deliver(served.site.message("Dorothy Okafor", alert()))
    expect(dorothy.locator("#shout[role=alert]")).to_have_text("Alert: Not arrived: 1 pupil, Oak Farm, am (1)")
    expect(dorothy.locator("#log .tone")).to_contain_text("Alert")
    expect(dorothy.locator("#more-alerts")).to_be_hidden()
    served.deliver(*(served.site.message("Dorothy Okafor", register(f"AB{number}")) for number in range(12, 18)))
    expect(dorothy.locator("#more-alerts")).to_have_text("! 1 more alert is open. Show it")
    dorothy.locator("#more-alerts").click()
    expect(dorothy.get_by_role("heading", name="Not arrived: 1 pupil")).to_be_focused()
    expect(dorothy.get_by_role("heading", name="Not arrived: 1 pupil")).to_be_in_viewport()
    expect(dorothy.locator("#more-alerts")).to_be_hidden()
    expect(dorothy.get_by_role("link", name="01632 960201").first).to_have_attribute("href", "tel:01632960201")


def test_what_is_new_elsewhere_is_marked(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor")
    own = sam.get_by_role("link", name="You and apbot")
    mark = own.locator(".new")
    sam.get_by_role("link", name="Oak Farm", exact=True).click()
    expect(mark).to_be_hidden()
    served.deliver(served.site.message("Sam Taylor", Card("Only for Sam")))
    expect(mark).to_be_visible()
    own.click()
    expect(sam.get_by_role("heading", name="Only for Sam")).to_be_visible()
    expect(mark).to_be_hidden()
    sam.get_by_role("link", name="Oak Farm", exact=True).click()
    expect(sam.get_by_role("heading", name="Oak Farm")).to_be_visible()
    expect(mark).to_be_hidden()


def test_what_was_missed_while_the_connection_was_down_is_there_after_it(
    page_of: OpenPage, site: Site, served: Served, clerk: Clerk
) -> None:
    sam = page_of("Sam Taylor")
    message = site.message("Oak Farm", register("AB12 J.W.", "CD34 J.S."))
    served.deliver(message)
    expect(sam.get_by_role("heading", name="Register: Oak Farm")).to_be_visible()
    served.stop()
    expect(sam.locator("#link")).to_have_text("Not connected, trying again")
    box = sam.get_by_label("Message", exact=True)
    box.fill("all in")
    box.press("Enter")
    expect(sam.locator("#problem")).to_contain_text("Please try again; it will not count twice")
    expect(box).to_have_value("all in")

    site.close()
    site.open()
    served.start()
    served.deliver(
        dataclasses.replace(message, card=register("AB12 J.W.", "CD34 J.S.", marked="AB12 J.W.")),
        site.message("Oak Farm", Card("Said meanwhile")),
    )
    expect(sam.locator("#link")).to_have_text("Live", timeout=20_000)
    expect(sam.locator("#log")).to_contain_text("Arrived 09:31")
    expect(sam.locator("#log")).to_contain_text("Said meanwhile")
    box.press("Enter")
    expect(sam.locator(".line.mine")).to_have_count(1)
    expect(sam.locator("#problem")).to_be_hidden()
    assert [action.text for action in clerk.actions] == ["all in"]


def test_words_whose_answer_was_lost_count_once(page_of: OpenPage, clerk: Clerk) -> None:
    sam = page_of("Sam Taylor")
    lost = []

    def lose_the_first_answer(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch().status)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    sam.route("**/chat/act", lose_the_first_answer)
    box = sam.get_by_label("Message", exact=True)
    box.fill("all in")
    box.press("Enter")
    expect(sam.locator("#problem")).to_be_visible()
    box.press("Enter")
    expect(sam.locator("#problem")).to_be_hidden()
    expect(box).to_have_value("")
    expect(sam.locator(".line.mine")).to_have_count(1)
    assert lost == [200]
    assert len(clerk.actions) == 1


def test_too_many_words_stay_in_the_box(page_of: OpenPage) -> None:
    sam = page_of("Sam Taylor")
    box = sam.get_by_label("Message", exact=True)
    box.fill("x" * 2001)
    box.press("Enter")
    expect(sam.locator("#problem")).to_contain_text("2,001 characters")
    expect(box).to_have_value("x" * 2001)


def test_a_sign_in_that_ends_is_said(page_of: OpenPage, served: Served) -> None:
    first = page_of("Sam Taylor")
    second = first.context.new_page()
    second.goto(served.url + "/chat")
    second.locator(".me > summary").click()
    second.get_by_role("button", name="Sign out", exact=True).click()
    expect(first.locator("#link")).to_have_text("Signed out")
    expect(first.locator("#problem")).to_contain_text("You are signed out here")
    first.get_by_label("Message", exact=True).fill("all in")
    first.keyboard.press("Enter")
    expect(first.locator("#problem")).to_contain_text("Open a new sign-in link")
    expect(first.get_by_label("Message", exact=True)).to_have_value("all in")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (320, 256), (640, 400), (1280, 800)])
def test_nothing_has_to_be_scrolled_sideways(page_of: OpenPage, served: Served, width: int, height: int) -> None:
    sam = page_of("Sam Taylor", width, height)
    served.deliver(
        served.site.message("Oak Farm", register("AB12 J.W.", f"CD34 {LONG}")),
        served.site.message("Oak Farm", dataclasses.replace(alert(), heading=LONG, footer=LONG)),
    )
    served.run(
        served.site.webchat.act(
            served.site.ids["Bea Whitlock"],
            f"provider:{served.site.ids['Oak Farm']}",
            event_id="e1",
            text=f"{LONG}\n🐴",
        )
    )
    expect(sam.locator(".line.theirs")).to_have_count(1)
    row(sam, "AB12 J.W.").locator("summary").press("Enter")  # a click may miss what a new line moves
    expect(row(sam, "AB12 J.W.").get_by_label("Arrived at")).to_be_visible()
    wide, window = widths(sam)
    assert wide <= window
    assert sam.locator(".scroller").evaluate("e => e.scrollWidth <= e.clientWidth")
    sam.get_by_label("Message", exact=True).scroll_into_view_if_needed()
    expect(sam.get_by_label("Message", exact=True)).to_be_in_viewport()
    sam.goto(served.url + "/names")
    wide, window = widths(sam)
    assert wide <= window


def test_everything_to_tap_is_big_enough_for_a_thumb(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor", 360, 740)
    served.deliver(served.site.message("Oak Farm", register("AB12 J.W.")), served.site.message("Oak Farm", alert()))
    row(sam, "AB12 J.W.").locator("summary").click()
    small = sam.evaluate(TOO_SMALL)
    assert [each for each in small if 'type="radio"' not in each] == [], "a radio button's whole label can be tapped"


def test_everything_to_press_or_fill_in_has_a_name_and_the_page_an_order(page_of: OpenPage, served: Served) -> None:
    sam = page_of("Sam Taylor")
    served.deliver(served.site.message("Oak Farm", register("AB12 J.W.")))
    row(sam, "AB12 J.W.").locator("summary").click()
    expect(sam.get_by_role("log", name="Messages")).to_be_visible()
    expect(sam.get_by_role("navigation", name="Conversations")).to_be_visible()
    assert sam.locator("html").get_attribute("lang") == "en-GB"
    levels = sam.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((each) => each.tagName)")
    assert levels == ["H1", "H2", "H3"]
    names = sam.locator("body").aria_snapshot()
    assert '- button "All arrived"' in names
    assert '- group "Why"' in names
    assert "- button\n" not in names
    assert "- textbox\n" not in names
    sam.locator("body").press("Tab")
    sam.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    sam.reload()
    sam.keyboard.press("Tab")
    expect(sam.get_by_role("link", name="Skip to the message box")).to_be_focused()
    sam.keyboard.press("Enter")
    expect(sam.get_by_label("Message", exact=True)).to_be_focused()


def test_without_scripts_everything_works_by_forms(page_of: OpenPage, served: Served, clerk: Clerk) -> None:
    site = served.site
    message = site.message("Oak Farm", register("AB12 J.W.", "CD34 J.S."))
    served.deliver(message)
    sam = page_of("Sam Taylor", 390, 844, java_script_enabled=False)
    sam.get_by_role("button", name="Arrived, AB12 J.W.").click()
    expect(sam).to_have_url(f"{served.url}/chat/provider:{site.ids['Oak Farm']}#message-{message.message_id}")
    sam.locator("summary", has_text="Late").first.click()
    sam.get_by_label("Arrived at").first.fill("09:50")
    sam.get_by_role("button", name="Late, AB12 J.W.").last.click()
    expect(sam.locator("#log")).to_contain_text("Late, at 09:50")
    sam.get_by_role("link", name="Reply to “Register").click()
    expect(sam.locator("#answering")).to_be_visible()
    sam.get_by_label("Message", exact=True).fill("all in")
    sam.get_by_role("button", name="Send").click()
    expect(sam.locator(".line.mine .words")).to_have_text("all in")
    expect(sam.locator(".line.mine")).to_be_in_viewport()
    expect(sam.locator("#answering")).to_be_hidden()
    sam.get_by_label("Message", exact=True).fill("y" * 2001)
    sam.get_by_role("button", name="Send").click()
    expect(sam.locator("#problem")).to_contain_text("2,001 characters")
    expect(sam.get_by_label("Message", exact=True)).to_have_value("y" * 2001)
    expect(sam.get_by_role("link", name="Look for new messages")).to_be_visible()
    said = [(action.verb, action.message_id, action.text) for action in clerk.actions]
    assert said == [
        ("arrived", message.message_id, ""),
        ("late", message.message_id, ""),
        ("say", message.message_id, "all in"),
    ]


def test_two_peoples_chats_side_by_side_in_frames_of_one_page(page_of: OpenPage, site: Site) -> None:
    def pane(name: str) -> Mount:
        async def identify(_: Request) -> int:
            return site.ids[name]

        path = f"/panes/{name.split()[0].lower()}"
        return Mount(path, routes=chat_routes(site.webchat, identify, frame_ancestors="'self'"))

    async def wall(_: Request) -> HTMLResponse:
        frames = "".join(
            f'<iframe src="/panes/{each}/chat" width="400" height="700"></iframe>' for each in ("sam", "bea")
        )
        return HTMLResponse(f"<title>Panes</title>{frames}")

    site.app = Starlette(routes=[Route("/", wall), pane("Sam Taylor"), pane("Bea Whitlock")])
    with Served(site) as served:
        page = page_of()
        page.goto(served.url)
        sam, bea = page.frame_locator("iframe").nth(0), page.frame_locator("iframe").nth(1)
        expect(sam.locator("#link")).to_have_text("Live")
        expect(bea.locator("#link")).to_have_text("Live")
        served.deliver(site.message("Oak Farm", register("AB12 J.W.")))
        sam.get_by_role("link", name="Oak Farm", exact=True).click()
        bea.get_by_role("link", name="Oak Farm", exact=True).click()
        sam.get_by_label("Message", exact=True).fill("all in")
        sam.get_by_label("Message", exact=True).press("Enter")
        expect(bea.locator(".line.theirs .words")).to_have_text("all in")
        bea.get_by_role("button", name="Arrived, AB12 J.W.").click()
        expect(bea.get_by_role("button", name="Arrived, AB12 J.W.")).to_have_class("button primary pressed")
        expect(bea.locator(".me > summary")).to_have_text("Signed in as Bea W.")
        assert [frame.url.split("/")[4] for frame in page.frames[1:]] == ["sam", "bea"]
        expect(bea.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
        page.goto("about:blank")  # the server waits for a page that is open
