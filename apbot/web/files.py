"""Files for the school: attendance, duties, what was done, non-arrivals; as CSV or a workbook, behind sign-in."""

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from apbot.channels.web import WebChat
from apbot.domain.access import Actor
from apbot.domain.walltime import local_date, parse_day
from apbot.exports.files import CsvFile, XlsxFile, write_table
from apbot.exports.registers import Range, count, export, note_export
from apbot.exports.tables import TABLES, Table, take_out
from apbot.exports.workbook import MOST_ROWS
from apbot.store.board import School, schools_of
from apbot.store.database import Transaction
from apbot.store.people import load_actor
from apbot.store.showing import show
from apbot.web.identity import Visitors
from apbot.web.limits import Limit
from apbot.web.pages import page, trouble
from apbot.web.security import Refused, too_many

MOST_DAYS = 400
"""So many days go into one file: a school year and some."""

FILES_A_MINUTE = 10
"""For each person: a file of a year is seconds of work."""

ATTENDANCE = "attendance"
WORDS = {
    ATTENDANCE: "Attendance: a row for each pupil and session, with its code and amendments",
    "duties": "Duties: what was due, and what has become of it",
    "records": "What was done: contacts, visits, reviews, reports",
    "non-arrivals": "Non-arrivals: every alert, who took it on, and what was established",
}
FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
NOT_THERE = ("There is no such file", "Or it is not yours to take out today.")


class NotAsked(Exception):
    """The days can't be used. The text says why."""


@dataclass(frozen=True)
class Asked:
    """Which file: what, of which school (None: all), over which days, in which format."""

    what: str
    form: str
    wanted: Range
    name: str


class FilePages:
    """The endpoints."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool) -> None:
        """Read the database of `webchat`."""
        self._database = webchat.database
        self._visitors = visitors
        self._sign_out = sign_out
        self._limit = Limit(FILES_A_MINUTE, self._database.clock)

    async def show(self, request: Request) -> Response:
        """/files: what there is to take out."""
        return await self._form(request)

    async def download(self, request: Request) -> Response:
        """/files/{name}: "attendance.csv". It is in the audit log before its first row is read."""
        person_id = await self._visitors.identify(request)
        found = None if person_id is None else await self._database.read(_schools, person_id)
        if found is None:
            return self._visitors.turn_away(request)
        actor, schools = found
        try:
            asked = _asked(request, actor, schools)
        except NotAsked as problem:
            return await self._form(request, str(problem))
        if asked is None:
            return trouble(request, 404, *NOT_THERE)
        if self._limit.is_reached(str(person_id)):
            raise too_many("That is a file every few seconds", self._limit.wait(str(person_id)))
        self._limit.count(str(person_id))
        path = Path(tempfile.mkstemp(prefix="apbot-", suffix=f".{asked.form}")[1])  # only its owner can read it
        try:
            await self._write(asked, actor, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return FileResponse(
            path, media_type=FORMATS[asked.form], filename=asked.name, background=BackgroundTask(path.unlink)
        )

    async def _write(self, asked: Asked, actor: Actor, path: Path) -> None:
        if asked.what != ATTENDANCE:
            table: Table = await show(self._database, take_out, actor, asked.what, asked.wanted, asked.form)
            await run_in_threadpool(write_table, table, asked.form, path)
            return
        counts = await self._database.read(count, asked.wanted)
        if asked.form == "xlsx" and counts.rows > MOST_ROWS:
            raise Refused(422, "That does not fit in one sheet", "Take it out as CSV, or of fewer days.")
        await self._database.write(note_export, actor, asked.wanted, counts, asked.form)
        with path.open("wb") as stream:
            file = CsvFile(stream) if asked.form == "csv" else XlsxFile(path)
            await export(self._database, asked.wanted, file, lambda _: None)
            await run_in_threadpool(file.finish)

    async def _form(self, request: Request, problem: str = "") -> Response:
        person_id = await self._visitors.identify(request)
        found = None if person_id is None else await self._database.read(_schools, person_id)
        if found is None:
            return self._visitors.turn_away(request)
        actor, schools = found
        today = local_date(self._database.clock.now())
        given = request.query_params
        return page(
            request,
            "files.html",
            422 if problem else 200,
            actor=actor,
            schools=schools,
            words=WORDS,
            problem=problem,
            first=given.get("from", (today - timedelta(days=today.weekday())).isoformat()),
            last=given.get("to", today.isoformat()),
            school=given.get("school", ""),
            token=self._visitors.form_token(request),
            sign_out=self._sign_out,
        )


def _schools(transaction: Transaction, person_id: int) -> tuple[Actor, list[School]] | None:
    actor = load_actor(transaction, person_id, "web")
    return None if actor is None else (actor, schools_of(transaction, actor))


def _asked(request: Request, actor: Actor, schools: list[School]) -> Asked | None:
    """The file that is asked for; None for one that is not there, or not the actor's. Raises `NotAsked`."""
    what, _, form = request.path_params["name"].rpartition(".")
    given = request.query_params
    school = next((each for each in schools if each.ref == given.get("school", "")), None)
    if school is None and len(schools) == 1 and not given.get("school"):
        school = schools[0]
    of_all = school is None and actor.is_admin_of_all and not given.get("school")
    if what not in (ATTENDANCE, *TABLES) or form not in FORMATS or not (school or of_all):
        return None
    try:
        first, last = parse_day(given.get("from", "")), parse_day(given.get("to", ""))
    except ValueError:
        raise NotAsked("Give the first day and the last, like 2026-09-01.") from None
    if last < first:
        raise NotAsked("The last day is before the first. Swap them.")
    if (last - first).days >= MOST_DAYS:
        raise NotAsked(f"At most {MOST_DAYS} days go into one file. Take out one school year at a time.")
    place = school.ref.lower() if school else "all"
    name = f"apbot-{what}-{place}-{first:%Y%m%d}-{last:%Y%m%d}.{form}"
    return Asked(what, form, Range(first, last, school.id if school else None), name)
