"""What changes on such a day, and how it stands then."""

from typing import Any

import sqlalchemy as sa

from apbot.cards import Action
from apbot.domain.timetable import Hours
from apbot.store.tables import entries, escalations, openings, placements, planned_absences
from tests.day import Day, act

CD34 = "CD34 placement"


async def roster(day: Day, *, placement: str = CD34, **values: Any) -> None:
    """The roster changes what a placement expects."""
    now = day.clock.now()
    day.change(placements, placements.c.id == day.ids[placement], touched_at=now, **values)
    await reopen(day)


async def reopen(day: Day) -> None:
    """Today is worked out again."""
    day.change(openings, openings.c.day == day.date, next_at=day.clock.now())
    await day.app.tick()


def starts(at: str, ends: str = "12:00") -> dict[str, Any]:
    """Hours of a placement's own in the morning."""
    return Hours.from_json({"usual": {"am": [at, ends]}}).to_json()


async def plan_absence(day: Day, code: str = "M") -> int:
    """The school plans an absence of CD34 today; its id."""
    planned = day.plan_absence("CD34", code)
    await reopen(day)
    return planned


async def withdraw_absence(day: Day, planned: int) -> None:
    """... and takes it back."""
    day.change(planned_absences, planned_absences.c.id == planned, withdrawn_at=day.clock.now())
    await reopen(day)


def alerts(day: Day) -> list[str]:
    """Every alert about today's morning there has been: what for, and how it stands."""
    return [f"{row.kind}: {row.state}" for row in day.rows(sa.select(escalations).order_by(escalations.c.id))]


def entry(day: Day) -> sa.Row[Any]:
    """CD34's morning."""
    found = day.rows(sa.select(entries).where(entries.c.placement_id == day.ids[CD34]).order_by(entries.c.id))
    return found[0]


def press(day: Day, verb: str, subject: int, person: str = "Sam Taylor") -> None:
    """Somebody presses a button, and nothing has been delivered since."""
    action = Action("web", f"press-{verb}-{subject}", "", verb=verb, subject=subject)
    day.database.run(act, day.ids[person], action)
