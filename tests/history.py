"""Sessions that have been, written down as the registers would hold them."""

from collections.abc import Mapping
from datetime import date, timedelta

import sqlalchemy as sa

from apbot.domain.marks import Session
from apbot.domain.walltime import instant
from apbot.store.database import Transaction
from apbot.store.tables import entries, placements, pupils, registers
from tests.school import HOURS

ATTENDED = frozenset("BKPWV")


def put(transaction: Transaction, ids: Mapping[str, int], first: date, codes: Mapping[str, str]) -> None:
    """From `first` on, a word of two codes ("BN", am and pm) for each weekday, by pupil reference; "-" is no session,
    "." one without a code yet. A word of one longer code ("Y1") stands for both halves."""
    for reference, words in codes.items():
        placed = transaction.rows(
            sa.select(placements.c.id, placements.c.provider_id, pupils.c.school_id)
            .join_from(placements, pupils)
            .where(placements.c.id == ids[f"{reference} placement"])
        )[0]
        day = first
        for word in words.split():
            while day.weekday() > 4:
                day += timedelta(days=1)
            both = (word, word) if word[-1].isdigit() else tuple(word)
            for session, code in zip(Session, both, strict=True):
                if code != "-":
                    _put(transaction, ids[reference], placed, day, session, code)
            day += timedelta(days=1)


def _put(
    transaction: Transaction, pupil: int, placed: sa.Row[tuple[object, ...]], day: date, session: Session, code: str
) -> None:
    span = HOURS.span(day.weekday(), session)
    assert span is not None
    starts_at, ends_at = instant(day, span.starts), instant(day, span.ends)
    where = {"provider_id": placed.provider_id, "day": day, "session": session.value}
    transaction.insert_new(registers, [{**where, "starts_at": starts_at, "ends_at": ends_at, "next_at": None}])
    register_id = transaction.value(
        sa.select(registers.c.id).where(*(registers.c[name] == value for name, value in where.items()))
    )
    transaction.insert(
        entries,
        register_id=register_id,
        placement_id=placed.id,
        pupil_id=pupil,
        school_id=placed.school_id,
        starts_at=starts_at,
        ends_at=ends_at,
        state="expected",
        alert_minutes=30,
        alert_at=None,
        alert_due=starts_at + timedelta(minutes=30),
        fact="arrived" if code in ATTENDED else "not arrived",
        code=None if code == "." else code,
    )
