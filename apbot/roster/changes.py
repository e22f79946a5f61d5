"""The difference between the roster that is stored and the roster as it will be, for people and for the audit log."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from apbot.domain.calendar import ALL_DAY
from apbot.domain.escalation import Policy
from apbot.domain.rhythm import CHOICES, Rhythms
from apbot.domain.timetable import Hours, Pattern
from apbot.domain.walltime import spoken_date
from apbot.roster.merging import Referenced, dates, place_year
from apbot.roster.records import PlaceClosure, PlaceTerm, Records, spoken_list
from apbot.roster.refs import key
from apbot.roster.weeks import OtherTime, spell_times

Values = Mapping[str, tuple[Any, Any]]
"""What changes in one record: before and after, by the field's name."""

KINDS = ("schools", "people", "providers", "pupils", "placements", "documents")
"""What is known by a reference; terms and closures are known by their dates."""


@dataclass(frozen=True)
class Changed:
    """One record that is stored already and will say something else."""

    ref: str
    values: Values


@dataclass(frozen=True)
class Changes:
    """Everything that taking a roster in will do, or has done, and what it leaves alone."""

    added: Mapping[str, Sequence[Any]]
    """New records, by kind."""
    changed: Mapping[str, Sequence[Changed]]
    new_dates: Sequence[PlaceTerm | PlaceClosure]
    old_dates: Sequence[PlaceTerm | PlaceClosure]
    """Terms and closures that come in the place of others, and those."""
    kept: Mapping[str, Sequence[str]]
    """What is stored and not in the file, by the sheet where it was looked for; it stays as it is."""
    notes: Sequence[str] = ()
    """What was passed over or is worth a look, for whoever gave the file: it may name people."""

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.new_dates or self.old_dates or any(self.added.values()) or any(self.changed.values()))

    def counts(self) -> dict[str, int]:
        """How many of each: {"placements added": 12, "terms removed": 1}. No names: fit for the audit log."""
        found: dict[str, int] = {}
        for kind in KINDS:
            found[f"{kind} added"] = len(self.added[kind])
            found[f"{kind} changed"] = len(self.changed[kind])
        found["dates added"], found["dates removed"] = len(self.new_dates), len(self.old_dates)
        return {what: count for what, count in found.items() if count}

    def summary(self) -> str:
        """One sentence: "12 placements added, 1 person changed"."""
        said = [f"{count:,} {_counted(count, what)}" for what, count in self.counts().items()]
        return ", ".join(said) if said else "no difference"

    def lines(self) -> list[str]:
        """The whole difference, a line for each record: + new, ~ changed, - in whose place another comes."""
        said: list[str] = []
        for kind in KINDS:
            lines = [*map(_new, self.added[kind]), *map(_altered, self.changed[kind])]
            said += [f"{kind.capitalize()}:", *lines] if lines else []
        said += ["Term dates and closures:"] if self.old_dates or self.new_dates else []
        said += [f"  - {_spoken(each)}" for each in self.old_dates]
        said += [f"  + {_spoken(each)}" for each in self.new_dates]
        return said + self.kept_lines()

    def kept_lines(self) -> list[str]:
        """What is stored and not in the file."""
        kept = [(kind, refs) for kind, refs in self.kept.items() if refs]
        return [f"Not in the file, kept as they are ({kind}): {spoken_list(refs)}." for kind, refs in kept]


def _counted(count: int, what: str) -> str:
    """ "schools added" for several, "school added" for one."""
    several, done = what.split()
    return f"{'person' if several == 'people' else several.removesuffix('s')} {done}" if count == 1 else what


def difference(stored: Records, whole: Records, given: Records) -> Changes:
    """What turns the stored roster into `whole`, which is it with `given` taken in."""
    old, new = dates(stored), dates(whole)
    return Changes(
        added={kind: _added(getattr(stored, kind), getattr(whole, kind)) for kind in KINDS},
        changed={kind: _changed(getattr(stored, kind), getattr(whole, kind)) for kind in KINDS},
        new_dates=_without(new, old),
        old_dates=_without(old, new),
        kept=_kept(stored, given),
    )


