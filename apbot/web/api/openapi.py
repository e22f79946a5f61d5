"""The API's description, as OpenAPI 3.1."""

from typing import Any

from apbot.domain.scopes import Scope
from apbot.web.api.params import Param
from apbot.web.api.problems import PROBLEM
from apbot.web.api.resources import RESOURCES, ROOT, Resource
from apbot.web.api.schemas import SCHEMAS, page_of

SCOPES = {
    Scope.TODAY: "Today in counts",
    Scope.PLACEMENTS: "Placements",
    Scope.REGISTERS: "Registers as they stand",
    Scope.ATTENDANCE: "Attendance with codes",
    Scope.ESCALATIONS: "Alerts and outcomes",
    Scope.DUTIES: "Duties",
    Scope.NAMES: "Besides: pupils' full names",
}


def describe(server: str) -> dict[str, Any]:
    """The description of the API at `server`, which is where its paths begin."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "apbot",
            "version": "1",
            "summary": "What apbot knows, read-only.",
            "description": "By reference only: pupils' names are there for a key with the scope “names” alone. "
            "Every read is in the audit log. Instants are in UTC.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": f"{server}{ROOT}"}],
        "security": [{"key": []}],
        "paths": {each.path: {"get": _operation(each)} for each in RESOURCES},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that apbot key add has made. Its scopes say what it may read: "
                    + ", ".join(Scope),
                }
            },
            "responses": {
                name: {
                    "description": words,
                    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for name, words in _PROBLEMS.items()
            },
        },
    }


_PROBLEMS = {
    "BadRequest": "A parameter can't be used.",
    "NoKey": "There is no key, or it has ended.",
    "NoScope": "The key may not read that.",
    "NotThere": "There is no such thing, or the key may not see it.",
    "TooMany": "Too many requests in a minute.",
}
_STATUS = {"400": "BadRequest", "401": "NoKey", "403": "NoScope", "404": "NotThere", "429": "TooMany"}


def _operation(resource: Resource) -> dict[str, Any]:
    schema = page_of(resource.schema) if resource.is_paged else {"$ref": f"#/components/schemas/{resource.schema}"}
    in_path = (
        [{"name": "ref", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}]
        if "{ref}" in resource.path
        else []
    )
    return {
        "operationId": resource.name,
        "summary": resource.title,
        "description": f"{resource.words} Needs the scope “{resource.scope}”.",
        "parameters": [*in_path, *map(_parameter, resource.params)],
        "responses": {
            "200": {"description": "What there is.", "content": {"application/json": {"schema": schema}}},
            **{status: {"$ref": f"#/components/responses/{name}"} for status, name in _STATUS.items()},
        },
    }


def _parameter(param: Param) -> dict[str, Any]:
    return {"name": param.name, "in": "query", "description": param.words, "schema": param.schema}
