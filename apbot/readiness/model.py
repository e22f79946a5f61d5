"""What a check finds: a thing that would be missed or is to be mended, for whom, on which days, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from apbot.domain.dates import spoken_days


class Severity(StrEnum):
    """How bad it is, the worst first."""

    MISSED = "would be missed"
    """A pupil nobody is asked about, or a message that reaches nobody."""
    MEND = "mend"
    """It works, but not as it should, or not for long."""


@dataclass(frozen=True)
class Finding:
    """One thing a check has found.

    `school_ids` are the schools whose admins it is for. `spans` are the days from which to which it holds; none is
    always. `stand_in_for` are the roles for which somebody else would be told. `is_told`: each morning, though nothing
    would be missed, for it shows nowhere else.
    """

    severity: Severity
    place: str
    what: str
    do: str
    school_ids: frozenset[int] = frozenset()
    spans: tuple[tuple[date, date], ...] = ()
    stand_in_for: tuple[str, ...] = ()
    is_told: bool = False

    @property
    def days(self) -> str:
        """On which days, in words; "" for always."""
        return ", ".join(spoken_days(first, last) for first, last in self.spans)

    def to_json(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {
            "severity": self.severity.value,
            "place": self.place,
            "what": self.what,
            "do": self.do,
            "days": [[first.isoformat(), last.isoformat()] for first, last in self.spans],
            "stand_in_for": list(self.stand_in_for),
        }

    def kept(self) -> dict[str, Any]:
        """The finding with whom it is for, to be stored."""
        return {**self.to_json(), "school_ids": sorted(self.school_ids), "is_told": self.is_told}

    @staticmethod
    def from_kept(data: Mapping[str, Any]) -> "Finding":
        """The finding that `kept` gave."""
        return Finding(
            severity=Severity(data["severity"]),
            place=data["place"],
            what=data["what"],
            do=data["do"],
            school_ids=frozenset(data["school_ids"]),
            spans=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in data["days"]),
            stand_in_for=tuple(data["stand_in_for"]),
            is_told=data.get("is_told", False),
        )


@dataclass(frozen=True)
class Report:
    """What a check of the days from `first` to `last` has found. `schools` are those it looked at, by name."""

    first: date
    last: date
    schools: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def missed(self) -> tuple[Finding, ...]:
        """What would be missed."""
        return tuple(each for each in self.findings if each.severity is Severity.MISSED)

    @property
    def words(self) -> str:
        """Everything it says."""
        return " ".join(f"{each.what} {each.do}" for each in self.findings)

    @property
    def stand_ins(self) -> tuple[Finding, ...]:
        """Roles for which somebody else would be told."""
        return tuple(each for each in self.findings if each.stand_in_for)

    @property
    def told(self) -> tuple[Finding, ...]:
        """What the admins are told of in the morning, the worst first."""
        others = (each for each in self.findings if each.is_told)
        return tuple(dict.fromkeys((*self.missed, *self.stand_ins, *others)))

    @property
    def fine(self) -> tuple[str, ...]:
        """The schools of which nothing was found."""
        troubled = {each.place for each in self.findings}
        return tuple(school for school in self.schools if school not in troubled)

    def for_schools(self, school_ids: frozenset[int]) -> "Report":
        """Only what concerns these schools."""
        own = tuple(each for each in self.findings if each.school_ids & school_ids)
        return Report(self.first, self.last, self.schools, own)

    def kept(self) -> dict[str, Any]:
        """What the admins are told of, to be stored; what else is to be mended can be asked for."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "findings": [each.kept() for each in self.told],
        }

    @staticmethod
    def from_kept(data: Mapping[str, Any]) -> "Report":
        """The report that `kept` gave, with only what it keeps."""
        return Report(
            date.fromisoformat(data["first"]),
            date.fromisoformat(data["last"]),
            (),
            tuple(Finding.from_kept(each) for each in data["findings"]),
        )

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "nothing_would_be_missed": not self.missed,
            "findings": [each.to_json() for each in self.findings],
            "fine": list(self.fine),
        }
