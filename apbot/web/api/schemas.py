"""What the API answers, as JSON Schema (2020-12), for its OpenAPI page and for its tests."""

from typing import Any

from apbot.domain.duties.model import State as DutyState
from apbot.domain.escalation import Kind, Outcome, State
from apbot.domain.marks import Fact, Reason, Session
from apbot.domain.presence import Presence

Schema = dict[str, Any]


def _object(words: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": words,
        "properties": properties,
        "required": [each for each in properties if each not in optional],
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _words(words: str) -> Schema:
    return {"type": "string", "description": words}


def _one_of(values: Any, words: str = "") -> Schema:
    return {"type": "string", "enum": [each.value for each in values], **({"description": words} if words else {})}


DAY: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time", "description": "In UTC."}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_OR_NO: Schema = {"type": "boolean"}
TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}

_SESSION: dict[str, Schema] = {
    "pupil": _ref("Pupil"),
    "school": _ref("Place"),
    "provider": _ref("Place"),
    "placement": _words("The placement's reference."),
    "day": DAY,
    "session": _one_of(Session),
    "starts_at": INSTANT,
    "ends_at": INSTANT,
    "presence": _one_of(Presence, "What is known now."),
    "fact": _or_null(_one_of(Fact, "What the provider said last.")),
    "at": _or_null(INSTANT),
    "reason": _or_null(_one_of(Reason)),
    "said_at": _or_null(INSTANT),
}

SCHEMAS: dict[str, Schema] = {
    "Place": _object("A school or a provider.", {"ref": TEXT, "name": TEXT}),
    "Pupil": _object(
        "A pupil by reference; the names are there only for a key with the scope “names”.",
        {"ref": TEXT, "first_name": TEXT, "last_name": TEXT},
        ("first_name", "last_name"),
    ),
    "Today": _object(
        "Today in counts, without a single reference.",
        {
            "day": DAY,
            "registers_made": YES_OR_NO,
            "schools": _list(
                _object(
                    "One school.",
                    {
                        "ref": TEXT,
                        "name": TEXT,
                        "closed": {**MAYBE_TEXT, "description": "Why it is closed today."},
                        "open_alerts": COUNT,
                        "sessions": {
                            "type": "object",
                            "description": "For am and pm, how many pupils stand how.",
                            "propertyNames": _one_of(Session),
                            "additionalProperties": {
                                "type": "object",
                                "propertyNames": _one_of(Presence),
                                "additionalProperties": COUNT,
                            },
                        },
                    },
                )
            ),
        },
    ),
    "Placement": _object(
        "A pupil's place at one provider. Days are included.",
        {
            "ref": TEXT,
            "pupil": _ref("Pupil"),
            "school": _ref("Place"),
            "provider": _ref("Place"),
            "starts_on": DAY,
            "ends_on": _or_null(DAY),
            "target_end_on": _or_null(DAY),
            "arranged_by": TEXT,
            "dual_registered": YES_OR_NO,
            "pattern": {**_list(TEXT), "description": "“mon am”, “wed pm A”: weekday, session, week."},
            "activity": TEXT,
            "key_worker": MAYBE_TEXT,
            "alert_minutes": COUNT,
        },
    ),
    "Session": _object("One pupil in one session of a register.", _SESSION),
    "Register": _object(
        "One provider's register, with the pupils that the key may see.",
        {
            "id": COUNT,
            "provider": _ref("Place"),
            "day": DAY,
            "session": _one_of(Session),
            "starts_at": INSTANT,
            "ends_at": INSTANT,
            "expected": COUNT,
            "unanswered": COUNT,
            "pupils": _list(_ref("Session")),
        },
    ),
    "Attendance": _object(
        "One pupil in one session, with its code.",
        {
            "id": COUNT,
            **_SESSION,
            "minutes_late": COUNT,
            "suggested_code": MAYBE_TEXT,
            "code": {**MAYBE_TEXT, "description": "The school's own decision; null until it has decided."},
        },
    ),
    "Escalation": _object(
        "An alert: pupils who are expected and not known to be safe.",
        {
            "id": COUNT,
            "school": _ref("Place"),
            "provider": _ref("Place"),
            "day": DAY,
            "session": _one_of(Session),
            "kind": _one_of(Kind),
            "state": _one_of(State),
            "due_at": INSTANT,
            "opened_at": INSTANT,
            "step": {"type": "integer", "minimum": 1, "description": "The step whose people have been told."},
            "round": {
                "type": "integer",
                "minimum": 1,
                "description": "2 and more: it began anew from the first step.",
            },
            "next_at": _or_null(INSTANT),
            "acknowledged_by": MAYBE_TEXT,
            "acknowledged_at": _or_null(INSTANT),
            "closed_at": _or_null(INSTANT),
            "pupils": _list(
                _object(
                    "One pupil of it.",
                    {
                        "pupil": _ref("Pupil"),
                        "outcome": _or_null(_one_of(Outcome)),
                        "outcome_by": MAYBE_TEXT,
                        "outcome_at": _or_null(INSTANT),
                        "is_safe": YES_OR_NO,
                    },
                )
            ),
        },
    ),
    "Duty": _object(
        "What a school owes a placed pupil, or has to see to at a provider.",
        {
            "id": COUNT,
            "kind": TEXT,
            "label": TEXT,
            "about": _words("Which document, where there are several."),
            "school": _ref("Place"),
            "provider": _ref("Place"),
            "placement": MAYBE_TEXT,
            "pupil": _or_null(_ref("Pupil")),
            "opens_on": DAY,
            "due_on": DAY,
            "booked_on": _or_null(DAY),
            "state": _one_of(DutyState),
            "is_overdue": YES_OR_NO,
            "closed_at": _or_null(INSTANT),
        },
    ),
    "Problem": _object(
        "What went wrong (RFC 9457).",
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": _words("What to do about it.")},
    ),
}
"""By name. Times are instants in UTC, days are the school's own."""


def page_of(item: str) -> Schema:
    """A page of items."""
    return _object(
        "One page.",
        {
            "items": _list(_ref(item)),
            "next": {**MAYBE_TEXT, "description": "The path and query of the next page; null on the last."},
        },
    )
