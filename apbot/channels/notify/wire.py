"""GOV.UK Notify's API over HTTP: what is posted, and what each answer means."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
import jwt
import structlog
from aiolimiter import AsyncLimiter

from apbot.channels.notify.settings import Settings
from apbot.channels.port import Outcome, Receipt
from apbot.channels.retrying import http_date, pause_asked
from apbot.channels.trust import believed

Kind = Literal["sms", "email"]

RECIPIENT: Mapping[Kind, str] = {"sms": "phone_number", "email": "email_address"}
"""What the recipient is called in a request of this kind, and at the head of what is wrong with it."""

WRONG_RECIPIENT = frozenset({"InvalidPhoneError", "InvalidEmailError", "InvalidRecipientError"})

PER_SECOND = 50
"""3,000 a minute, which is Notify's limit, without the spikes that it asks to be spared."""

TIMEOUT = 12.0
"""Seconds until a request that was sent counts as unanswered."""

RATE_PAUSE = timedelta(seconds=10)
"""Notify's rate limit gives way by the second; it names no time to wait."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    """What Notify answered to a request that needs no receipt; status 0 where it could not be reached."""

    status: int
    body: Mapping[str, Any]
    clock_is_off_by: timedelta | None = None


class NotifyApi:
    """Notify's API with one service's key. Connections are kept."""

    def __init__(self, settings: Settings, *, limited: bool = True, timeout: float = TIMEOUT) -> None:
        """With `limited` false requests go out as fast as they come."""
        self._service_id, self._secret = settings.service_and_secret
        self._limiter = AsyncLimiter(PER_SECOND, 1) if limited else contextlib.nullcontext()
        self._http = httpx.AsyncClient(
            base_url=settings.base_url,
            timeout=httpx.Timeout(timeout, connect=5),
            verify=believed(),
            headers={"User-Agent": "apbot"},
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    def _authorization(self) -> dict[str, str]:
        # By the clock of this machine, whatever clock apbot decides by: Notify holds it against its own.
        claims = {"iss": self._service_id, "iat": int(time.time())}
        return {"Authorization": f"Bearer {jwt.encode(claims, self._secret, algorithm='HS256')}"}

    async def send(self, kind: Kind, body: Mapping[str, Any]) -> Receipt:
        """Post one message."""
        try:
            async with self._limiter:
                response = await self._http.post(f"/v2/notifications/{kind}", json=body, headers=self._authorization())
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as problem:
            return Receipt(Outcome.AGAIN, why=f"Notify can't be reached: {type(problem).__name__}")
        except httpx.HTTPError as problem:
            return Receipt(Outcome.UNKNOWN, why=f"no answer from Notify: {type(problem).__name__}")
        return _receipt(kind, response, str(body.get("reference", "")))

    async def template(self, template_id: str) -> Answer:
        """The template as it stands."""
        try:
            response = await self._http.get(f"/v2/template/{template_id}", headers=self._authorization())
        except httpx.HTTPError as problem:
            return Answer(0, {"problem": type(problem).__name__})
        return Answer(response.status_code, _json(response), _clock_difference(response))


def _receipt(kind: Kind, response: httpx.Response, reference: str) -> Receipt:
    status = response.status_code
    body = _json(response)
    if 200 <= status < 300:
        name = body.get("id")
        return Receipt(Outcome.ACCEPTED, name if isinstance(name, str) and 0 < len(name) <= 60 else reference)
    errors = _errors(body)
    named = f"{status} {errors[0][0]}" if errors else str(status)
    if status == 400 and any(_is_about_recipient(kind, *each) for each in errors):
        return Receipt(Outcome.REFUSED, why=f"Notify refuses the {RECIPIENT[kind].replace('_', ' ')} ({named})")
    if status == 429:
        log.warning("Notify asks for a pause", kind=kind, why=named)
        pause = pause_asked(response.headers) or (RATE_PAUSE if "RateLimitError" in named else None)
        return Receipt(Outcome.AGAIN, retry_after=pause, why=named)
    if status < 500:
        # Nobody's address is at fault, and nobody's is given up.
        log.error("Notify takes no messages: look at key, clock, template and trial mode", kind=kind, why=named)
    return Receipt(
        Outcome.UNKNOWN if status >= 500 else Outcome.AGAIN, retry_after=pause_asked(response.headers), why=named
    )


def _errors(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kind of each error, and its words. The words are not to be relied upon, and not to be kept."""
    found = body.get("errors")
    if not isinstance(found, list):
        return []
    return [(_word(each.get("error")), str(each.get("message", ""))) for each in found if isinstance(each, dict)]


def _word(said: object) -> str:
    return said if isinstance(said, str) and said.isidentifier() and len(said) <= 60 else "error"


def _is_about_recipient(kind: Kind, error: str, message: str) -> bool:
    """Whether the number or address itself can't be sent to. A failed validation begins with the field's name."""
    return error in WRONG_RECIPIENT or (error == "ValidationError" and message.startswith(f"{RECIPIENT[kind]} "))


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _clock_difference(response: httpx.Response) -> timedelta | None:
    at = http_date(response.headers.get("Date", ""))
    return None if at is None else abs(datetime.now(UTC) - at)
