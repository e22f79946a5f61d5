"""Records of pupils: six years from the day they were made, and then no longer, unless something about them is open."""

from typing import Any

import sqlalchemy as sa

from apbot.store.database import Transaction
from apbot.store.parts import in_parts
from apbot.store.retention.live import LIVE_ALERT, OPEN_DUTY, is_live
from apbot.store.retention.model import COVER, KEPT_FROM, KEPT_SINCE, Kind, delete_where, kind, not_the_newest, rows_of
from apbot.store.tables import (
    chat_lines,
    code_chases,
    code_decisions,
    concerns,
    covers,
    digests,
    duties,
    duty_records,
    entries,
    escalated,
    escalations,
    incidents,
    marks,
    mentions,
    messages,
    missed_days,
    others_told,
    placements,
    planned_absences,
    pupils,
    questions,
    registers,
    school_days,
    school_reports,
    unopened,
)

SIX_YEARS = "6 years from the day they were made"
REGISTER = "the regulations on attendance registers ask for six years"
SAFEGUARDING = "they show who was told, and what became of the child, for as long as the register they belong to"

LOOKED_AT = 5000
"""Of the messages so many are looked at, the oldest: to look through all of them each night would take seconds."""


def _none_of(
    column: sa.ColumnElement[Any], *which: sa.ColumnElement[bool], is_: sa.ColumnElement[Any]
) -> sa.ColumnElement[bool]:
    return sa.not_(sa.exists().where(column == is_, *which))


def _entries() -> sa.Select[tuple[int]]:
    alert = sa.select(escalated.c.entry_id).join(escalations, escalations.c.id == escalated.c.escalation_id)
    return (
        sa.select(entries.c.id)
        .join(registers, registers.c.id == entries.c.register_id)
        .where(
            registers.c.day < KEPT_FROM,
            # What was amended later is kept for six years from then.
            _none_of(marks.c.entry_id, marks.c.made_at >= KEPT_SINCE, is_=entries.c.id),
            _none_of(code_decisions.c.entry_id, code_decisions.c.made_at >= KEPT_SINCE, is_=entries.c.id),
            entries.c.id.not_in(alert.where(LIVE_ALERT)),
        )
        .order_by(registers.c.day, entries.c.id)
    )


def _escalations() -> sa.Select[tuple[int]]:
    return sa.select(escalations.c.id).where(
        escalations.c.opened_at < KEPT_SINCE,
        sa.not_(LIVE_ALERT),
        _none_of(escalated.c.escalation_id, is_=escalations.c.id),
    )


def _registers() -> sa.Select[tuple[int]]:
    return sa.select(registers.c.id).where(
        registers.c.day < KEPT_FROM,
        registers.c.next_at.is_(None),
        _none_of(entries.c.register_id, is_=registers.c.id),
        _none_of(escalations.c.register_id, is_=registers.c.id),
    )


def _school_days() -> sa.Select[tuple[int]]:
    return sa.select(school_days.c.id).where(
        school_days.c.day < KEPT_FROM,
        school_days.c.next_at.is_(None),
        school_days.c.id.not_in(sa.select(missed_days.c.id).where(missed_days.c.acknowledged_at.is_(None))),
    )


def _digests() -> sa.Select[tuple[int]]:
    still = sa.select(mentions.c.digest_id).join(duties, duties.c.id == mentions.c.duty_id).where(OPEN_DUTY)
    return sa.select(digests.c.id).where(digests.c.day < KEPT_FROM, digests.c.id.not_in(still))


def _duty_records() -> sa.Select[tuple[int]]:
    """The newest of them first: one that corrects another goes before it."""
    later = duty_records.alias()
    return (
        sa.select(duty_records.c.id)
        .where(
            duty_records.c.made_at < KEPT_SINCE,
            _none_of(later.c.amends_id, is_=duty_records.c.id),
            sa.or_(
                duty_records.c.duty_id.is_(None),
                duty_records.c.duty_id.not_in(sa.select(duties.c.id).where(OPEN_DUTY)),
            ),
        )
        .order_by(duty_records.c.id.desc())
    )


def _duties() -> sa.Select[tuple[int]]:
    return sa.select(duties.c.id).where(
        sa.not_(OPEN_DUTY),
        duties.c.due_on < KEPT_FROM,
        sa.or_(duties.c.closed_at.is_(None), duties.c.closed_at < KEPT_SINCE),
        duties.c.next_at.is_(None),
        _none_of(duty_records.c.duty_id, is_=duties.c.id),
        _none_of(mentions.c.duty_id, is_=duties.c.id),
    )


def _messages() -> sa.Select[tuple[int]]:
    return (
        sa.select(messages.c.id)
        .where(messages.c.due_at < KEPT_SINCE, messages.c.next_at.is_(None), sa.not_(is_live()))
        .order_by(messages.c.id)
    )


def _oldest_messages() -> sa.Select[tuple[int]]:
    oldest = sa.select(messages.c.id).order_by(messages.c.id).limit(LOOKED_AT).subquery()
    return _messages().where(messages.c.id <= sa.select(sa.func.max(oldest.c.id)).scalar_subquery())


