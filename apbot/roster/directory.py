"""Which references there are, and how each is spelled: people write "oak", "Oak Farm" and "007" for 7."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from apbot.roster.columns import PLACES
from apbot.roster.records import Person, Placement, Post, Records
from apbot.roster.refs import closest, key

WHAT = {
    "schools": "a school",
    "providers": "a provider",
    "people": "a person",
    "pupils": "a pupil",
    PLACES: "a school or provider",
}
"""What a reference of each kind stands for."""


def fold(name: str) -> str:
    """A name without capitals, accents and punctuation: what two spellings of one name have in common."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+", "", "".join(char for char in letters if not unicodedata.combining(char)))


@dataclass
class Known:
    """The references of one kind."""

    spelled: dict[str, str] = field(default_factory=dict)
    by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    suggestions: dict[str, str] = field(default_factory=dict)

    def add(self, ref: str, name: str = "") -> None:
        """Make a reference known. The first spelling counts."""
        first = self.spelled.setdefault(key(ref), ref)
        if fold(name):
            self.by_name[fold(name)].add(first)

    def find(self, said: str) -> str | None:
        """The reference that is meant: as it is spelled, or by the name of the only one that has it."""
        found = self.spelled.get(key(said))
        named = self.by_name.get(fold(said), set()) if found is None else set()
        return next(iter(named)) if len(named) == 1 else found

    def suggestion(self, said: str) -> str:
        """ "write OAK, if that is meant", or "" where nothing is like it."""
        if said not in self.suggestions:
            near = closest(said, self.spelled.values())
            if near is None and (named := closest(fold(said), self.by_name)):
                near = min(self.by_name[named])
            self.suggestions[said] = f"write {near}, if that is meant" if near else ""
        return self.suggestions[said]


class Named(Protocol):
    """A record with a reference and a name."""

    @property
    def ref(self) -> str:
        """Its reference."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...


class Directory:
    """The references of a whole roster, by the sheets they stand in."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = defaultdict(Known)

    def __getitem__(self, kind: str) -> Known:
        return self._known[kind]

    def add(self, kind: str, records: Iterable[Named]) -> None:
        """Make the references of these schools, providers or people known."""
        for record in records:
            self.add_one(kind, record.ref, record.name)

    def add_one(self, kind: str, ref: str, name: str = "") -> None:
        """Make one reference known."""
        self._known[kind].add(ref, name)
        if kind in ("schools", "providers"):
            self._known[PLACES].add(ref, name)

    def add_all(self, records: Records) -> None:
        """Make every reference of a roster known."""
        self.add("schools", records.schools)
        self.add("providers", records.providers)
        self.add("people", records.people)
        for pupil in records.pupils:
            self.add_one("pupils", pupil.ref)
        for placement in records.placements:
            self.add_one("placements", placement.ref)

    def unknown(self, kind: str, said: str) -> tuple[str, str] | None:
        """What is wrong with a reference, and what would be right; None where it is known."""
        if self._known[kind].find(said) is not None:
            return None
        if not self._known[kind].spelled:
            return f"is not the ref of {WHAT[kind]}", "none is known: is their sheet in the file?"
        suggestion = self._known[kind].suggestion(said) or "write one that is in its sheet"
        return f"is not the ref of {WHAT[kind]}", suggestion

    def spell(self, kind: str, said: str) -> str:
        """The reference as it is spelled; one that is not known stays as it is."""
        return (self._known[kind].find(said) or said) if said else said


def respelled(records: Records, directory: Directory) -> Records:
    """The same records with every reference spelled as the directory has it."""
    spell = directory.spell

    def person(each: Person) -> Person:
        posts = frozenset(Post(spell(PLACES, post.organisation), post.role, post.row) for post in each.posts)
        return replace(each, ref=spell("people", each.ref), posts=posts)

    def placement(each: Placement) -> Placement:
        return replace(
            each,
            ref=spell("placements", each.ref),
            pupil=spell("pupils", each.pupil),
            provider=spell("providers", each.provider),
            key_worker=spell("people", each.key_worker),
        )

    return replace(
        records,
        schools=tuple(replace(each, ref=spell("schools", each.ref)) for each in records.schools),
        people=tuple(person(each) for each in records.people),
        providers=tuple(replace(each, ref=spell("providers", each.ref)) for each in records.providers),
        pupils=tuple(
            replace(each, ref=spell("pupils", each.ref), school=spell("schools", each.school))
            for each in records.pupils
        ),
        placements=tuple(placement(each) for each in records.placements),
        documents=tuple(replace(each, provider=spell("providers", each.provider)) for each in records.documents),
        terms=tuple(replace(each, place=spell(PLACES, each.place)) for each in records.terms),
        closures=tuple(replace(each, place=spell(PLACES, each.place)) for each in records.closures),
    )
