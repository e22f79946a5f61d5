"""`/ap today`: a provider's registers, a school's pupils, a key worker's own, a governor's counts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from apbot.cards import Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.presence import Presence
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.handlers.commands.port import Command
from apbot.handlers.port import Refused
from apbot.messages.sessions import alert_words, known_words
from apbot.store.counts import Counts, SafeCounts
from apbot.store.database import Transaction
from apbot.store.pupilsessions import PupilSession
from apbot.store.tables import schools
from apbot.store.today import Place, RegisterToday, Today, read_today


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap today`, or `/ap today Hillcrest` for one of several schools."""
    only = school_called(transaction, actor, text) if text else None
    return Reply(card(read_today(transaction, actor, only), actor, transaction.now))


def school_called(transaction: Transaction, actor: Actor, name: str) -> frozenset[int]:
    """The school that `name` begins, or names by its reference, among those whose pupils `actor` may see.

    Raises `Refused` where there is none, or more than one.
    """
    wanted = name.strip().casefold()
    own = [
        row
        for row in transaction.rows(sa.select(schools.c.id, schools.c.ref, schools.c.name).order_by(schools.c.name))
        if actor.may_answer(row.id)
    ]
    found = [row for row in own if wanted in (row.name.casefold(), row.ref.casefold())] or [
        row for row in own if row.name.casefold().startswith(wanted)
    ]
    if len(found) != 1:
        raise Refused("There is no such school among yours. Write its name as it stands in apbot.")
    return frozenset({found[0].id})


def card(today: Today, actor: Actor, now: datetime) -> Card:
    """Today in words, what is not settled first."""
    alerts = [*today.earlier]
    alerts += [each for place in today.schools for each in place.open_alerts]
    alerts += [each for register in today.own for each in register.escalated]
    rows = [
        *(_alert(each, now) for each in _unique(alerts)),
        *(row for place in today.providers for row in _provider_rows(place, today)),
        *(row for place in today.schools for row in _school_rows(place, today)),
        *(pupils_row(register, "Your pupils at ") for register in today.own),
        *(row for counts in today.counts for row in _safe_rows(counts)),
        *(_summary_row(counts) for counts in sorted(today.summary, key=lambda each: (-each.alerts, each.school))),
    ]
    lines = ["The registers of today have not been made yet."] if _is_awaited(today) else []
    if not rows and today.is_opened:
        lines.append(_nothing(actor))
    urgent = bool(alerts) or any(counts.alerts for counts in today.summary)
    return Card(
        heading=f"Today, {spoken_date(today.day)}",
        tone=Tone.ALERT if urgent else Tone.PLAIN,
        lines=tuple(lines),
        rows=tuple(rows),
        footer="/ap status REF tells more about one pupil." if today.schools or today.own else "",
    )


def _is_awaited(today: Today) -> bool:
    """Registers are still to be made: it is early, and not every place is closed."""
    closed = [place.closed for place in (*today.providers, *today.schools)]
    closed += [counts.closed for counts in today.counts] + [counts.closed for counts in today.summary]
    return not today.is_opened and not (closed and all(closed))


def _nothing(actor: Actor) -> str:
    if any(each.role is Role.KEY_WORKER for each in actor.roles):
        return "None of your pupils is expected at a provider today."
    return "Your role shows no registers. Ask your admin if it should."


def _unique(sessions: Sequence[PupilSession]) -> list[PupilSession]:
    return list({each.entry.id: each for each in sessions}.values())


def _alert(each: PupilSession, now: datetime) -> Row:
    day = "" if each.day == local_date(now) else f", {spoken_date(each.day)}"
    since = f"{each.provider}, {each.session.value} from {wall(each.entry.starts_at)}{day}"
    state = f" · {alert_words(each.alert, now)}" if each.alert else ""
    return Row(each.entry.label, f"{since} · {known_words(each)}{state}", Tone.ALERT)


