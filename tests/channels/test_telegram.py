"""The Telegram channel, over the Bot API's wire: the contract, and what goes out."""

import pytest
import sqlalchemy as sa

from apbot.cards import Button, Card, Row
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.telegram import limiter as limits
from apbot.channels.telegram.channel import TelegramChannel
from apbot.channels.telegram.limiter import Limiter
from apbot.channels.telegram.rendering import LONGEST_DATA, data_for, hash_of, keyboard
from apbot.channels.telegram.settings import Settings
from apbot.channels.telegram.words import cut, units
from apbot.settings import WrongSettings, load
from apbot.store.tables import addresses, messages
from tests.channels.chatday import ChatDay
from tests.channels.contract import EditContract, OutwardContract
from tests.channels.contract_inward import PressContract, TypeContract
from tests.channels.samples import deliver, plain_card
from tests.channels.stand import Failure, Stand
from tests.channels.telegram_server import Pass, Refusal
from tests.channels.telegram_stand import TelegramStand


class TestTelegram(OutwardContract, EditContract, PressContract, TypeContract):
    """Everything that the contract asks, with updates asked for."""

    @pytest.fixture
    def stand(self) -> Stand:
        return TelegramStand()


class TestTelegramByWebhook(PressContract):
    """What people press, with Telegram calling."""

    @pytest.fixture
    def stand(self) -> Stand:
        return TelegramStand(webhook=True)


@pytest.fixture
def stand() -> TelegramStand:
    return TelegramStand()


async def to(day: ChatDay, address: str, card: Card, ref: str = "") -> Receipt:
    (receipt,) = await day.channel.deliver([Outgoing(1, address, card, ref)])
    return receipt


NEW_GROUP = -1001234567890


async def test_a_group_that_became_a_supergroup_is_followed_when_something_is_sent(
    day: ChatDay, stand: TelegramStand
) -> None:
    stand.api.refused_chats[int(day.farm)] = Refusal(
        400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=NEW_GROUP
    )
    await day.until("09:31")
    assert "AB12" in stand.shown(str(NEW_GROUP))[-1].text
    assert day.rows(sa.select(addresses).where(addresses.c.address == str(NEW_GROUP)))
    assert not day.rows(sa.select(addresses).where(addresses.c.address == day.farm))


async def test_a_supergroup_counts_anew_so_what_was_sent_before_is_posted_there_again(
    day: ChatDay, stand: TelegramStand
) -> None:
    await day.until("09:31")
    moved = stand.update_of("Sam Taylor", day.farm, migrate_to_chat_id=NEW_GROUP)
    await stand.tell(moved)
    await stand.tap("Sam Taylor", day.farm, "Arrived", "AB12")
    await day.app.tick()
    assert "AB12: Arrived" in stand.shown(str(NEW_GROUP))[-1].text


async def test_a_register_in_a_forums_topic_is_posted_and_answered_there(day: ChatDay, stand: TelegramStand) -> None:
    topic = "-1009876543210:77"
    await stand.type("Gary Stone", topic, f"/ap link {day.code_for(provider='The Garage')}")
    await stand.type("Gary Stone", stand.address_of("Gary Stone"), f"/start {day.code_for(person='Gary Stone')}")
    await day.until("09:31")
    assert "Register: The Garage" in day.newest(topic, "EF56").text
    await day.taps("Gary Stone", topic, "Arrived", "EF56")
    day.newest(topic, "EF56", "Arrived · Gary Stone")
    assert not stand.standing("-1009876543210"), "nothing outside the topic"


async def test_a_message_that_cannot_be_edited_any_more_is_posted_anew(day: ChatDay, stand: TelegramStand) -> None:
    first = await deliver(day, plain_card())
    stand.api.failures.append(Refusal(400, "Bad Request: message can't be edited"))
    second = await deliver(day, plain_card(2, "Changed"), first.platform_ref)
    assert second.outcome is Outcome.ACCEPTED
    assert second.platform_ref != first.platform_ref


async def test_what_has_not_changed_is_no_trouble(day: ChatDay) -> None:
    first = await deliver(day, plain_card())
    assert (await deliver(day, plain_card(), first.platform_ref)) == first


async def test_a_part_that_is_too_old_to_be_deleted_is_emptied(day: ChatDay, stand: TelegramStand) -> None:
    first = await deliver(day, plain_card(60))
    stand.api.refuse_next["deleteMessage"] = Refusal(400, "Bad Request: message can't be deleted for everyone")
    second = await deliver(day, plain_card(2), first.platform_ref)
    assert second.outcome is Outcome.ACCEPTED
    left = [shown for shown in stand.shown(day.dsl_address) if not shown.is_deleted]
    assert [shown.buttons for shown in left[1:]] == [[]] * len(left[1:])
    assert "AB60" not in "".join(shown.text for shown in left)


