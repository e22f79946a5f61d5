"""What a morning's script is made of: scenes in order, what its people do in them, and what a stranger is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from apbot.demo.roster import DAY
from apbot.domain.walltime import instant, parse_wall


class Pane(StrEnum):
    """The four conversations that are shown side by side."""

    PROVIDER = "provider"
    ATTENDANCE = "attendance"
    SAFEGUARDING = "safeguarding"
    KEY_WORKER = "key-worker"


@dataclass(frozen=True)
class Seen:
    """Whose chat a pane shows; with `own`, somebody's own conversation where a provider has a shared one."""

    who: str
    own: bool = False


@dataclass(frozen=True)
class Tap:
    """Somebody presses a button of this verb that they have been sent and that nobody has used up.

    `about` is the reference of the pupil whose button it is, or words of the card's heading.
    """

    who: str
    verb: str
    about: str
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Say:
    """Somebody answers a register in words; with `instead` where part of it is answered already."""

    who: str
    text: str
    instead: tuple[Tap, ...] = ()


@dataclass(frozen=True)
class Sweep:
    """Somebody presses whatever buttons of this verb they still have: nothing that a visitor began is left lying."""

    who: str
    verb: str
    inputs: Mapping[str, str] = field(default_factory=dict)


Deed = Tap | Say | Sweep


@dataclass(frozen=True)
class Scene:
    """One thing that happens: people's deeds, or something that apbot does by the clock.

    A scene has happened when its deeds could be done, or, where it has none, when apbot has posted each message of
    `posted` (its kind, and words of its heading). Only then are its `words` told.
    """

    at: str
    title: str = ""
    words: str = ""
    deeds: tuple[Deed, ...] = ()
    posted: tuple[tuple[str, str], ...] = ()
    shows: Mapping[Pane, Seen] = field(default_factory=dict)
    """Which panes turn to whom, so that it can be seen; the first of them is the one to look at."""

    @property
    def moment(self) -> datetime:
        """When, as an instant."""
        return on_the_day(parse_wall(self.at))

    @property
    def is_sweep(self) -> bool:
        """Whether it only clears up, as far as there is anything to clear up."""
        return any(isinstance(deed, Sweep) for deed in self.deeds)


@dataclass(frozen=True)
class Morning:
    """A whole morning. `absences` are planned ones, as a school's contact types them the day before."""

    name: str
    title: str
    opening: str
    begins: str
    ends: str
    scenes: tuple[Scene, ...]
    shows: Mapping[Pane, Seen]
    ending: str
    absences: Mapping[str, str] = field(default_factory=dict)

    @property
    def begins_at(self) -> datetime:
        """The first instant that is shown."""
        return on_the_day(parse_wall(self.begins))

    @property
    def ends_at(self) -> datetime:
        """The last one."""
        return on_the_day(parse_wall(self.ends))


def on_the_day(at: time) -> datetime:
    """The instant of a time on the wall on the day of the demo."""
    return instant(DAY, at)
