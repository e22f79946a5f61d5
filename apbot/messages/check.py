"""What a check has found: to the admins, before the day begins, and at the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apbot.cards import Card, Row, Tone
from apbot.domain.dates import spoken_days
from apbot.domain.priority import Priority
from apbot.messages.kinds import Envelope, MessageKind
from apbot.readiness import Finding, Report, Severity
from apbot.store.checks import load_reports, schools_told
from apbot.store.database import Transaction


@dataclass(frozen=True)
class Told:
    """A report, and for whom: the schools of which each admin is told, by person."""

    report: Report
    schools: Mapping[int, frozenset[int]]


def card(told: Told, envelope: Envelope) -> Card | None:
    """What would be missed at the reader's schools, and who would be told in somebody's place; None for neither."""
    report = told.report.for_schools(told.schools.get(envelope.person_id or 0, frozenset()))
    if not report.told:
        return None
    return Card(
        heading=heading(report),
        tone=Tone.ALERT if report.missed else Tone.ASK,
        lines=(spoken_days(report.first, report.last),),
        rows=tuple(finding_row(each) for each in report.told),
        footer="apbot check at the terminal shows everything that is to be mended.",
    )


def report_card(report: Report) -> Card:
    """The whole report, for the terminal."""
    return Card(
        heading=heading(report),
        tone=Tone.ALERT if report.missed else Tone.ASK if report.findings else Tone.DONE,
        lines=(f"From {spoken_days(report.first, report.last)}.",),
        rows=tuple(finding_row(each) for each in report.findings)
        + tuple(Row(f"{school}: fine", tone=Tone.DONE) for school in report.fine),
    )


def heading(report: Report) -> str:
    """How many things would be missed, in one line."""
    count = len(report.missed)
    if count:
        return f"{count} {'thing' if count == 1 else 'things'} would be missed"
    if report.stand_ins:
        return "Nothing would be missed, but somebody else would be told"
    return "Nothing would be missed" + (", but there is something to mend" if report.findings else "")


def finding_row(finding: Finding) -> Row:
    """One finding: where, what, when, and what to do."""
    when = f" ({finding.days})" if finding.days else ""
    return Row(
        f"{finding.place}: {finding.severity.value}",
        f"{finding.what}{when}. {finding.do}",
        Tone.ALERT if finding.severity is Severity.MISSED else Tone.ASK,
    )


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Told]:
    schools = schools_told(transaction)
    return {
        check_id: Told(Report.from_kept(kept), schools) for check_id, kept in load_reports(transaction, ids).items()
    }


KIND = MessageKind("check", Priority.DIGEST, _load, card)