async def test_parts_that_stand_there_are_not_posted_again_after_a_failure(day: ChatDay, stand: TelegramStand) -> None:
    stand.api.failures.extend([Pass(), Refusal(502, "Bad Gateway")])
    first = await deliver(day, plain_card(60))
    assert (first.outcome, len(first.platform_ref.split())) == (Outcome.UNKNOWN, 1)
    second = await deliver(day, plain_card(60), first.platform_ref)
    assert second.outcome is Outcome.ACCEPTED
    assert len(second.platform_ref.split()) == len(stand.shown(day.dsl_address))


async def test_a_refused_token_is_nobodys_address_that_is_wrong(day: ChatDay, stand: TelegramStand) -> None:
    stand.api.token = "another"
    receipt = await deliver(day, plain_card())
    assert receipt.outcome is Outcome.AGAIN
    assert "token" in receipt.why


async def test_a_server_that_is_not_there_is_tried_again(day: ChatDay, stand: TelegramStand) -> None:
    lost = TelegramChannel(stand.settings(base_url="http://127.0.0.1:9/bot"), "", day.channel._desk)  # type: ignore[attr-defined]
    (receipt,) = await lost.deliver([Outgoing(1, day.dsl_address, plain_card())])
    assert receipt.outcome is Outcome.AGAIN
    assert [trouble.what for trouble in await lost.check()] == ["Telegram can't be reached"]
    await lost.close()


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: chat not found",
        "Bad Request: message thread not found",
        "Bad Request: not enough rights to send text messages to the chat",
    ],
)
async def test_an_address_that_is_gone_is_refused(day: ChatDay, stand: TelegramStand, description: str) -> None:
    stand.api.refused_chats[int(day.dsl_address)] = Refusal(400, description)
    assert (await deliver(day, plain_card())).outcome is Outcome.REFUSED
    trouble = await day.channel.check_address(day.dsl_address)
    assert trouble is not None
    assert "Start" in trouble.do


async def test_a_message_that_telegram_does_not_take_does_not_disable_the_address(
    day: ChatDay, stand: TelegramStand
) -> None:
    stand.api.failures.append(Refusal(400, "Bad Request: can't parse entities"))
    assert (await deliver(day, plain_card())).outcome is Outcome.AGAIN


async def test_an_answer_of_telegrams_that_cannot_be_read_is_unknown(day: ChatDay, stand: TelegramStand) -> None:
    stand.api.garbled = "<html>Welcome to the hotel's Wi-Fi</html>"
    assert (await deliver(day, plain_card())).outcome is Outcome.UNKNOWN
    stand.api.garbled = '{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}'
    assert (await deliver(day, plain_card())).outcome is Outcome.REFUSED


async def test_a_webhook_that_telegram_cannot_call_is_said(day: ChatDay, stand: TelegramStand) -> None:
    own = stand.settings().model_copy(update={"webhook": True})
    for url, base_url, count in (
        ("", stand.api.base_url, 1),
        ("http://apbot.example", "https://api.telegram.org/bot", 1),
        ("http://apbot.example", stand.api.base_url, 0),
    ):
        channel = TelegramChannel(own.model_copy(update={"base_url": base_url}), url, day.channel._desk)  # type: ignore[attr-defined]
        assert channel._can_be_called is (count == 0)
        await channel.close()


async def test_an_address_of_another_platform_is_refused(day: ChatDay) -> None:
    assert (await to(day, "U123", plain_card())).outcome is Outcome.REFUSED
    assert await day.channel.check_address("U123") is not None


async def test_an_address_that_works_has_no_trouble(day: ChatDay) -> None:
    assert await day.channel.check_address(day.dsl_address) is None
    assert not await day.channel.check()


