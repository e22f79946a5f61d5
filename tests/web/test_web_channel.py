"""The web chat as a channel: what is delivered, who may act, what is kept."""

import dataclasses
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Card, Row, Tone, card_from_json
from apbot.channels.port import Channel, Outcome
from apbot.channels.web import NotYourConversation
from apbot.store.database import Database, Transaction
from apbot.store.tables import chat_lines, people, roles
from tests.web.site import Clerk, Site, late, register


@pytest.fixture
def oak_farm(site: Site) -> str:
    return f"provider:{site.ids['Oak Farm']}"


@pytest.fixture
def sam_id(site: Site) -> int:
    return site.ids["Sam Taylor"]


def test_it_is_a_channel(site: Site) -> None:
    channel: Channel = site.webchat
    assert (channel.name, channel.batch) == ("web", 100)


async def test_a_card_is_kept_as_it_was_given(site: Site) -> None:
    card = register("AB12 J.W.", "CD34 J.S.")
    (receipt,) = await site.webchat.deliver([site.message("Oak Farm", card)])
    (line,) = site.lines()
    assert (receipt.outcome, receipt.platform_ref) == (Outcome.ACCEPTED, str(line.id))
    assert card_from_json(line.card) == card


async def test_the_same_message_delivered_again_is_one_line(site: Site) -> None:
    first = site.message("Oak Farm", Card("Register"))
    again = dataclasses.replace(first, maybe_repeat=True)
    (one,) = await site.webchat.deliver([first])
    (two,) = await site.webchat.deliver([again])
    assert one.platform_ref == two.platform_ref
    (line,) = site.lines()
    assert card_from_json(line.card).footer == "", "it was there: it is no repeat"


async def test_a_message_that_may_be_a_repeat_says_so_where_it_is_new(site: Site) -> None:
    first = dataclasses.replace(site.message("Oak Farm", Card("Register", footer="Or type it.")), maybe_repeat=True)
    await site.webchat.deliver([first])
    (line,) = site.lines()
    assert card_from_json(line.card).footer == "Or type it. May be a repeat."


async def test_an_edit_changes_the_line_and_its_number(site: Site) -> None:
    first = site.message("Oak Farm", Card("Register", Tone.ASK))
    receipt, _ = await site.webchat.deliver([first, site.message("Oak Farm", Card("Another"))])
    edit = dataclasses.replace(first, platform_ref=receipt.platform_ref, card=Card("Register", Tone.DONE))
    (after,) = await site.webchat.deliver([edit])
    assert after == receipt
    lines = site.lines()
    assert [(card_from_json(line.card).tone, line.changed) for line in lines] == [(Tone.DONE, 3), (Tone.PLAIN, 2)]


async def test_an_edit_that_changes_nothing_wakes_nobody(site: Site) -> None:
    first = site.message("Oak Farm", Card("Register"))
    (receipt,) = await site.webchat.deliver([first])
    heard: list[frozenset[str]] = []
    site.database.listeners.append(heard.append)
    await site.webchat.deliver([dataclasses.replace(first, platform_ref=receipt.platform_ref)])
    assert heard == []


async def test_an_edit_of_a_line_that_is_gone_posts_it_anew(site: Site) -> None:
    first = site.message("Oak Farm", Card("Register"))
    (receipt,) = await site.webchat.deliver([first])
    site.database.run(lambda transaction: transaction.execute(sa.delete(chat_lines)))
    edit = dataclasses.replace(first, platform_ref=receipt.platform_ref, card=Card("Register, again"))
    (after,) = await site.webchat.deliver([edit])
    assert after.outcome is Outcome.ACCEPTED
    assert [card_from_json(line.card).heading for line in site.lines()] == ["Register, again"]


async def test_what_nobody_can_read_is_refused_and_the_rest_delivered(site: Site) -> None:
    fine = site.message("Priya Nair", Card("Alert"))
    nonsense = dataclasses.replace(site.message("Tom Beckett", Card("Alert")), address="channel:general")
    nobody = dataclasses.replace(site.message("Tom Beckett", Card("Alert")), address="person:999")
    receipts = await site.webchat.deliver([fine, nonsense, nobody])
    assert [receipt.outcome for receipt in receipts] == [
        Outcome.ACCEPTED,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]


async def test_a_database_that_can_not_be_written_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def locked(*_: object) -> None:
        raise sa.exc.OperationalError("INSERT ...", {"text": "AB12 is ill"}, Exception("database is locked"))

    message = site.message("Oak Farm", Card("Register"))
    monkeypatch.setattr(Database, "write", locked)
    (receipt,) = await site.webchat.deliver([message])
    assert receipt.outcome is Outcome.AGAIN
    assert receipt.why == "OperationalError"


async def test_a_hundred_messages_are_delivered_in_one_transaction(site: Site) -> None:
    batch = [site.message("Oak Farm", register(f"AB{number}")) for number in range(100)]
    commits: list[frozenset[str]] = []
    site.database.listeners.append(commits.append)
    receipts = await site.webchat.deliver(batch)
    assert len({receipt.platform_ref for receipt in receipts}) == 100
    assert len(commits) == 1


async def test_typed_words_and_how_they_were_read_are_two_lines(
    site: Site, clerk: Clerk, oak_farm: str, sam_id: int
) -> None:
    reply = await site.webchat.act(sam_id, oak_farm, event_id="e1", text="all in")
    assert reply.card is not None
    typed, read = site.lines()
    assert (typed.text, typed.author_id, typed.only_for_id) == ("all in", sam_id, None)
    assert (card_from_json(read.card).heading, read.author_id, read.only_for_id) == ("Read: 6 characters", None, None)
    assert clerk.actions[0].address == oak_farm


