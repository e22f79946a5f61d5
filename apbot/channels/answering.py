"""Where messages are answered that go out where nobody can press anything: a link for each."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import sqlalchemy as sa
import structlog

from apbot.channels.links import SIGNED_WITH, Links
from apbot.channels.platform import Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.sending import send_side_by_side
from apbot.store.database import Database, Transaction
from apbot.store.kept_secrets import keep_secret
from apbot.store.letters import Letter, load_letters

NO_ADDRESS = Trouble(
    "apbot does not know its own address, so messages carry no link to answer by",
    "Set APBOT_PUBLIC_URL to the address at which people's browsers reach apbot.",
    is_advice=True,
)

log = structlog.get_logger()


class Answering:
    """Makes the links. Without a public address there are none."""

    def __init__(self, database: Database, public_url: str) -> None:
        """`public_url` is where people's browsers reach the web server, or ""."""
        self._database = database
        self._public_url = public_url
        self._links: Links | None = None

    @property
    def chat(self) -> str:
        """For a message that nobody has to answer, such as a test: where the built-in chat is, or ""."""
        return f"{self._public_url.rstrip('/')}/chat" if self._public_url else ""

    async def links(self) -> Links | None:
        """What makes links here; None without a public address."""
        if self._links is None and self._public_url:
            # Asked for once only: the secret never changes.
            self._links = Links(self._public_url, await self._database.write(keep_secret, SIGNED_WITH))
        return self._links

    async def send(
        self, batch: Sequence[Outgoing], send: Callable[[Outgoing, str], Awaitable[Receipt]]
    ) -> Sequence[Receipt]:
        """Send each message with its link, "" where one has none; people side by side."""
        try:
            links = await self._links_to(each.message_id for each in batch)
        except sa.exc.SQLAlchemyError as problem:
            log.warning("no links could be made", problem=type(problem).__name__)
            return [Receipt(Outcome.AGAIN, why=type(problem).__name__) for _ in batch]
        return await send_side_by_side(batch, lambda each, _: send(each, links.get(each.message_id, "")))

    async def _links_to(self, message_ids: Iterable[int]) -> Mapping[int, str]:
        """The link of each of these messages that one person alone reads."""
        links = await self.links()
        if links is None:
            return {}
        letters = await self._database.read(_letters, list(message_ids))
        return {message_id: links.to(letter) for message_id, letter in letters.items()}

    @property
    def troubles(self) -> list[Trouble]:
        """What keeps links from being made."""
        return [] if self._public_url else [NO_ADDRESS]


def _letters(transaction: Transaction, message_ids: list[int]) -> dict[int, Letter]:
    return load_letters(transaction, message_ids)
