"""What scripted people do with the morning's list: they answer most of it, book, hand over, waive, or forget."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True)
class Habits:
    """How people are with what they owe, as shares of one."""

    forgets_list: float = 0.1
    forgets_duty: float = 0.2
    leaves_to_owner: float = 0.9
    does_later: float = 0.1
    books: float = 0.08
    hands_over: float = 0.02
    waives: float = 0.02


@dataclass(frozen=True)
class Answer:
    """A button that is pressed, so many days later, with these inputs."""

    button: Mapping[str, Any]
    inputs: Mapping[str, str]
    days_later: int = 0


@dataclass(frozen=True)
class Reader:
    """Somebody who has a list in front of them. `colleagues` are the names they could hand something to."""

    dice: random.Random
    habits: Habits
    today: date
    colleagues: Sequence[str]

    def answers(self, card: Mapping[str, Any]) -> Iterator[Answer]:
        """What they do about each thing on the list."""
        habits = self.habits
        if self._chance(habits.forgets_list):
            return
        ways = {
            self._forgets: habits.forgets_duty,
            self._books: habits.books,
            self._hands_over: habits.hands_over,
            self._waives: habits.waives,
        }
        for row in card.get("rows", ()):
            buttons = {button["verb"]: button for button in row.get("buttons", ())}
            is_others = "you are told because" in row.get("text", "")
            if not buttons or (is_others and self._chance(habits.leaves_to_owner)):
                continue
            draw = self.dice.random()
            way: Callable[[Mapping[str, Any]], Answer | None] = self._does
            for other, share in ways.items():
                if 0 <= draw < share:
                    way = other
                draw -= share
            if (answer := way(buttons)) is not None:
                yield answer

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _day(self, least: int, most: int) -> str:
        return (self.today + timedelta(days=self.dice.randint(least, most))).isoformat()

    def _forgets(self, _: Mapping[str, Any]) -> Answer | None:
        return None

    def _does(self, buttons: Mapping[str, Any]) -> Answer | None:
        if "duty_done" not in buttons:
            return None
        given = {}
        for each in buttons["duty_done"].get("inputs", ()):
            if each["kind"] == "choice":
                given[each["name"]] = self.dice.choice(each["choices"])[0]
            elif each["kind"] == "date" and not each.get("optional"):
                given[each["name"]] = self._day(30, 90)
        return Answer(buttons["duty_done"], given, int(self._chance(self.habits.does_later)))

    def _books(self, buttons: Mapping[str, Any]) -> Answer | None:
        return Answer(buttons["duty_book"], {"on": self._day(0, 7)}) if "duty_book" in buttons else None

    def _hands_over(self, buttons: Mapping[str, Any]) -> Answer | None:
        if "duty_hand" not in buttons or not self.colleagues:
            return None
        return Answer(buttons["duty_hand"], {"whom": self.dice.choice(self.colleagues)})

    def _waives(self, buttons: Mapping[str, Any]) -> Answer | None:
        if "duty_waive" not in buttons:
            return None
        (why,) = buttons["duty_waive"]["inputs"]
        return Answer(buttons["duty_waive"], {"why": self.dice.choice(why["choices"])[0]})
