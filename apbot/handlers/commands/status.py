"""`/ap status REF`: one pupil's placements, today, the last sessions, attendance, and what is still to be done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from apbot.cards import Card, Reply, Row, Tone
from apbot.domain.absences import spoken_sessions
from apbot.domain.access import Actor
from apbot.domain.attendance import Attendance, counts_in_words, symbol
from apbot.domain.codes import MEANINGS
from apbot.domain.dates import spoken_days
from apbot.domain.duties.registry import KINDS
from apbot.domain.roles import Role
from apbot.domain.walltime import spoken_date
from apbot.domain.weekwords import pattern_words, starts_words
from apbot.handlers.commands.port import Command
from apbot.handlers.duties import Duty, open_duties
from apbot.handlers.port import Refused
from apbot.messages.safeguarding_words import concerns_words
from apbot.messages.sessions import alert_words, expected_words, known_words
from apbot.store.absences import PlannedAbsence
from apbot.store.database import Transaction
from apbot.store.duties.records import Record
from apbot.store.incidents import Count
from apbot.store.pupils import Placement, Pupil, find_pupil
from apbot.store.pupilsessions import PupilSession
from apbot.store.pupilstatus import Coded, PupilStatus, read_status
from apbot.store.safeguarding import ConcernRaised


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap status REF`."""
    pupil = pupil_called(transaction, actor, text, "status")
    status = read_status(transaction, actor, pupil)
    return Reply(card(status, open_duties(transaction, actor, pupil), transaction.now))


def pupil_called(transaction: Transaction, actor: Actor, reference: str, command: str) -> Pupil:
    """The pupil with this reference. Raises `Refused`, in the same words whether there is none or none to be seen."""
    if not reference:
        raise Refused(f"Which pupil? Write the reference: /ap {command} CD34")
    pupil = find_pupil(transaction, actor, reference)
    if pupil is None:
        raise no_such_pupil()
    return pupil


def sees_pupils(actor: Actor) -> bool:
    """Whether the actor's roles let them see any pupil at all."""
    is_key_worker = any(each.role is Role.KEY_WORKER for each in actor.roles)
    return actor.is_admin_of_all or is_key_worker or bool(actor.schools() or actor.providers())


def no_such_pupil() -> Refused:
    """What is said of a reference that is unknown, or not for the one who asks to know."""
    return Refused("No pupil of yours has that reference. Write it as it stands on the register, like CD34.")


def card(status: PupilStatus, duties: Sequence[Duty], now: datetime) -> Card:
    """The status in words."""
    urgent = any(each.has_open_alert for each in status.today)
    rows = [
        *(_placement(each, status.day) for each in _shown(status)),
        _today(status, now),
        _recent(status),
        _attendance(status),
        *([_incidents(status.incidents)] if status.incidents.all else []),
        *([_ahead(status.absences)] if status.absences else []),
        *([_last_done(status.last_done)] if status.pupil.knows_codes else []),
        *([_concerns(status.concerns)] if status.concerns else []),
        *_duties(duties),
    ]
    return Card(
        heading=f"{status.pupil.label}, {status.pupil.school}",
        tone=Tone.ALERT if urgent else Tone.PLAIN,
        rows=tuple(rows),
        footer="" if status.pupil.sees_all else "Only the placements that are yours to see are counted here.",
    )


def _shown(status: PupilStatus) -> Sequence[Placement]:
    """The placements that run or are to begin; where there is none, the last one."""
    return status.pupil.current(status.day) or status.pupil.placements[:1]


def _placement(each: Placement, today: date) -> Row:
    ends = f"to {spoken_date(each.ends_on)}" if each.ends_on else "without an end date"
    state = " (over)" if each.is_over(today) else " (to begin)" if each.starts_on > today else ""
    target = f"target end date {spoken_date(each.target_end_on)}" if each.target_end_on else "no target end date"
    parts = [
        f"{pattern_words(each.pattern)}: {starts_words(each.pattern, each.hours) or 'no times known'}",
        f"arranged by the {each.arranged_by}" + (", dual registered" if each.dual_registered else ""),
        f"from {spoken_date(each.starts_on)} {ends}, {target}",
        f"key worker {each.key_worker}" if each.key_worker else "no key worker",
    ]
    passed = each.target_end_on is not None and each.target_end_on < today
    return Row(f"Placement at {each.provider}{state}", " · ".join(parts), Tone.ASK if passed else Tone.PLAIN)


def _today(status: PupilStatus, now: datetime) -> Row:
    if not status.today and not status.is_opened and not status.closed_today:
        return Row("Today", "Not known yet: the registers of today have not been made.", Tone.ASK)
    if not status.today:
        return Row("Today", f"No session is expected{f' ({status.closed_today})' if status.closed_today else ''}.")
    tone = Tone.ALERT if any(each.has_open_alert for each in status.today) else Tone.PLAIN
    return Row("Today", " · ".join(_session(each, now) for each in status.today), tone)


