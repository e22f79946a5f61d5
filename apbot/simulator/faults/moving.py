"""Moving in: the roster on the eve, and who is reached where; and the roster that an admin imports amid a day."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa

from apbot.channels.web import WebChat
from apbot.domain.roles import PROVIDER_ROLES
from apbot.roster import apply
from apbot.roster.records import Records
from apbot.simulator.faults.outside import NAME as OUTSIDE
from apbot.store.database import Transaction
from apbot.store.tables import addresses, people, providers, roles


@dataclass(frozen=True)
class Reached:
    """Who reads what, and where."""

    staff_of: dict[str, list[int]]
    """The people who read each conversation on the outside platform."""
    outside: dict[int, tuple[str, bool]]
    """Of each person who is reached there: the address, and whether in the web chat too."""
    prefers_outside: frozenset[int]


def move_in(transaction: Transaction, records: Records, dice: random.Random) -> Reached:
    """Take the roster in; sign people in to the web chat, link them outside, or both."""
    apply(transaction, records)
    held = transaction.rows(sa.select(roles).order_by(roles.c.id))
    shares = {
        row.id for row in transaction.rows(sa.select(providers.c.id).order_by(providers.c.id)) if _is_shared(dice)
    }
    must_be_outside = {row.person_id for row in held if row.provider_id in shares}
    wanted, outside, prefers = [], {}, set()
    for row in transaction.rows(sa.select(people.c.id).order_by(people.c.id)):
        way = dice.choices(("web", "outside and web", "web and outside", "outside"), (40, 30, 15, 15))[0]
        if way == "web" and row.id in must_be_outside:
            way = "outside and web"
        if way != "outside":
            rank = 1 if way == "outside and web" else 0
            wanted.append({"person_id": row.id, "channel": WebChat.name, "address": f"person:{row.id}", "rank": rank})
        if way != "web":
            rank = 1 if way == "web and outside" else 0
            wanted.append({"person_id": row.id, "channel": OUTSIDE, "address": f"u{row.id}", "rank": rank})
            outside[row.id] = (f"u{row.id}", way != "outside")
        if way.startswith("outside"):
            prefers.add(row.id)
    transaction.insert_new(addresses, wanted)
    shared = [{"provider_id": each, "channel": OUTSIDE, "address": f"c{each}", "rank": -1} for each in sorted(shares)]
    transaction.insert_new(addresses, shared)
    staff: dict[str, list[int]] = defaultdict(list)
    for person in outside:
        staff[f"u{person}"].append(person)
    for row in held:
        if row.provider_id in shares and row.role in {role.value for role in PROVIDER_ROLES}:
            staff[f"c{row.provider_id}"].append(row.person_id)
    return Reached(dict(staff), outside, frozenset(prefers))


def _is_shared(dice: random.Random) -> bool:
    return dice.random() < 0.4


def changed(records: Records, today: date, dice: random.Random) -> Records:
    """The roster with what changes in a term: pupils come, placements end, thirty minutes become twenty."""
    placements = list(records.placements)
    for place in dice.sample(range(len(placements)), max(1, len(placements) // 20)):
        if dice.random() < 0.5:
            placements[place] = replace(placements[place], alert_minutes=dice.choice((20, 30, 45)))
        elif placements[place].ends_on is None and placements[place].starts_on < today:
            placements[place] = replace(placements[place], ends_on=today - timedelta(days=1))
    pupils = list(records.pupils)
    for like in dice.sample(records.placements, min(2, len(records.placements))):
        ref = f"{like.pupil[:2]}N{len(pupils):04d}"
        pupil = next(each for each in records.pupils if each.ref == like.pupil)
        pupils.append(replace(pupil, ref=ref))
        placements.append(
            replace(like, ref=f"{ref}-{len(placements)}", pupil=ref, starts_on=today, ends_on=None, target_end_on=None)
        )
    return replace(records, pupils=tuple(pupils), placements=tuple(placements))


def days_of(first: date, last: date) -> Sequence[date]:
    """The days from `first` to `last`, both included."""
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]