def _added(stored: Iterable[Referenced], whole: Iterable[Referenced]) -> list[Referenced]:
    known = {key(each.ref) for each in stored}
    return [each for each in whole if key(each.ref) not in known]


def _changed(stored: Iterable[Any], whole: Iterable[Any]) -> list[Changed]:
    before = {key(each.ref): each for each in stored}
    found = []
    for after in whole:
        old = before.get(key(after.ref))
        if old is not None and old != after:
            values = {
                field.name: (getattr(old, field.name), getattr(after, field.name))
                for field in fields(after)
                if field.compare and getattr(old, field.name) != getattr(after, field.name)
            }
            found.append(Changed(old.ref, values))
    return found


def _without(
    some: Iterable[PlaceTerm | PlaceClosure], others: Iterable[PlaceTerm | PlaceClosure]
) -> list[PlaceTerm | PlaceClosure]:
    there = set(others)
    return list(dict.fromkeys(each for each in some if each not in there))


def _kept(stored: Records, given: Records) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind in KINDS:
        if ("placements" if kind == "pupils" else kind) in given.given:
            there = {key(each.ref) for each in getattr(given, kind)}
            found[kind] = [each.ref for each in getattr(stored, kind) if key(each.ref) not in there]
    if given.given & {"terms", "closures"}:
        years = {place_year(each) for each in dates(given)}
        found["calendars"] = sorted({_school_year(each) for each in dates(stored) if place_year(each) not in years})
    return found


def _school_year(each: PlaceTerm | PlaceClosure) -> str:
    year = place_year(each)[1]
    return f"{each.place} {year}/{(year + 1) % 100:02d}"


def _new(record: Any) -> str:
    name = getattr(record, "name", "")
    return f"  + {record.ref} {name}".rstrip()


def _altered(changed: Changed) -> str:
    said = "; ".join(
        f"{field.replace('_', ' ')}: {spoken(before)} → {spoken(after)}"
        for field, (before, after) in changed.values.items()
    )
    return f"  ~ {changed.ref}: {said}"


def _spoken(each: PlaceTerm | PlaceClosure) -> str:
    if isinstance(each, PlaceTerm):
        letter = f", week {each.term.first_week} first" if each.term.first_week else ""
        return f"{each.place} {each.term.name}: {_from_to(each.term.starts_on, each.term.ends_on)}{letter}"
    closure = each.closure
    part = "" if closure.sessions == ALL_DAY else f" {closure.sessions}"
    note = f" ({closure.note})" if closure.note else ""
    return f"{each.place} {closure.kind}: {_from_to(closure.starts_on, closure.ends_on)}{part}{note}"


def _from_to(starts_on: date, ends_on: date) -> str:
    if starts_on == ends_on:
        return spoken_date(starts_on)
    return f"{spoken_date(starts_on)} to {spoken_date(ends_on)}"


def spoken(value: Any) -> str:
    """A field's value as people say it; what is empty is a dash."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return spoken_date(value)
    if isinstance(value, Pattern):
        return ", ".join(value.to_json()) or "–"
    if isinstance(value, Hours):
        return _spoken_hours(value) or "–"
    if isinstance(value, Policy):
        return f"{', '.join(str(step.after_minutes) for step in value.steps)}, then every {value.every_minutes} minutes"
    if isinstance(value, Rhythms):
        said = (f"{what} every {every}" for what in CHOICES if (every := getattr(value, what)))
        return ", ".join(said).replace("every never", "never") or "–"
    if isinstance(value, tuple):
        return ", ".join(map(spoken, value)) or "–"
    if isinstance(value, frozenset):
        return ", ".join(f"{post.role} at {post.organisation or 'all'}" for post in sorted(value)) or "–"
    return "–" if value is None or value == "" else str(value)


def _spoken_hours(hours: Hours) -> str:
    entries: Iterator[OtherTime] = (
        OtherTime(() if weekday is None else (weekday,), session, span.starts, span.ends)
        for weekday, session, span in [
            *((None, session, span) for session, span in sorted(hours.usual.items())),
            *((weekday, session, span) for (weekday, session), span in sorted(hours.on.items())),
        ]
    )
    return spell_times(entries)
