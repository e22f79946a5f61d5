"""`/api/messages`: where Teams tells what people do. It is answered in time, whatever the database does."""

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from apbot.channels.receiving import only_header, read_body
from apbot.channels.teams.desk import FAILED, LATER, NO_BUTTON, Answer, TeamsDesk, error_answer, words_answer
from apbot.channels.teams.inbound import Activity, Malformed, read_activity
from apbot.channels.teams.settings import Settings
from apbot.channels.teams.trust import NoKeys, NotTrusted, Signed, Trust

PATH = "/api/messages"

BODY = 256 * 1024
"""Bytes of a request's body. Teams sends at most about 100 KB."""

ANSWER_WITHIN = 5.0
"""Seconds after which Teams is answered, and the work goes on."""

MOST_AT_ONCE = 500
"""So much work may be under way; what comes beyond is refused, so that Teams says so to who did it."""

CLOSE_WITHIN = 10.0

log = structlog.get_logger()


class _TooBig(Exception):
    pass


class Webhook:
    """Answers Teams's requests."""

    def __init__(self, settings: Settings, trust: Trust, desk: TeamsDesk, answer_within: float = ANSWER_WITHIN) -> None:
        """`trust` says whether a request comes from Teams; `desk` does what it asks."""
        self._settings = settings
        self._trust = trust
        self._desk = desk
        self._answer_within = answer_within
        self._work: set[asyncio.Task[Any]] = set()

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The one address."""
        return [Route(PATH, self.answer, methods=["POST"])]

    async def close(self) -> None:
        """Wait a moment for what is under way, then end it."""
        if self._work:
            _, late = await asyncio.wait(self._work, timeout=CLOSE_WITHIN)
            for each in late:
                each.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        try:
            signed = await self._signed(request)
            raw = await _body(request)
            self._trust.check_activity(signed, raw)
            activity = read_activity(raw)
        except NotTrusted as problem:
            log.warning("teams: a request was refused", why=str(problem))
            return _refused(401, "Unauthorized")
        except NoKeys:
            return _refused(503, "ServiceUnavailable")
        except Malformed as problem:
            log.warning("teams: a request could not be read", why=str(problem))
            return _refused(400, "BadRequest")
        except _TooBig:
            return _refused(413, "RequestEntityTooLarge")
        except ClientDisconnect:
            return _refused(408, "RequestTimeout")
        if len(self._work) >= MOST_AT_ONCE:
            log.error("teams: too much is under way; a request was refused")
            return _refused(503, "ServiceUnavailable")
        answer = await self._done_in_time(activity)
        return Response(status_code=answer.status) if answer.body is None else JSONResponse(answer.body, answer.status)

    async def _signed(self, request: Request) -> Signed:
        authorization = only_header(request, "authorization")
        settings = self._settings
        if settings.playground and not (authorization and settings.client_id) and _is_from_this_machine(request):
            return Signed({}, is_signed=False)
        return await self._trust.check(authorization)

    async def _done_in_time(self, activity: Activity) -> Answer:
        """What came of it; where that takes too long, that it is under way."""
        work = asyncio.create_task(self._do(activity))
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        done, _ = await asyncio.wait([work], timeout=self._answer_within)
        if done:
            return work.result()
        if activity.type != "invoke":
            return Answer()
        late = asyncio.create_task(self._tell_late(activity, work))
        self._work.add(late)
        late.add_done_callback(self._work.discard)
        return words_answer(LATER)

    async def _do(self, activity: Activity) -> Answer:
        is_press = activity.type == "invoke"
        try:
            return await self._desk.do(activity)
        except Malformed as problem:
            log.warning("teams: an activity could not be read", kind=activity.type[:40], why=str(problem))
            if is_press:
                return error_answer(400, "BadRequest", NO_BUTTON)
            return Answer(400)
        except Exception as problem:  # noqa: BLE001  (whatever it is; its text may hold what somebody typed)
            log.error("teams: an activity failed", kind=activity.type[:40], problem=type(problem).__name__)
            if is_press:
                return error_answer(500, "InternalServerError", FAILED)
            if activity.type == "message":
                await self._desk.tell(activity, FAILED)
            return Answer(500)

    async def _tell_late(self, activity: Activity, work: "asyncio.Task[Answer]") -> None:
        """Post the answer to a press that took too long to be answered as one."""
        answer = await work
        if answer.told is not None:
            await self._desk.tell(activity, answer.told)


async def _body(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object. Raises `Malformed`, `_TooBig` and ClientDisconnect."""
    body = await read_body(request, BODY)
    if body is None:
        raise _TooBig
    try:
        read = orjson.loads(body)  # which takes no halves of letters: no database would
    except ValueError:
        raise Malformed("not JSON") from None
    if not isinstance(read, dict):
        raise Malformed("not an object")
    return read


def _is_from_this_machine(request: Request) -> bool:
    """Whether who asks is on this machine, and no proxy stands between."""
    if request.client is None or any(each in request.headers for each in ("forwarded", "x-forwarded-for")):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _refused(status: int, code: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code}}, status)
