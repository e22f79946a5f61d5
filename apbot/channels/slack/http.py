"""Slack's requests over HTTP, at one address for events, buttons, forms and commands."""

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from apbot.channels.receiving import only_header, read_body
from apbot.channels.slack.api import SlackTrouble
from apbot.channels.slack.inbound import Inbound

log = structlog.get_logger()

PATH = "/slack/events"

BODY_MOST = 1024 * 1024
"""Bytes of a request. A press brings the whole message with it, fifty blocks at most."""


class Webhook:
    """Answers what Slack asks."""

    def __init__(self, signing_secret: str, inbound: Inbound) -> None:
        """Only what is signed with `signing_secret` within the last five minutes is heard."""
        self._verifier = SignatureVerifier(signing_secret)
        self._inbound = inbound

    @property
    def route(self) -> Route:
        """The one address."""
        return Route(PATH, self._answer, methods=["POST"])

    async def _answer(self, request: Request) -> Response:
        try:
            body = await read_body(request, BODY_MOST)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return PlainTextResponse("too long", 413)
        try:
            words = body.decode()
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8", 400)
        if not self._is_from_slack(request, words):
            return PlainTextResponse("not signed by Slack", 401)
        try:
            asked = AsyncBoltRequest(body=words, headers=dict(request.headers))
            if not isinstance(asked.body, dict) or not asked.body:
                raise ValueError
        except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
            return PlainTextResponse("can't be read", 400)
        return await self._done(asked)

    async def _done(self, asked: AsyncBoltRequest) -> Response:
        try:
            answer = await self._inbound.take(asked)
        except (SlackTrouble, TimeoutError) as trouble:
            log.error("slack: not known yet who apbot is there; Slack will tell again", problem=type(trouble).__name__)
            return PlainTextResponse("not ready", 503)
        return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())

    def _is_from_slack(self, request: Request, body: str) -> bool:
        timestamp = only_header(request, "x-slack-request-timestamp")
        signature = only_header(request, "x-slack-signature")
        if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12 or not signature.isascii():
            return False
        return self._verifier.is_valid(body, timestamp, signature)