async def test_a_command_and_its_answer_are_for_one_pair_of_eyes(site: Site, oak_farm: str, sam_id: int) -> None:
    await site.webchat.act(sam_id, oak_farm, event_id="e1", text="/ap help")
    assert [line.only_for_id for line in site.lines()] == [sam_id, sam_id]


async def test_the_answer_to_a_button_is_for_who_pressed_it(site: Site, oak_farm: str, sam_id: int) -> None:
    await site.webchat.act(sam_id, oak_farm, event_id="e1", verb="late", subject=3, inputs={"at": "09:50"})
    (line,) = site.lines()
    assert (card_from_json(line.card).heading, line.only_for_id) == ("Late, at 09:50: ", sam_id)


async def test_a_press_that_needs_no_answer_leaves_no_line(
    site: Site, clerk: Clerk, oak_farm: str, sam_id: int
) -> None:
    await site.webchat.act(sam_id, oak_farm, event_id="e1", verb="arrived", subject=3)
    assert len(clerk.actions) == 1
    assert not site.lines()


async def test_the_same_event_twice_is_one_line_and_the_same_answer(
    site: Site, clerk: Clerk, oak_farm: str, sam_id: int
) -> None:
    first = await site.webchat.act(sam_id, oak_farm, event_id="e1", text="all in")
    again = await site.webchat.act(sam_id, oak_farm, event_id="e1", text="all in")
    assert again == first
    assert len(clerk.actions) == 1
    assert len(site.lines()) == 2


@pytest.mark.sqlite
async def test_words_that_are_not_kept_are_nowhere_in_the_file(site: Site, oak_farm: str, sam_id: int) -> None:
    words = "worried about Joana, bruise on her arm zqxjkv"
    await site.webchat.act(sam_id, oak_farm, event_id="e1", text=words)
    assert site.lines()[0].text == "(words not kept)"
    kept = b"".join(path.read_bytes() for path in site.file.parent.iterdir())
    assert b"(words not kept)" in kept
    assert b"zqxjkv" not in kept
    assert b"bruise" not in kept


async def test_nobody_acts_in_another_persons_conversation(site: Site, clerk: Clerk, sam_id: int) -> None:
    for conversation in (
        f"person:{site.ids['Bea Whitlock']}",
        f"provider:{site.ids['The Garage']}",
        "provider:999",
        "nonsense",
        "",
    ):
        with pytest.raises(NotYourConversation):
            await site.webchat.act(sam_id, conversation, event_id="e1", text="all in")
    assert not clerk.actions
    assert not site.lines()


async def test_a_leaver_is_out_the_day_after_their_last(site: Site, oak_farm: str, sam_id: int) -> None:
    site.change(people, people.c.id == sam_id, leaves_on=date(2026, 9, 17))
    await site.webchat.act(sam_id, oak_farm, event_id="e1", text="all in")
    site.clock.forward(timedelta(hours=14, minutes=29))  # 23:59 on the wall
    await site.webchat.act(sam_id, oak_farm, event_id="e2", text="all in")
    site.clock.forward(timedelta(minutes=1))
    with pytest.raises(NotYourConversation):
        await site.webchat.act(sam_id, oak_farm, event_id="e3", text="all in")


async def test_who_has_not_started_and_who_lost_the_role_are_out(site: Site, oak_farm: str, sam_id: int) -> None:
    site.change(people, people.c.name == "Bea Whitlock", starts_on=date(2026, 9, 18))
    with pytest.raises(NotYourConversation):
        await site.webchat.act(site.ids["Bea Whitlock"], oak_farm, event_id="e1", text="all in")
    site.change(roles, roles.c.person_id == sam_id, provider_id=site.ids["The Garage"])
    with pytest.raises(NotYourConversation):
        await site.webchat.act(sam_id, oak_farm, event_id="e2", text="all in")


async def test_a_reply_carries_its_message_only_from_the_conversation_it_stands_in(
    site: Site, clerk: Clerk, oak_farm: str, sam_id: int
) -> None:
    here, elsewhere = site.message("Oak Farm", Card("Here")), site.message("The Garage", Card("Elsewhere"))
    await site.webchat.deliver([here, elsewhere])
    await site.webchat.act(sam_id, oak_farm, event_id="e1", text="all in", message_id=here.message_id)
    await site.webchat.act(sam_id, oak_farm, event_id="e2", text="all in", message_id=elsewhere.message_id)
    assert [action.message_id for action in clerk.actions] == [here.message_id, None]


async def test_a_handler_that_fails_leaves_nothing(site: Site, oak_farm: str, sam_id: int) -> None:
    with pytest.raises(RuntimeError):
        await site.webchat.act(sam_id, oak_farm, event_id="e1", text="break")
    assert not site.lines()


async def test_every_change_has_a_higher_number_than_the_one_before(site: Site, oak_farm: str, sam_id: int) -> None:
    message = site.message("Oak Farm", register("AB12"))
    await site.webchat.deliver([message])
    await site.webchat.act(sam_id, oak_farm, event_id="e1", text="all in")
    await site.webchat.deliver([dataclasses.replace(message, card=register("AB12", marked="AB12"))])
    await site.webchat.act(sam_id, oak_farm, event_id="e2", text="/ap help")
    assert [line.changed for line in site.lines()] == [4, 2, 3, 5, 6]


def test_the_database_itself_refuses_a_second_line_of_a_message(site: Site) -> None:
    message = site.message("Oak Farm", Card("Register", rows=(Row("AB12", buttons=(late("AB12", 1),)),)))
    line = {"conversation": message.address, "message_id": message.message_id, "at": site.clock.now(), "changed": 1}
    site.database.run(Transaction.insert, chat_lines, **line)
    with pytest.raises(sa.exc.IntegrityError):
        site.database.run(Transaction.insert, chat_lines, **line)
