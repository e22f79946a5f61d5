"""Buttons, and the forms that some of them open."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from apbot.cards import Card, Tone
from apbot.channels.desk import Heard
from apbot.channels.slack import payloads
from apbot.channels.slack.api import EXPIRED, Api, SlackTrouble
from apbot.channels.slack.blocks import Pressed, unpacked_button
from apbot.channels.slack.hearing import Hearing, event_name
from apbot.channels.slack.home import REFRESH, Home
from apbot.channels.slack.modal import Asked, asked_from, digest_of, field_for_errors, values_of, view_of
from apbot.channels.slack.payloads import Origin, mapping, text

log = structlog.get_logger()

FORMS_KEPT = 5000
ERROR_MOST = 500


class Presses:
    """Hears what people press and fill in."""

    def __init__(self, api: Api, hearing: Hearing, home: Home) -> None:
        """`home` is the page whose button shows it anew."""
        self._api = api
        self._hearing = hearing
        self._answers = hearing.answers
        self._home = home
        self._refused: set[str] = set()

    async def press(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Somebody pressed a button."""
        origin = payloads.of_press(body, await self._api.identity())
        actions = body.get("actions")
        action = mapping(actions[0]) if isinstance(actions, list) and actions else {}
        if origin is None or not action:
            await ack()
            return
        event_id = event_name("press", text(body, "trigger_id"), text(action, "action_ts"))
        pressed = unpacked_button(text(action, "value"))
        if text(action, "action_id") == REFRESH:
            await ack()
            self._answers.start(self._home.show(origin.user, origin.sender, event_id))
        elif pressed is None:
            await ack()
            self._answers.start(self._answers.privately(origin, NOT_MINE))
        elif pressed.inputs and not await self._hearing.is_stranger(origin):
            await self._ask(origin, pressed, event_id, body, action)
            await ack()
        else:
            await self._do(origin, pressed, event_id, body)
            await ack()

    async def _do(self, origin: Origin, pressed: Pressed, event_id: str, body: Mapping[str, Any]) -> None:
        heard = Heard(
            event_id,
            origin.sender,
            origin.place,
            pressed.verb,
            pressed.subject,
            pressed.value,
            platform_ref=payloads.ref_of_press(body),
        )
        hearing = self._hearing.start(heard)
        await self._hearing.in_time(hearing)
        self._hearing.answer_later(hearing, heard, origin)

    async def _ask(
        self, origin: Origin, pressed: Pressed, event_id: str, body: Mapping[str, Any], action: Mapping[str, Any]
    ) -> None:
        """Open the form that asks what belongs to the press."""
        if not self._answers.is_new(event_id):
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
        label = text(mapping(action.get("text")), "text") or "Record"
        view = view_of(pressed, label, asked)
        opening = self._answers.start(self._open(origin, text(body, "trigger_id"), view))
        await asyncio.wait({opening}, timeout=self._hearing.patience)

    async def _open(self, origin: Origin, trigger: str, view: dict[str, Any]) -> None:
        try:
            await self._api.ask(self._api.client.views_open, trigger_id=trigger, view=view)
        except SlackTrouble as trouble:
            if trouble.code not in EXPIRED:
                log.error("slack: a form could not be opened", problem=trouble.code)
            await self._answers.privately(origin, TOO_LATE if trouble.code in EXPIRED else NOT_OPENED)

    async def submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Somebody sent a form. One that is refused stays open, with the reason."""
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
        heard = Heard(
            self._event_of(view, body),
            origin.sender,
            origin.place,
            asked.verb,
            asked.subject,
            asked.value,
            values_of(view),
            platform_ref=asked.platform_ref,
        )
        hearing = self._hearing.start(heard)
        reply = await self._hearing.in_time(hearing)
        if reply is not None and reply.card is not None and reply.is_refusal:
            self._keep_refused(text(view, "id"))
            await ack(response_action="errors", errors={field_for_errors(view): _in_words(reply.card)})
            return
        await ack()
        self._hearing.answer_later(hearing, heard, origin)

    def _event_of(self, view: Mapping[str, Any], body: Mapping[str, Any]) -> str:
        """The form and what is in it. Once refused, the same answers are a new attempt: they may be right by now."""
        form, trigger = text(view, "id"), text(body, "trigger_id")
        if not form:
            return event_name("view", trigger)
        return event_name("view", form, digest_of(view), trigger if form in self._refused else "")

    def _keep_refused(self, form: str) -> None:
        if len(self._refused) >= FORMS_KEPT:
            self._refused.clear()
        self._refused.add(form)


def _in_words(card: Card) -> str:
    return (". ".join(each.rstrip(".") for each in (card.heading, *card.lines)) + ".")[:ERROR_MOST]


NOT_MINE = Card("That button is no longer in use", Tone.ASK, ("Use the newest message, or type /ap help.",))
TOO_LATE = Card(
    "It took too long to open the form, and nothing was recorded", Tone.ASK, ("Press the button again, or type it.",)
)
NOT_OPENED = Card(
    "The form could not be opened, and nothing was recorded", Tone.ASK, ("Press the button again, or type it.",)
)
