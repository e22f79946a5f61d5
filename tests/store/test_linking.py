"""Linking by a one-time code."""

from datetime import date, timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from apbot.cards import Action
from apbot.handlers.dispatch import handle
from apbot.store.linkcodes import LENGTH, LETTERS, WRONG_BY_ALL, CannotLink, make_code, use_code
from apbot.store.linking import Owner, detail_of, keep_detail, link, move_address, owner_of
from apbot.store.tables import addresses, audit, guesses, link_codes, messages, people
from tests.day import Day

HOUR = timedelta(hours=1)
EVENTS = count(1)


def code_of(day: Day, name: str) -> str:
    """A fresh code for this person or provider."""
    whose = "provider_id" if name in ("Oak Farm", "The Garage") else "person_id"
    return day.database.run(lambda t: make_code(t, HOUR, **{whose: day.ids[name]})).code  # type: ignore[arg-type]


def use(day: Day, code: str, sender: str = "U1", place: str = "U1") -> Owner:
    """Somebody types it."""
    return day.database.run(use_code, code, "slack", sender=sender, place=place)


def test_a_code_links_whoever_types_it_once(day: Day) -> None:
    code = code_of(day, "Dorothy Okafor")
    assert use(day, code) == Owner(day.ids["Dorothy Okafor"], None)
    assert day.database.run(owner_of, "slack", "U1") == Owner(day.ids["Dorothy Okafor"], None)
    with pytest.raises(CannotLink, match="works once"):
        use(day, code, "U2", "U2")


def test_a_code_is_read_however_it_is_typed(day: Day) -> None:
    code = code_of(day, "Dorothy Okafor")
    assert len(code) == LENGTH + 1
    assert use(day, f" {code.replace('-', ' ').lower()} ").person_id == day.ids["Dorothy Okafor"]


def test_no_code_stands_in_the_database(day: Day) -> None:
    code = code_of(day, "Dorothy Okafor").replace("-", "")
    for table in (link_codes, audit):
        assert code not in str(day.rows(sa.select(table)))


def test_an_old_code_links_nobody(day: Day) -> None:
    code = code_of(day, "Dorothy Okafor")
    day.clock.forward(HOUR)
    with pytest.raises(CannotLink):
        use(day, code)


@pytest.mark.parametrize("code", ["", "-", "AAAA-AAAA", "0" * 5000, "ünï", "' OR 1=1"])
def test_a_made_up_code_links_nobody(day: Day, code: str) -> None:
    with pytest.raises(CannotLink):
        use(day, code)


def test_a_leavers_code_links_nobody_and_none_is_made_for_them(day: Day) -> None:
    code = code_of(day, "Dorothy Okafor")
    day.change(people, people.c.id == day.ids["Dorothy Okafor"], leaves_on=date(2026, 9, 1))
    with pytest.raises(CannotLink, match="does not work here"):
        use(day, code)
    with pytest.raises(CannotLink, match="left on 01 Sep 2026"):
        code_of(day, "Dorothy Okafor")


def test_a_providers_code_links_the_conversation_and_not_who_types_it(day: Day) -> None:
    code = code_of(day, "Oak Farm")
    with pytest.raises(CannotLink, match="its staff share"):
        use(day, code)
    assert use(day, code, "U1", "C9") == Owner(None, day.ids["Oak Farm"])
    assert day.database.run(owner_of, "slack", "U1") is None


def test_an_address_that_is_linked_again_is_its_new_owners_alone(day: Day) -> None:
    use(day, code_of(day, "Dorothy Okafor"))
    use(day, code_of(day, "Tom Beckett"))
    assert day.database.run(owner_of, "slack", "U1") == Owner(day.ids["Tom Beckett"], None)
    moved = day.rows(sa.select(audit.c.detail).where(audit.c.what == "linked").order_by(audit.c.id))
    assert [row.detail["moved"] for row in moved] == [False, True]


def test_linking_again_mends_an_address_that_was_given_up(day: Day) -> None:
    use(day, code_of(day, "Dorothy Okafor"))
    day.change(addresses, addresses.c.address == "U1", disabled_at=day.clock.now(), disabled_why="gone")
    use(day, code_of(day, "Dorothy Okafor"))
    (row,) = day.rows(sa.select(addresses).where(addresses.c.address == "U1"))
    assert (row.disabled_at, row.disabled_why) == (None, "")


def test_what_a_platform_needs_besides_is_kept_with_the_address(day: Day) -> None:
    day.database.run(link, Owner(day.ids["Dorothy Okafor"], None), "teams", "A1", {"service": "one"})
    assert day.database.run(detail_of, "teams", "A1") == {"service": "one"}
    day.database.run(keep_detail, "teams", "A1", {"service": "two"})
    day.database.run(keep_detail, "teams", "A2", {"service": "nobody's"})
    assert day.database.run(detail_of, "teams", "A1") == {"service": "two"}
    assert day.database.run(detail_of, "teams", "A2") is None


