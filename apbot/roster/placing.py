"""Out of the rows of the sheet of placements: the pupils, their placements, and who their key workers are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from apbot.domain.marks import Session
from apbot.domain.rhythm import Rhythms
from apbot.domain.roles import SAFEGUARDING_ROLES, Role
from apbot.domain.timetable import EVERY_WEEK, Hours, Pattern
from apbot.domain.walltime import FIRST_DAY
from apbot.roster.duty_columns import RHYTHM_KEYS
from apbot.roster.hours import placement_hours
from apbot.roster.joining import agreed, once
from apbot.roster.placement_sheet import PUPIL_KEYS, WEEKDAY_KEYS
from apbot.roster.records import ALERT_MINUTES, LOCAL_AUTHORITY, SCHOOL, Person, Placement, Post, Pupil
from apbot.roster.rows import Row

SEES_PUPILS = SAFEGUARDING_ROLES | {Role.KEY_WORKER}
"""The roles with which somebody may be the key worker of a pupil of their school."""


def pupil_of(rows: Sequence[Row]) -> Pupil:
    """The pupil of these rows, which all have one Pupil ref."""
    first = rows[0]
    for column in ("first_name", "last_name", "school"):
        if all(row.is_blank(column) and column not in row.bad for row in rows):
            first.require(column)
    return Pupil(
        ref=first["pupil"],
        first_name=agreed(rows, "first_name"),
        last_name=agreed(rows, "last_name"),
        school=agreed(rows, "school"),
        upn=agreed(rows, "upn"),
        year_group=agreed(rows, "year_group"),
        social_worker=bool(agreed(rows, "social_worker")),
        ends_on=agreed(rows, "pupil_ends_on"),
        ehc_plan=bool(agreed(rows, "ehc_plan")),
        looked_after=bool(agreed(rows, "looked_after")),
        row=first.number,
    )


def placements_in(rows: Sequence[Row], hours: Mapping[str, Hours], notes: list[str]) -> Iterable[Placement]:
    """The placements of these rows; `hours` are the providers', by their references."""
    placed = [row for row in rows if not _is_pupil_alone(row, notes)]
    for row in placed:
        row.require("provider")
        row.require("starts_on")
        row.values["ref"] = row["ref"] or _usual_ref(row)
    for row in once(placed, notes):
        yield _placement(row, hours)


def _usual_ref(row: Row) -> str:
    return f"{row['pupil']}-{row['provider']}" if row["pupil"] and row["provider"] else f"row {row.number}"


def _is_pupil_alone(row: Row, notes: list[str]) -> bool:
    """Whether the row has a pupil and nothing of a placement."""
    if not row["pupil"] or any(key not in PUPIL_KEYS for key in row.cells):
        return False
    notes.append(f"{row.place} row {row.number}: {row['pupil']} has no placement, and is not expected anywhere.")
    return True


def _placement(row: Row, hours: Mapping[str, Hours]) -> Placement:
    """The placement of a row. Where a cell can't be read something stands in for it, so that the rest is checked."""
    sessions = frozenset(
        (weekday, session, week) for weekday, name in enumerate(WEEKDAY_KEYS) for session, week in row[name]
    )
    there = hours.get(row["provider"], Hours())
    if not sessions and row.bad.intersection(WEEKDAY_KEYS):
        sessions = _every_session(there)
    return Placement(
        ref=row["ref"],
        pupil=row["pupil"],
        provider=row["provider"],
        starts_on=row["starts_on"] or FIRST_DAY,
        pattern=Pattern(sessions),
        ends_on=row["ends_on"],
        target_end_on=row["target_end_on"],
        hours=placement_hours(row, there),
        alert_minutes=row["alert_minutes"] or ALERT_MINUTES,
        arranged_by=row["arranged_by"] or SCHOOL,
        dual_registered=bool(row["dual_registered"]),
        activity=row["activity"],
        activity_code=_activity_code(row),
        transport=row["transport"],
        calls_home=row["calls_home"],
        key_worker=row["key_worker"],
        rhythms=rhythms_of(row),
        referred_on=row["referred_on"],
        authorised_by=row["authorised_by"],
        agreement_on=row["agreement_on"],
        aims=row["aims"],
        risk_shared_on=row["risk_shared_on"],
        dsl_details_on=row["dsl_details_on"],
        review_dates=row["review_dates"],
        meals=row["meals"],
        rest_of_week=row["rest_of_week"],
        row=row.number,
    )


def rhythms_of(row: Row) -> Rhythms:
    """How often a school's or a placement's row says that each of them is due."""
    return Rhythms(**{what: row[column] for what, column in RHYTHM_KEYS.items()})


def _every_session(hours: Hours) -> frozenset[tuple[int, Session, str]]:
    weekdays = range(len(WEEKDAY_KEYS))
    return frozenset((day, session, EVERY_WEEK) for day in weekdays for session in Session if hours.span(day, session))


def _activity_code(row: Row) -> str:
    """B, P, W or V. K and D follow from other columns, and must agree with them."""
    code: str = row["activity_code"] or "B"
    if code == "K" and row["arranged_by"] != LOCAL_AUTHORITY:
        row.report("activity_code", "is for what the local authority arranged", "say so under Arranged by")
    if code == "D" and not row["dual_registered"]:
        row.report("activity_code", "is for a pupil registered at two schools", "say so under Dual registered")
    return "B" if code in ("K", "D") else code


def with_key_workers(
    people: Sequence[Person], pupils: Sequence[Pupil], placements: Sequence[Placement], notes: list[str]
) -> tuple[Person, ...]:
    """Somebody of the pupil's school whom a placement names as key worker is one, even if their roles don't say so.

    Whoever sees every pupil of the school by another role needs no second one.
    """
    schools = {pupil.ref: pupil.school for pupil in pupils}
    named: dict[str, set[str]] = {}
    for placement in placements:
        named.setdefault(placement.key_worker, set()).add(schools.get(placement.pupil, ""))
    found = []
    for person in people:
        held = {
            school: {post.role for post in person.posts if post.organisation == school}
            for school in named.get(person.ref, ())
        }
        wanting = [school for school, roles in sorted(held.items()) if roles and not roles & SEES_PUPILS]
        notes.extend(f"{person.ref} is named as a key worker, and is made one at {school}." for school in wanting)
        posts = person.posts | {Post(school, Role.KEY_WORKER, person.row) for school in wanting}
        found.append(replace(person, posts=posts) if wanting else person)
    return tuple(found)
