"""How a pupil stands in a session, as every page shows it: a sign and a word, so that nothing hangs on colour."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apbot.domain.marks import Fact
from apbot.domain.presence import Presence
from apbot.domain.walltime import wall
from apbot.store.pupilsessions import PupilSession


class Mark(StrEnum):
    """The signs. Each has a shape of its own: see `board.css`."""

    ALERT = "alert"
    """Not known to be safe: somebody has to do something now."""
    ASK = "ask"
    """The session has begun and nobody has said anything."""
    DONE = "done"
    """At the provider."""
    SAFE = "safe"
    """Not at the provider, and somebody has established that they are safe."""
    PLANNED = "planned"
    """Excused: a planned absence."""
    AHEAD = "ahead"
    """The session has not begun."""


SIGNS = {Mark.ALERT: "!", Mark.ASK: "?", Mark.DONE: "✓", Mark.SAFE: "✓", Mark.PLANNED: "–", Mark.AHEAD: "·"}


@dataclass(frozen=True)
class Standing:
    """One pupil in one session: the sign, the word beside it, and what else there is to say."""

    mark: Mark
    word: str
    detail: str = ""

    @property
    def sign(self) -> str:
        """The sign itself."""
        return SIGNS[self.mark]


def standing(each: PupilSession, now: datetime) -> Standing:
    """How the pupil stands in this session at `now`."""
    entry, said, alert = each.entry, each.entry.said, each.alert
    at = wall(said.at) if said is not None and said.at is not None else ""
    if each.presence is Presence.ARRIVED:
        late = said is not None and said.fact is Fact.LATE
        return Standing(Mark.DONE, "Late" if late else "Arrived", at if late else "")
    if each.presence is Presence.EXCUSED:
        why = (entry.suggested_why or "planned absence").removeprefix("planned by the school: ")
        return Standing(Mark.PLANNED, "Excused", why)
    if each.presence is Presence.AWAITED:
        return Standing(Mark.AHEAD, "To come")
    words = {
        Presence.UNANSWERED: "No answer",
        Presence.NOT_ARRIVED: "Not arrived",
        Presence.LEFT_SITE: "Left site",
        Presence.NOT_RUNNING: "Not running",
    }
    word = words[each.presence]
    if alert is not None and not alert.is_open and alert.outcome is not None:
        return Standing(Mark.SAFE, f"{word}, safe", alert.outcome.value)
    if each.presence is Presence.UNANSWERED and not each.has_open_alert:
        if entry.alert_at is None or now >= entry.ends_at:
            return Standing(Mark.ASK, "No answer", "the session is over")
        return Standing(Mark.ASK, "No answer yet")
    reason = said.reason.value if said is not None and said.reason is not None else ""
    return Standing(Mark.ALERT, word, at or reason)
