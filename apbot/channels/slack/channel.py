"""The channel to Slack, put together from its settings."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from apbot import settings as common
from apbot.channels.desk import Desk
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outgoing, Receipt
from apbot.channels.slack import checking
from apbot.channels.slack.answers import Answers
from apbot.channels.slack.api import TIMEOUT, Api
from apbot.channels.slack.hearing import PATIENCE, Hearing
from apbot.channels.slack.home import Home
from apbot.channels.slack.http import Webhook
from apbot.channels.slack.inbound import Inbound
from apbot.channels.slack.sending import Sender
from apbot.channels.slack.settings import Settings
from apbot.channels.slack.socket import FIRST_WAIT, HEARTBEAT, Socket


class SlackChannel(Platform):
    """One Slack workspace, and those who share channels with it."""

    name = "slack"
    takes_pictures = True
    batch = 50
    most_to_one = 1

    def __init__(
        self,
        own: Settings,
        desk: Desk,
        *,
        messages_a_second: float | None = None,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
        heartbeat: float = HEARTBEAT,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        """`messages_a_second` to one conversation, 0 for no limit, else as set; the others are in seconds."""
        pace = own.messages_a_second if messages_a_second is None else messages_a_second
        self.api = Api(own.bot_token.get_secret_value(), own.api_url, timeout)
        self._sender = Sender(self.api, desk.database.clock, pace)
        self.answers = Answers(self.api, self._sender)
        home = Home(self.name, desk, self.api)
        inbound = Inbound(self.api, Hearing(self.name, desk, self.api, self.answers, patience), home)
        self._links_by_email = desk.links_by_email
        self._app_token = own.app_token.get_secret_value()
        secret = own.signing_secret.get_secret_value()
        self._routes = [Webhook(secret, inbound).route] if secret else []
        self.socket = (
            Socket(
                self._app_token,
                self.api,
                inbound,
                self.answers,
                self.condition,
                heartbeat=heartbeat,
                first_wait=first_wait,
            )
            if self._app_token
            else None
        )

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Slack's one address, where the signing secret is set."""
        return self._routes

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post or edit each message."""
        return await self._sender.deliver(batch)

    async def listen(self) -> None:
        """Hear over Socket Mode, where the app token is set."""
        if self.socket is None:
            await super().listen()
        else:
            await self.socket.listen()

    async def check(self) -> Sequence[Trouble]:
        """What is wrong with the tokens and permissions."""
        return await checking.check(self.api, self._app_token, links_by_email=self._links_by_email)

    async def check_address(self, address: str) -> Trouble | None:
        """What keeps messages from this person or channel."""
        return await checking.check_address(self.api, address)

    async def close(self) -> None:
        """Finish the answers that are under way, and let the connections go."""
        await self.answers.close()
        await self.api.close()


def make(own: Settings, _: common.Settings, desk: Desk) -> Sequence[Platform]:
    """The channel, not connected yet."""
    return [SlackChannel(own, desk)]
