"""Making pages: the templates, the static files, and the plain page for whatever went wrong."""

import hashlib
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.templates import templates_of
from apbot.web.signs import SIGNS

STATIC = Path(__file__).parent / "static"

TELEPHONE = re.compile(r"(?<![\w+])(?:\+44[\s()0]*\d|0)\d(?:[\s-]?\d){7,9}(?!\d)")
"""A British telephone number as people write it."""


def base(request: Request) -> str:
    """The part of the path under which these pages are mounted: "" or "/panes/dsl"."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page from a template, which gets `base` and `values`."""
    return HTMLResponse(_templates().get_template(template).render(base=base(request), **values), status)


def fragment(template: str, macro: str, *values: Any) -> str:
    """What one macro of a template gives."""
    return str(getattr(_macros(template), macro)(*values)).strip()


def trouble(request: Request, status: int, heading: str, words: str) -> Response:
    """What went wrong and what to do about it: a plain page, or JSON for a page's own script."""
    if wants_json(request):
        return JSONResponse({"problem": f"{heading}. {words}"}, status)
    return page(request, "trouble.html", status, heading=heading, words=words)


def wants_json(request: Request) -> bool:
    """Whether a page's script asks, and not a person who submitted a form."""
    return request.headers.get("accept", "").startswith("application/json")


def short_name(name: str) -> str:
    """A colleague's name as it stands beside what they said: "Priya Nair" is "Priya N."."""
    first, *others = name.split() or [name]
    return f"{first} {others[-1][0]}." if others else first


def moment(at: datetime) -> str:
    """An instant as a history shows it: "Thu 17 Sep 2026 10:04"."""
    return f"{spoken_date(local_date(at))} {wall(at)}"


@cache
def _templates() -> Environment:
    environment = templates_of("apbot.web")
    environment.filters.update(telephones=_telephones, short_name=short_name, wall=wall, moment=moment)
    environment.globals.update(static=_static, SIGNS=SIGNS)
    return environment


@cache
def _macros(template: str) -> Any:
    return _templates().get_template(template).module


@cache
def _static(name: str) -> str:
    """The path of a static file under the base, which changes when the file does: it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/chat/static/{name}?v={digest}"


def _telephones(text: str) -> Markup:
    """`text` escaped, with its telephone numbers made ready to tap."""
    parts, at = [], 0
    for found in TELEPHONE.finditer(text):
        number = re.sub(r"[^\d+]", "", found[0].replace("(0)", ""))
        parts += [escape(text[at : found.start()]), Markup('<a href="tel:{}">{}</a>').format(number, found[0])]
        at = found.end()
    return Markup().join([*parts, escape(text[at:])])
