"""`/ap absence REF ...`: a planned absence, which the provider sees on its register and which alerts nobody.

What is certain is recorded at once and read back with a button to withdraw it; what is not is asked back.
"""

from collections.abc import Sequence
from datetime import date

from apbot.cards import Action, Button, Reply, Style, Tone
from apbot.domain.absences import EXAMPLE, Absence, read_absence
from apbot.domain.access import Actor
from apbot.domain.calendar import ALL_DAY
from apbot.domain.closed import closed_words
from apbot.domain.dates import Unclear
from apbot.domain.walltime import local_date, spoken_date
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import absence_words, no_such_pupil
from apbot.handlers.port import Handler, Refused, said
from apbot.messages.sessions import alert_words, sentence
from apbot.store.absences import PlannedAbsence, absences_ahead, load_absence, plan_absence, withdraw_absence
from apbot.store.calendars import load_calendars
from apbot.store.coding import refresh_lists
from apbot.store.database import Transaction
from apbot.store.opening import open_day
from apbot.store.pupils import Pupil, find_pupil_in, load_pupil
from apbot.store.pupilsessions import PupilSession
from apbot.store.pupilstatus import sessions_of
from apbot.store.reads import note_read
from apbot.store.today import is_opened


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap absence REF ...`."""
    if not _may_plan(actor):
        raise Refused("Only the pupil's school plans absences. Telephone the school, or answer the register.")
    found = find_pupil_in(transaction, actor, text.split())
    if found is None:
        raise Refused(f"Whose absence, why and when? Like this: {EXAMPLE}") if not text else no_such_pupil()
    pupil, words = found
    if not actor.may_answer(pupil.school_id):
        raise Refused("Only the pupil's school plans absences. Ask the attendance contact.")
    try:
        absence = read_absence(" ".join(words), local_date(transaction.now))
    except Unclear as unclear:
        raise Refused(f"{pupil.label}, nothing recorded yet. {unclear}") from None
    return _plan(transaction, actor, pupil, absence)


def _may_plan(actor: Actor) -> bool:
    return actor.is_admin_of_all or bool(actor.schools())


def _plan(transaction: Transaction, actor: Actor, pupil: Pupil, absence: Absence) -> Reply:
    today = local_date(transaction.now)
    for other in absences_ahead(transaction, pupil.id, today):
        if other.absence == absence:
            note_read(transaction, actor, "absences read", [pupil.id])
            return _read_back(pupil, other, "Recorded already", ())
        if other.overlaps(absence):
            note_read(transaction, actor, "absences read", [pupil.id])
            return said(
                f"{pupil.label} has another absence then: nothing recorded yet",
                absence_words(other),
                "Withdraw that first, or choose other days.",
                tone=Tone.ASK,
                buttons=(_withdraw_button(pupil, other),),
            )
    absence_id = plan_absence(transaction, actor, pupil.id, absence)
    _work_out(transaction, pupil, absence, today)
    planned = load_absence(transaction, absence_id)
    assert planned is not None  # noqa: S101  (it has just been recorded)
    return _read_back(pupil, planned, "Recorded", _remarks(transaction, actor, pupil, absence, today))


def _work_out(transaction: Transaction, pupil: Pupil, absence: Absence, today: date) -> None:
    """Bring today's register up to date at once, where today's have been made and it is about today."""
    if absence.starts_on <= today <= absence.ends_on and is_opened(transaction, today):
        open_day(transaction, today, pupil_ids=[pupil.id])
        refresh_lists(transaction, {(pupil.school_id, today)})


def _read_back(pupil: Pupil, planned: PlannedAbsence, heading: str, remarks: Sequence[str]) -> Reply:
    return said(
        f"{heading}: {pupil.label} is not expected",
        absence_words(planned),
        *remarks,
        tone=Tone.DONE,
        buttons=(_withdraw_button(pupil, planned),),
    )


def _withdraw_button(pupil: Pupil, planned: PlannedAbsence) -> Button:
    return Button("Withdraw", "absence_withdraw", planned.id, style=Style.DANGER, describes=pupil.label)


def _remarks(transaction: Transaction, actor: Actor, pupil: Pupil, absence: Absence, today: date) -> list[str]:
    """What whoever planned it should know: above all, that an alert that is open stays open."""
    remarks = []
    if absence.starts_on <= today <= absence.ends_on:
        now = transaction.now
        for each in sessions_of(transaction, actor, pupil, today):
            if each.has_open_alert and each.alert is not None and _covers(absence, each):
                remarks.append(
                    f"{sentence(alert_words(each.alert, now))}. It stays open until somebody records an outcome."
                )
            elif each.entry.said is not None and _covers(absence, each):
                remarks.append(f"{each.provider} has answered for {each.session.value} already: that stands.")
    calendar = load_calendars(transaction).school(pupil.school_id)
    if because := closed_words(calendar, absence.starts_on):
        remarks.append(f"{spoken_date(absence.starts_on)} is not a whole school day: {because}.")
    if absence.code == "C2":
        remarks.append("C2 is for an agreed part-time timetable, not for days that a placement makes full time.")
    return remarks


def _covers(absence: Absence, each: PupilSession) -> bool:
    return absence.sessions in (ALL_DAY, each.session.value)


def _withdraw(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    planned = load_absence(transaction, action.subject)
    pupil = load_pupil(transaction, actor, planned.pupil_id) if planned is not None else None
    if planned is None or pupil is None or not actor.may_answer(pupil.school_id):
        raise Refused("That absence is not yours to withdraw.")
    if planned.is_withdrawn:
        note_read(transaction, actor, "absences read", [pupil.id])
        return said("That was withdrawn already", absence_words(planned), tone=Tone.DONE)
    today = local_date(transaction.now)
    if planned.absence.ends_on < today:
        raise Refused("That absence is over. Decide its codes on the list of the day's codes.")
    withdraw_absence(transaction, actor, planned)
    _work_out(transaction, pupil, planned.absence, today)
    return said(
        f"Withdrawn: {pupil.label} is expected again",
        absence_words(planned),
        "A session that runs already is asked about at once, and alerts if nobody answers.",
        tone=Tone.DONE,
    )


COMMAND = Command("absence REF ...", f"A planned absence: {EXAMPLE}", run, _may_plan)

HANDLERS: dict[str, Handler] = {"absence_withdraw": _withdraw}
