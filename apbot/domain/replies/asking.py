"""Questions to ask back, with what asks the same put together and nobody asked about twice."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from apbot.domain.replies.model import Question, Unclear
from apbot.domain.replies.outcomes import Outcome

_ABOUT_EACH = frozenset({Unclear.WHAT_HAPPENED, Unclear.WHAT_TIME, Unclear.CONTRADICTION})
"""Questions that ask the same about every candidate, so that two of a kind become one."""


class Questions:
    """The questions so far, in the order in which they came up."""

    def __init__(self) -> None:
        self._questions: list[Question] = []

    def ask(self, unclear: Unclear, candidates: Iterable[str], so_far: Outcome) -> None:
        """Ask about these pupils what is not clear, with what was understood of it."""
        question = Question(unclear, tuple(candidates), so_far.fact, so_far.at, so_far.reason)
        for index, asked in enumerate(self._questions):
            alike = replace(asked, candidates=()) == replace(question, candidates=())
            if alike and unclear in _ABOUT_EACH:
                more = tuple(each for each in question.candidates if each not in asked.candidates)
                self._questions[index] = replace(asked, candidates=asked.candidates + more)
                return
            if (asked.unclear, asked.candidates) == (unclear, question.candidates):
                if not alike:  # 'Jay in, Jay ill', with two of them: which is which has to be asked as well
                    self._questions[index] = Question(unclear, asked.candidates)
                return
        self._questions.append(question)

    def add(self, others: "Questions") -> None:
        """Ask those as well."""
        self._questions += others._questions

    def about_others_than(self, settled: Collection[str]) -> tuple[Question, ...]:
        """The questions without the pupils about whom everything is known, each pupil in the first that fits.

        Who an unknown name is has to be asked even when everybody on the register is spoken for.
        """
        asked = set(settled)
        left: list[Question] = []
        for question in self._questions:
            candidates = tuple(reference for reference in question.candidates if reference not in asked)
            asked |= set(candidates)
            if candidates or question.unclear is Unclear.WHO_IS_THAT:
                left.append(replace(question, candidates=candidates))
        return tuple(left)
