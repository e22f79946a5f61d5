"""What Prometheus reads: how long what is due takes, what is owed, and what came of it.

Every label is one of apbot's own lists: kinds, channels, outcomes, schedules. Nobody, and no place, is named.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric

from apbot.clock import Clock
from apbot.domain.priority import Priority
from apbot.measures import Measures
from apbot.store.database import Database
from apbot.store.figures import Figures, read_figures
from apbot.watching.health import ANSWERS_WITHIN, Health

DUE_TO_ACCEPTED = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)
"""Seconds, from a message that goes out at once to one that is half an hour late."""

PRESSES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20)
"""Seconds; Slack waits for three, and SQLite for twenty while another program holds its file."""

COMMITS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20)
RUNS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60)


class Metrics(Measures):
    """Counts what the parts tell, in a registry of its own, and asks the database for the rest when it is read."""

    def __init__(self, database: Database, health: Health, *, expects_backups: bool = False) -> None:
        """`health` is read too: whether all is well is a metric."""
        self._expects_backups = expects_backups
        self._database = database
        self._health = health
        self._asking: asyncio.Task[Figures] | None = None
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._accepted = Histogram(
            "apbot_due_to_accepted_seconds",
            "From when a message was due until its platform had taken it",
            ["kind", "channel"],
            buckets=DUE_TO_ACCEPTED,
            registry=registry,
        )
        self._settled = Counter(
            "apbot_deliveries_total", "Tries to send, by what they came to", ["channel", "outcome"], registry=registry
        )
        self._tick = Histogram(
            "apbot_tick_seconds", "One tick: everything that was due", buckets=RUNS, registry=registry
        )
        self._last_tick = Gauge("apbot_last_tick_timestamp_seconds", "When the last tick was done", registry=registry)
        self._ran = Histogram(
            "apbot_schedule_seconds", "One batch of one schedule", ["schedule"], buckets=RUNS, registry=registry
        )
        self._pressed = Histogram(
            "apbot_presses_seconds",
            "What people do: from when it came in until it was committed",
            ["channel"],
            buckets=PRESSES,
            registry=registry,
        )
        self._refused = Counter(
            "apbot_webhook_refusals_total",
            "Calls that a webhook did not take",
            ["channel", "reason"],
            registry=registry,
        )
        self._failed = Counter(
            "apbot_sign_in_failures_total", "Sign-in links that could not be used", registry=registry
        )
        self._queued = Gauge(
            "apbot_database_queued", "Units of work that were waiting at the last commit", registry=registry
        )
        self._committed = Histogram(
            "apbot_database_commit_seconds",
            "One commit with everything that was done in it",
            buckets=COMMITS,
            registry=registry,
        )
        self._again = Counter(
            "apbot_database_retries_total", "Transactions run once more, as another came between", registry=registry
        )
        # Asked for each message: what a label finds is kept, for a third of the time.
        self._of_kind: dict[tuple[str, str], Histogram] = {}
        self._of_outcome: dict[tuple[str, str], Counter] = {}
        self._of_channel: dict[str, Histogram] = {}

    def settled(self, channel: str, outcome: str) -> None:
        """One try to send came to this."""
        found = self._of_outcome.get((channel, outcome))
        if found is None:
            found = self._of_outcome[channel, outcome] = self._settled.labels(channel, outcome)
        found.inc()

    def accepted(self, channel: str, kind: str, seconds: float) -> None:
        """A new message was taken."""
        found = self._of_kind.get((kind, channel))
        if found is None:
            found = self._of_kind[kind, channel] = self._accepted.labels(kind, channel)
        found.observe(max(seconds, 0))

    def ticked(self, seconds: float) -> None:
        """A tick is done."""
        self._tick.observe(seconds)
        self._last_tick.set_to_current_time()

    def ran(self, schedule: str, seconds: float) -> None:
        """A schedule has done a batch."""
        self._ran.labels(schedule).observe(seconds)

    def pressed(self, channel: str, seconds: float) -> None:
        """Something that a person did is committed."""
        found = self._of_channel.get(channel)
        if found is None:
            found = self._of_channel[channel] = self._pressed.labels(channel)
        found.observe(seconds)

    def refused(self, channel: str, reason: str) -> None:
        """A webhook did not take what it was told."""
        self._refused.labels(channel, reason).inc()

    def sign_in_failed(self) -> None:
        """A link could not be used."""
        self._failed.inc()

    def queued(self, waiting: int) -> None:
        """Work waits for a commit."""
        self._queued.set(waiting)

    def committed(self, seconds: float) -> None:
        """A commit is done."""
        self._committed.observe(seconds)

    def tried_again(self) -> None:
        """A transaction was run once more."""
        self._again.inc()

    async def read(self) -> bytes:
        """Everything, as Prometheus reads it. Where the database does not answer in time, its figures are left out."""
        troubles, figures = await self._health.look(), await self._figures()
        out = CollectorRegistry()
        out.register(
            _Once([*_well(troubles.keys()), *_of_figures(figures, self._database.clock), *self._backups(figures)])
        )
        return generate_latest(self.registry) + generate_latest(out)

    def _backups(self, figures: Figures | None) -> Iterator[Metric]:
        if figures is not None and (figures.backed_up_at is not None or self._expects_backups):
            yield GaugeMetricFamily(
                "apbot_last_backup_timestamp_seconds",
                "When the last backup was made; 0: none ever was, where one is expected",
                0 if figures.backed_up_at is None else figures.backed_up_at.timestamp(),
            )

    async def _figures(self) -> Figures | None:
        """Of several who read one asks; one that hangs is waited for by all."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._database.read(read_figures))
        await asyncio.wait({self._asking}, timeout=ANSWERS_WITHIN)
        with contextlib.suppress(Exception):
            return self._asking.result() if self._asking.done() else None
        return None


