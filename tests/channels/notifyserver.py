"""A stand-in for GOV.UK Notify on loopback: its API as documented, its delivery receipts, and its templates.

Whatever breaks a documented rule is answered as Notify answers it, and put into `problems`.
"""

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import web

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"apbot-hillcrest-{SERVICE}-{SECRET}"
SMS_TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
EMAIL_TEMPLATE = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"

MOST_LETTERS = 3 * 153
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED_GSM = set("^{}\\[~]|€")

ALLOWED = {
    "sms": {"phone_number", "template_id", "personalisation", "reference", "sms_sender_id", "scheduled_for"},
    "email": {
        "email_address",
        "template_id",
        "personalisation",
        "reference",
        "email_reply_to_id",
        "one_click_unsubscribe_url",
        "sanitise_content_for",
        "scheduled_for",
    },
}
RECIPIENT = {"sms": "phone_number", "email": "email_address"}


@dataclass
class Template:
    """A template of the service."""

    type: str
    body: str
    subject: str | None = None
    version: int = 1


@dataclass
class Notification:
    """A message that Notify has taken."""

    id: str
    type: str
    to: str
    text: str
    reference: str
    template_id: str


@dataclass
class Fails:
    """What the next request that sends is answered with."""

    status: int
    error: str = ""
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False