def _session(each: PupilSession, now: datetime) -> str:
    alert = f" ({alert_words(each.alert, now)})" if each.alert else ""
    return f"{each.session.value}: {expected_words(each, now)}; {known_words(each)}{alert}"


def _recent(status: PupilStatus) -> Row:
    if not status.recent:
        return Row("Last sessions", "None yet.")
    by_day = groupby(status.recent, key=lambda each: each.day)
    codes = status.pupil.knows_codes
    line = " · ".join(f"{_short(day)} {' '.join(_sign(each, codes=codes) for each in same)}" for day, same in by_day)
    in_words = Counter(counts_in_words(each.code) for each in status.recent)
    summary = ", ".join(f"{count} {words}" for words, count in in_words.items())
    count = len(status.recent)
    return Row(
        "Last session" if count == 1 else f"Last {count} sessions, the oldest first",
        f"{line} — in words: {summary}{_exceptions(status.recent, codes=codes)}. "
        f"✓ present, ✗ absent, – not counted{'; ? is not confirmed by the school yet' if codes else ''}.",
    )


def _sign(each: Coded, *, codes: bool) -> str:
    sign = f"{each.session.value} {symbol(each.code)}"
    if not codes or each.code is None:
        return sign
    return f"{sign}{each.code}{'' if each.is_confirmed else '?'}"


def _exceptions(recent: Sequence[Coded], *, codes: bool) -> str:
    """Every absence spelt out, for who can't take in a line of signs."""
    found = [
        f"{_short(each.day)} {each.session.value}" + (f" {each.code} ({MEANINGS[each.code]})" if codes else "")
        for each in recent
        if each.code is not None and counts_in_words(each.code) == "absent"
    ]
    return f"; absent {', '.join(found)}" if found else ""


def _short(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _attendance(status: PupilStatus) -> Row:
    parts = list(_attendance_words(status))
    return Row("Attendance", " · ".join(parts) if parts else "No session counts yet.")


def _attendance_words(status: PupilStatus) -> Iterator[str]:
    if status.recent_attendance.possible:
        yield f"{_percent(status.recent_attendance)} of these sessions"
    if status.term is not None and status.term_attendance.possible:
        yield f"{_percent(status.term_attendance)} in {status.term.name}, since {_short(status.term.starts_on)}"


def _percent(counted: Attendance) -> str:
    return f"{counted.percent:g}% ({counted.present} of {counted.possible})"


def _ahead(absences: Sequence[PlannedAbsence]) -> Row:
    return Row("Planned absences", " · ".join(absence_words(each) for each in absences))


def _incidents(count: Count) -> Row:
    behaviour = f" · {count.behaviour} of poor behaviour: the third calls for an emergency review"
    return Row("Incidents this half term", f"{count.all}{behaviour if count.behaviour else ''}")


def absence_words(planned: PlannedAbsence) -> str:
    """ "Fri 18 Sep 2026, am only: M, medical or dental appointment (Priya Nair)"."""
    absence = planned.absence
    by = f" ({planned.made_by})" if planned.made_by else ""
    days = spoken_days(absence.starts_on, absence.ends_on)
    return f"{days}, {spoken_sessions(absence.sessions)}: {absence.code}, {MEANINGS[absence.code]}{by}"


def _last_done(records: Sequence[Record]) -> Row:
    """ "Visit to the pupil Tue 8 Sep 2026 (seen: yes, alone, ...)": what was chosen, never words."""
    return Row("Last done", " · ".join(map(record_words, records)) if records else "Nothing is recorded yet.")


def record_words(record: Record) -> str:
    """What was done and when, what came of it, and when the next one is."""
    outcome = f" ({', '.join(record.spoken_choices)})" if record.choices else ""
    following = f", next {spoken_date(record.next_on)}" if record.next_on else ""
    return f"{KINDS[record.kind].label} {spoken_date(record.happened_on)}{outcome}{following}"


def _concerns(raised: Sequence[ConcernRaised]) -> Row:
    """That there were concerns, and when."""
    return Row("Concerns", f"{concerns_words(raised)}. What they were about is in the safeguarding system.")


def _duties(duties: Sequence[Duty]) -> Iterator[Row]:
    """What can be answered here has a row with its buttons; the rest stands in one."""
    rest = [duty.what for duty in duties if not duty.buttons]
    if rest or not duties:
        yield Row("Open duties", " · ".join(rest) if rest else "None.", Tone.ASK if rest else Tone.DONE)
    for duty in duties:
        if duty.buttons:
            yield Row(duty.what, duty.until, Tone.ALERT if duty.is_overdue else Tone.ASK, duty.buttons)


COMMAND = Command(
    "status REF",
    "One pupil: placements, today, the last 20 sessions, attendance, what was done and what is owed.",
    run,
    sees_pupils,
)
