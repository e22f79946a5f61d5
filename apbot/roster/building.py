"""Out of the rows of every sheet, the records: rows that belong together are joined, and must agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from apbot.domain.calendar import Closure, Term
from apbot.domain.escalation import Policy
from apbot.roster.absent import filled, unsaid
from apbot.roster.columns import Column
from apbot.roster.directory import Directory
from apbot.roster.hours import provider_hours
from apbot.roster.joining import agreed, by_ref, once
from apbot.roster.placing import placements_in, pupil_of, rhythms_of, with_key_workers
from apbot.roster.records import (
    Person,
    PlaceClosure,
    PlaceTerm,
    Post,
    Provider,
    ProviderDocument,
    Records,
    School,
)
from apbot.roster.refs import key
from apbot.roster.rows import Row

Rows = Mapping[str, Sequence[Row]]
"""The rows of each sheet that was there, by its key."""

CLOSED = "closed"


def build(rows: Rows, stored: Records, notes: list[str]) -> Records:
    """The records that the rows make. What is wrong is noted in the rows."""
    _spell_refs(rows, stored, notes)
    given = Records(
        schools=tuple(_school(row) for row in once(rows.get("schools", ()), notes)),
        providers=tuple(_provider(row) for row in once(rows.get("providers", ()), notes)),
        unsaid=unsaid(rows),
    )
    hours = {each.ref: each.hours for each in (*stored.providers, *filled(given, stored).providers)}
    pupils = tuple(pupil_of(group) for group in by_ref(rows.get("placements", ()), "pupil"))
    placements = tuple(placements_in(rows.get("placements", ()), hours, notes))
    people = [_person(group) for group in by_ref(rows.get("people", ()), "ref")]
    return replace(
        given,
        people=with_key_workers(people, pupils, placements, notes),
        pupils=pupils,
        placements=placements,
        terms=tuple(term for row in rows.get("terms", ()) for term in _terms(row)),
        closures=tuple(closure for row in rows.get("closures", ()) for closure in _closures(row)),
        documents=tuple(_documents(rows.get("documents", ()), notes)),
        given=frozenset(rows),
    )


def _spell_refs(rows: Rows, stored: Records, notes: list[str]) -> None:
    """Have every row name schools, providers and people by one spelling of their reference."""
    directory = Directory()
    directory.add_all(stored)
    for sheet in ("schools", "providers", "people"):
        for row in rows.get(sheet, ()):
            if row["ref"]:
                directory.add_one(sheet, row["ref"], row["name"])
    for row in (row for group in rows.values() for row in group):
        if row.sheet.key in ("schools", "providers", "people"):
            row.values["ref"] = directory.spell(row.sheet.key, row["ref"])
        for column in row.sheet.columns:
            if column.refers_to and row[column.key]:
                row.values[column.key] = _spelled(directory, row, column, notes)


def _spelled(directory: Directory, row: Row, column: Column, notes: list[str]) -> str | tuple[str, ...]:
    """What the row names, as it is spelled; what nobody knows is noted, whatever else may be wrong with the row."""
    value = row[column.key]
    found = []
    for said in value if isinstance(value, tuple) else (value,):
        ref = directory.spell(column.refers_to, said)
        if key(ref) != key(said) and (note := f"{row.place}: '{said}' taken to mean {ref}.") not in notes:
            notes.append(note)
        if column.key not in row.bad and (unknown := directory.unknown(column.refers_to, said)):
            row.report(column.key, *unknown)
        found.append(ref)
    return tuple(found) if isinstance(value, tuple) else found[0]


def _school(row: Row) -> School:
    return School(
        ref=row["ref"],
        name=row["name"],
        telephone=row["telephone"],
        initials_in_chat=row["initials_in_chat"] is not False,
        policy=_policy(row),
        rhythms=rhythms_of(row),
        row=row.number,
    )


def _policy(row: Row) -> Policy | None:
    if all(row.is_blank(each) for each in ("second_after", "third_after", "then_every")):
        return None
    second, third, every = row["second_after"] or 10, row["third_after"] or 20, row["then_every"] or 15
    if second >= third and not row.bad & {"second_after", "third_after"}:
        row.report(
            "second_after" if row.is_blank("third_after") else "third_after",
            f"makes the steps {second} and {third} minutes",
            "the third step must come after the second",
        )
    return Policy.standard(second, third, every)


def _person(rows: Sequence[Row]) -> Person:
    first = rows[0]
    return Person(
        ref=first["ref"],
        name=agreed(rows, "name"),
        posts=frozenset(
            Post(organisation, role, row.number)
            for row in rows
            if "organisation" not in row.bad
            for organisation in row["organisation"] or ("",)
            for role in row["roles"]
        ),
        email=agreed(rows, "email"),
        mobile=agreed(rows, "mobile"),
        starts_on=agreed(rows, "starts_on"),
        leaves_on=agreed(rows, "leaves_on"),
        row=first.number,
    )


def _provider(row: Row) -> Provider:
    return Provider(
        ref=row["ref"],
        name=row["name"],
        telephone=row["telephone"],
        address=row["address"],
        registration=row["registration"],
        activity=row["activity"],
        hours=provider_hours(row),
        registered=row["registered"],
        registration_checked_on=row["registration_checked_on"],
        row=row.number,
    )


def _terms(row: Row) -> Iterable[PlaceTerm]:
    if row["starts_on"] is None or row["ends_on"] is None:
        return
    name = row["name"] or "Half term"
    for place in row["place"]:
        yield PlaceTerm(place, Term(name, row["starts_on"], row["ends_on"], row["first_week"]), row.number)


def _closures(row: Row) -> Iterable[PlaceClosure]:
    if row["starts_on"] is None or "ends_on" in row.bad:
        return
    ends_on = row["ends_on"] or row["starts_on"]
    for place in row["place"]:
        closure = Closure(row["starts_on"], ends_on, row["sessions"], row["kind"] or CLOSED, row["note"])
        yield PlaceClosure(place, closure, row.number)


def _documents(rows: Sequence[Row], notes: list[str]) -> Iterable[ProviderDocument]:
    """One for each provider, kind and whom it is about: the last row of it holds."""
    found: dict[str, ProviderDocument] = {}
    for row in rows:
        if row.is_blank("dated_on") and row.is_blank("expires_on"):
            row.report("dated_on", "is missing, and so is when it expires", "write at least one of the two dates")
        document = ProviderDocument(
            provider=row["provider"],
            kind=row["kind"],
            about=row["about"],
            dated_on=row["dated_on"],
            expires_on=row["expires_on"],
            row=row.number,
        )
        if (earlier := found.pop(key(document.ref), None)) is not None:
            notes.append(f"{row.place} row {row.number} takes the place of row {earlier.row}: the same document.")
        found[key(document.ref)] = document
    return found.values()
