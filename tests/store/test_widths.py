"""Whatever apbot itself writes fits the column that keeps it. SQLite never minds; PostgreSQL refuses the row."""

from collections.abc import Iterable
from itertools import product

import pytest
import sqlalchemy as sa

from apbot.domain.codes import MEANINGS, PLANNED, Arrangement, planned, suggest
from apbot.domain.documents import BY_NAME
from apbot.domain.duties.registry import KINDS as DUTIES
from apbot.domain.escalation import Kind, Outcome, State
from apbot.domain.incident import Kind as IncidentKind
from apbot.domain.incident import ParentsTold
from apbot.domain.marks import Fact, Reason, Session
from apbot.domain.register import EntryState
from apbot.domain.roles import Role
from apbot.messages.register import CORRECTIONS
from apbot.messages.registry import KINDS
from apbot.store.tables import (
    audit,
    documents,
    duties,
    duty_records,
    entries,
    escalated,
    escalations,
    incidents,
    marks,
    messages,
    placements,
    registers,
    roles,
)
from apbot.store.tables.personal import Personal

WRITTEN: tuple[tuple[sa.Column[str], Iterable[str]], ...] = (
    (escalations.c.kind, Kind),
    (escalations.c.state, State),
    (escalated.c.outcome, Outcome),
    (entries.c.state, EntryState),
    (entries.c.fact, Fact),
    (entries.c.reason, Reason),
    (entries.c.suggested_code, MEANINGS),
    (entries.c.code, MEANINGS),
    (marks.c.fact, Fact),
    (marks.c.reason, Reason),
    (marks.c.made_as, [*Role, "nobody"]),
    (marks.c.amends_because, [choice.value for choice in CORRECTIONS]),
    (registers.c.session, Session),
    (roles.c.role, Role),
    (documents.c.kind, BY_NAME),
    (messages.c.kind, KINDS),
    (incidents.c.kind, IncidentKind),
    (incidents.c.parents_told, ParentsTold),
    (incidents.c.raised_as, [*Role, "nobody"]),
    (duties.c.kind, DUTIES),
    (duty_records.c.kind, DUTIES),
    (duties.c.key, ["emergency review:placement:2147483647:2026-09-02:99", "review told:record:2147483647"]),
    (audit.c.subject, ["emergency review:placement:2147483647:2026-09-02:99", "review told:record:2147483647"]),
    (messages.c.recipient, ["person:2147483647", "provider:2147483647"]),
    (messages.c.state, ["owed", "sent", "cancelled", "failed"]),
)


@pytest.mark.parametrize(("column", "values"), WRITTEN, ids=[str(column) for column, _ in WRITTEN])
def test_every_value_fits_its_column(column: sa.Column[str], values: Iterable[str]) -> None:
    assert isinstance(column.type, (sa.String, Personal))
    assert column.type.length is not None
    assert max(len(str(each)) for each in values) <= column.type.length


def test_why_a_code_is_suggested_fits_its_column_whatever_the_activity() -> None:
    longest = "x" * placements.c.activity.type.length
    why = [
        suggest(fact, reason, Arrangement(by_local_authority, dual, code, longest), outcome).why
        for fact, reason, outcome, by_local_authority, dual, code in product(
            [None, *Fact], [None, *Reason], [None, *Outcome], [False, True], [False, True], ["B", "P"]
        )
    ] + [planned(code).why for code in PLANNED]
    assert max(len(each) for each in why) <= entries.c.suggested_why.type.length
