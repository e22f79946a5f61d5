"""Replies of provider staff, read from the corpus beside this file, and what must hold for any text at all."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apbot.domain.marks import Fact, Reason
from apbot.domain.replies import Expected, Kind, Question, Reading, Said, Unclear, read_reply

CORPUS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "replies_corpus.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Register:
    """The pupils expected, and when the reply is sent."""

    pupils: tuple[Expected, ...]
    starts: time
    now: time

    def read(self, text: str) -> Reading:
        return read_reply(text, self.pupils, now=self.now, starts=self.starts)

    @property
    def references(self) -> list[str]:
        return [pupil.reference for pupil in self.pupils]


def pupil(row: str) -> Expected:
    """'AB12 Amira Khan = arrived'."""
    who, _, fact = row.partition(" = ")
    reference, first, last = who.split(" ", 2)
    return Expected(reference, first, last, Fact(fact) if fact else None)


REGISTERS = {
    name: Register(
        tuple(pupil(row) for row in rows["pupils"]),
        time.fromisoformat(rows["starts"]),
        time.fromisoformat(rows["now"]),
    )
    for name, rows in CORPUS["registers"].items()
}


def phrases() -> Iterator[Any]:
    """Every phrase of the corpus, with its register and what it must give."""
    for name, register in REGISTERS.items():
        for theme, rows in CORPUS.get(name, {}).items():
            for text, given_back in rows.items():
                yield pytest.param(register, text, given_back, id=f"{theme}: {text[:60]}")


PHRASES = list(phrases())

_SAID = re.compile(r"(?P<who>\S+) (?P<fact>[a-z ]+?)(?: (?P<at>\d\d:\d\d))?(?: \((?P<reason>[^)]+)\))?")
_ASKED = re.compile(
    r"ask (?P<why>[a-z ]+): (?P<who>[\w ]+?)(?:, (?P<fact>[a-z ]+?))?(?: \((?P<reason>[^)]+)\))?"
    r"(?: at (?P<at>\d\d:\d\d))?"
)


def expected_reading(register: Register, line: str) -> Reading:
    """A line of the corpus as the reading it stands for."""
    parts = [part.strip() for part in line.split(";")]
    named = {word for part in parts for word in re.findall(r"\w+", part) if word in register.references}
    unmarked = [each.reference for each in register.pupils if each.fact is None]
    groups = {"all": register.references, "rest": [each for each in unmarked if each not in named]}
    said: list[Said] = []
    questions: list[Question] = []
    kind = None
    for part in parts:
        asked, stated = _ASKED.fullmatch(part), _SAID.fullmatch(part)
        if asked:
            candidates = [each for word in asked["who"].split() for each in groups.get(word, [word])]
            questions.append(Question(Unclear(asked["why"]), tuple(candidates), *_what(asked)))
        elif part == "concern" or part in [each.value for each in Kind]:
            kind = kind or Kind(part)
        elif stated:
            fact, at, reason = _what(stated)
            assert fact, part
            said += [Said(each, fact, at, reason) for each in groups.get(stated["who"], [stated["who"]])]
        else:
            raise ValueError(f"the corpus does not say what this means: {part!r}")
    said.sort(key=lambda each: register.references.index(each.reference))
    if said or questions:
        kind = Kind.MARKS
    return Reading(kind or Kind.NOT_UNDERSTOOD, tuple(said), tuple(questions), "concern" in parts)


def _what(found: re.Match[str]) -> tuple[Fact | None, time | None, Reason | None]:
    return (
        Fact(found["fact"]) if found["fact"] else None,
        time.fromisoformat(found["at"]) if found["at"] else None,
        Reason(found["reason"]) if found["reason"] else None,
    )


def in_any_order(reading: Reading) -> Reading:
    """The order of the questions is not part of the promise."""
    questions = sorted(reading.questions, key=lambda each: (each.unclear, each.candidates, str(each.fact)))
    return replace(reading, questions=tuple(questions))


@pytest.mark.parametrize(("register", "text", "given_back"), PHRASES)
def test_a_phrase_gives_exactly_what_the_corpus_says(register: Register, text: str, given_back: str) -> None:
    assert in_any_order(register.read(text)) == in_any_order(expected_reading(register, given_back))


def test_the_corpus_is_large() -> None:
    assert len(PHRASES) >= 300
