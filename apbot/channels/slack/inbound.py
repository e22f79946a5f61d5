"""Inward: what people press, fill in and type on Slack, by way of Bolt, and what they are told.

Slack waits three seconds. What was done is committed first and acknowledged then; where the database takes longer,
it is acknowledged, and the answer comes when there is one.
"""

import asyncio
import hashlib
import re
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from apbot.cards import Card, Reply, Tone
from apbot.channels.desk import Desk, Heard
from apbot.channels.slack import payloads
from apbot.channels.slack.answers import FAILED, Answers
from apbot.channels.slack.api import EXPIRED, SILENT, Api, Identity, SlackTrouble
from apbot.channels.slack.blocks import Pressed, blocks_of, in_parts, text_of, unpacked_button
from apbot.channels.slack.home import REFRESH, Home
from apbot.channels.slack.modal import Asked, asked_from, digest_of, field_for_errors, values_of, view_of
from apbot.channels.slack.payloads import Origin, mapping, text
from apbot.store import linking
from apbot.store.database import Transaction

log = structlog.get_logger()

PATIENCE = 2.0
"""Seconds until Slack is told that it has arrived, whatever the database does."""

WORDS_MOST = 4000
"""Characters of what somebody types; what is longer is no answer to a register."""

EVENT_MOST = 100
"""Characters of an event's name, as it is kept."""

