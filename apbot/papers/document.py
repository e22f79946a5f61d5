"""What a paper is made of, before any format: sections of facts and tables. A page and a PDF show the same."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table. `caption` says what is in it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part under a heading: `level` 1 stands by itself, 2 within the one before. `facts` are pairs of label and
    value, `notes` paragraphs."""

    heading: str
    level: int = 1
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """The whole. `made` says when and for whom."""

    title: str
    made: str
    sections: tuple[Section, ...]
