"""2,000 alerts to 2,000 people due at once, through the Slack channel, beside Slack's own client."""

from pathlib import Path

from benchmarks.burst import Crowd
from benchmarks.engines import Engine, both
from benchmarks.measure import Figure
from benchmarks.slack import BURST, FLOOR

ALERTS = 2_000
A_SECOND = 1_500


def run(folder: Path) -> list[Figure]:
    """On either database."""
    with both(folder) as engines:
        return [figure for engine in engines for figure in _of(engine)]


def _of(engine: Engine) -> list[Figure]:
    found = BURST.lifted(engine, Crowd(ALERTS, ALERTS, are_prompted=False))
    what = f"{engine.kind}: {found.sent:,} alerts due at once: one, at this rate, takes"
    taken, _, first = found.figures(what, FLOOR, 2)
    rate = found.sent / found.taken
    return [
        taken,
        Figure("... that is", rate, "alerts/s", aim=f"{A_SECOND:,} a second", met=rate >= A_SECOND),
        first,
    ]
