"""The facts a provider reports about a pupil in a session, and the reasons it gives.

A provider reports facts; the school alone assigns codes (see `apbot.domain.codes`).
"""

from enum import StrEnum


class Session(StrEnum):
    """One half of a school day. A year of 190 days has 380 sessions."""

    AM = "am"
    PM = "pm"


class Fact(StrEnum):
    """What a provider can say about one expected pupil in one session."""

    ARRIVED = "arrived"
    LATE = "late"
    NOT_ARRIVED = "not arrived"
    LEFT_SITE = "left site"
    NOT_RUNNING = "session not running"

    @property
    def is_on_site(self) -> bool:
        """The pupil is known to be at the provider: nobody needs to look for them."""
        return self in (Fact.ARRIVED, Fact.LATE)


class Reason(StrEnum):
    """Why a pupil has not arrived, as the provider was told it. The school decides what to make of it."""

    UNKNOWN = "no reason known"
    ILL = "ill"
    MEDICAL = "medical or dental appointment"
    TRANSPORT = "transport did not come"
    TRAVEL = "travel disruption"
    REFUSED = "refused to come"
    IN_SCHOOL = "said to be in school today"
    INTERVIEW = "interview"
    FAMILY = "family reason"
    HOLIDAY = "holiday"
    RELIGIOUS = "religious observance"
    OTHER = "another reason"
