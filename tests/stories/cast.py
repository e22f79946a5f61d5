"""More people for a story, and what every story about commands asks of an answer."""

import re

from apbot.cards import Card, Reply
from apbot.domain.roles import Role
from apbot.store.tables import addresses, people, roles
from tests import school
from tests.day import Conversation, Day, text_of

REFERENCES = frozenset(reference for reference, *_ in school.PUPILS)
NAMES = re.compile(r"\b(?:" + "|".join(name for _, first, last, *_ in school.PUPILS for name in (first, last)) + r")\b")


def hire(day: Day, name: str, role: Role, place: str = "") -> Conversation:
    """Somebody new, with a role at a school, at a provider, or everywhere."""

    def _hire(transaction):
        person = transaction.insert(people, ref=name.upper(), name=name)
        where = {"school_id": day.ids[place]} if place in school.SCHOOLS else {}
        where |= {"provider_id": day.ids[place]} if place in school.PROVIDERS else {}
        transaction.insert(roles, person_id=person, role=role.value, **where)
        transaction.insert(addresses, person_id=person, channel="web", address=f"person:{person}")
        return person

    day.ids[name] = day.database.run(_hire)
    return day.person(name)


def stranger(day: Day) -> Conversation:
    """Somebody whom nobody has linked."""
    return Conversation(day, "person:0", "a stranger")


def answered(reply: Reply) -> Card:
    """The card of an answer, which never names a pupil."""
    assert reply.card is not None
    assert not NAMES.search(text_of(reply.card)), f"a pupil is named:\n{text_of(reply.card)}"
    return reply.card


def is_list(card: Card) -> bool:
    """Whether it is a list of duties, of the morning or what came up later."""
    return "/ap week shows what is to come" in card.footer


def pupils_in(card: Card) -> set[str]:
    """The references that stand in a card."""
    return {reference for reference in REFERENCES if reference in text_of(card)}
