"""GOV.UK Notify: what a text message holds, and a letter."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apbot.cards import Card, Row, Tone
from apbot.channels.notify.letters import BASIC, EXTENDED, cut, length, sendable
from apbot.channels.notify.texts import email, text_messages
from apbot.channels.trial import trial_card
from tests.channels.chatday import ChatDay, begun
from tests.channels.notifystand import PUBLIC_URL, NotifyStand, texts_to
from tests.channels.samples import deliver, plain_card

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
LINK = f"{PUBLIC_URL}/m/WzEsMiwzXQ.0123456789012345678901234567"


@pytest.fixture
def stand() -> NotifyStand:
    return NotifyStand("sms")


def test_a_text_says_what_has_happened_whom_to_ring_and_when_it_was_sent() -> None:
    card = Card(
        heading="Not arrived: 2 pupils, Oak Farm, am",
        tone=Tone.ALERT,
        lines=("The session started at 09:30. Telephone 01632 960201.",),
        rows=(
            Row("AB12", "Transport: taxi 12", Tone.ALERT),
            Row("CD34", "…", Tone.ALERT),
            Row("EF56", "Arrived", Tone.DONE),
        ),
    )
    assert text_messages(card, LINK, NOW, maybe_repeat=True) == [
        "Not arrived: 2 pupils, Oak Farm, am. AB12, CD34. The session started at 09:30. Telephone 01632 960201. "
        "May be a repeat. Sent 10:00 Thu 17 Sep"
    ]


def test_a_pupil_whose_reference_is_like_something_in_the_heading_is_named_all_the_same() -> None:
    card = Card("Register: Oak Farm, am, Thu 17 Sep 2026", Tone.ASK, rows=(Row("17", tone=Tone.ASK),))
    assert text_messages(card, LINK, NOW)[0].startswith("Register: Oak Farm, am, Thu 17 Sep 2026. 17. Sent")


def test_who_is_not_expected_is_not_asked_about() -> None:
    rows = (Row("AB12", "Not expected: ill"), Row("CD34", tone=Tone.ASK), Row("EF56", "Arrived", Tone.DONE))
    (text,) = text_messages(replace(plain_card(), rows=rows, lines=()), LINK, NOW)
    assert "CD34" in text
    assert "AB12" not in text
    assert "EF56" not in text


def test_an_arrival_names_the_pupil_once() -> None:
    card = Card("Arrived: AB12 at Oak Farm", Tone.DONE, rows=(Row("AB12", "Arrived", Tone.DONE),))
    assert text_messages(card, LINK, NOW) == ["Arrived: AB12 at Oak Farm. Sent 10:00 Thu 17 Sep"]


def test_long_lines_are_cut_before_the_references_are() -> None:
    card = replace(plain_card(10), lines=("first " * 40, "second " * 100))
    (text,) = text_messages(card, LINK, NOW)
    assert all(f"AB{number:02d}" in text for number in range(1, 11))
    assert "first first" in text
    assert text.endswith("Sent 10:00 Thu 17 Sep")
    assert length(text) + 1 + length(LINK) <= 459


def test_more_pupils_than_five_texts_hold_are_behind_the_link_and_it_says_how_many() -> None:
    rows = tuple(Row(f"REFERENCE-{number:04d}", tone=Tone.ASK) for number in range(500))
    found = text_messages(replace(plain_card(), rows=rows), LINK, NOW)
    assert len(found) == 5
    assert "(5 of 5)" in found[-1]
    held = sum(text.count("REFERENCE-") for text in found)
    assert f"and {500 - held} more." in found[-1]
    assert all(length(text) + 1 + length(LINK) <= 459 for text in found)


@given(
    heading=st.text(max_size=300),
    lines=st.lists(st.text(max_size=500), max_size=4),
    rows=st.lists(st.text(max_size=80), max_size=80),
    maybe_repeat=st.booleans(),
    anew=st.booleans(),
)
@example(heading="[" * 300, lines=["|" * 300], rows=["{" * 80] * 80, maybe_repeat=True, anew=False)
def test_whatever_a_card_holds_its_texts_can_be_sent(
    heading: str, lines: list[str], rows: list[str], maybe_repeat: bool, anew: bool
) -> None:
    card = Card(heading, Tone.ASK, tuple(lines), tuple(Row(each) for each in rows), news=heading[:50])
    found = text_messages(card, LINK, NOW, maybe_repeat=maybe_repeat, anew=anew)
    assert 1 <= len(found) <= 5
    for text in found:
        assert set(text) <= BASIC | EXTENDED
        assert length(text) + 1 + length(LINK) <= 459 - 35
        assert text.endswith("Sent 10:00 Thu 17 Sep")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Siân’s “café” – 5 · £3…", 'Sian\'s "café" - 5 - £3...'),
        ("Łukasz Ağıla ŵ", "Lukasz Agila w"),
        ("👩🏽‍🌾 شيماء!", "? ?!"),
        ("Is it? Yes", "Is it? Yes"),
        ("[a] {b} €", "[a] {b} €"),
    ],
)
def test_letters_that_a_text_does_not_have_are_written_as_the_nearest(text: str, right: str) -> None:
    assert sendable(text) == right


def test_brackets_and_the_euro_take_the_room_of_two() -> None:
    assert length("[€]a") == 7
    assert length(cut("[" * 50, 21)) <= 21


async def test_the_telephone_number_is_sent_without_spaces_and_the_reference_holds_nothing_personal(
    day: ChatDay,
) -> None:
    await deliver(day, plain_card())
    (taken,) = day.stand.server.notifications  # type: ignore[attr-defined]
    assert taken.to == day.dsl_address.replace(" ", "")
    assert taken.reference.startswith("apbot-1-")


def test_what_somebody_typed_makes_no_link_in_an_email() -> None:
    card = replace(plain_card(1, "see [here](https://evil.example) or www.evil.example"), lines=("# Big\n* news",))
    said = email(card, NOW)
    assert "https://" not in said
    assert "www." not in said
    assert "[" not in said
    assert said.startswith("Big * news")


async def test_the_link_opens_that_persons_message(day: ChatDay) -> None:
    from apbot.channels.links import SIGNED_WITH, Links
    from apbot.store.kept_secrets import keep_secret

    await day.until("10:01")
    address, _, token = texts_to(day, "Dorothy Okafor")[-1].text.split("\n")[-1].rpartition("/")
    assert address == f"{PUBLIC_URL}/m"
    letter = Links(PUBLIC_URL, day.database.run(keep_secret, SIGNED_WITH)).read(token, day.clock.now())
    assert letter is not None
    assert letter.person_id == day.ids["Dorothy Okafor"]


async def test_without_a_public_address_there_is_no_link_and_the_check_says_so() -> None:
    async with begun(NotifyStand("sms", public_url="")) as day:
        await day.until("10:01")
        assert texts_to(day, "Dorothy Okafor")[-1].text.endswith("\nAnswer in apbot.")
        assert any("APBOT_PUBLIC_URL" in trouble.do for trouble in await day.channel.check())


def test_when_a_test_was_sent_is_said_once() -> None:
    said = email(trial_card(NOW), NOW)
    assert said.count("Sent") == 1