class _Once:
    """Figures of one moment."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = list(found)

    def collect(self) -> Iterator[Metric]:
        return iter(self._found)


PARTS = ("overdue", "scheduler", "delivery", "channels", "database", "nobody does")
"""The parts that health speaks of; any other is "other"."""


def _well(troubles: Iterable[str]) -> Iterator[Metric]:
    wrong = {each if each in PARTS else "other" for each in troubles}
    well = GaugeMetricFamily("apbot_well", "1 while apbot does its work: what /healthz says")
    well.add_metric([], 0 if wrong else 1)
    parts = GaugeMetricFamily("apbot_trouble", "1 while this part of /healthz is in trouble", labels=["part"])
    for part in (*PARTS, "other"):
        parts.add_metric([part], int(part in wrong))
    yield from (well, parts)


def _of_figures(figures: Figures | None, clock: Clock) -> Iterator[Metric]:
    yield GaugeMetricFamily("apbot_database_up", "1 while the database answers in time", int(figures is not None))
    if figures is None:
        return
    overdue = GaugeMetricFamily("apbot_overdue", "What has been due for more than two minutes", labels=["kind"])
    for kind, count in figures.overdue.items():
        overdue.add_metric([kind], count)
    oldest = GaugeMetricFamily(
        "apbot_queue_age_seconds", "How long the oldest message that is owed has been due", labels=["priority"]
    )
    waiting = GaugeMetricFamily("apbot_queue_length", "Messages that are due and not sent", labels=["priority"])
    for priority in Priority:
        since, count = figures.owed.get(priority, (None, 0))
        age = 0.0 if since is None else max((clock.now() - since).total_seconds(), 0.0)
        oldest.add_metric([priority.name.lower()], age)
        waiting.add_metric([priority.name.lower()], count)
    yield from (overdue, oldest, waiting)
    yield GaugeMetricFamily("apbot_claimed", "Messages under way, and not settled yet", figures.claimed)
    yield GaugeMetricFamily(
        "apbot_escalations_unacknowledged",
        "Open for more than 30 minutes, and nobody has acknowledged",
        figures.unheeded,
    )
    yield GaugeMetricFamily(
        "apbot_registers_unanswered", "Begun today, and a pupil of whom nobody has said anything", figures.unanswered
    )