PERSONS_WORDS = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""The kinds of message that hold what a person typed."""

EVERYTHING = re.compile(".*", re.DOTALL)


class Inbound:
    """Hears what Slack tells, in either mode."""

    def __init__(self, name: str, desk: Desk, api: Api, answers: Answers, home: Home, patience: float) -> None:
        """`patience` is how many seconds to wait for the database before acknowledging."""
        self._name = name
        self._desk = desk
        self._api = api
        self._answers = answers
        self._home = home
        self._patience = patience
        self._refused: set[str] = set()
        self._bolt = AsyncApp(
            name="apbot",
            logger=SILENT,
            client=api.client,
            authorize=_authorized_by(api),
            signing_secret="",
            request_verification_enabled=False,  # `http` does it, before anything is read
            process_before_response=True,
        )
        self._bolt.command(EVERYTHING)(self._command)
        self._bolt.action(EVERYTHING)(self._action)
        self._bolt.view(EVERYTHING)(self._submission)
        self._bolt.event("message")(self._message)
        self._bolt.event("app_mention")(self._message)
        self._bolt.event("app_home_opened")(self._home_opened)
        self._bolt.event("channel_id_changed")(self._channel_moved)
        self._bolt.event(EVERYTHING)(_nothing)
        self._bolt.error(_failed)

    async def take(self, request: AsyncBoltRequest) -> BoltResponse:
        """Do what a request asks. Raises `SlackTrouble` or `TimeoutError` while it is not known who apbot is."""
        await asyncio.wait_for(self._api.identity(), self._patience)
        return await self._bolt.async_dispatch(request)

    async def _hear(self, heard: Heard) -> Reply:
        try:
            return await self._desk.hear(self._name, heard)
        except Exception as problem:  # noqa: BLE001  (whatever it is, the person is told that nothing was done)
            log.error("slack: what somebody did could not be recorded", problem=type(problem).__name__)
            return FAILED

    async def _in_time(self, hearing: asyncio.Task[Reply]) -> Reply | None:
        await asyncio.wait({hearing}, timeout=self._patience)
        return hearing.result() if hearing.done() else None

    async def _answer(self, hearing: asyncio.Task[Reply], heard: Heard, origin: Origin, *, openly: bool) -> None:
        reply = await hearing
        is_new = self._answers.is_new(heard.event_id)
        if reply.card is None or (reply.is_repeat and not is_new):
            return
        await (self._answers.openly if openly else self._answers.privately)(origin, reply.card)

    async def _command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        origin = payloads.of_command(body, await self._api.identity())
        if origin is None:
            await ack()
            return
        words = payloads.words_in(f"/ap {text(body, 'text')}", "")
        if len(words) > WORDS_MOST:
            await ack(**_ephemeral(_too_long()))
            return
        event_id = _name("command", text(body, "trigger_id") or text(body, "response_url"))
        heard = Heard(event_id, origin.sender, origin.place, text=words)
        hearing = self._answers.start(self._hear(heard))
        reply = await self._in_time(hearing)
        if reply is None:
            await ack()
            self._answers.start(self._answer(hearing, heard, origin, openly=False))
        elif reply.card is None:
            await ack()
        else:
            first, *others = in_parts(reply.card)
            await ack(**_ephemeral(first))
            for each in others:
                self._answers.start(self._answers.privately(origin, each))
        if origin.is_shared and words.split()[1:2] == ["link"]:
            self._answers.start(self._say_if_deaf(hearing, origin))

    async def _say_if_deaf(self, hearing: asyncio.Task[Reply], origin: Origin) -> None:
        """A conversation can be linked by a command before apbot is in it: then no register could be posted there."""
        reply = await hearing
        if reply.card is None or reply.card.tone is not Tone.DONE or reply.is_repeat:
            return
        try:
            found = await self._api.ask(self._api.client.conversations_info, channel=origin.channel)
            is_in = bool(mapping(found.get("channel")).get("is_member"))
        except SlackTrouble as trouble:
            is_in = trouble.code not in ("channel_not_found", "not_in_channel")
        if not is_in:
            await self._answers.privately(origin, _invite())

    async def _action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        origin = payloads.of_press(body, await self._api.identity())
        actions = body.get("actions")
        action = mapping(actions[0]) if isinstance(actions, list) and actions else {}
        if origin is None:
            await ack()
            return
        event_id = _name("press", text(body, "trigger_id"), text(action, "action_ts"))
        if text(action, "action_id") == REFRESH:
            await ack()
            self._answers.start(self._home.show(origin.user, origin.sender, event_id))
            return
        pressed = unpacked_button(text(action, "value")) if text(action, "type") in ("button", "") else None
        if pressed is None:
            await ack()
            self._answers.start(self._answers.privately(origin, _not_mine()))
            return
        if pressed.inputs:
            await self._ask(ack, body, origin, pressed, event_id)
            return
        heard = Heard(
            event_id,
            origin.sender,
            origin.place,
            pressed.verb,
            pressed.subject,
            pressed.value,
            platform_ref=payloads.ref_of_press(body),
        )
        hearing = self._answers.start(self._hear(heard))
        await self._in_time(hearing)
        await ack()
        self._answers.start(self._answer(hearing, heard, origin, openly=False))

    async def _ask(
        self, ack: AsyncAck, body: Mapping[str, Any], origin: Origin, pressed: Pressed, event_id: str
    ) -> None:
        """Open the form that asks what belongs to the press."""
        if not self._answers.is_new(event_id):
            await ack()
            return
        asked = Asked(
            pressed.verb,
            pressed.subject,
            pressed.value,
            origin.place if origin.is_shared else "",
            origin.channel,
            payloads.ref_of_press(body),
            origin.thread,
            origin.response_url,
        )
        action = mapping(body["actions"][0])
        label = text(mapping(action.get("text")), "text") or "Record"
        opening = self._answers.start(self._open(origin, text(body, "trigger_id"), view_of(pressed, label, asked)))
        await asyncio.wait({opening}, timeout=self._patience)
        await ack()

    async def _open(self, origin: Origin, trigger: str, view: dict[str, Any]) -> None:
        try:
            await self._api.ask(self._api.client.views_open, trigger_id=trigger, view=view)
        except SlackTrouble as trouble:
            late = trouble.code in EXPIRED
            if not late:
                log.error("slack: a form could not be opened", problem=trouble.code)
            await self._answers.privately(origin, _not_opened(late=late))

    async def _submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        view = mapping(body.get("view"))
        who = payloads.of_press({**body, "channel": None, "container": None}, await self._api.identity())
        asked = asked_from(view.get("private_metadata"))
        if who is None or asked is None:
            await ack()
            return
        origin = replace(
            who,
            place=asked.place or who.sender,
            channel=asked.channel,
            thread=asked.thread,
            response_url=asked.response_url,
        )
        form = text(view, "id")
        # A form that was refused stays open: the same answers may be right a minute later, and are a new attempt.
        attempt = text(body, "trigger_id") if form in self._refused else ""
        heard = Heard(
            _name("view", form, digest_of(view), attempt) if form else _name("view", text(body, "trigger_id")),
            origin.sender,
            origin.place,
            asked.verb,
            asked.subject,
            asked.value,
            values_of(view),
            platform_ref=asked.platform_ref,
        )
        hearing = self._answers.start(self._hear(heard))
        reply = await self._in_time(hearing)
        if reply is not None and reply.card is not None and reply.is_refusal:
            if len(self._refused) > WORDS_MOST:
                self._refused.clear()
            self._refused.add(form)
            await ack(response_action="errors", errors={field_for_errors(view): _in_words(reply.card)})
            return
        await ack()
        self._answers.start(self._answer(hearing, heard, origin, openly=False))

    async def _message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = mapping(body.get("event"))
        me = await self._api.identity()
        if text(event, "subtype") == "message_changed":
            await ack()
            self._answers.start(self._edited(body, me))
            return
        origin = payloads.of_event(body, me)
        raw = text(event, "text")
        ts = text(event, "ts")
        if origin is None or text(event, "subtype") not in PERSONS_WORDS or not raw or not ts:
            await ack()
            return
        is_reply = origin.thread and origin.thread != ts
        heard = Heard(
            _name("message", origin.channel, ts),  # one that names apbot comes twice, as two kinds of event
            origin.sender,
            origin.place,
            text=payloads.words_in(raw, me.user_id),
            platform_ref=f"{origin.channel}:{origin.thread}" if is_reply else "",
        )
        is_to_me = text(event, "type") == "app_mention" or payloads.mentions(raw, me.user_id)
        hearing = self._answers.start(self._hear_words(heard, origin, is_to_me=is_to_me))
        await self._in_time(hearing)
        await ack()
        self._answers.start(self._answer(hearing, heard, origin, openly=True))

    async def _hear_words(self, heard: Heard, origin: Origin, *, is_to_me: bool) -> Reply:
        if not is_to_me and not await self._is_ours(origin):
            return Reply()
        if len(heard.text) > WORDS_MOST:
            return Reply(_too_long())
        return await self._hear(heard)

    async def _is_ours(self, origin: Origin) -> bool:
        """What people say to each other in channels that are no provider's is none of apbot's business."""
        if not origin.is_shared:
            return True

        def is_linked(transaction: Transaction) -> bool:
            return linking.owner_of(transaction, self._name, origin.place) is not None

        try:
            return await self._desk.database.read(is_linked)
        except Exception as problem:  # noqa: BLE001  (then it is treated as ours, and the person told what fails)
            log.error("slack: can't see whose conversation it is", problem=type(problem).__name__)
            return True

    async def _edited(self, body: Mapping[str, Any], me: Identity) -> None:
        """Words that are changed afterwards are not read again: whoever changed them must know."""
        event = mapping(body.get("event"))
        now, before = mapping(event.get("message")), mapping(event.get("previous_message"))
        origin = payloads.of_event(body, me, now)
        if origin is None or text(now, "text") == text(before, "text") or not now.get("edited"):
            return
        edit = f"edit:{origin.channel}:{text(now, 'ts')}:{text(mapping(now.get('edited')), 'ts')}"
        if await self._is_ours(origin) and self._answers.is_new(edit):
            await self._answers.privately(origin, _edits_are_not_read())

    async def _home_opened(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        event = mapping(body.get("event"))
        user = text(event, "user")
        if user and text(event, "tab") in ("home", ""):
            self._answers.start(self._home.show(user, user, text(body, "event_id") or text(event, "event_ts")))

    async def _channel_moved(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = mapping(body.get("event"))
        old, new = text(event, "old_channel_id"), text(event, "new_channel_id")
        if old and new and old != new:
            await self._desk.database.write(linking.move_address, self._name, old, new)
            log.info("slack: a conversation has a new address")
        await ack()


def _name(kind: str, *parts: str) -> str:
    """An event's name from the platform's; one for itself alone where the platform gives none."""
    name = ":".join([kind, *(each for each in parts if each)])
    if name == kind:
        return f"{kind}:{secrets.token_hex(8)}"
    return name if len(name) <= EVENT_MOST else f"{kind}:{hashlib.sha256(name.encode()).hexdigest()}"


def _authorized_by(api: Api) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Who apbot is, for Bolt: with it Bolt leaves out what apbot itself has said."""

    async def authorize() -> AuthorizeResult:
        me = await api.identity()
        return AuthorizeResult(
            enterprise_id=me.enterprise_id or None,
            team_id=me.team_id or None,
            bot_user_id=me.user_id or None,
            bot_id=me.bot_id or None,
            bot_token=api.client.token,
        )

    return authorize


