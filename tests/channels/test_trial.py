"""Trying the channels out: what `apbot check` finds, for each channel and each person."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from apbot.channels import trial
from apbot.channels.platform import Trouble
from apbot.channels.trial import Trial, send_test, try_out
from apbot.cli.check import _state
from apbot.store.everybody import Place, channels_of, load_places
from apbot.store.linking import Owner, link
from apbot.store.people import keep_channels
from apbot.store.tables import addresses, people
from tests.channels.paper import PaperChannel, PaperStand
from tests.channels.stand import Failure
from tests.day import Day

GONE = Trouble("they have blocked apbot", "Ask them to unblock it.")


class Asked(PaperChannel):
    """Answers questions about itself as it is told to."""

    def __init__(self, stand: PaperStand, *troubles: Trouble, broken: bool = False) -> None:
        super().__init__(stand)
        self.troubles = troubles
        self.broken = broken

    async def check(self) -> tuple[Trouble, ...]:
        if self.broken:
            raise ConnectionError("with a token in its text")
        return self.troubles

    async def check_address(self, address: str) -> Trouble | None:
        if address == "silent":
            await asyncio.Event().wait()
        return GONE if address == "gone" else None


async def test_each_address_of_a_channel_that_works_is_asked_about() -> None:
    found = await try_out([Asked(PaperStand())], [("paper", "here"), ("paper", "gone"), ("slack", "U1")])
    assert found.channels == {"paper": ()}
    assert found.addresses == {("paper", "here"): None, ("paper", "gone"): GONE}


async def test_a_channel_that_is_set_up_wrongly_is_asked_about_nobody() -> None:
    wrong = Trouble("the token is wrong", "Make a new one.")
    found = await try_out([Asked(PaperStand(), wrong)], [("paper", "here")])
    assert (found.channels["paper"], found.addresses) == ((wrong,), {})


async def test_a_channel_that_breaks_down_is_said_to_without_its_words() -> None:
    found = await try_out([Asked(PaperStand(), broken=True)], [])
    (trouble,) = found.channels["paper"]
    assert "ConnectionError" in trouble.what
    assert "token in its text" not in str(trouble)


async def test_an_address_that_is_never_answered_for_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PATIENCE", 0.01)
    found = await try_out([Asked(PaperStand())], [("paper", "silent"), ("paper", "here")])
    assert found.addresses["paper", "here"] is None
    assert "no usable answer" in str(found.addresses["paper", "silent"])


async def test_a_test_message_says_what_it_is_and_when_it_was_sent(bare: Day) -> None:
    stand = PaperStand()
    assert await send_test(PaperChannel(stand), "desk", bare.clock.now()) is None
    (shown,) = stand.shown("desk")
    assert "Test message from apbot" in shown.text
    assert "04:00" in shown.text


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (Failure.REFUSED, "Link them again"),
        (Failure.SILENT, "may have arrived"),
        (Failure.BUSY, "Try again"),
        (Failure.BROKEN, "Try again"),
    ],
)
async def test_what_keeps_a_test_message_from_arriving_is_said(bare: Day, how: Failure, words: str) -> None:
    stand = PaperStand()
    stand.fail_next(how, timedelta(seconds=1))
    trouble = await send_test(PaperChannel(stand), "desk", bare.clock.now())
    assert trouble is not None
    assert words in f"{trouble.what}. {trouble.do}"


async def test_everybody_with_a_role_today_is_listed_with_every_address(bare: Day) -> None:
    bare.database.run(keep_channels, ["paper"])
    bare.database.run(link, Owner(bare.ids["Dorothy Okafor"], None), "paper", "desk of D")
    bare.database.run(link, Owner(bare.ids["Tom Beckett"], None), "carrier pigeon", "roof")
    bare.database.run(link, Owner(None, bare.ids["Oak Farm"]), "paper", "board")
    bare.unreachable("Kit Lowry")
    bare.change(people, people.c.id == bare.ids["Helen Marsh"], leaves_on=bare.date - timedelta(days=1))
    bare.change(addresses, addresses.c.person_id == bare.ids["Priya Nair"], disabled_at=bare.clock.now())
    places = bare.database.run(load_places)
    of = {name: [each for each in places if each.name == name] for name in {each.name for each in places}}
    assert [(each.channel, each.trouble) for each in of["Dorothy Okafor"]] == [
        ("paper", ""),
        ("web", "not signed in on any device"),
    ]
    assert [each.trouble for each in of["Kit Lowry"]] == ["reached nowhere"]
    assert "not set up" in of["Tom Beckett"][0].trouble
    assert "stopped working" in of["Priya Nair"][0].trouble
    assert "Helen Marsh" not in of
    assert [each.channel for each in of["Oak Farm"]] == ["paper"]
    assert channels_of(places) == [("paper", "desk of D"), ("paper", "board")]
    assert {each.name for each in bare.database.run(load_places, "DOROTHY")} == {"Dorothy Okafor"}


async def test_the_recorder_is_not_asked(bare: Day) -> None:
    assert bare.rows(sa.select(addresses))
    assert channels_of(bare.database.run(load_places)) == []


@pytest.mark.parametrize(
    ("channel", "how"),
    [
        ("email", "Correct it on the roster and import that; where it is right: apbot link DOROTHY --again email"),
        ("sms", "apbot link DOROTHY --again sms"),
        ("webhook", "apbot link DOROTHY --again webhook"),
        ("slack", "What they write to apbot there opens it again"),
        ("web", "Give them a link: `apbot link DOROTHY`"),
    ],
)
def test_what_opens_an_address_again_is_said_for_each_channel(channel: str, how: str) -> None:
    place = Place("DOROTHY", "Dorothy Okafor", channel, "somewhere", "stopped working: 550", is_closed=True)
    said = _state(Trial({}, {}), place, {})
    assert said.startswith("stopped working: 550. ")
    assert how in said
