"""Whose a duty has become since it was spoken of: told at once of what can't wait for the next reminder."""

from datetime import date

import sqlalchemy as sa

from apbot.domain.duties.model import State
from apbot.domain.duties.speaking import TOLD_AT, can_wait
from apbot.domain.walltime import instant
from apbot.store.calendars import load_calendars
from apbot.store.database import Transaction
from apbot.store.duties.digests import load_told
from apbot.store.duties.owners import Owners
from apbot.store.duties.reading import load_duties
from apbot.store.tables import duties, mentions


def tell_new_owners(transaction: Transaction, day: date) -> None:
    """Have what was spoken of, and can't wait, spoken of on `day` where it is somebody's who has not been told of it.

    The key worker was changed, or somebody stands in from today.
    """
    spoken_of = duties.c.id.in_(sa.select(mentions.c.duty_id))
    calendars = load_calendars(transaction)
    found = [
        each
        for each in load_duties(transaction, duties.c.state == State.OPEN.value, spoken_of)
        if not can_wait(each.kind, calendars.school(each.school_id), each.standing, day)
    ]
    if not found:
        return
    owners = Owners(transaction, found, day)
    told = load_told(transaction, [each.id for each in found])
    new = [each.id for each in found if not told[each.id].issuperset(owners.of(each).owners)]
    at = max(transaction.now, instant(day, TOLD_AT))
    is_later = sa.or_(duties.c.next_at.is_(None), duties.c.next_at > at)
    transaction.execute(sa.update(duties).where(duties.c.id.in_(new), is_later).values(next_at=at))