def _placements() -> sa.Select[tuple[int]]:
    return sa.select(placements.c.id).where(
        placements.c.ends_on < KEPT_FROM,
        _none_of(entries.c.placement_id, is_=placements.c.id),
        _none_of(duties.c.placement_id, is_=placements.c.id),
        _none_of(duty_records.c.placement_id, is_=placements.c.id),
        _none_of(incidents.c.placement_id, is_=placements.c.id),
    )


def _pupils() -> sa.Select[tuple[int]]:
    return sa.select(pupils.c.id).where(
        pupils.c.ends_on < KEPT_FROM,
        _none_of(placements.c.pupil_id, is_=pupils.c.id),
        _none_of(entries.c.pupil_id, is_=pupils.c.id),
        _none_of(planned_absences.c.pupil_id, is_=pupils.c.id),
        _none_of(concerns.c.pupil_id, is_=pupils.c.id),
    )


def _remove_school_days(transaction: Transaction, ids: list[int]) -> None:
    delete_where(code_chases.c.school_day_id, missed_days.c.id, school_days.c.id)(transaction, ids)


def _remove_messages(transaction: Transaction, ids: list[int]) -> None:
    for part in in_parts(ids):
        transaction.execute(sa.update(questions).where(questions.c.message_id.in_(part)).values(message_id=None))
    delete_where(chat_lines.c.message_id, messages.c.id)(transaction, ids)


KINDS: tuple[Kind, ...] = (
    kind(
        "register entries",
        "Register entries with every mark, amendment and code decision",
        SIX_YEARS,
        REGISTER,
        due=_entries(),
        remove=delete_where(marks.c.entry_id, code_decisions.c.entry_id, escalated.c.entry_id, entries.c.id),
    ),
    kind(
        "alerts",
        "Non-arrival alerts and their welfare outcomes",
        SIX_YEARS,
        SAFEGUARDING,
        due=_escalations(),
        remove=delete_where(escalations.c.id),
    ),
    kind("registers", "Registers", SIX_YEARS, REGISTER, due=_registers(), remove=delete_where(registers.c.id)),
    kind("school days", "School days", SIX_YEARS, REGISTER, due=_school_days(), remove=_remove_school_days),
    rows_of(
        concerns,
        "concerns",
        "That a concern was raised, and who saw to it (never what it was about)",
        SIX_YEARS,
        SAFEGUARDING,
        sa.and_(concerns.c.raised_at < KEPT_SINCE, concerns.c.acknowledged_at.is_not(None)),
    ),
    rows_of(
        incidents,
        "incidents",
        "That an incident happened, and whether the parents know (never what it was)",
        SIX_YEARS,
        SAFEGUARDING,
        sa.and_(
            incidents.c.raised_at < KEPT_SINCE,
            sa.or_(incidents.c.acknowledged_at.is_not(None), incidents.c.withdrawn_at.is_not(None)),
        ),
    ),
    kind(
        "lists of duties",
        "Which duties were on whose list on which morning",
        SIX_YEARS,
        "they show that somebody was told",
        due=_digests(),
        remove=delete_where(mentions.c.digest_id, digests.c.id),
    ),
    kind(
        "duty records",
        "Contacts, visits, reviews and reports that were recorded",
        SIX_YEARS,
        "they belong to the pupil's record at the provider",
        due=_duty_records(),
        remove=delete_where(duty_records.c.id),
    ),
    kind(
        "duties",
        "Duties that are done, not due, missed or withdrawn",
        SIX_YEARS,
        "they belong to the pupil's record at the provider",
        due=_duties(),
        remove=delete_where(duties.c.id),
    ),
    rows_of(
        planned_absences,
        "planned absences",
        "Planned absences",
        "6 years from their last day",
        REGISTER,
        planned_absences.c.ends_on < KEPT_FROM,
    ),
    rows_of(
        school_reports,
        "school reports",
        "The weeks' and the terms' reports as they were sent",
        SIX_YEARS,
        "a week's names pupils by reference; a term's holds counts",
        sa.and_(school_reports.c.next_at.is_(None), school_reports.c.last_on < KEPT_FROM),
    ),
    kind(
        "messages",
        "That a message was sent: about what, when, to whom, and whether it arrived",
        SIX_YEARS,
        SAFEGUARDING,
        due=_oldest_messages(),
        remove=_remove_messages,
        counted=_messages(),
    ),
    rows_of(
        covers,
        "cover",
        "Who was away, and who stood in",
        "a year after the last day",
        "who was told in whose place is with the message itself",
        sa.and_(covers.c.ends_on < COVER, not_the_newest(covers)),
    ),
    kind(
        "placements",
        "Placements",
        "6 years from their last day, and while anything else is kept about them",
        REGISTER,
        due=_placements(),
        remove=delete_where(others_told.c.placement_id, placements.c.id),
    ),
    kind(
        "pupils",
        "Pupils: names, UPN, year group, what the roster says",
        "6 years from their last day on the roll, and while anything else is kept about them",
        REGISTER,
        due=_pupils(),
        remove=delete_where(unopened.c.pupil_id, pupils.c.id),
    ),
)