async def test_a_full_group_is_put_off_and_holds_up_no_alert(
    day: ChatDay, stand: TelegramStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LONGEST_WAIT", 0.05)
    slow = Limiter(group_max_rate=1, group_time_period=60)
    channel = TelegramChannel(stand.settings(), "", day.channel._desk, limiter=slow)  # type: ignore[attr-defined]
    batch = [
        Outgoing(1, day.farm, plain_card()),
        Outgoing(2, day.farm, plain_card()),
        Outgoing(3, day.dsl_address, plain_card()),
    ]
    receipts = await channel.deliver(batch)
    await channel.close()
    assert [each.outcome for each in receipts] == [Outcome.ACCEPTED, Outcome.AGAIN, Outcome.ACCEPTED]
    assert receipts[1].retry_after is not None


async def test_different_conversations_are_posted_to_side_by_side(day: ChatDay, stand: TelegramStand) -> None:
    stand.fail_next(Failure.SILENT)
    others = [day.farm, day.dsl_address, stand.address_of("Priya Nair")]
    receipts = await day.channel.deliver([Outgoing(at, each, plain_card()) for at, each in enumerate(others)])
    assert sorted(each.outcome.value for each in receipts) == ["accepted", "accepted", "unknown"]


async def test_an_alert_asks_to_be_acknowledged_first(day: ChatDay) -> None:
    await day.until("10:01")
    assert day.newest(day.dsl_address, "Not arrived").buttons[0].startswith("Acknowledge")


async def test_no_message_holds_initials_whatever_is_sent(day: ChatDay, stand: TelegramStand) -> None:
    await day.until("12:30")
    assert len(day.rows(sa.select(messages).where(messages.c.state == "sent"))) > 2
    assert not stand.problems


@pytest.mark.parametrize(("text", "limit", "right"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("👩👩", 3, "👩…")])
def test_text_is_counted_as_telegram_does(text: str, limit: int, right: str) -> None:
    assert cut(text, limit) == right
    assert units(cut(text, limit)) <= limit


def test_a_button_with_a_long_value_has_short_data_and_is_found_again() -> None:
    long = Button("Put first", "notify_first", 0, "x" * 100)
    assert len(data_for(long).encode()) <= LONGEST_DATA
    assert data_for(long) == f"#{hash_of(long)}"
    assert "x" not in data_for(long)


def test_a_long_reference_leaves_room_for_three_keys_side_by_side() -> None:
    verbs = ("arrived", "late", "absent")
    keys = tuple(Button(verb.capitalize(), verb, 1, describes="HILLCREST-0042 J.W.") for verb in verbs)
    markup = keyboard(Card("", rows=(Row("HILLCREST-0042", buttons=keys),)), data_for)
    assert markup is not None
    assert [key.text for key in markup.inline_keyboard[0]] == ["HILLCREST-0042 ✓", "Late", "Absent"]


def test_what_is_to_be_done_for_a_pupil_has_a_line_of_keys_under_the_one_that_says_for_whom() -> None:
    keys = tuple(
        Button(label, "x", 1, describes="CD34") for label in ("Log contact", "Book it", "Hand over", "Not due")
    )
    markup = keyboard(Card("", rows=(Row("CD34: contact with the provider", buttons=keys),)), data_for)
    assert markup is not None
    assert [[key.text for key in line] for line in markup.inline_keyboard] == [
        ["CD34: Log contact"],
        ["Book it", "Hand over", "Not due"],
    ]


async def test_the_menu_of_commands_is_there_for_everybody_and_in_english(day: ChatDay, stand: TelegramStand) -> None:
    await stand.type("Sam Taylor", stand.address_of("Sam Taylor"), "/help")
    for language in ("", "en"):
        assert {"ap", "start", "help"} <= {each["command"] for each in stand.api.commands[language]}


def test_the_settings_show_no_secret_and_name_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_TELEGRAM_TOKEN", "123:very-secret")
    assert "very-secret" not in repr(load(Settings))
    assert load(Settings).is_configured
    monkeypatch.setenv("APBOT_TELEGRAM_WEBHOOK_SECRET", "not allowed!")
    with pytest.raises(WrongSettings, match="APBOT_TELEGRAM_WEBHOOK_SECRET: expected 16 to 256") as wrong:
        load(Settings)
    assert "not allowed" not in str(wrong.value)


@pytest.mark.parametrize(
    "sent",
    ['{"message_id": 9, "chat": {"id": 5}}', '{"message_id": 9, "entities": [{"type": "text_mention"}]}'],
    ids=str,
)
async def test_of_a_message_that_was_taken_its_number_is_enough(day: ChatDay, stand: TelegramStand, sent: str) -> None:
    stand.api.garbled = f'{{"ok": true, "result": {sent}}}'
    receipt = await deliver(day, plain_card())
    assert (receipt.outcome, receipt.platform_ref.partition("/")[2]) == (Outcome.ACCEPTED, "9")


async def test_a_message_without_a_number_may_stand_there(day: ChatDay, stand: TelegramStand) -> None:
    stand.api.garbled = '{"ok": true, "result": {"message_id": "x"}}'
    assert (await deliver(day, plain_card())).outcome is Outcome.UNKNOWN
