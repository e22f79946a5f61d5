"""Worlds in the database, and what the code makes of them there."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from apbot.clock import VirtualClock
from apbot.store.database import Transaction
from apbot.store.expected import work_out
from apbot.store.opening import open_day
from apbot.store.tables import (
    closures,
    entries,
    placements,
    planned_absences,
    providers,
    pupils,
    registers,
    schools,
    terms,
)
from tests.blank import blank
from tests.worlds import LONG_AGO, Expected, World

PLACES: dict[str, sa.Table] = {"school": schools, "provider": providers}


class Kept:
    """A world as the roster keeps it. Ids there are the numbers here."""

    def __init__(self, world: World, now: datetime = LONG_AGO) -> None:
        self.clock = VirtualClock(now)
        self.database = blank(self.clock)
        self.world = World({}, {}, {}, ())
        self.touched: dict[int, datetime] = {}
        self.database.run(self._add_places, world)
        self.becomes(world, touched_at=LONG_AGO)

    def _add_places(self, transaction: Transaction, world: World) -> None:
        for number in (1, 2):
            transaction.insert(schools, id=number, ref=f"S{number}", name=f"School {number}")
        for number, (usual, on) in world.hours.items():
            hours = {"usual": usual, "on": on}
            transaction.insert(providers, id=number, ref=f"P{number}", name=f"Provider {number}", hours=hours)
        for number, (school, leaves) in world.pupils.items():
            transaction.insert(
                pupils, id=number, ref=f"U{number}", school_id=school, first_name="A", last_name="B", ends_on=leaves
            )

    def becomes(self, world: World, touched_at: datetime | None = None) -> None:
        """The roster is changed: what is other than before is written, and what it touches says when."""
        self.database.run(self._write, world, touched_at or self.clock.now())
        self.world = world

    def _write(self, transaction: Transaction, world: World, now: datetime) -> None:
        before = {each.id: each for each in self.world.placed}
        for each in world.placed:
            if before.get(each.id) == each:
                continue
            self.touched[each.id] = now
            values = {
                "ref": f"{each.pupil}-{each.id}",
                "pupil_id": each.pupil,
                "provider_id": each.provider,
                "starts_on": each.starts_on,
                "ends_on": each.ends_on,
                "pattern": list(each.pattern),
                "hours": {"usual": each.usual, "on": each.on},
                "alert_minutes": each.alert_minutes,
                "touched_at": now,
            }
            if each.id in before:
                transaction.execute(sa.update(placements).where(placements.c.id == each.id).values(**values))
            else:
                transaction.insert(placements, id=each.id, **values)
        for shut in set(world.shut) ^ set(self.world.shut):
            if self.world.placed and shut.starts_on <= now.date() <= shut.ends_on:
                self._touch(transaction, shut.place, now)
        for number, (usual, on) in world.hours.items():
            hours = {"usual": usual, "on": on}
            transaction.execute(sa.update(providers).where(providers.c.id == number).values(hours=hours))
        for table in (terms, closures, planned_absences):
            transaction.execute(sa.delete(table))
        for (kind, number), blocks in world.terms.items():
            for first, last, letter in blocks:
                transaction.insert(
                    terms, **{f"{kind}_id": number}, name="T", starts_on=first, ends_on=last, first_week=letter
                )
        for shut in world.shut:
            kind, number = shut.place
            transaction.insert(
                closures,
                **{f"{kind}_id": number},
                starts_on=shut.starts_on,
                ends_on=shut.ends_on,
                sessions=shut.sessions,
                kind="closed",
            )
        for absence in world.absences:
            transaction.insert(
                planned_absences,
                pupil_id=absence.pupil,
                starts_on=absence.starts_on,
                ends_on=absence.ends_on,
                sessions=absence.sessions,
                code=absence.code,
                made_at=now,
                withdrawn_at=now if absence.withdrawn else None,
            )

    def _touch(self, transaction: Transaction, place: tuple[str, int], now: datetime) -> None:
        """As the roster does for all who go to a place whose calendar changes today."""
        for row in transaction.rows(sa.select(placements.c.id, placements.c.pupil_id, placements.c.provider_id)):
            if place in (("provider", row.provider_id), ("school", 1 + row.pupil_id % 2)):
                self.touched[row.id] = now
                transaction.execute(sa.update(placements).where(placements.c.id == row.id).values(touched_at=now))

    def worked_out(self, day: date) -> list[Expected]:
        return [
            Expected(
                each.placement_id,
                each.provider_id,
                each.session.value,
                each.starts_at,
                each.ends_at,
                each.alert_minutes,
                each.absence_code,
            )
            for each in self.database.run(work_out, day)
        ]

    def opens(self, day: date, at: datetime | None = None, **more: Any) -> None:
        if at is not None:
            self.clock.set(at)
        self.database.run(open_day, day, **more)

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        return self.database.run(lambda t: t.rows(query))

    def entries(self) -> dict[tuple[int, str], sa.Row[Any]]:
        """The entries that are not withdrawn, by placement and session."""
        query = (
            sa.select(entries, registers.c.provider_id, registers.c.session)
            .join_from(entries, registers)
            .where(entries.c.state != "withdrawn")
        )
        return {(row.placement_id, row.session): row for row in self.rows(query)}

    def picture(self) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """All that matters of what is open: entries, and the registers that have any."""
        shown = ("state", "starts_at", "ends_at", "alert_minutes", "alert_at", "alert_due", "suggested_code", "fact")
        live = self.entries()
        pupils_expected = {key: tuple(getattr(row, name) for name in shown) for key, row in live.items()}
        used = {row.register_id for row in live.values()}
        asked = {
            (row.provider_id, row.session): (row.starts_at, row.ends_at, row.step, row.next_at)
            for row in self.rows(sa.select(registers))
            if row.id in used
        }
        return pupils_expected, asked

    def close(self) -> None:
        self.database.close()