def _provider_rows(place: Place, today: Today) -> Iterator[Row]:
    if not place.registers:
        yield from _no_session(place, today)
    for register in place.registers:
        expected, waiting = len(register.expected), register.unanswered
        parts = [f"{expected} expected", f"{expected - len(waiting)} answered", f"{len(waiting)} unanswered"]
        parts += [f"{len(register.escalated)} escalated to the school"] if register.escalated else []
        excused = [each for each in register.sessions if each.presence is Presence.EXCUSED]
        parts += [f"not expected: {_labels(excused)}"] if excused else []
        parts += [f"please answer: {_labels(waiting)}"] if any(_begun(each) for each in waiting) else []
        yield Row(_title(register), " · ".join(parts), Tone.ASK if register.escalated or waiting else Tone.DONE)


def _begun(each: PupilSession) -> bool:
    return each.presence is Presence.UNANSWERED


def _no_session(place: Place, today: Today) -> Iterator[Row]:
    if place.closed or today.is_opened:
        yield Row(place.name, f"No session today: {place.closed or 'no pupil is expected at a provider'}.")


def _school_rows(place: Place, today: Today) -> Iterator[Row]:
    name = f"{place.name}: " if len(today.schools) > 1 else ""
    if not place.registers:
        yield from _no_session(place, today)
    elif place.closed:
        yield Row(place.name, f"Closed {place.closed}.")
    for register in place.registers:
        yield pupils_row(register, name)


def pupils_row(register: RegisterToday, before: str) -> Row:
    """Who of a register is where, the most pressing first."""
    groups: tuple[tuple[str, Callable[[PupilSession], bool]], ...] = (
        ("Not arrived", lambda each: each.presence in (Presence.NOT_ARRIVED, Presence.NOT_RUNNING)),
        ("Left site", lambda each: each.presence is Presence.LEFT_SITE),
        ("Awaiting an answer", _begun),
        ("Arrived", lambda each: each.presence is Presence.ARRIVED),
        ("Excused", lambda each: each.presence is Presence.EXCUSED),
        ("Not begun", lambda each: each.presence is Presence.AWAITED),
    )
    parts = [
        f"{name}: {_labels(found)}" for name, fits in groups if (found := [e for e in register.sessions if fits(e)])
    ]
    missing = any(each.presence.is_missing for each in register.sessions)
    return Row(f"{before}{_title(register)}", " · ".join(parts), Tone.ASK if missing else Tone.PLAIN)


def _safe_rows(counts: SafeCounts) -> Iterator[Row]:
    if not counts.sessions:
        yield Row(counts.school, f"No session today: {counts.closed or 'no pupil is expected at a provider'}.")
    for session, (groups, total) in counts.sessions.items():
        parts = [f"{name} {'fewer than 5' if count is None else count}" for name, count in groups.items()]
        parts += [f"all {total}"] if total is not None else []
        yield Row(f"{counts.school}, {session.value}", " · ".join(parts))


def _summary_row(counts: Counts) -> Row:
    parts = []
    for session, by_presence in counts.sessions.items():
        words = [f"{count} {presence.value}" for presence in Presence if (count := by_presence.get(presence, 0))]
        parts.append(f"{session.value}: {', '.join(words)}")
    if counts.alerts:
        parts.insert(0, f"{counts.alerts} with an open alert")
    if not counts.sessions:
        parts.append(f"no session today: {counts.closed or 'no pupil is expected at a provider'}")
    return Row(counts.school, " · ".join(parts), Tone.ALERT if counts.alerts else Tone.PLAIN)


def _title(register: RegisterToday) -> str:
    return f"{register.provider}, {register.session.value} from {wall(register.starts_at)}"


def _labels(sessions: Sequence[PupilSession]) -> str:
    return ", ".join(each.entry.label for each in sessions)


COMMAND = Command("today", "Today's registers and where your pupils are.", run)
