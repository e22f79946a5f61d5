"""What apbot sends to Slack: failures by their meaning, pauses and paces, and cards within Slack's limits."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiolimiter import AsyncLimiter

from apbot.cards import Button, Card, Choice, Input, InputKind, Row, Tone
from apbot.channels.port import Outcome, Outgoing
from apbot.channels.slack import blocks, sending
from apbot.channels.slack.blocks import blocks_of, fits, in_parts, packed_button, text_of, unpacked_button
from apbot.channels.slack.modal import Asked, asked_from, view_of
from apbot.messages.escalation import OUTCOMES
from tests.channels.chatday import ChatDay, begun
from tests.channels.samples import LONG, deliver, plain_card
from tests.channels.slacklimits import wrong_in_message, wrong_in_view
from tests.channels.slackstand import SlackStand
from tests.channels.stand import Failure


@pytest.fixture
def stand() -> SlackStand:
    return SlackStand(over_http=True)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("channel_not_found", Outcome.REFUSED),
        ("not_in_channel", Outcome.REFUSED),
        ("is_archived", Outcome.REFUSED),
        ("user_not_found", Outcome.REFUSED),
        ("user_disabled", Outcome.REFUSED),
        ("restricted_action", Outcome.REFUSED),
        ("invalid_auth", Outcome.AGAIN),
        ("token_revoked", Outcome.AGAIN),
        ("token_expired", Outcome.AGAIN),
        ("missing_scope", Outcome.AGAIN),
        ("ratelimited", Outcome.AGAIN),
        ("service_unavailable", Outcome.AGAIN),
        ("something_new", Outcome.AGAIN),
        ("internal_error", Outcome.UNKNOWN),
        ("fatal_error", Outcome.UNKNOWN),
    ],
)
async def test_slacks_words_for_a_failure_and_what_they_mean(
    day: ChatDay, stand: SlackStand, error: str, outcome: Outcome
) -> None:
    stand.workspace.errors["chat.postMessage"] = error
    receipt = await deliver(day, plain_card())
    assert receipt.outcome is outcome
    assert error in receipt.why


async def test_a_switched_off_account_is_the_addressees_unless_the_token_is_dead(
    day: ChatDay, stand: SlackStand
) -> None:
    errors = stand.workspace.errors
    errors["chat.postMessage"] = "account_inactive"
    assert (await deliver(day, plain_card())).outcome is Outcome.REFUSED
    errors["auth.test"] = "account_inactive"
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN


async def test_where_nothing_listens_it_is_tried_again(day: ChatDay, stand: SlackStand) -> None:
    api = stand.channel.api
    api.client.base_url = "http://127.0.0.1:9/"
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN


async def test_what_is_to_be_edited_and_is_gone_is_posted_anew(day: ChatDay, stand: SlackStand) -> None:
    first = await deliver(day, plain_card())
    for error in ("message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"):
        stand.workspace.errors["chat.update"] = error
        again = await deliver(day, plain_card(words="Left site"), first.platform_ref)
        assert again.outcome is Outcome.ACCEPTED
        assert again.platform_ref not in ("", first.platform_ref)


async def test_a_ref_names_the_conversation_and_the_message(day: ChatDay, stand: SlackStand) -> None:
    receipt = await deliver(day, plain_card())
    assert receipt.platform_ref == f"{stand.channel_of(day.dsl_address)}:{stand.workspace.said[-1].ts}"


async def test_what_slack_does_not_take_as_blocks_goes_out_as_words(day: ChatDay, stand: SlackStand) -> None:
    real = stand.workspace._do

    def strict(method: str, asked: dict[str, object]) -> dict[str, object]:
        return {"ok": False, "error": "invalid_blocks"} if asked.get("blocks") else real(method, asked)

    stand.workspace._do = strict  # type: ignore[method-assign, assignment]
    assert (await deliver(day, plain_card(20))).outcome is Outcome.ACCEPTED
    assert all(f"AB{number:02d}" in stand.workspace.said[-1].text for number in range(1, 21))


async def test_while_slack_asks_for_a_pause_nothing_goes_to_that_conversation(day: ChatDay, stand: SlackStand) -> None:
    stand.fail_next(Failure.BUSY, timedelta(seconds=30))
    priya = day.stand.address_of("Priya Nair")
    batch = [Outgoing(number, address, plain_card()) for number, address in enumerate([day.dsl_address] * 3 + [priya])]
    receipts = await day.channel.deliver(batch)
    assert [each.outcome for each in receipts] == [Outcome.AGAIN] * 3 + [Outcome.ACCEPTED]
    assert all(each.retry_after == timedelta(seconds=30) for each in receipts[:3])
    assert len([call for call in stand.workspace.calls if call[0] == "chat.postMessage"]) == 2
    day.clock.forward(timedelta(seconds=31))
    assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED


async def test_while_slack_does_not_answer_one_conversations_messages_are_not_tried_one_after_another() -> None:
    async with begun(SlackStand(over_http=True)) as day:
        day.stand.fail_next(Failure.SILENT)
        priya = day.stand.address_of("Priya Nair")
        batch = [Outgoing(n, address, plain_card()) for n, address in enumerate([day.dsl_address] * 3)]
        first, *others = await day.channel.deliver(batch)
        assert first.outcome is Outcome.UNKNOWN
        assert [each.outcome for each in others] == [Outcome.AGAIN] * 2
        (other,) = await day.channel.deliver([Outgoing(9, priya, plain_card())])
        assert other.outcome is Outcome.ACCEPTED


async def test_edits_wait_together_and_hold_up_no_message(day: ChatDay, stand: SlackStand) -> None:
    first = await deliver(day, plain_card())
    day.stand.fail_next(Failure.BUSY, timedelta(seconds=30))
    receipt = await deliver(day, plain_card(), first.platform_ref)
    assert (receipt.outcome, receipt.platform_ref) == (Outcome.AGAIN, first.platform_ref)
    count = len(stand.workspace.calls)
    assert (await deliver(day, plain_card(), first.platform_ref)).outcome is Outcome.AGAIN
    assert len(stand.workspace.calls) == count
    assert (await deliver(day, plain_card())).outcome is Outcome.ACCEPTED


async def test_of_several_parts_those_that_stand_are_not_posted_again(day: ChatDay, stand: SlackStand) -> None:
    real = stand.workspace._do
    posted = iter([False, True])

    def once(method: str, asked: dict[str, object]) -> dict[str, object]:
        broken = method == "chat.postMessage" and next(posted, False)
        return {"ok": False, "error": "service_unavailable"} if broken else real(method, asked)

    stand.workspace._do = once  # type: ignore[method-assign, assignment]
    first = await deliver(day, plain_card(60))
    assert first.outcome is Outcome.AGAIN
    assert len(first.platform_ref.split()) == 1
    second = await deliver(day, plain_card(60), first.platform_ref)
    assert second.outcome is Outcome.ACCEPTED
    assert second.platform_ref.startswith(first.platform_ref)
    standing = "".join(each.text for each in stand.shown(day.dsl_address))
    assert all(standing.count(f"AB{number:02d}") == 1 for number in range(1, 61))


async def test_messages_to_one_conversation_keep_slacks_pace_and_others_do_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited = []

    class Watched(AsyncLimiter):
        async def acquire(self, amount: float = 1) -> None:
            waited.extend([] if self.has_capacity(amount) else [amount])
            await super().acquire(amount)

    monkeypatch.setattr(sending, "AsyncLimiter", Watched)
    async with begun(SlackStand(over_http=True, messages_a_second=5)) as day:
        others = [Outgoing(number, day.stand.address_of(f"Person {number}"), plain_card()) for number in range(5)]
        await day.channel.deliver(others)
        assert waited == []
        loop = asyncio.get_running_loop()
        began = loop.time()
        await day.channel.deliver([replace(others[0], message_id=number) for number in range(4)])
        assert loop.time() - began >= 0.55


async def test_a_foreign_persons_message_goes_to_their_own_name(day: ChatDay) -> None:
    (receipt,) = await day.channel.deliver([Outgoing(1, "T0OTHER:U0FAR", plain_card())])
    assert receipt.platform_ref.startswith("D0FAR:")


WILD = "<!channel> & <@U1> *bold* <https://x.test|y> "


@pytest.mark.parametrize(
    "card",
    [
        plain_card(60),
        plain_card(3, LONG),
        plain_card(3, WILD * 300),
        plain_card(3, "&" * 9000),
        plain_card(3, "👩🏽‍🌾" * 3000),
        Card(LONG, Tone.ALERT, (LONG,) * 20, (Row(LONG, LONG),) * 5, footer=LONG),
        Card(WILD * 9, Tone.ALERT, ("<" * 5000,) * 9, (Row(WILD * 99, WILD * 99),) * 9, footer="<" * 5000),
        Card("", rows=(Row("", ""),)),
        Card("Many buttons", buttons=tuple(Button(f"{LONG}{n}", "press", n, describes=LONG) for n in range(60))),
        Card("x", lines=tuple(f"line {number}" for number in range(500))),
    ],
    ids=range(10),
)
def test_every_card_fits_slacks_limits(card: Card) -> None:
    parts = in_parts(card)
    for part in parts:
        message = {"text": part.text, "blocks": part.blocks}
        assert list(wrong_in_message(message)) == []
    assert sum(len(part.card.rows) for part in parts) == len(card.rows)


def test_nothing_in_the_words_calls_anybody_or_leads_anywhere() -> None:
    said = str(blocks_of(Card("x", lines=(WILD,), rows=(Row("r", WILD),), footer=WILD)))
    for mark in ("<!channel>", "<@U1>", "<https"):
        assert mark not in said


def test_a_lock_screen_shows_no_pupils_row() -> None:
    assert "AB01" not in text_of(plain_card())


def test_a_button_comes_back_as_it_was() -> None:
    inputs = (Input("outcome", "What?", InputKind.CHOICE, OUTCOMES), Input("at", "At", InputKind.TIME, optional=True))
    button = Button("Record", "outcome", 12, "a:b", inputs=inputs, describes="CD34 J.S.")
    packed = packed_button(button)
    assert len(packed) <= blocks.VALUE_MOST
    pressed = unpacked_button(packed)
    assert pressed is not None
    assert (pressed.verb, pressed.subject, pressed.value) == ("outcome", 12, "a:b")
    assert (pressed.inputs, pressed.describes) == (inputs, "CD34 J.S.")
    plain = unpacked_button(packed_button(Button("Go", "go", 3, "x:y")))
    assert plain is not None
    assert (plain.verb, plain.subject, plain.value, plain.inputs) == ("go", 3, "x:y", ())


def test_so_many_choices_that_a_button_can_not_carry_them_are_asked_for_in_words() -> None:
    choices = tuple(Choice(f"{n * 7919 % 100_003:05d}{n**9}", f"Choice {n**11}") for n in range(100))
    button = Button("Record", "outcome", 12, inputs=(Input("which", "Which?", InputKind.CHOICE, choices),))
    pressed = unpacked_button(packed_button(button))
    assert pressed is not None
    view = view_of(pressed, "Record", Asked("outcome", 12))
    assert view["blocks"][0]["element"]["type"] == "plain_text_input"


@pytest.mark.parametrize("kind", list(InputKind))
def test_a_form_fits_slacks_limits_whatever_it_asks(kind: InputKind) -> None:
    from apbot.channels.slack.blocks import Pressed

    choices = tuple(Choice(f"v{number}", LONG) for number in range(150))
    each = Input("name", LONG, kind, choices, max_length=99_999, value="09:50" if kind is InputKind.TIME else "")
    pressed = Pressed("verb", 1, "v" * 4000, LONG, (each,))
    asked = Asked("verb", 1, "v" * 4000, "C1", "C1", "C1:1.1", "1.1", "https://hooks.test/" + "x" * 200)
    view = view_of(pressed, LONG, asked)
    assert list(wrong_in_view(view)) == []
    kept = asked_from(view["private_metadata"])
    assert kept is not None
    assert (kept.verb, kept.subject, kept.place) == ("verb", 1, "C1")


@pytest.mark.parametrize("metadata", [None, "", "7", "[]", "{}", '{"verb": 1, "subject": 2}', '{"verb": "x"}', "{"])
def test_a_form_that_apbot_did_not_make_is_nobodys(metadata: object) -> None:
    assert asked_from(metadata) is None


def test_a_card_that_fits_is_one_message() -> None:
    assert fits(plain_card(20))
    assert len(in_parts(plain_card(20))) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>", "text/html"), (b'{"ok": tr', "application/json"), (b"[]", "application/json"), (b"", "text/plain")],
)
async def test_after_an_answer_that_is_none_the_message_may_stand_there(
    day: ChatDay, stand: SlackStand, body: bytes, kind: str
) -> None:
    stand.workspace.nonsense.append((body, kind))
    assert (await deliver(day, plain_card())).outcome is Outcome.UNKNOWN
