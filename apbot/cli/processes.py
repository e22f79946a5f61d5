"""The processes of apbot in words: which are alive, what they do, and what nobody does."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from apbot.domain.walltime import local
from apbot.store.processes import Part, Seen

WITHOUT = {
    Part.WEB: "nobody can open a page, and no platform's call is answered",
    Part.SCHEDULES: "nobody is asked for a register, and no alert is raised",
    Part.DELIVERY: "no alert goes out",
}
"""What is wrong where no process does it."""


def process_lines(running: Sequence[Seen], idle: Sequence[Part], set_up: Sequence[str], now: datetime) -> list[str]:
    """`idle` is what no living process does, `set_up` the channels that the settings here name."""
    return ["", "Processes", *(f"  {line}" for line in _lines(running, idle, set_up, now))]


def _lines(running: Sequence[Seen], idle: Sequence[Part], set_up: Sequence[str], now: datetime) -> Iterator[str]:
    for each in running:
        who = f"{each.host}, process {each.pid}: {', '.join(each.parts)}"
        if each.lives(now):
            on = f"; delivers on {', '.join(each.channels)}" if each.channels else ""
            ahead = f"; ITS CLOCK IS {seconds:,.0f} S AHEAD" if (seconds := each.ahead(now).total_seconds()) else ""
            yield f"{who}; since {_wall(each.started_at)}{on}{ahead}"
        elif each.ended_at is None:
            yield f"{who}; NOTHING SINCE {_wall(each.seen_at)}: it was killed, or can't reach the database"
    if len(idle) == len(Part):
        yield "apbot is not running: nobody is asked, and no alert goes out. Start it: apbot run"
        return
    for part in idle:
        yield f"NOBODY DOES {part.upper()}: {WITHOUT[part]}. Start it: apbot run --only {part}"
    delivered = {name for each in running if each.lives(now) for name in each.channels}
    for name in set_up:
        if delivered and name not in delivered:
            yield f"{name} is set up here, but no process delivers on it: start them with the same settings"


def _wall(at: datetime) -> str:
    return f"{local(at):%d/%m/%Y %H:%M:%S}"
