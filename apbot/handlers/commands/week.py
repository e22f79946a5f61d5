"""`/ap week`: what is owed this week and next: a key worker's own, a school's counts and what is overdue, reports."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from apbot.cards import Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.duties.registry import KINDS
from apbot.domain.walltime import spoken_date
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import sees_pupils
from apbot.messages.coding import counted
from apbot.messages.duties import buttons, facts, title
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty
from apbot.store.duties.week import Coming, SchoolWeek, StandIn, Tally, Week, read_week
from apbot.store.reads import note_read_of_placements

SHOWN = 20
"""So many duties stand in one answer, the first due first: what the narrowest platform takes."""


def run(transaction: Transaction, actor: Actor, _: str) -> Reply:
    """Answer `/ap week`."""
    week = read_week(transaction, actor)
    shown = _shown(week)
    note_read_of_placements(transaction, actor, "week read", [each.placement_id for each in shown])
    return Reply(card(week, shown))


def card(week: Week, shown: Sequence[Duty]) -> Card:
    """The two weeks in words: what can be answered first, then what is to come, then the schools' counts."""
    overdue = [each for each in _everything(week) if each.standing.is_overdue(week.day)]
    left_out = len(_everything(week)) - len(shown)
    rows = (
        *(_row(each, week) for each in shown),
        *_coming("To come", week.coming),
        *(row for each in week.standing_in for row in _coming(f"To come {_for(each)}", each.coming)),
        *(row for each in week.schools for row in _school(each)),
    )
    return Card(
        heading=_heading(week, len(overdue)),
        tone=Tone.ALERT if overdue else Tone.PLAIN,
        lines=(
            *(["Nothing is owed by you this week or next."] if not rows else []),
            *([f"{left_out} more are not shown here: they are shown as these are done."] if left_out > 0 else []),
        ),
        rows=rows,
        footer=f"This week is until {spoken_date(week.ends_on)}, next week until {spoken_date(week.next_ends_on)}.",
    )


def _everything(week: Week) -> list[Duty]:
    """What is the asker's own, or of those they stand in for, then what is overdue at their schools, each once, the
    first due first."""
    found = {each.id: each for each in week.own}
    found |= {each.id: each for person in week.standing_in for each in person.own}
    found |= {each.id: each for school in week.schools for each in school.overdue}
    return sorted(found.values(), key=lambda each: (each.due_on, each.id))


def _shown(week: Week) -> list[Duty]:
    return _everything(week)[:SHOWN]


def _heading(week: Week, overdue: int) -> str:
    more = [f"{len(each.own)} for {each.name}" for each in week.standing_in if each.own]
    more += [f"{overdue} overdue"] if overdue else []
    if week.own or not week.schools:
        this_week = sum(each.due_on <= week.ends_on for each in week.own)
        mine = f"{counted(this_week, 'thing', 'things')} of yours to do this week, {len(week.own) - this_week} next"
        return " · ".join([mine, *more])
    return f"This week and next{': ' if more else ''}{' · '.join(more)}"


def _for(each: StandIn) -> str:
    return f"for {each.name}, until {spoken_date(each.until)}"


def _row(duty: Duty, week: Week) -> Row:
    late = duty.standing.is_overdue(week.day)
    when = [] if late else ["this week" if duty.due_on <= week.ends_on else "next week"]
    whose = [_for(each) for each in week.standing_in if duty in each.own]
    details = [*when, *whose, *facts(duty, week.day)]
    return Row(title(duty), " · ".join(details), Tone.ALERT if late else Tone.ASK, buttons(duty))


def _coming(heading: str, coming: Sequence[Coming]) -> Iterator[Row]:
    """What opens next week, a line for each kind: nothing of it can be done yet."""
    for kind in KINDS.values():
        same = [each for each in coming if each.kind is kind]
        if same:
            by_day = groupby(same[:SHOWN], key=lambda each: each.due_on)
            about = [
                f"{', '.join(each.label or each.provider for each in due)} by {spoken_date(on)}" for on, due in by_day
            ]
            more = [f"{len(same) - SHOWN} more"] if len(same) > SHOWN else []
            yield Row(f"{heading}: {kind.label[0].lower()}{kind.label[1:]}", " · ".join([*about, *more]))


def _school(each: SchoolWeek) -> Iterator[Row]:
    if not each.counts:
        yield Row(each.school, "Nothing is owed this week or next.", Tone.DONE)
        return
    parts = [f"{KINDS[kind].label}: {_tally(tally)}" for kind, tally in each.counts.items()]
    late = any(tally.overdue for tally in each.counts.values())
    yield Row(each.school, " · ".join(parts), Tone.ALERT if late else Tone.PLAIN)


def _tally(tally: Tally) -> str:
    parts = ((tally.overdue, "overdue"), (tally.this_week, "this week"), (tally.next_week, "next week"))
    return ", ".join(f"{count} {words}" for count, words in parts if count)


COMMAND = Command("week", "What you owe this week and next: contacts, visits, reviews, reports.", run, sees_pupils)
