"""A rehearsal's report, for people."""

from collections.abc import Iterator

from apbot.simulator.run import Report


def lines(report: Report) -> Iterator[str]:
    """The report, a line at a time."""
    yield f"{report.first:%d %b %Y} to {report.last:%d %b %Y}, {report.placements} placements, seed {report.seed}"
    yield f"  sessions expected   {report.sessions_expected:>9,}"
    yield f"  ... marked          {report.sessions_marked:>9,}"
    yield f"  ... escalated       {report.sessions_escalated:>9,}"
    yield f"  escalations         {report.escalations:>9,}"
    yield f"  ... acknowledged    {report.acknowledged:>9,}"
    yield f"  ... closed          {report.closed:>9,}"
    yield f"  prompts sent        {report.prompts_sent:>9,}"
    yield f"  alerts sent         {report.alerts_sent:>9,}"
    yield f"  duties due          {report.duties_due:>9,}"
    yield f"  ... done            {report.duties_done:>9,}"
    yield f"  ... missed          {report.duties_missed:>9,}"
    yield f"  ... not due         {report.duties_waived:>9,}"
    yield f"  lists sent          {report.lists_sent:>9,}"
    yield f"  slowest alert       {report.slowest_alert_seconds:>9.2f} s after it was due"
    yield "Promises:"
    for promise, breaches in report.invariants.items():
        yield f"  {'kept  ' if not breaches else 'BROKEN'} {promise}{f': {breaches} times' if breaches else ''}"
        for example in report.examples.get(promise, ()):
            yield f"           {example}"