@pytest.mark.parametrize("is_linked_already", [False, True])
async def test_a_conversation_that_the_platform_renames_keeps_its_owner_and_its_messages(
    day: Day, is_linked_already: bool
) -> None:
    farm = Owner(None, day.ids["Oak Farm"])
    day.database.run(link, farm, "telegram", "-100")
    day.database.run(
        lambda t: t.insert(
            messages,
            kind="register",
            subject_id=1,
            recipient="provider:1",
            channel="telegram",
            address="-100",
            priority=2,
            due_at=t.now,
        )
    )
    if is_linked_already:
        day.database.run(link, Owner(None, day.ids["The Garage"]), "telegram", "-100200")
    day.database.run(move_address, "telegram", "-100", "-100200")
    assert day.database.run(owner_of, "telegram", "-100200") == farm
    assert day.database.run(owner_of, "telegram", "-100") is None
    assert [row.address for row in day.rows(sa.select(messages.c.address))] == ["-100200"]


def types(day: Day, code: str, sender: str = "U1", channel: str = "slack") -> str:
    """What somebody who is not linked is answered."""
    action = Action(channel, f"event-{next(EVENTS)}", "", text=f"/ap link {code}", sender=sender, place=sender)
    card = day.database.run(handle, None, action).card
    assert card is not None
    return " ".join([card.heading, *card.lines])


def test_who_types_five_wrong_codes_waits_a_quarter_of_an_hour_and_is_told_until_when(day: Day) -> None:
    right = code_of(day, "Dorothy Okafor")
    for number in range(5):
        assert "can't be used" in types(day, f"WRONG{number}AA")
    assert "Wait until 04:15" in types(day, right)
    day.clock.forward(timedelta(minutes=14, seconds=59))
    assert "Wait until 04:15" in types(day, right), "and asking again makes it no longer"
    assert "You are linked" in types(day, right, sender="U2"), "somebody else is not held up"
    day.clock.forward(timedelta(seconds=1))
    assert "can't be used" in types(day, right), "it has been used meanwhile"
    assert "You are linked" in types(day, code_of(day, "Dorothy Okafor"))


def test_a_few_wrong_codes_now_and_then_hold_nobody_up(day: Day) -> None:
    for number in range(12):
        assert "can't be used" in types(day, f"WRONG{number}AA")
        day.clock.forward(timedelta(minutes=4))


def test_many_accounts_guess_no_more_than_one_could(day: Day) -> None:
    right = code_of(day, "Dorothy Okafor")
    for number in range(WRONG_BY_ALL.count):
        types(day, f"{number:08}", sender=f"S{number}")
    assert "Wait until 05:00" in types(day, right, sender="U9")
    assert "You are linked" in types(day, right, sender="U9", channel="telegram"), "another platform's are others"
    day.clock.forward(timedelta(hours=1))
    assert "You are linked" in types(day, code_of(day, "Priya Nair"), sender="U9")


def test_a_code_ends_when_its_first_half_was_right_five_times(day: Day) -> None:
    """Somebody has looked over a shoulder, or listened at a telephone."""
    plain = code_of(day, "Dorothy Okafor").replace("-", "")
    other = code_of(day, "Priya Nair")
    for number in range(5):
        types(day, plain[:4] + f"AA{LETTERS[number]}{LETTERS[number]}", sender=f"S{number}")
    assert "can't be used" in types(day, plain)
    ended = day.rows(sa.select(audit.c.subject).where(audit.c.what == "link code ended: wrong tries"))
    assert [row.subject for row in ended] == [f"person:{day.ids['Dorothy Okafor']}"]
    assert "You are linked" in types(day, other)


def test_that_guessing_was_stopped_is_in_the_audit_log_and_who_guessed_is_kept_nowhere(day: Day) -> None:
    for number in range(9):
        types(day, f"WRONG{number}AA", sender="@passing_stranger")
    (stopped,) = day.rows(sa.select(audit).where(audit.c.what == "link codes refused"))
    assert (stopped.via, stopped.subject, stopped.detail) == ("slack", "channel:slack", {"all": False})
    for table in (audit, guesses):
        assert "passing" not in str(day.rows(sa.select(table)))


def test_the_same_wrong_code_told_of_again_counts_once(day: Day) -> None:
    action = Action("slack", "the same event", "", text="/ap link WRONGAAA", sender="U1", place="U1")
    for _ in range(9):
        day.database.run(handle, None, action)
    assert "You are linked" in types(day, code_of(day, "Dorothy Okafor"))
