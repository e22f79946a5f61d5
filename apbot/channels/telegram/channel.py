"""The channel "telegram"."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from starlette.routing import BaseRoute, Route
from telegram import BotCommand
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from apbot.cards import Card
from apbot.channels.desk import Desk
from apbot.channels.parts import Parts
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.sending import send_side_by_side
from apbot.channels.telegram.failures import is_gone, receipt_for
from apbot.channels.telegram.hearing import Ears, Unheard
from apbot.channels.telegram.limiter import within_limits
from apbot.channels.telegram.places import place_of
from apbot.channels.telegram.posting import Poster
from apbot.channels.telegram.rendering import parts_of, render
from apbot.channels.telegram.settings import Settings
from apbot.channels.telegram.troubles import NOT_CALLED, cannot_write, in_short, trouble_of, webhook_troubles
from apbot.channels.telegram.updates import WANTED, NotAnUpdate
from apbot.channels.telegram.webhook import Webhook
from apbot.channels.telegram.wire import AiohttpRequest, NoAnswer, NotSent, Problem
from apbot.settings import Settings as AllSettings
from apbot.store import linking
from apbot.store.kept_secrets import keep_secret

CHANNEL = "telegram"
PATH = "/telegram/webhook"
POLL_SECONDS = 25
AT_ONCE = 0.5
AGAIN_SOON = 1.0
AGAIN_SECONDS = 5.0
OTHER_POLLER_SECONDS = 10.0
TRIES = 3

COMMANDS = (
    BotCommand("ap", "Ask or tell apbot: /ap help says what"),
    BotCommand("start", "Begin, or link yourself with a code"),
    BotCommand("help", "What you can ask"),
    BotCommand("cancel", "Stop what is being asked"),
)
LANGUAGES = (None, "en")

log = structlog.get_logger()


class TelegramChannel(Platform):
    """Posts by the Bot API; hears by asking for updates, or at a webhook."""

    name = CHANNEL
    most_to_one = 1
    batch = 5  # Telegram takes thirty messages a second: an alert waits for no more than those of one
    references_only = True
    takes_pictures = True

    def __init__(self, own: Settings, public_url: str, desk: Desk, *, limiter: AIORateLimiter | None = None) -> None:
        """`limiter` is `within_limits()` where none is given; `unlimited()` lifts them."""
        self._own = own
        self._public_url = public_url
        self._desk = desk.by_reference()
        self._requests = AiohttpRequest(own.timeout_seconds), AiohttpRequest(own.timeout_seconds, connections=2)
        self.bot: ExtBot[Any] = ExtBot(
            own.token.get_secret_value().strip(),
            base_url=own.base_url,
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=limiter or within_limits(),
        )
        self._poster = Poster(self.bot, self._moved)
        self.ears = Ears(CHANNEL, self._desk, self._poster)
        self._kept_secret = ""
        self.listens_alone = not own.webhook  # Telegram ends whoever asks for updates when another does

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post or edit each message."""
        return await send_side_by_side(batch, self._deliver)

    async def _deliver(self, outgoing: Outgoing, parts: Parts) -> Receipt:
        place = place_of(outgoing.address)
        if place is None:
            return Receipt(Outcome.REFUSED, outgoing.platform_ref, why="not an address of Telegram's")

        async def post(card: Card) -> str:
            rendered = render(card)
            return await self._poster.post(place, rendered.text, rendered.keyboard)

        async def edit(ref: str, card: Card) -> str | None:
            rendered = render(card)
            return await self._poster.edit(place, ref, rendered.text, rendered.keyboard)

        async def delete(ref: str) -> None:
            await self._poster.delete(place, ref)

        try:
            await parts.show(parts_of(outgoing.marked), post, edit, delete)
        except TelegramError as problem:
            return receipt_for(problem, parts.refs)
        if outgoing.png and outgoing.card.picture is not None:
            try:
                await self._poster.picture(place, outgoing.png, outgoing.card.picture.alt)
            except TelegramError as problem:  # the words say the same, and must not be sent again for its sake
                log.warning("a picture could not be posted", problem=in_short(problem))
        return Receipt(Outcome.ACCEPTED, parts.refs)

    async def _moved(self, old: int, new: int) -> None:
        log.info("a group has become a supergroup")
        await self._desk.database.write(linking.move_address, CHANNEL, str(old), str(new))

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The webhook, where Telegram is to call."""
        if not self._own.webhook:
            return ()
        return [Route(PATH, Webhook(self.ears, self._secret).answer, methods=["POST"])]

    async def _secret(self) -> str:
        """What Telegram shows at the webhook."""
        given = self._own.webhook_secret.get_secret_value()
        if not given and not self._kept_secret:
            self._kept_secret = await self._desk.database.write(keep_secret, "telegram webhook")
        return given or self._kept_secret

    async def listen(self) -> None:
        """Tell Telegram how apbot hears, and hear, until cancelled."""
        while not await self._begin():
            self.condition.hears(well=False)
            await asyncio.sleep(AGAIN_SECONDS)
        self.condition.hears(well=True)
        if self._own.webhook:
            await asyncio.Event().wait()
        offset = None
        while True:
            try:
                offset = await self._poll(offset)
                self.condition.hears(well=True)
            except Problem as problem:
                self.condition.hears(well=False)
                await asyncio.sleep(_pause(problem))
                await self._begin()
            except (NotSent, NoAnswer) as problem:
                self.condition.hears(well=False)
                log.warning("Telegram can't be asked for updates; trying again", problem=type(problem).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    @property
    def _can_be_called(self) -> bool:
        """Telegram calls https only; a Bot API server of one's own takes http as well."""
        own_server = not self._own.base_url.startswith("https://api.telegram.org")
        return self._public_url.startswith("https://") or (own_server and bool(self._public_url))

    async def _begin(self) -> bool:
        """Learn the bot's name, and set how it hears and its menu; whether that worked."""
        if self._own.webhook and not self._can_be_called:
            log.error(NOT_CALLED.what, do=NOT_CALLED.do)
            return False
        try:
            self.ears.name = str((await self._ask("getMe")).get("username") or "")
            if self._own.webhook:
                await self.bot.set_webhook(
                    f"{self._public_url}{PATH}", secret_token=await self._secret(), allowed_updates=WANTED
                )
        except TelegramError as problem:
            log.error("Telegram can't be used; trying again", problem=in_short(problem))
            return False
        try:
            if not self._own.webhook:
                await self.bot.delete_webhook()  # as long as there is one, nobody may ask for updates
            for language in LANGUAGES:
                await self.bot.set_my_commands(COMMANDS, language_code=language)
        except TelegramError as problem:
            log.warning("the webhook could not be taken away, or the menu not be set", problem=in_short(problem))
        return True

    async def _poll(self, offset: int | None) -> int | None:
        """Ask for updates once and hear them; what to ask for next, which is also what confirms these."""
        asked = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": list(WANTED)}
        wanted = {key: value for key, value in asked.items() if value is not None}
        began = time.monotonic()
        updates = await self._requests[1].ask(
            f"{self.bot.base_url}/getUpdates", wanted, POLL_SECONDS + self._own.timeout_seconds
        )
        if not isinstance(updates, list):
            raise NoAnswer("not a list of updates")
        lanes: dict[object, list[Mapping[str, Any]]] = {}
        for update in updates:
            lanes.setdefault(_chat_of(update), []).append(update)
        await asyncio.gather(*map(self._hear_in_order, lanes.values()))
        if not updates and time.monotonic() - began < AT_ONCE:
            await asyncio.sleep(AGAIN_SOON)  # it does not wait for updates: it need not be asked without a pause
        numbers = [at for at in map(_number_of, updates) if at is not None]
        return max(numbers) + 1 if numbers else offset

    async def _hear_in_order(self, updates: Sequence[Mapping[str, Any]]) -> None:
        for update in updates:
            for tries_left in reversed(range(TRIES)):
                try:
                    await self.ears.hear(update)
                except NotAnUpdate:
                    log.warning("something that is no update came from Telegram")
                except Unheard:
                    if tries_left:
                        await asyncio.sleep(AGAIN_SOON)
                        continue
                    log.error("given up: what somebody did was not written down")
                except Exception as problem:  # noqa: BLE001  (one update must not keep the others from being heard)
                    log.error("an update could not be dealt with", problem=type(problem).__name__)
                break

    async def check(self) -> Sequence[Trouble]:
        """What is wrong with the token, the connection or the webhook."""
        troubles = []
        if self._own.webhook and not self._can_be_called:
            troubles.append(NOT_CALLED)
        try:
            await self._ask("getMe")
            if self._own.webhook and not troubles:
                troubles += webhook_troubles(await self._ask("getWebhookInfo"), f"{self._public_url}{PATH}")
        except TelegramError as problem:
            troubles.append(trouble_of(problem))
        return troubles

    async def check_address(self, address: str) -> Trouble | None:
        """Whether the bot can write there: it asks for the conversation, and shows that it is typing."""
        place = place_of(address)
        if place is None:
            return Trouble("That is not an address of Telegram's", "Link the person or the group again with a code.")
        try:
            await self._ask("getChat", chat_id=place.chat)
            await self.bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.topic)
        except Problem as problem:
            if problem.moved_to is not None:
                await self._moved(place.chat, problem.moved_to)
                return await self.check_address(str(place.moved_to(problem.moved_to)))
            return cannot_write(place) if is_gone(problem) else trouble_of(problem)
        except TelegramError as problem:
            return trouble_of(problem)
        return None

    async def _ask(self, method: str, **given: object) -> Mapping[str, Any]:
        """Ask for something that the library would read more strictly than a server of one's own may answer."""
        said = await self._requests[0].ask(f"{self.bot.base_url}/{method}", given, self._own.timeout_seconds)
        if not isinstance(said, dict):
            raise NoAnswer("not an answer to that question")
        return said

    async def close(self) -> None:
        """Let answers and connections go."""
        await self.ears.close()
        for each in self._requests:
            await each.shutdown()


def make(own: Settings, settings: AllSettings, desk: Desk) -> Sequence[Platform]:
    """The channel."""
    return [TelegramChannel(own, settings.public_url, desk)]


def _chat_of(update: object) -> object:
    """What keeps its order: updates of one conversation."""
    if not isinstance(update, dict):
        return None
    about = update.get("callback_query") or update
    kinds = ("message", "edited_message", "my_chat_member")
    message = next((each for kind in kinds if (each := about.get(kind))), None) if isinstance(about, dict) else None
    chat = message.get("chat") if isinstance(message, dict) else None
    return chat.get("id") if isinstance(chat, dict) and isinstance(chat.get("id"), int) else None


def _number_of(update: object) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else None


def _pause(problem: Problem) -> float:
    """Seconds until Telegram is asked for updates again, and why, said clearly."""
    if problem.status == 409:
        log.error(
            "another process hears for this bot: only one may. Stop the other; trying again",
            seconds=OTHER_POLLER_SECONDS,
        )
        return OTHER_POLLER_SECONDS
    log.error("Telegram gives no updates; trying again", problem=in_short(problem))
    return problem.wait.total_seconds() if problem.wait else AGAIN_SECONDS
