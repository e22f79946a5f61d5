"""The demo's page: the stage's controls and four chats side by side, each a real one, in frames of its own."""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from apbot.demo.cast import cast_of
from apbot.demo.mornings import MORNINGS
from apbot.demo.panes import Panes
from apbot.demo.roster import DAY, sample_roster
from apbot.demo.script import Morning
from apbot.demo.stage import SPEEDS, Stage
from apbot.domain.walltime import wall
from apbot.templates import templates_of
from apbot.web.headers import FRAMES_BY_NOBODY, security_headers
from apbot.web.pages import STATIC as CHAT_STATIC
from apbot.web.pages import trouble
from apbot.web.routes import guarded
from apbot.web.security import Refused, read_form, token_of_this_process

STATIC = Path(__file__).parent / "static"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MINUTE = timedelta(minutes=1)


class DemoPages:
    """The endpoints."""

    def __init__(self, stage: Stage) -> None:
        """Show `stage`."""
        self._stage = stage
        self._token = token_of_this_process()

    def app(self) -> Starlette:
        """Everything that the demo serves."""
        return Starlette(
            routes=[
                guarded("/", self.show),
                guarded("/elsewhere", self.elsewhere),
                guarded("/stage/state", self.state),
                guarded("/stage/do", self.do, "POST"),
                guarded("/stage/roster.xlsx", self.roster),
                Mount("/stage/static", StaticFiles(directory=STATIC)),
                Mount("/chat/static", StaticFiles(directory=CHAT_STATIC)),
                Mount("/as/{run:int}", Panes(self._stage)),
            ],
            exception_handlers={HTTPException: _wrong_address},
        )

    async def show(self, request: Request) -> Response:
        """The page."""
        performance = self._stage.performance
        morning = performance.morning
        scenes = [(_minute(morning, scene.moment), scene) for scene in morning.scenes if scene.title]
        template = _templates().get_template("demo.html")
        words = template.render(
            morning=morning,
            mornings=MORNINGS.values(),
            day=f"{DAY:%A} {DAY.day} {DAY:%B %Y}",
            scenes=scenes,
            hours=list(_hours(morning)),
            cast=performance.app.database.run(cast_of),
            panes=performance.shows,
            speeds=SPEEDS,
            length=_minute(morning, morning.ends_at),
            run=self._stage.run_number,
            token=self._token(request),
            intro=not self._stage.has_begun,
        )
        return HTMLResponse(words)

    async def elsewhere(self, request: Request) -> Response:
        """For a window that has given way to a newer one."""
        words = "One window at a time: the start page shows it in this one again."
        return trouble(request, 200, "The demo is open in another window", words)

    async def state(self, _: Request) -> Response:
        """How everything stands."""
        return JSONResponse(state_of(self._stage))

    async def do(self, request: Request) -> Response:
        """One of the controls."""
        form = await read_form(request, self._token(request))
        stage, value = self._stage, form.get("value", "")
        match form.get("do", ""):
            case "play":
                stage.play()
            case "pause":
                stage.pause()
            case "next":
                await stage.next_event()
            case "speed" if value in map(str, SPEEDS):
                stage.set_speed(int(value))
            case "jump" if value.isascii() and value.isdecimal() and len(value) < 4:
                await stage.jump(stage.performance.morning.begins_at + int(value) * MINUTE)
            case "again" if not value or value in MORNINGS:
                morning = MORNINGS[value] if value else stage.performance.morning
                await stage.start_again(morning, play=form.get("play") == "yes")
            case _:
                raise Refused(400, "There is no such control", "Nothing was done. Load the page again.")
        return JSONResponse(state_of(stage))

    async def roster(self, _: Request) -> Response:
        """The sample roster, as the workbook that a school would fill in."""
        headers = {"content-disposition": 'attachment; filename="apbot-sample-roster.xlsx"'}
        return Response(await run_in_threadpool(_workbook), media_type=WORKBOOK, headers=headers)


def state_of(stage: Stage) -> dict[str, Any]:
    """The state as the page's script reads it. Moments are minutes from the beginning of the morning."""
    performance, moving = stage.performance, stage.moving
    morning, board = performance.morning, performance.board
    return {
        "run": stage.run_number,
        "playing": stage.playing,
        "begun": stage.has_begun,
        "over": performance.over,
        "speed": stage.speed,
        "now": _minute(morning, moving.now),
        "rate": moving.minutes_a_second,
        "until": _minute(morning, moving.until),
        "told": vars(performance.told),
        "done": sorted(performance.done),
        "shows": {
            pane.value: {"who": seen.who, "path": performance.path_of(seen)} for pane, seen in performance.shows.items()
        },
        "look": performance.look.value,
        "changes": performance.changes,
        "board": {str(group.provider_id): "".join(group.pupils) for group in board.groups},
        "alerts": [board.alerts, board.open_alerts],
        "unknown": board.unknown,
    }


def _minute(morning: Morning, at: datetime) -> float:
    return round((at - morning.begins_at) / MINUTE, 3)


def _hours(morning: Morning) -> Iterator[tuple[str, float]]:
    """The quarters of an hour under the line of the morning."""
    at = morning.begins_at + 5 * MINUTE
    while at <= morning.ends_at:
        yield wall(at), _minute(morning, at)
        at += 15 * MINUTE


def _workbook() -> bytes:
    from apbot.roster import write_workbook  # takes a while to import, and few ask for it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        write_workbook(sample_roster(), path)
        return path.read_bytes()


async def _wrong_address(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)  # noqa: S101  (Starlette hands over what the handler is registered for)
    request = Request({**request.scope, "root_path": ""})  # the styles are not there under every mount
    response = trouble(request, problem.status_code, "There is no such page", "Begin again at the start page.")
    response.headers.update({**security_headers(FRAMES_BY_NOBODY), **(problem.headers or {})})
    return response


@cache
def _templates() -> Environment:
    environment = templates_of("apbot.demo")
    environment.globals.update(static=_static)
    return environment


@cache
def _static(path: str) -> str:
    """The address of a static file, which changes when the file does: the browser keeps no older one."""
    folder = CHAT_STATIC if path.startswith("/chat/") else STATIC
    return f"{path}?v={hashlib.sha256((folder / Path(path).name).read_bytes()).hexdigest()[:12]}"
