"""The signed webhook as a channel. An address is the reference of a person on the roster.

It is one way: what is to be done is done behind the link. Every change of a message is posted as a further event about
the same subject, so that a receiver can bring what it shows up to date.
"""

from collections.abc import Sequence

import httpx
import structlog
from standardwebhooks.webhooks import Webhook

from apbot.channels.answering import Answering
from apbot.channels.desk import Desk
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.retrying import pause_asked
from apbot.channels.trust import believed
from apbot.channels.webhook.event import make_event
from apbot.channels.webhook.settings import Settings
from apbot.settings import Settings as AppSettings
from apbot.store.linking import owner_of

NAME = "webhook"

log = structlog.get_logger()


def make(own: Settings, settings: AppSettings, desk: Desk) -> Sequence[Platform]:
    """The one channel."""
    return [WebhookChannel(own, settings.public_url, desk)]


class WebhookChannel(Platform):
    """Posts events. What one person is told is posted in order."""

    name = NAME
    references_only = True
    can_edit = False

    def __init__(self, own: Settings, public_url: str, desk: Desk) -> None:
        """`public_url` is where links lead to, and what events say that they come from."""
        self._url = own.url.get_secret_value()
        self._webhook = Webhook(own.secret.get_secret_value())
        self._source = public_url or "urn:apbot"
        self._desk = desk
        self._answering = Answering(desk.database, public_url)
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(own.timeout, connect=min(5, own.timeout)),
            headers={"User-Agent": "apbot"},
            verify=believed(),
            follow_redirects=False,  # what is signed goes where the admin said, and nowhere else
        )

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post each message as an event."""
        return await self._answering.send(batch, self._post)

    async def _post(self, outgoing: Outgoing, link: str) -> Receipt:
        event = make_event(outgoing, link, self._source, self._desk.database.clock.now())
        try:
            # The status alone is read: whatever else is answered, and however long, is nobody's business.
            async with self._http.stream(
                "POST", self._url, content=event.body, headers=event.headers(self._webhook)
            ) as response:
                return _receipt(response, event.id)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
            return Receipt(Outcome.AGAIN, why=f"the webhook can't be reached: {type(problem).__name__}")
        except httpx.HTTPError as problem:
            return Receipt(Outcome.UNKNOWN, why=f"no answer from the webhook: {type(problem).__name__}")

    async def check(self) -> Sequence[Trouble]:
        """Whether anybody answers there at all: what it makes of an event shows only when there is one."""
        try:
            async with self._http.stream("HEAD", self._url) as response:
                status = response.status_code
        except httpx.HTTPError as problem:
            trouble = Trouble(
                f"The webhook's receiver can't be reached ({type(problem).__name__})",
                "Check APBOT_WEBHOOK_URL, and that this machine may connect to it.",
            )
            return [trouble, *self._answering.troubles]
        gone = Trouble("The webhook's receiver says that it is gone", "Make a new one, and set APBOT_WEBHOOK_URL.")
        return [*([gone] if status == 410 else []), *self._answering.troubles]

    async def check_address(self, address: str) -> Trouble | None:
        """Whether somebody is linked by this reference."""
        if await self._desk.database.read(owner_of, self.name, address) is not None:
            return None
        return Trouble("Nobody is told by the webhook under this reference", "Link them: apbot link REF --webhook")

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()


def _receipt(response: httpx.Response, event_id: str) -> Receipt:
    status = response.status_code
    if 200 <= status < 300:
        return Receipt(Outcome.ACCEPTED, event_id)
    if status == 410:
        return Receipt(Outcome.REFUSED, why="the webhook's receiver is gone (410)")
    if status < 500 and status not in (408, 425, 429):
        log.error("the webhook's receiver does not take events: look at its address and its secret", status=status)
    return Receipt(Outcome.AGAIN, retry_after=pause_asked(response.headers), why=f"the webhook answered {status}")