async def _failed(error: Exception) -> BoltResponse:
    """Where it happened, and never its text, which may hold what somebody typed."""
    at = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    log.error("slack: a request could not be made sense of", problem=type(error).__name__, at=at)
    return BoltResponse(status=400, body="can't be read")


async def _nothing(ack: AsyncAck) -> None:
    await ack()


def _ephemeral(card: Card) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": text_of(card), "blocks": blocks_of(card)}


def _in_words(card: Card) -> str:
    return ". ".join(each.rstrip(".") for each in (card.heading, *card.lines))[:500] + "."


def _too_long() -> Card:
    return Card("That is too long to read, and nothing was recorded", Tone.ASK, ("Say it in fewer words.",))


def _not_opened(*, late: bool) -> Card:
    why = "It took too long to open the form" if late else "The form could not be opened"
    return Card(f"{why}, and nothing was recorded", Tone.ASK, ("Press the button again, or type it.",))


def _not_mine() -> Card:
    return Card("That button is no longer in use", Tone.ASK, ("Use the newest message, or type /ap help.",))


def _edits_are_not_read() -> Card:
    return Card(
        "A message that is changed afterwards is not read again",
        Tone.ASK,
        ("What was recorded stands. Type it anew, or use the buttons.",),
    )


def _invite() -> Card:
    return Card("apbot is not in this channel yet", Tone.ASK, ("Type /invite @apbot here, or it can post nothing.",))
