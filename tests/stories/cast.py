"""More people for a story, and what every story about commands asks of an answer."""

import re

from apbot.cards import Card, Reply
from apbot.domain.roles import Role
from apbot.store.tables import addresses, people, roles
from tests import school
from tests.day import Conversation, Day, text_of

REFERENCES = frozenset(reference for reference, *_ in school.PUPILS)
NAMES = re.compile(r"\b(?:" + "|".join(name for _, first, last, *_ in school.PUPILS for name in (first, last)) + r")\b")

HILLCREST = {"AB12", "CD34", "EF56"}
SEES = {
    "Priya Nair": HILLCREST,
    "Dorothy Okafor": HILLCREST,
    "Tom Beckett": HILLCREST,
    "Helen Marsh": HILLCREST,
    "Kit Lowry": HILLCREST,
    "Alan Pugh": {"GH78"},
    "Zainab Malik": {"GH78"},
    "Sam Taylor": {"AB12", "CD34", "GH78"},
    "Bea Whitlock": {"AB12", "CD34", "GH78"},
    "Gary Stone": {"EF56"},
    "Ada Quill": HILLCREST | {"GH78"},
    "a named lead": HILLCREST,
    "a school's admin": HILLCREST,
    "provider staff": {"EF56"},
    "a SENCO": set(),
    "a key worker without pupils": set(),
    "a governor": set(),
}
"""Whose pupils each person of the world may see."""

UNKNOWN = "No pupil of yours has that reference."

VISIT = {
    "seen": "yes, alone",
    "view": "mostly happy",
    "words": "the goats are best",
    "wellbeing": "good",
    "progress": "mixed",
    "next_on": "2026-10-12",
}
"""What is answered after a visit to CD34."""


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


def hire_everybody(day: Day) -> None:
    """Somebody in each of the roles that nobody has in the world."""
    hire(day, "a named lead", Role.NAMED_LEAD, "Hillcrest")
    hire(day, "a school's admin", Role.ADMIN, "Hillcrest")
    hire(day, "provider staff", Role.PROVIDER_STAFF, "The Garage")
    hire(day, "a SENCO", Role.SENCO, "Hillcrest")
    hire(day, "a key worker without pupils", Role.KEY_WORKER, "Hillcrest")
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")


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


async def ask(day: Day, person: str, command: str) -> str:
    """What a command answers this person, as text; it never names a pupil."""
    return text_of(answered(await day.person(person).types(f"/ap {command}")))


def pupils_in(card: Card) -> set[str]:
    """The references that stand in a card."""
    return {reference for reference in REFERENCES if reference in text_of(card)}
