"""A simulated year of 1,000 placements, with every promise held against it."""

from datetime import date
from pathlib import Path

from apbot.simulator.parts import parts_of, rehearse_parts
from apbot.simulator.world import invent
from benchmarks.measure import Figure, seconds

FIRST, LAST = date(2026, 9, 1), date(2027, 7, 21)
PLACEMENTS = 1_000


def run(_: Path) -> list[Figure]:
    """One run: it takes minutes."""
    reports = []

    def work() -> None:
        records = invent(PLACEMENTS, FIRST, LAST, seed=1)
        reports.append(rehearse_parts(records, FIRST, LAST, seed=1))

    minutes = seconds(work) / 60
    (report,) = reports
    parts = f"in {len(parts_of(FIRST, LAST))} parts at once"
    did = f"{report.sessions_expected:,} sessions, {report.breaches} breaches, {parts}"
    what = f"a simulated year of {PLACEMENTS:,} placements: {did}"
    return [Figure(what, minutes, "min", aim="under 10 min", met=minutes < 10 and not report.breaches)]
