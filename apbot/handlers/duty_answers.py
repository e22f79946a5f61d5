"""What was answered to a duty's questions, read and checked: nothing missing or long ago, no names, no concern."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from apbot.domain.duties.model import Ask, DutyKind
from apbot.domain.replies import sounds_like_concern
from apbot.domain.walltime import spoken_date
from apbot.handlers.port import Refused, day_given

LONG_AGO = timedelta(days=120)
"""What was done longer ago than this was a slip of the pen."""

FAR_AHEAD = timedelta(days=366)

WORD = re.compile(r"[^\W\d_]+")


def answers(kind: DutyKind, inputs: Mapping[str, str], names: Iterable[str] = ()) -> dict[str, str]:
    """What was answered to the questions of `kind`. Raises `Refused` for what is missing or was not offered.

    `names` are the pupil's, which belong in no words.
    """
    given = {}
    unwanted = set(names)
    for question in kind.questions:
        value = " ".join(inputs.get(question.name, "").split())
        if not value and not question.optional:
            raise Refused(f"“{question.label}” is needed.", question.name)
        if value and question.ask is Ask.CHOICE and value not in question.choices:
            raise Refused(f"“{question.label}” is one of: {', '.join(question.choices)}.", question.name)
        if len(value) > question.most:
            raise Refused(f"“{question.label}” takes {question.most} characters at most.", question.name)
        if question.ask is Ask.DATE and value:
            day_given(value, question.name)
        if question.ask is Ask.WORDS and unwanted & set(WORD.findall(value)):
            raise Refused(f"“{question.label}” takes no names. Nothing recorded: write it without.", question.name)
        given[question.name] = value
    return given


def all_ahead(kind: DutyKind, given: dict[str, str], today: date) -> dict[str, str]:
    """The answers as they are. Raises `Refused` for a day that has passed: it settles nothing."""
    for question in kind.questions:
        if question.ask is Ask.DATE and (on := day_given(given[question.name], question.name)) and on < today:
            raise Refused(f"{spoken_date(on)} has passed. Write a day to come.", question.name)
    return given


def without_concern(kind: DutyKind, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The answers without words that could be a safeguarding concern, which are not kept here; where they stood."""
    dropped = next(
        (each for each in kind.questions if each.ask is Ask.WORDS and sounds_like_concern(given[each.name])),
        None,
    )
    if dropped is None:
        return dict(given), ""
    return {**given, dropped.name: ""}, dropped.label


def on_given(inputs: Mapping[str, str], today: date) -> date:
    """The day on which it was done: today where nothing is said. Raises `Refused` for one to come, or long ago."""
    on = day_given(inputs.get("on", ""), "on") or today
    if on > today:
        raise Refused(f"{spoken_date(on)} has not come yet. Book it for then, or write the day on which it was.", "on")
    if on < today - LONG_AGO:
        raise Refused(f"{spoken_date(on)} is long ago. Is the year right?", "on")
    return on


def next_given(kind: DutyKind, inputs: Mapping[str, str], today: date, *, is_last: bool = False) -> date | None:
    """The day of the next one, where the kind asks for it.

    Raises `Refused` where it has passed, or is missing though this one need not be the last.
    """
    if not kind.asks_next:
        return None
    on = day_given(inputs.get("next_on", ""), "next_on")
    if on is None and is_last:
        return None
    if on is None:
        raise Refused(
            "When is the next one? It is planned before this one is closed. "
            "If the placement ends, have its last day entered in the roster first.",
            "next_on",
        )
    return day_ahead(on, today, "next_on")


def day_ahead(on: date, today: date, name: str) -> date:
    """`on`, where it lies ahead and within a year. Raises `Refused` about the input `name` otherwise."""
    if on < today:
        raise Refused(f"{spoken_date(on)} has passed. Write a day to come.", name)
    if on > today + FAR_AHEAD:
        raise Refused(f"{spoken_date(on)} is more than a year away. Is the year right?", name)
    return on
