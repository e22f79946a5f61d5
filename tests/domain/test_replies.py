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


# --- what must hold for any text ---

WORDS = sorted(
    {word for param in PHRASES for word in re.findall(r"\w+|[^\w\s]", str(param.values[1]))}
    | {"except", "not", "late", "is", "?", ",", ".", "\n", "who", "might", "gone", "9:50", "and", "but", "rest"}
)
ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.sampled_from([str(param.values[1]) for param in PHRASES]),
)
ANY_REGISTER = st.sampled_from(list(REGISTERS.values()))


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Up to eight pupils with names from anywhere, some of them marked."""
    names = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Pd"]), max_size=12)
    count = draw(st.integers(0, 8))
    pupils = [
        Expected(f"{chr(65 + n)}{chr(75 + n)}{n}{n}", draw(names), draw(names), draw(st.sampled_from([None, *Fact])))
        for n in range(count)
    ]
    return Register(tuple(pupils), draw(st.times()), draw(st.times()))


@given(st.one_of(ANY_REGISTER, registers()), ANY_TEXT)
@settings(max_examples=150, deadline=None)
@example(REGISTERS["one-jay"], "²:⁵ ½ ١٢ AB١٢ in")
@example(REGISTERS["one-jay"], "a" * 2001)
@example(REGISTERS["one-jay"], "a " * 1000)
@example(REGISTERS["one-jay"], "9:50 " * 400)
def test_a_reading_never_contradicts_itself(register: Register, text: str) -> None:
    reading = register.read(text)
    said = [each.reference for each in reading.said]
    asked = [candidate for question in reading.questions for candidate in question.candidates]
    assert reading == register.read(text)
    assert len(said) == len(set(said))
    assert {*said, *asked} <= set(register.references)
    assert len(asked) == len(set(asked))
    assert not set(said) & set(asked)
    assert (reading.kind is Kind.MARKS) == bool(reading.said or reading.questions)
    for each in reading.said:
        assert each.at is None or each.fact in (Fact.LATE, Fact.LEFT_SITE)
        assert each.at is None or register.starts <= each.at <= register.now
        assert each.reason is None or each.fact is Fact.NOT_ARRIVED


@settings(max_examples=30, deadline=None)
@given(registers())
def test_all_in_marks_exactly_the_unmarked(register: Register) -> None:
    unmarked = [each.reference for each in register.pupils if each.fact is None]
    assert register.read("all in").said == tuple(Said(each, Fact.ARRIVED) for each in unmarked)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PHRASES), st.randoms(use_true_random=False))
def test_capitals_and_spaces_change_nothing(phrase: Any, random: Any) -> None:
    register, text, _ = phrase.values
    spaced = re.sub(r"[ \t]+", lambda found: found[0] + " " * random.randrange(3), text)
    shouted = "".join(random.choice((c.upper(), c.lower())) if c.isascii() else c for c in spaced)
    assert register.read(f"  {shouted} ") == register.read(text)


@settings(deadline=None)
@given(ANY_REGISTER, st.sampled_from(["{} in?", "is {} in", "has {} arrived?", "{} here?", "All in. Is {} in?"]))
def test_asking_about_a_pupil_never_marks_them_as_there(register: Register, question: str) -> None:
    for each in register.pupils:
        for name in (each.reference, each.first_name):
            said = register.read(question.format(name)).said
            assert not [one for one in said if one.reference == each.reference and one.fact.is_on_site]


@settings(max_examples=30, deadline=None)
@given(ANY_REGISTER, st.text(st.characters(categories=["Lo", "Nd", "Sm", "So", "Po"]), max_size=2000))
def test_garbage_gives_no_marks(register: Register, text: str) -> None:
    if not set(text) & set("✅☑✔✓👍👌🙌💯🟢%"):
        assert not register.read(text).said


@pytest.mark.parametrize("doubt", ["I think", "maybe", "hopefully", "not sure", "as far as I know", "fingers crossed"])
@pytest.mark.parametrize("text", ["all in", "AB12 in", "full house", "everyone here except CD34", "rest in"])
def test_a_doubt_before_or_after_keeps_everybody_off_site(text: str, doubt: str) -> None:
    register = REGISTERS["one-jay"]
    for spoken in (f"{doubt} {text}", f"{text} {doubt}", f"{text}, {doubt}", f"{text}. {doubt}"):
        assert not [one for one in register.read(spoken).said if one.fact.is_on_site], spoken


def test_a_concern_is_heard_in_a_text_too_long_to_be_read() -> None:
    reading = REGISTERS["one-jay"].read("he was telling us about his weekend. " * 60 + "he has bruises on his arm")
    assert reading == Reading(Kind.CONCERN, concern=True)
