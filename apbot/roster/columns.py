"""What a sheet and a column are, and the kinds of column that there are."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apbot.roster import cells, contacts, days, weeks

YES_NO = ("yes", "no")
PLACES = "places"
"""What a column refers to that names schools and providers alike."""


class Kind(StrEnum):
    """How a column's cells are formatted. Text keeps the zero of a telephone number."""

    TEXT = "@"
    DAY = "dd/mm/yyyy"
    TIME = "hh:mm"
    NUMBER = "0"


@dataclass(frozen=True)
class Column:
    """One column. `read` takes a cell that is not empty; an empty one means `blank`."""

    key: str
    heading: str
    meaning: str
    read: Callable[[object], Any]
    also: tuple[str, ...] = ()
    """Other headings that mean this column."""
    required: bool = False
    blank: Any = ""
    choices: tuple[str, ...] = ()
    """Offered in a drop-down; anything else that `read` understands may be typed as well."""
    refers_to: str = ""
    """The key of the sheet whose references stand here, or `PLACES`; one sheet's are offered in a drop-down."""
    kind: Kind = Kind.TEXT
    marks_examples: bool = False
    """Begins with "example" in the rows that the template ships."""
    usual: bool = False
    """Can't be left out in most rows, though the column as a whole is not `required`."""
    width: int = 14

    @property
    def needed(self) -> bool:
        """Whether the template marks it as to be filled in."""
        return self.required or self.usual


@dataclass(frozen=True)
class Sheet:
    """One sheet, or the CSV file of that name."""

    key: str
    title: str
    about: str
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()
    """Other names that mean this sheet."""

    def column(self, key: str) -> Column:
        """The column with this key."""
        return next(column for column in self.columns if column.key == key)

    def heading(self, key: str) -> str:
        """The heading of the column with this key."""
        return self.column(key).heading


def own_ref(heading: str, meaning: str, *also: str) -> Column:
    """The reference by which the other sheets know the row."""
    return Column("ref", heading, meaning, cells.ref, (*also, "ref", "id", "code"), required=True, marks_examples=True)


def name(heading: str, meaning: str, *also: str) -> Column:
    """The name of a school, person or provider."""
    return Column("name", heading, meaning, cells.text(200), also, required=True, marks_examples=True, width=28)


def words(key: str, heading: str, meaning: str, limit: int, *also: str, width: int = 18) -> Column:
    """Free text that may be left out."""
    return Column(key, heading, meaning, cells.optional_text(limit), also, width=width)


def number(heading: str, meaning: str, *also: str) -> Column:
    """A telephone number of any kind."""
    return Column("telephone", heading, meaning, contacts.telephone, also, width=18)


def day(key: str, heading: str, meaning: str, *also: str, required: bool = False, usual: bool = False) -> Column:
    """A day; one that can be left out may be "ongoing" or "tbc"."""
    read = days.day if required or usual else days.optional_day
    return Column(
        key, heading, meaning, read, also, required=required, blank=None, kind=Kind.DAY, usual=usual, width=13
    )


def clock(key: str, heading: str, meaning: str, *also: str) -> Column:
    """A time of day."""
    return Column(key, heading, meaning, days.clock, also, blank=None, kind=Kind.TIME, width=10)


def minutes(key: str, heading: str, meaning: str, low: int, high: int, *also: str) -> Column:
    """A number of minutes from `low` to `high`."""
    return Column(key, heading, meaning, cells.minutes(low, high), also, blank=None, kind=Kind.NUMBER, width=12)


def yes_no(key: str, heading: str, meaning: str, *also: str) -> Column:
    """Yes or no; blank is neither, so that the sheet can say what it means."""
    return Column(key, heading, meaning, cells.yes_no, also, blank=None, choices=YES_NO, width=12)


def other_times(meaning: str) -> Column:
    """The sessions whose times differ on single weekdays."""
    also = ("different times", "exceptions")
    return Column("other_times", "Other times", meaning, weeks.other_times, also, blank=(), width=32)
