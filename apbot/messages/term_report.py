"""The term, for a school's governors: counts only, and nothing about fewer than five pupils."""

from collections.abc import Iterator, Mapping

from apbot.cards import Card, Row
from apbot.domain.duties.registry import KINDS
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date
from apbot.messages.kinds import Envelope, MessageKind
from apbot.messages.week_digest import done_words
from apbot.store.reports.kept import TERM, TERM_REPORT, Kept, load_kept
from apbot.store.reports.termly import TermReport

FEWER = "not shown"
FEW_PUPILS = "fewer than 5"


def card(kept: Kept, _: Envelope) -> Card:
    """The term in counts."""
    report: TermReport = kept.report
    return Card(
        heading=f"Pupils in alternative provision, {spoken_date(report.first)} to {spoken_date(report.last)}",
        rows=tuple(_rows(report)),
        footer=f"{report.school} · For governors. Groups of fewer than 5 pupils are not shown, nor what would give "
        "them away. Sessions at providers only.",
    )


def _rows(report: TermReport) -> Iterator[Row]:
    if report.pupils is None:
        yield Row("Pupils placed", f"{FEW_PUPILS}: no other figure is shown.")
        return
    yield Row("Pupils placed", str(report.pupils))
    if report.percent is not None:
        yield Row("Attendance", f"{report.percent:g}%")
    yield Row("By provider", _groups(report.by_provider))
    yield Row("Pupils by attendance", _groups(report.by_attendance))
    yield Row("Non-arrivals", _non_arrivals(report))
    if report.done:
        parts = [f"{KINDS[kind].label}: {done_words(each)}" for kind, each in report.done.items()]
        yield Row("What the school owed and did", " · ".join(parts))


def _groups(counts: Mapping[str, int | None]) -> str:
    return " · ".join(f"{group}: {FEWER if count is None else count}" for group, count in counts.items())


def _non_arrivals(report: TermReport) -> str:
    if report.non_arrivals is None:
        return f"about {FEW_PUPILS} pupils, or none"
    waits = report.acknowledged
    if waits.median is None:
        return str(report.non_arrivals)
    return f"{report.non_arrivals}, acknowledged after {waits.median} minutes (median), {waits.worst} at worst"


KIND: MessageKind[Kept] = MessageKind(
    TERM_REPORT, Priority.DIGEST, lambda transaction, ids: load_kept(transaction, TERM, ids), card
)
