"""The week before, for a school's leads: attendance, non-arrivals, what was owed and done, and whom to watch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from apbot.cards import Card, Picture, Row, Tone
from apbot.domain.attendance import Attendance, attendance
from apbot.domain.duties.registry import KINDS
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date
from apbot.domain.watches import NEAR, SICK_DAYS, THRESHOLD, Sickness
from apbot.messages.coding import counted
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.labels import label_of
from apbot.store.reports.done import Done
from apbot.store.reports.kept import WEEK, WEEK_DIGEST, Kept, load_kept
from apbot.store.reports.nonarrivals import Response, Waits
from apbot.store.reports.weekly import WeekReport, Who

LISTED = 20
"""So many pupils stand in one line, the most pressing first."""

PICTURED = 24
"""So many pupils stand in the picture, those with the lowest attendance: what goes into a message of every platform."""

Name = Callable[[Who], str]


def card(kept: Kept, _: Envelope) -> Card:
    """The week in figures, and a picture of it."""
    report: WeekReport = kept.report

    def name(who: Who) -> str:
        return label_of(who.reference, who.initials, initials_in_chat=kept.initials_in_chat)

    reached = any(count >= THRESHOLD for _, count in report.unauthorised) or bool(report.ill)
    return Card(
        heading=_heading(report),
        tone=Tone.ASK if reached or report.non_arrivals.still_open else Tone.PLAIN,
        rows=tuple(_rows(report, name)),
        footer=f"{report.school} · Sessions at providers only; the school's own register has the others.",
        picture=picture(report),
    )


def _heading(report: WeekReport) -> str:
    percent = report.attendance.percent
    attended = f"attendance {percent:g}%" if percent is not None else "no session with a code"
    return f"The week to {spoken_date(report.last)}: {attended}, {non_arrivals_counted(report.non_arrivals.count)}"


def non_arrivals_counted(count: int) -> str:
    """ "no non-arrivals", "1 non-arrival"."""
    return "no non-arrivals" if not count else counted(count, "non-arrival", "non-arrivals")


def _rows(report: WeekReport, name: Name) -> Iterator[Row]:
    if len(report.trend) > 1:
        yield Row("School weeks, the oldest first", trend_words(report.trend))
    if report.by_provider:
        yield Row("By provider", " · ".join(f"{place} {share(count)}" for place, count in report.by_provider))
    if report.by_pupil:
        yield Row("By pupil, the lowest first", _listed(f"{name(who)} {share(n)}" for who, n in report.by_pupil))
    yield Row(
        "Non-arrivals",
        response_words(report.non_arrivals),
        Tone.ALERT if report.non_arrivals.still_open else Tone.PLAIN,
    )
    yield from done_rows(report.done, report.done_since)
    yield Row(
        "Under 90% this school year",
        _listed(f"{name(who)} {share(count)}" for who, count in report.under) or "Nobody.",
        Tone.ASK if report.under else Tone.PLAIN,
    )
    yield _unauthorised(report, name)
    if report.ill:
        yield Row(
            f"Ill for {SICK_DAYS} school days or more: tell the local authority",
            _listed(f"{name(who)} {sickness_words(each)}" for who, each in report.ill),
            Tone.ASK,
        )


def share(count: Attendance) -> str:
    """ "87.5% (7 of 8)"; "no session that counts"."""
    if count.percent is None:
        return "no session that counts"
    return f"{count.percent:g}% ({count.present} of {count.possible})"


def trend_words(trend: Sequence[tuple[date, Attendance]]) -> str:
    """ "7 Sep 87.5% · 14 Sep 90%", by the Mondays."""
    return " · ".join(f"{monday.day} {monday:%b} {share(count)}" for monday, count in trend)


def response_words(found: Response) -> str:
    """How many non-arrivals there were, and how fast they were answered, in minutes from when they were due."""
    if not found.count:
        return "None."
    parts = [
        non_arrivals_counted(found.count),
        f"acknowledged after {_waits(found.acknowledged)}",
        f"known to be safe after {_waits(found.closed)}",
    ]
    parts += [f"{found.still_open} still open"] if found.still_open else []
    return " · ".join(parts)


def _waits(waits: Waits) -> str:
    if waits.median is None or waits.worst is None:
        return "no time yet"
    return f"{counted(waits.median, 'minute', 'minutes')} (median), {waits.worst} at worst"


def done_rows(done: Mapping[str, Done], since: date) -> Iterator[Row]:
    """What was owed since then, a part for each kind."""
    if done:
        late = any(each.overdue or each.missed for each in done.values())
        parts = [f"{KINDS[kind].label}: {done_words(each)}" for kind, each in done.items()]
        yield Row(f"Due since {spoken_date(since)}", " · ".join(parts), Tone.ASK if late else Tone.PLAIN)


def done_words(each: Done) -> str:
    """ "9 due, 6 done (1 of them late), 1 made up for with the next, 1 missed, 1 overdue"."""
    late = f" ({each.late} of them late)" if each.late else ""
    parts = [f"{each.due} due", f"{each.done} done{late}"]
    others = ((each.made_up, "made up for with the next"), (each.missed, "missed"), (each.overdue, "overdue"))
    parts += [f"{count} {words}" for count, words in others if count]
    return ", ".join(parts)


def _unauthorised(report: WeekReport, name: Name) -> Row:
    since = f"since {spoken_date(report.unauthorised_since)}"
    reached = any(count >= THRESHOLD for _, count in report.unauthorised)
    listed = _listed(
        f"{name(who)} {count}{' (threshold reached)' if count >= THRESHOLD else ''}"
        for who, count in report.unauthorised
    )
    return Row(
        f"Unauthorised absence in ten school weeks, {since}",
        f"{listed}. {THRESHOLD} sessions are the national threshold." if listed else f"Nobody has {NEAR} sessions.",
        Tone.ASK if reached else Tone.PLAIN,
    )


def sickness_words(each: Sickness) -> str:
    """How long, and how much of it is known."""
    run = ""
    if each.first is not None and each.last is not None:
        days = counted(each.days, "day", "days")
        run = (
            f"{each.span} school days from {spoken_date(each.first)} to {spoken_date(each.last)} "
            f"(all {days} expected at a provider), "
        )
    return f"{run}{each.together:g} days in all this school year"


def _listed(parts: Iterable[str]) -> str:
    every = list(parts)
    more = f" and {len(every) - LISTED} more" if len(every) > LISTED else ""
    return " · ".join(every[:LISTED]) + more


def picture(report: WeekReport) -> Picture | None:
    """The grid of the last weeks' sessions, and the trend; None where there is nothing to draw."""
    grid = report.grid
    if not grid.rows:
        return None
    rows = grid.rows[:PICTURED]
    shown = counted(len(rows), "pupil", "pupils")
    left_out = f" of {len(grid.rows)}, those with the lowest attendance" if len(grid.rows) > len(rows) else ""
    absent = sum(attended is False for _, signs in rows for attended in map(_attended, signs))
    return Picture(
        title=f"{report.school}: sessions at providers to {spoken_date(report.last)}",
        alt=f"Sessions of {shown}{left_out} from {spoken_date(grid.days[0])} to {spoken_date(grid.days[-1])}: "
        f"{counted(absent, 'absence', 'absences')}. "
        f"Attendance by school week: {trend_words(report.trend)}.",
        columns=tuple(f"{day:%a} {day.day}" for day in grid.days),
        rows=tuple((who.reference, signs) for who, signs in rows),
        line=tuple(
            (f"{monday.day} {monday:%b}", percent)
            for monday, count in report.trend
            if (percent := count.percent) is not None
        ),
    )


def _attended(sign: str) -> bool | None:
    """Whether a sign of the grid is an attendance; None where it counts as neither."""
    found = attendance([sign] if sign not in ("", "·") else [])
    return None if not found.possible else bool(found.present)


KIND: MessageKind[Kept] = MessageKind(
    WEEK_DIGEST, Priority.DIGEST, lambda transaction, ids: load_kept(transaction, WEEK, ids), card
)
