"""Taking a roster in: what it would change, and changing it, all of it in one transaction or nothing."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from apbot.domain.access import TERMINAL, Actor
from apbot.domain.walltime import local_date
from apbot.roster.change_advice import advise_changes
from apbot.roster.changes import Changes, difference, spoken
from apbot.roster.checks import check, repeated
from apbot.roster.directory import Directory, respelled
from apbot.roster.exporting import export
from apbot.roster.merging import merged
from apbot.roster.problems import RosterProblems
from apbot.roster.records import PlaceTerm, Records
from apbot.roster.storing import Storing
from apbot.store import roster as store
from apbot.store.audit import note, note_all
from apbot.store.database import Transaction

SUBJECTS = {
    "schools": "school",
    "people": "person",
    "providers": "provider",
    "pupils": "pupil",
    "placements": "placement",
    "documents": "document",
}

PRIVATE = frozenset(
    {"name", "first_name", "last_name", "email", "mobile", "upn", "social_worker", "transport", "calls_home"}
    | {"ehc_plan", "looked_after", "authorised_by", "aims", "meals", "rest_of_week", "about"}
)
"""Fields whose values the audit log does not keep: that they changed is enough."""


def compare(transaction: Transaction, records: Records) -> Changes:
    """What taking these records in would change. Nothing is written. Raises `RosterProblems`."""
    stored = export(transaction)
    directory = Directory()
    directory.add_all(stored)
    directory.add_all(records)
    given = respelled(records, directory)
    whole = merged(stored, given)
    problems = repeated(given) + check(whole)
    if problems:
        raise RosterProblems(problems, records.notes)
    changes = difference(stored, whole, given)
    today = local_date(transaction.now)
    return replace(changes, notes=(*records.notes, *advise_changes(changes, whole, today)))


def apply(transaction: Transaction, records: Records, actor: Actor = TERMINAL) -> Changes:
    """Take these records in and give what changed. Raises `RosterProblems`, having written nothing.

    The same records again change nothing. What is stored and not among them stays; a person's roles, and the
    terms and closures of a place in a school year that has any here, become what they are here.
    """
    changes = compare(transaction, records)
    if changes:
        storing = Storing(transaction, changes)
        storing.write()
        _log(transaction, changes, storing, actor)
        store.reopen_days(transaction)
        transaction.touched.add("roster")
    store.open_conversations(transaction)
    return changes


def _log(transaction: Transaction, changes: Changes, storing: Storing, actor: Actor) -> None:
    """One entry for the import, and one for each record, so that the history of each can be read."""
    note(transaction, actor, "roster imported", "roster", **changes.counts())
    for kind, subject in SUBJECTS.items():
        added: list[tuple[str, dict[str, Any]]] = [
            (f"{subject}:{storing.id(kind, each.ref)}", {"roles": spoken(each.posts)} if kind == "people" else {})
            for each in changes.added[kind]
        ]
        changed: list[tuple[str, dict[str, Any]]] = [
            (
                f"{subject}:{storing.id(kind, each.ref)}",
                {
                    field: "changed" if field in PRIVATE else [spoken(before), spoken(after)]
                    for field, (before, after) in each.values.items()
                },
            )
            for each in changes.changed[kind]
        ]
        note_all(transaction, actor, f"{subject} added by the roster", added)
        note_all(transaction, actor, f"{subject} changed by the roster", changed)
    _log_calendars(transaction, changes, storing, actor)


def _log_calendars(transaction: Transaction, changes: Changes, storing: Storing, actor: Actor) -> None:
    places: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"removed": [], "added": []})
    for what, dates in (("removed", changes.old_dates), ("added", changes.new_dates)):
        for each in dates:
            span = each.term if isinstance(each, PlaceTerm) else each.closure
            kind = "term" if isinstance(each, PlaceTerm) else each.closure.kind
            places[storing.place(each.place)][what].append(f"{kind} {span.starts_on} to {span.ends_on}")
    note_all(transaction, actor, "calendar changed by the roster", list(places.items()))
