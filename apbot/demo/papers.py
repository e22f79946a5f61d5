"""What the sample's providers have shown, and what was in place before its placements began. All invented."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from apbot.roster.records import Placement, ProviderDocument

CHECKED = date(2026, 7, 6)

NOT_READY = "JV53-BOATS"
"""The one placement that began before everything was in place."""

DOCUMENTS: tuple[tuple[str, date | None, date | None], ...] = (
    ("letter of assurance", date(2026, 7, 1), None),
    ("public liability insurance", None, date(2027, 3, 31)),
    ("safeguarding policy", date(2026, 9, 1), None),
    ("fire drill", date(2026, 9, 8), None),
    ("quality visit", date(2026, 6, 10), None),
)
"""What each provider has shown: when it is dated, until when it holds."""

REVIEWS = (date(2026, 10, 12), date(2026, 12, 7), date(2027, 2, 1), date(2027, 3, 15))

TRAINED = date(2026, 7, 16)


def documents(contacts: Mapping[str, str]) -> Iterator[ProviderDocument]:
    """Each provider's documents; `contacts` are the names of who answers there, by the provider's reference."""
    for provider, name in contacts.items():
        for kind, dated_on, expires_on in DOCUMENTS:
            yield ProviderDocument(provider, kind, dated_on=dated_on, expires_on=expires_on)
        yield ProviderDocument(provider, "safeguarding training level 2", name, TRAINED)


def in_place(placement: Placement, school_head: str) -> dict[str, Any]:
    """What is in place before this placement starts; of one of them not everything is."""
    last = placement.target_end_on or date.max
    found: dict[str, Any] = {
        "referred_on": date(2026, 6, 22),
        "authorised_by": f"{school_head}, head",
        "agreement_on": date(2026, 7, 13),
        "aims": "to come to every session, and to gain an entry-level certificate",
        "risk_shared_on": date(2026, 7, 14),
        "dsl_details_on": date(2026, 7, 14),
        "review_dates": tuple(day for day in REVIEWS if day <= last),
        "meals": "packed lunch",
        "transport": placement.transport or "on foot",
    }
    if placement.ref == NOT_READY:
        found |= {"risk_shared_on": None, "meals": "", "review_dates": ()}
    return found
