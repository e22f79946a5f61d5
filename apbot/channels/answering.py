"""Where messages are answered that go out where nobody can press anything: a link for each."""

from collections.abc import Iterable, Mapping

from apbot.channels.links import SIGNED_WITH, Links
from apbot.channels.platform import Trouble
from apbot.store.database import Database, Transaction
from apbot.store.kept_secrets import keep_secret
from apbot.store.letters import Letter, load_letters

NO_ADDRESS = Trouble(
    "apbot does not know its own address, so messages carry no link to answer by",
    "Set APBOT_PUBLIC_URL to the address at which people's browsers reach apbot.",
)


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

    async def links_to(self, message_ids: Iterable[int]) -> Mapping[int, str]:
        """The link of each of these messages that one person alone reads."""
        if not self._public_url:
            return {}
        if self._links is None:
            # Asked for once only: the secret never changes.
            secret = await self._database.write(keep_secret, SIGNED_WITH)
            self._links = Links(self._public_url, secret)
        links = self._links
        letters = await self._database.read(_letters, list(message_ids))
        return {message_id: links.to(letter) for message_id, letter in letters.items()}

    @property
    def troubles(self) -> list[Trouble]:
        """What keeps links from being made."""
        return [] if self._public_url else [NO_ADDRESS]


def _letters(transaction: Transaction, message_ids: list[int]) -> dict[int, Letter]:
    return load_letters(transaction, message_ids)
