"""Where somebody is written to: what is kept with an address, and nothing that names a person.

An address is a person's (their object id in the directory) or a shared conversation's (its id). A person's message
goes to their chat with apbot, which is known once they have written there, and can be opened otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apbot.store import linking
from apbot.store.database import Transaction

CHANNEL = "teams"


@dataclass(frozen=True)
class Reference:
    """What Teams needs besides the address."""

    service_url: str
    conversation: str = ""
    """A person's chat with apbot; "" where it is not known."""
    shared: str = ""
    """The conversation of several people in which somebody wrote."""
    bot: str = ""
    user: str = ""
    tenant: str = ""

    def to_json(self) -> dict[str, str]:
        """As it is kept with the address."""
        return {
            "service_url": self.service_url,
            "conversation": self.conversation,
            "shared": self.shared,
            "bot": self.bot,
            "user": self.user,
            "tenant": self.tenant,
        }


def reference_from(address: str, detail: Mapping[str, Any] | None, service_url: str) -> Reference:
    """The reference that is kept with an address, filled up with what is known anyway.

    Of a shared conversation the address is the conversation; Teams begins the name of each with 19:.
    """
    kept = {name: value for name, value in (detail or {}).items() if isinstance(value, str)}
    is_shared = address.startswith("19:") or address == kept.get("shared")
    return Reference(
        service_url=kept.get("service_url") or service_url,
        conversation=address if is_shared else kept.get("conversation", ""),
        shared=kept.get("shared", ""),
        bot=kept.get("bot", ""),
        user=kept.get("user", ""),
        tenant=kept.get("tenant", ""),
    )


def load_details(transaction: Transaction, addresses: Iterable[str]) -> dict[str, Mapping[str, Any] | None]:
    """What is kept with each of these addresses."""
    return {address: linking.detail_of(transaction, CHANNEL, address) for address in set(addresses)}


def keep(transaction: Transaction, address: str, reference: Reference) -> None:
    """Keep the reference with the address, where it is somebody's and differs from what is kept."""
    kept = linking.detail_of(transaction, CHANNEL, address)
    if kept != reference.to_json():
        linking.keep_detail(transaction, CHANNEL, address, reference.to_json())
