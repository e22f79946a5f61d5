"""Words for what is known of a provider: whether it is registered, what it has shown, and until when that holds."""

from datetime import date, timedelta

from apbot.domain.walltime import spoken_date
from apbot.store.providerfacts import ProviderFacts, Shown

SOON = timedelta(days=28)
"""A document that expires within so long is pointed out: the quality checklists ask for four weeks."""


def registration_words(facts: ProviderFacts) -> str:
    """ "registered as a school, URN 123456, checked Mon 7 Sep 2026"."""
    said = {True: "registered as a school", False: "not registered as a school", None: "not recorded"}
    checked = (
        f"checked {spoken_date(facts.registration_checked_on)}"
        if facts.registration_checked_on
        else "no check recorded"
    )
    return ", ".join(each for each in (said[facts.registered], facts.registration, checked) if each)


def document_words(each: Shown, day: date) -> str:
    """ "fire drill to Wed 1 Sep 2027", "... expired ...", "... expires soon: ..."."""
    until = each.document.expires_on
    if until is None:
        return f"{each.name}: no expiry known"
    when = spoken_date(until)
    if until < day:
        return f"{each.name}: expired {when}"
    return f"{each.name}: expires soon, {when}" if until <= day + SOON else f"{each.name} to {when}"


def has_expired(each: Shown, day: date) -> bool:
    """Whether its last day is over."""
    return each.document.expires_on is not None and each.document.expires_on < day
