"""The live page's stream: everything that changes, to those who may see it, and nothing twice that need not be."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import pytest

from apbot.cards import Card
from apbot.clock import SystemClock
from apbot.store import signin
from apbot.store.database import Database
from apbot.store.tables import people
from apbot.store.webchat import Line, add_lines
from apbot.web import live
from tests.web.site import Served, register


@dataclass
class Event:
    """One server-sent event."""

    kind: str
    number: str
    html: str


class Stream:
    """Somebody's live page, event by event."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> Event:
        """Wait for the next event."""
        fields: dict[str, list[str]] = {}
        for line in self._lines:
            if not line:
                if "event" in fields:
                    return Event(fields["event"][0], fields.get("id", [""])[0], "\n".join(fields.get("data", [])))
                fields = {}
                continue
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        raise EOFError("the stream has ended")


def cookie_of(served: Served, name: str) -> dict[str, str]:
    secret = served.site.link(name).removeprefix("/signin/")
    session = served.site.database.run(signin.sign_in, secret, signin.Lasts(timedelta(days=30), timedelta(days=14)))
    return {"apbot_session": session or ""}


@contextmanager
def listening(served: Served, name: str, after: int = 0, **headers: str) -> Iterator[Stream]:
    client = httpx.Client(base_url=served.url, cookies=cookie_of(served, name), timeout=10)
    with client, client.stream("GET", f"/chat/live?after={after}", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response.iter_lines())


def test_what_is_delivered_arrives_as_it_stands_on_the_page(served: Served) -> None:
    site = served.site
    with listening(served, "Sam Taylor") as sam:
        served.deliver(site.message("Oak Farm", register("AB12 J.W.")))
        event = sam.next()
    assert (event.kind, event.number) == ("line", "1")
    assert event.html.startswith('<article class="line bot"')
    assert 'aria-label="Arrived, AB12 J.W."' in event.html


def test_an_edit_arrives_with_a_higher_number_under_the_same_line(served: Served) -> None:
    message = served.site.message("Oak Farm", register("AB12 J.W."))
    with listening(served, "Sam Taylor") as sam:
        served.deliver(message)
        first = sam.next()
        served.deliver(dataclasses.replace(message, card=register("AB12 J.W.", marked="AB12 J.W.")))
        second = sam.next()
    assert (first.number, second.number) == ("1", "2")
    assert 'data-line="1"' in first.html
    assert 'data-line="1"' in second.html
    assert "Arrived 09:31" in second.html


def test_nobody_hears_what_is_not_for_them(served: Served) -> None:
    site = served.site
    with listening(served, "Bea Whitlock") as bea:
        served.deliver(site.message("The Garage", Card("For the Garage")))
        served.deliver(site.message("Sam Taylor", Card("For Sam")))
        oak_farm = f"provider:{site.ids['Oak Farm']}"
        served.run(site.webchat.act(site.ids["Sam Taylor"], oak_farm, event_id="e1", text="/ap help"))
        served.run(site.webchat.act(site.ids["Sam Taylor"], oak_farm, event_id="e2", text="all in"))
        heard = [bea.next(), bea.next()]
    assert "all in</p>" in heard[0].html
    assert "Read: 6 characters" in heard[1].html


def test_a_page_that_was_away_gets_what_it_missed_and_no_more(served: Served) -> None:
    site = served.site
    for number in range(1, 6):
        served.deliver(site.message("Sam Taylor", Card(f"Number {number}")))
    with listening(served, "Sam Taylor", after=1, **{"last-event-id": "3"}) as sam:
        assert [sam.next().number, sam.next().number] == ["4", "5"], "what the browser says it saw comes first"
    with listening(served, "Sam Taylor", after=4) as sam:
        assert sam.next().number == "5"


def test_a_page_that_missed_hundreds_gets_them_all_in_order(served: Served) -> None:
    site = served.site
    for _ in range(3):
        served.deliver(*(site.message("Sam Taylor", Card("One of many")) for _ in range(90)))
    with listening(served, "Sam Taylor") as sam:
        assert [int(sam.next().number) for _ in range(270)] == list(range(1, 271))


def test_a_page_that_has_seen_more_than_there_is_gets_what_there_is(served: Served) -> None:
    served.deliver(served.site.message("Sam Taylor", Card("After the backup was put back")))
    with listening(served, "Sam Taylor", after=7000) as sam:
        assert sam.next().number == "1"


def test_what_another_process_writes_arrives_too(served: Served) -> None:
    site = served.site
    with listening(served, "Sam Taylor") as sam:
        served.deliver(site.message("Sam Taylor", Card("From here")))
        assert sam.next().number == "1"
        other = Database(site.settings.database_url, SystemClock())
        other.run(add_lines, [Line(f"provider:{site.ids['Oak Farm']}", card=Card("From elsewhere"))])
        other.close()
        assert "From elsewhere" in sam.next().html


def test_signing_out_ends_the_stream(served: Served) -> None:
    site = served.site
    with listening(served, "Sam Taylor") as sam:
        served.deliver(site.message("Sam Taylor", Card("Still here")))
        assert sam.next().kind == "line"
        site.database.run(signin.end_signins, site.ids["Sam Taylor"])
        assert sam.next().kind == "signed-out"
        with pytest.raises(EOFError):
            sam.next()


def test_a_leaver_hears_nothing_more(served: Served) -> None:
    site = served.site
    with listening(served, "Sam Taylor") as sam:
        served.deliver(site.message("Oak Farm", Card("Before")))
        assert "Before" in sam.next().html
        site.change(people, people.c.name == "Sam Taylor", leaves_on=date(2026, 9, 16))
        served.deliver(site.message("Oak Farm", Card("After")))
        assert sam.next().kind == "signed-out"


def test_a_quiet_stream_beats(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_EVERY", 0.05)
    with listening(served, "Sam Taylor") as sam:
        assert [sam.next().kind, sam.next().kind] == ["beat", "beat"]


def test_the_server_stops_although_pages_are_open(served: Served) -> None:
    with listening(served, "Sam Taylor") as sam:
        served.deliver(served.site.message("Sam Taylor", Card("Hello")))
        sam.next()
        served.stop()
        with pytest.raises(EOFError):
            sam.next()


def test_a_browser_that_went_away_is_forgotten(served: Served) -> None:
    bell = served.site.webchat.bell
    with listening(served, "Sam Taylor") as sam:
        served.deliver(served.site.message("Sam Taylor", Card("Hello")))
        sam.next()
        assert bell.listeners == 1
    served.run(_until(lambda: bell.listeners == 0))


async def _until(true: object) -> None:
    import asyncio

    assert callable(true)
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)
