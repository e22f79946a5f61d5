"""A small invented world for the stories: two schools, two providers, and the people who work there.

Hillcrest places CD34 and AB12 at Oak Farm, and EF56 at the Garage; Marsh Lane places GH78 at Oak Farm.
"""

from datetime import date, time

import sqlalchemy as sa

from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.store.database import Transaction
from apbot.store.tables import addresses, people, placements, providers, pupils, roles, schools, terms

HOURS = Hours({Session.AM: Span(time(9, 30), time(12, 0)), Session.PM: Span(time(13, 0), time(15, 0))})
EVERY_DAY = Pattern(frozenset((weekday, session, "") for weekday in range(5) for session in Session))

SCHOOLS = {"Hillcrest": "01632 960101", "Marsh Lane": "01632 960102"}
PROVIDERS = {"Oak Farm": "01632 960201", "The Garage": "01632 960202"}
STAFF = (
    ("Priya Nair", Role.ATTENDANCE_CONTACT, "Hillcrest"),
    ("Dorothy Okafor", Role.DSL, "Hillcrest"),
    ("Tom Beckett", Role.DEPUTY_DSL, "Hillcrest"),
    ("Helen Marsh", Role.HEAD, "Hillcrest"),
    ("Kit Lowry", Role.KEY_WORKER, "Hillcrest"),
    ("Alan Pugh", Role.ATTENDANCE_CONTACT, "Marsh Lane"),
    ("Zainab Malik", Role.DSL, "Marsh Lane"),
    ("Sam Taylor", Role.NAMED_CONTACT, "Oak Farm"),
    ("Bea Whitlock", Role.DEPUTY_CONTACT, "Oak Farm"),
    ("Gary Stone", Role.NAMED_CONTACT, "The Garage"),
    ("Ada Quill", Role.ADMIN, ""),
)
PUPILS = (
    ("AB12", "Jay", "Ward", "Hillcrest", "Oak Farm"),
    ("CD34", "Joana", "da Silva", "Hillcrest", "Oak Farm"),
    ("EF56", "Mo", "Hassan", "Hillcrest", "The Garage"),
    ("GH78", "Ellie", "Dunn", "Marsh Lane", "Oak Farm"),
)
TERM = (date(2026, 9, 2), date(2026, 10, 23))
KNOWN_SINCE = date(2026, 9, 17)


def build(transaction: Transaction, *, pattern: Pattern = EVERY_DAY) -> dict[str, int]:
    """Put the world into the database; the id of everything by its name or reference."""
    ids: dict[str, int] = {}
    for name, telephone in SCHOOLS.items():
        ids[name] = transaction.insert(schools, ref=name.upper()[:4], name=name, telephone=telephone)
        transaction.insert(terms, school_id=ids[name], name="Autumn 1", starts_on=TERM[0], ends_on=TERM[1])
    for name, telephone in PROVIDERS.items():
        ids[name] = transaction.insert(
            providers,
            ref=name.upper()[:4],
            name=name,
            telephone=telephone,
            activity="animal care",
            hours=HOURS.to_json(),
        )
        transaction.insert(addresses, provider_id=ids[name], channel="web", address=f"provider:{ids[name]}")
    for name, role, place in STAFF:
        ids[name] = transaction.insert(people, ref=name.split()[0].upper(), name=name)
        where = {"school_id": ids[place]} if place in SCHOOLS else {"provider_id": ids[place]} if place else {}
        transaction.insert(roles, person_id=ids[name], role=role.value, **where)
        transaction.insert(addresses, person_id=ids[name], channel="web", address=f"person:{ids[name]}")
    for reference, first_name, last_name, school, provider in PUPILS:
        ids[reference] = transaction.insert(
            pupils, ref=reference, school_id=ids[school], first_name=first_name, last_name=last_name
        )
        ids[f"{reference} placement"] = transaction.insert(
            placements,
            ref=f"{reference}-{provider[:3].upper()}",
            pupil_id=ids[reference],
            provider_id=ids[provider],
            starts_on=TERM[0],
            pattern=pattern.to_json(),
            hours=Hours().to_json(),
            transport="taxi 12" if reference == "CD34" else "",
            calls_home="Priya Nair",
            # Set, and known to apbot only since the day of the stories: nothing is owed that is older.
            target_end_on=TERM[1],
            added_on=KNOWN_SINCE,
            key_worker_id=ids["Kit Lowry"] if school == "Hillcrest" else None,
            touched_at=transaction.now,
        )
    return ids


def person_id(transaction: Transaction, name: str) -> int:
    """The id of the person with this name."""
    found = transaction.value(sa.select(people.c.id).where(people.c.name == name))
    assert found is not None, f"nobody is called {name}"
    return int(found)
