"""Who has read a pupil's record: every command, page and file that shows one to somebody who asked writes it down here.

One pupil's record is an entry about that pupil; a list of many is one entry that names each by the id, so that
`apbot audit show --pupil` finds both.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from apbot.domain.access import Actor
from apbot.store.audit import note, note_all
from apbot.store.database import Transaction
from apbot.store.tables import audit, placements, pupils

READS = {
    "status read": "`/ap status REF`, `apbot status`: placements, sessions, codes, duties of one pupil",
    "where read": "`/ap where REF`: where one pupil should be, and is known to be",
    "contact read": "`/ap contact REF`: what is due, and what was logged last",
    "visit read": "`/ap visit REF`: the same",
    "review read": "`/ap review REF`: the same",
    "report read": "`/ap report REF`: the same",
    "incident read": "`/ap incident REF`: where the pupil is placed",
    "absences read": "`/ap absence REF ...` that showed absences which had been planned before",
    "week read": "`/ap week`: every pupil who was listed",
    "provider read": "`/ap provider`, and the page of a provider: every pupil who was listed",
    "inspection headlines read": "`/ap inspect REF`, `apbot inspect`: what an inspector asks about one pupil, in short",
    "inspection pack read": "the page with the whole pack, and the pupil's name",
    "inspection pack taken as PDF": "the same as a file, from the page or by `apbot inspect REF --pdf`",
    "today read": "`/ap today`, `apbot today`: every pupil who was listed",
    "missing read": "`/ap missing`, `apbot missing`: every pupil who was listed",
    "placement read": "the page of a placement",
    "board read": "the board: once for an opening, and again when another pupil comes onto it",
    "names read": "the page Who is who, with full names",
    "message opened": "the page behind a letter's or a text's link (a mail scanner that opens it counts too)",
    "check read": "`apbot check` at the terminal",
    "calendar read": "the duties as a calendar, from the calendar's secret address: once a day",
    "api read": "the read-only API, with a key: every pupil in the answer",
    "duties exported": "`apbot export duties`, and the page Files",
    "records exported": "`apbot export records`, and the page Files",
    "non-arrivals exported": "`apbot export non-arrivals`, and the page Files",
    "registers exported": "`apbot register export`, and the page Files",
    "roster exported": "`apbot roster export`",
    "roster compared": "`apbot roster import --dry-run`, where it showed what would change of a pupil",
    "subject access": "`apbot subject-access REF`: everything that is kept on one pupil",
    "audit read": "`apbot audit show`: the log itself",
}
"""Every event of the log that says that a record was read, and what was read by it."""

ONE_OPENING = timedelta(minutes=15)
"""Loading a page again within this time is a refresh, not another opening."""


def note_read(transaction: Transaction, actor: Actor, what: str, pupil_ids: Iterable[int]) -> None:
    """Write down that `actor` has read something of these pupils: an entry for each, so that it can be found."""
    note_all(transaction, actor, what, [(f"pupil:{pupil_id}", {}) for pupil_id in sorted(set(pupil_ids))])


def note_read_of_placements(
    transaction: Transaction, actor: Actor, what: str, placement_ids: Iterable[int | None]
) -> None:
    """The same, for the pupils of these placements; None among them is passed over."""
    wanted = {each for each in placement_ids if each is not None}
    if wanted:
        rows = transaction.rows(sa.select(placements.c.pupil_id).where(placements.c.id.in_(wanted)))
        note_read(transaction, actor, what, [row.pupil_id for row in rows])


def note_list(
    transaction: Transaction, actor: Actor, what: str, subject: str, pupil_ids: Iterable[int], **detail: Any
) -> None:
    """Write down that `actor` has read a list of these pupils, in one entry."""
    ids = sorted(set(pupil_ids))
    note(transaction, actor, what, subject, **detail, count=len(ids), pupils=ids)


def note_refs(
    transaction: Transaction, actor: Actor, what: str, subject: str, references: Iterable[str], **detail: Any
) -> None:
    """The same, for the pupils with these references."""
    rows = transaction.rows(sa.select(pupils.c.id).where(pupils.c.ref.in_(set(references))))
    note_list(transaction, actor, what, subject, [row.id for row in rows], **detail)


def note_words(transaction: Transaction, actor: Actor, what: str, subject: str, words: str) -> None:
    """Write down that `actor` has read a text, with the pupils whose references stand in it."""
    said = set(re.findall(r"[\w.\-/]+", words.casefold()))
    rows = transaction.rows(sa.select(pupils.c.id, pupils.c.ref))
    note_list(transaction, actor, what, subject, [row.id for row in rows if row.ref.casefold() in said])


def lists_with(pupil_id: int) -> sa.ColumnElement[bool]:
    """For a query of the log: the entry is a list that this pupil stood on."""
    # The list is written without spaces, and the numbers grow: this is how one of them can stand in it.
    kept = sa.cast(audit.c.detail, sa.Text)
    ways = (f'"pupils":[{pupil_id}]', f'"pupils":[{pupil_id},', f",{pupil_id},", f",{pupil_id}]")
    return sa.and_(kept.like('%"pupils":[%'), sa.or_(*(kept.contains(w) for w in ways)))