class NotifyServer:
    """The server. `notifications` are those that it took, the oldest first."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.notifications: list[Notification] = []
        self.failures: list[Fails] = []
        self.requests = 0
        self.most_at_once = 0
        self._at_once = 0
        self.when_taken: Callable[[Notification], Any] | None = None
        """Called before the answer goes out: a receipt may come sooner than that."""
        self.templates = {
            SMS_TEMPLATE: Template("sms", "((message))\n((link))"),
            EMAIL_TEMPLATE: Template("email", "((message))\n\n[Answer in apbot](((link)))", "((subject))"),
        }
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/v2/notifications/{kind}", self._send)
        app.router.add_get("/v2/template/{id}", self._template)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def _trouble_with_token(self, request: web.Request) -> web.Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return _error(401, "AuthError", "Unauthorized: authentication token must be provided")
        try:
            if jwt.get_unverified_header(token).get("alg") != "HS256":
                return _error(403, "AuthError", "Invalid token: algorithm used is not HS256")
            claims = jwt.decode(token, SECRET, ["HS256"], options={"verify_iat": False, "require": ["iss", "iat"]})
        except jwt.PyJWTError:
            return _error(403, "AuthError", "Invalid token: API key not found")
        if claims["iss"] != SERVICE:
            return _error(403, "AuthError", "Invalid token: service not found")
        if abs(time.time() - claims["iat"]) > 30:
            return _error(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")
        return None

    async def _template(self, request: web.Request) -> web.Response:
        if (trouble := self._trouble_with_token(request)) is not None:
            return trouble
        template_id = request.match_info["id"]
        template = self.templates.get(template_id)
        if template is None:
            return _error(404, "NoResultFound", "No result found")
        return web.json_response(
            {
                "id": template_id,
                "type": template.type,
                "name": "apbot",
                "created_at": "2026-09-01T09:00:00.000000Z",
                "updated_at": None,
                "created_by": "office@hillcrest.example",
                "version": template.version,
                "body": template.body,
                "subject": template.subject,
            }
        )

    async def _send(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(0)
            return await self._sent(request)
        finally:
            self._at_once -= 1

    async def _sent(self, request: web.Request) -> web.Response:
        if (trouble := self._trouble_with_token(request)) is not None:
            return trouble
        kind, body = request.match_info["kind"], await request.json()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None and not failure.is_silent:
            return _error(failure.status, failure.error, failure.message, failure.headers)
        if (trouble := self._trouble_with_body(kind, body)) is not None:
            self.problems.append(f"{kind}: {trouble.text}")
            return trouble
        notification = self._take(kind, body)
        if self.when_taken is not None:
            await self.when_taken(notification)
        if failure is not None:
            await self._stopping.wait()
        return web.json_response(
            {
                "id": notification.id,
                "reference": notification.reference,
                "content": {"body": notification.text, "from_number": "GOVUK"},
                "uri": f"{self.url}/v2/notifications/{notification.id}",
                "template": {"id": notification.template_id, "version": 1, "uri": f"{self.url}/v2/template/x"},
            },
            status=201,
        )

    def _take(self, kind: str, body: dict[str, Any]) -> Notification:
        template = self.templates[body["template_id"]]
        text = _filled(template.body, body["personalisation"])
        if template.subject:
            text = f"{_filled(template.subject, body['personalisation'])}\n{text}"
        self._look_at_text(kind, text)
        reference = body.get("reference", "")
        if not re.fullmatch(r"apbot-\d+-[0-9a-f]+", reference):
            self.problems.append(f"a reference that may hold personal data: {reference}")
        to = body[RECIPIENT[kind]]
        taken = Notification(str(uuid.uuid4()), kind, to, text, reference, body["template_id"])
        self.notifications.append(taken)
        return taken

    def _look_at_text(self, kind: str, text: str) -> None:
        if kind == "email":
            if len(text.encode()) > 2_000_000:
                self.problems.append("an e-mail of more than 2,000,000 bytes")
            return
        strange = set(text) - GSM - EXTENDED_GSM
        if strange:
            self.problems.append(f"letters that are not in GSM-7: {strange}")
        letters = len("Hillcrest AP: ") + len(text) + sum(letter in EXTENDED_GSM for letter in text)
        if letters > MOST_LETTERS:
            self.problems.append(f"a text of {letters} letters")
        if not re.search(r"Sent \d\d:\d\d [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}", text):
            self.problems.append("a text that does not say when it was sent")

    def _trouble_with_body(self, kind: str, body: dict[str, Any]) -> web.Response | None:
        recipient = RECIPIENT[kind]
        for name in (recipient, "template_id"):
            if name not in body:
                return _error(400, "ValidationError", f"{name} is a required property")
        if unexpected := set(body) - ALLOWED[kind]:
            return _error(400, "ValidationError", f"Additional properties are not allowed ({unexpected})")
        for name in ("template_id", "sms_sender_id"):
            if name in body and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", body[name]):
                return _error(400, "ValidationError", f"{name} is not a valid UUID")
        if len(body.get("reference", "")) > 1000:
            return _error(400, "ValidationError", "reference is too long")
        if kind == "sms" and not re.fullmatch(r"(\+44|0)7\d{9}", body[recipient]):
            return _error(400, "ValidationError", "phone_number Not a UK mobile number")
        if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", body[recipient]):
            return _error(400, "ValidationError", "email_address Not a valid email address")
        template = self.templates.get(body["template_id"])
        if template is None:
            return _error(400, "BadRequestError", "Template not found")
        if template.type != kind:
            return _error(400, "BadRequestError", f"{template.type} template is not suitable for {kind} notification")
        given = body.get("personalisation", {})
        wanted = set(re.findall(r"\(\((\w+)\)\)", f"{template.subject or ''} {template.body}"))
        if missing := wanted - set(given):
            return _error(400, "BadRequestError", f"Missing personalisation: {', '.join(missing)}")
        if not all(isinstance(value, str) and value for value in given.values()):
            return _error(400, "ValidationError", "personalisation that is empty or not text")
        return None

    def receipt(self, notification: Notification, status: str) -> dict[str, Any]:
        """What Notify posts to the service when it knows what became of a message."""
        return {
            "id": notification.id,
            "reference": notification.reference,
            "to": notification.to,
            "status": status,
            "created_at": "2026-09-17T09:00:00.000000Z",
            "completed_at": "2026-09-17T09:00:05.000000Z",
            "sent_at": "2026-09-17T09:00:01.000000Z",
            "notification_type": notification.type,
            "template_id": notification.template_id,
            "template_version": 1,
        }


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\(\((\w+)\)\)", lambda found: values[found[1]], text)


def _error(status: int, error: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"status_code": status, "errors": [{"error": error, "message": message}]}
    return web.json_response(body, status=status, headers=headers)
