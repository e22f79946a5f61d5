"""Statements counted over the register: what is certain of each pupil, and what has to be asked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apbot.domain.marks import Fact, Reason
from apbot.domain.replies.facts import ABSENT, HERE, Outcome
from apbot.domain.replies.model import Expected, Question, Said, Unclear
from apbot.domain.replies.parts import Part
from apbot.domain.replies.pupils import Mention
from apbot.domain.replies.statements import Statement

_ABOUT_EACH = frozenset({Unclear.WHAT_HAPPENED, Unclear.WHAT_TIME, Unclear.CONTRADICTION})
"""Questions that ask the same about every candidate, so that two of a kind become one."""


class Tally:
    """What the statements of one reply come to."""

    def __init__(
        self, expected: Sequence[Expected], statements: Sequence[Statement], *, asked: bool = False
    ) -> None:
        self._marked = {pupil.reference: pupil.fact for pupil in expected}
        self._named: dict[str, list[Outcome]] = {}
        self._grouped: dict[str, list[Outcome]] = {}
        self._doubtful: list[tuple[Mention, Outcome]] = []  # names that fit several pupils, or none
        self._asked_about: set[str] = set()
        self._who_else: set[str] = set()  # pupils among whom are the ones nobody named
        self._questions: list[Question] = []
        self._asked = asked  # the reply also asks us something
        self.confirms_what_is_known = False
        told = [statement for statement in statements if not statement.asked]
        for statement in statements:
            if statement.asked:
                named = [*statement.pupils, *statement.unsure, *statement.exceptions]
                self._asked_about |= {reference for mention in named for reference in mention.references}
        for statement in told:
            self._take_names(statement)
        for statement in told:
            self._take_exceptions(statement)
        for statement in told:
            self._take_group(statement)
        self._settled = {reference: self._settle(reference) for reference in self._marked}
        self._ask()

    def said(self) -> tuple[Said, ...]:
        """What is certain, in the order of the register."""
        return tuple(
            Said(reference, outcome.fact, outcome.at, outcome.reason)
            for reference, outcome in self._settled.items()
            if outcome and outcome.fact and outcome.is_certain
        )

    def questions(self) -> tuple[Question, ...]:
        """What has to be asked back, in the order in which it was said."""
        return tuple(self._questions)

    # --- taking in ---

    def _take_names(self, statement: Statement) -> None:
        for mention in statement.pupils:
            self._about(mention, statement.outcome)
        for mention in statement.unsure:
            self._about(mention, statement.outcome.asked())
        if statement.about_anyone and len(self._marked) == 1:
            self._about(Mention(tuple(self._marked), certain=True), statement.outcome)

    def _about(self, mention: Mention, outcome: Outcome) -> None:
        if mention.only:
            self._named.setdefault(mention.only, []).append(outcome)
        else:
            self._doubtful.append((mention, outcome))

    def _take_exceptions(self, statement: Statement) -> None:
        """Whoever is excepted from being there is not there, unless something else is said about them."""
        opposite = _opposite(statement.outcome)
        for mention in statement.exceptions:
            spoken_of = any(mention == other for other, _ in self._doubtful)
            if mention.only not in self._named and not spoken_of:
                self._about(mention, opposite)

    def _take_group(self, statement: Statement) -> None:
        if statement.about_site:
            self._take_closure(statement.outcome)
        elif statement.about_anyone and len(self._marked) > 1:
            self._ask_about_anyone(statement.outcome)
        elif statement.group:
            self._take_everyone(statement)
        if statement.only and statement.outcome.is_certain:
            self._give(self._uncovered(), _opposite(statement.outcome))

    def _take_everyone(self, statement: Statement) -> None:
        outcome, covered = statement.outcome, self._uncovered()
        if outcome.is_bare or outcome.is_remark:
            outcome = HERE.asked()
        whole = statement.group is Part.ALL
        if statement.group is Part.SOME or not self._adds_up(statement):
            if not self._accounted_for(statement):
                fact = outcome.fact if outcome.fact is Fact.NOT_RUNNING else Fact.NOT_ARRIVED
                self._ask_who_else(covered, fact, outcome.reason)
            return
        if statement.group is Part.REST and not (
            self._spoken_for() or self._doubtful or any(self._marked.values())
        ):
            self._ask_who_else(covered, Fact.NOT_ARRIVED)
            return
        if outcome.fact is Fact.LEFT_SITE or (outcome.fact and outcome.fact.is_on_site and self._asked):
            outcome = outcome.asked()
        self._give(covered, outcome)
        if outcome.is_certain and whole and statement.count is None and not statement.soft:
            self._contradict_marks(outcome)
        self.confirms_what_is_known |= outcome.is_certain and not covered

    def _ask_who_else(self, covered: tuple[str, ...], fact: Fact, reason: Reason | None = None) -> None:
        """Some of these pupils, and nobody said which: nothing else said of all of them holds."""
        self._who_else |= set(covered)
        self._put(Question(Unclear.WHO_ELSE, covered, fact, None, reason))

    def _take_closure(self, outcome: Outcome) -> None:
        """'We are closed' is about every pupil on the register, whoever was named or marked."""
        if outcome.fact is None:
            return  # 'closed tomorrow' says nothing about this session
        for reference in self._named:
            self._named[reference].append(outcome)
        others = tuple(reference for reference in self._marked if reference not in self._named)
        there = tuple(r for r in others if self._marked[r] in (Fact.ARRIVED, Fact.LATE, Fact.LEFT_SITE))
        if there and outcome.is_certain:
            self._put(Question(Unclear.CONTRADICTION, there, outcome.fact))
        self._give(tuple(reference for reference in others if reference not in there), outcome)

    def _give(self, references: Iterable[str], outcome: Outcome) -> None:
        """One outcome for several pupils; only asked about while somebody named may be any of them."""
        anybody = any(mention.open for mention, _ in self._doubtful)
        for reference in references:
            given = outcome.asked() if anybody and outcome.is_certain else outcome
            self._grouped.setdefault(reference, []).append(given)

    # --- counting ---

    def _spoken_for(self) -> set[str]:
        """Pupils whom the reply singles out, so that 'all' and 'the rest' leave them alone."""
        named = {reference for reference, outcomes in self._named.items() if not _only_remarks(outcomes)}
        doubtful = {reference for mention, outcome in self._doubtful for reference in mention.references}
        return named | doubtful | self._asked_about

    def _uncovered(self) -> tuple[str, ...]:
        spoken_for = self._spoken_for()
        return tuple(r for r, fact in self._marked.items() if fact is None and r not in spoken_for)

    def _named_away(self) -> int:
        """How many pupils without a mark the reply certainly says are not there."""
        away = (Fact.NOT_ARRIVED, Fact.LEFT_SITE)
        merged = {reference: _merged(outcomes) for reference, outcomes in self._named.items()}
        return sum(o.is_certain and o.fact in away and self._marked[r] is None for r, o in merged.items())

    def _adds_up(self, statement: Statement) -> bool:
        """The numbers said fit the register."""
        away, covered = self._named_away(), len(self._uncovered())
        unmarked = sum(fact is None for fact in self._marked.values())
        all_on_site = all(fact is None or fact.is_on_site for fact in self._marked.values())
        if statement.others_excepted is not None:
            return 0 < statement.others_excepted == away - len(statement.exceptions)
        if statement.count is None:
            return True
        wholes = {unmarked} | ({len(self._marked)} if all_on_site else set())
        if statement.total is not None and statement.total not in wholes:
            return False
        if statement.outcome.fact in (Fact.NOT_ARRIVED, Fact.LEFT_SITE):
            return statement.count == covered and not away
        if statement.group is Part.REST:
            return statement.count == covered
        if statement.exceptions and statement.count in wholes:
            return True
        return statement.count in {covered, *(whole - away for whole in wholes)}

    def _accounted_for(self, statement: Statement) -> bool:
        """'One absent', and the reply or the register says who."""
        marked_away = sum(fact is Fact.NOT_ARRIVED for fact in self._marked.values())
        away = self._named_away()
        absent = statement.outcome.fact is Fact.NOT_ARRIVED and statement.outcome.is_certain
        return absent and statement.count is not None and statement.count in (away, away + marked_away)

    # --- settling and asking ---

    def _settle(self, reference: str) -> Outcome | None:
        named = self._named.get(reference, [])
        outcomes = self._grouped.get(reference, []) if _only_remarks(named) else named
        if outcomes is not named and reference in self._who_else:
            return None
        if not outcomes and (not named or self._marked[reference]):
            self.confirms_what_is_known |= bool(named)
            return None
        outcome = _merged(outcomes or named)
        if reference in self._asked_about and outcome.fact and outcome.fact.is_on_site:
            return outcome.asked() if outcome.is_certain else outcome
        return outcome

    def _ask(self) -> None:
        for mention, outcome in self._doubtful:
            if not outcome.is_remark:
                self._ask_who(mention, outcome)
        for reference, settled in self._settled.items():
            if settled and settled.unclear:
                self._put(Question(settled.unclear, (reference,), settled.fact, settled.at, settled.reason))
        certain = {said.reference for said in self.said()}
        trimmed = (self._without(question, certain) for question in self._questions)
        self._questions = [question for question in trimmed if question.candidates or not self._marked]

    def _ask_who(self, mention: Mention, outcome: Outcome) -> None:
        certain = {said.reference for said in self.said()}
        unclear = Unclear.WHICH_PUPIL if mention.references else Unclear.WHO_IS_THAT
        likely = mention.references or self._possible()
        candidates = tuple(reference for reference in likely if reference not in certain)
        self._put(Question(unclear, candidates or likely, outcome.fact, outcome.at, outcome.reason))

    def _possible(self) -> tuple[str, ...]:
        """Whom somebody unknown may be: any pupil nothing else is known about, else any pupil."""
        return self._uncovered() or tuple(self._marked)

    def _ask_about_anyone(self, outcome: Outcome) -> None:
        if outcome.fact:
            self._put(
                Question(Unclear.WHICH_PUPIL, self._possible(), outcome.fact, outcome.at, outcome.reason)
            )

    def _contradict_marks(self, outcome: Outcome) -> None:
        """'All in', where one was marked as not arrived, does not overturn that mark."""
        spoken_for = self._spoken_for()
        against = {
            Fact.ARRIVED: (Fact.NOT_ARRIVED, Fact.LEFT_SITE, Fact.NOT_RUNNING),
            Fact.LATE: (Fact.NOT_ARRIVED, Fact.LEFT_SITE, Fact.NOT_RUNNING),
            Fact.NOT_ARRIVED: (Fact.ARRIVED, Fact.LATE),
        }.get(outcome.fact or Fact.NOT_RUNNING, ())
        odd = tuple(r for r, fact in self._marked.items() if fact in against and r not in spoken_for)
        if odd:
            self._put(Question(Unclear.CONTRADICTION, odd, outcome.fact))

    def _put(self, question: Question) -> None:
        """Ask, joining it to a question that asks the same about other pupils."""
        for index, asked in enumerate(self._questions):
            alike = replace(asked, candidates=()) == replace(question, candidates=())
            if alike and (question.unclear in _ABOUT_EACH or asked.candidates == question.candidates):
                more = tuple(r for r in question.candidates if r not in asked.candidates)
                self._questions[index] = replace(asked, candidates=asked.candidates + more)
                return
        self._questions.append(question)

    @staticmethod
    def _without(question: Question, certain: set[str]) -> Question:
        return replace(question, candidates=tuple(r for r in question.candidates if r not in certain))


def _opposite(outcome: Outcome) -> Outcome:
    """What is true of those excepted."""
    if outcome.fact is Fact.NOT_ARRIVED:
        return HERE if outcome.is_certain else HERE.asked()
    if outcome.fact in (Fact.ARRIVED, Fact.LATE):
        return ABSENT if outcome.is_certain else ABSENT.asked()
    return ABSENT.asked()


def _only_remarks(outcomes: Sequence[Outcome]) -> bool:
    return all(outcome.is_remark for outcome in outcomes)


def _merged(outcomes: Sequence[Outcome]) -> Outcome:
    """Several things said about one pupil, as one."""
    solid = [outcome for outcome in outcomes if not outcome.is_remark] or list(outcomes)
    certain = [outcome for outcome in solid if outcome.is_certain]
    doubts = [outcome for outcome in solid if not outcome.is_certain and not outcome.is_bare]
    if not certain:
        return next((doubt for doubt in doubts if doubt.fact), doubts[0] if doubts else solid[0])
    merged = certain[0]
    for outcome in certain[1:]:
        merged = _together(merged, outcome)
        if merged.unclear:
            return merged
    for doubt in doubts:
        merged = _despite(merged, doubt)
    return merged


def _together(first: Outcome, then: Outcome) -> Outcome:
    """Two certain things about one pupil, in the order they were said."""
    facts = {first.fact, then.fact}
    if facts == {Fact.ARRIVED, Fact.LATE}:
        return Outcome(Fact.LATE, first.at or then.at)
    if first.fact in (Fact.ARRIVED, Fact.LATE) and then.fact is Fact.LEFT_SITE:
        return then
    if len(facts) > 1:
        return Outcome(unclear=Unclear.CONTRADICTION)
    if first.at and then.at and first.at != then.at:
        return Outcome(first.fact, unclear=Unclear.WHAT_TIME)
    reasons = {outcome.reason for outcome in (first, then) if outcome.reason}
    return Outcome(first.fact, first.at or then.at, reasons.pop() if len(reasons) == 1 else None)


def _despite(certain: Outcome, doubt: Outcome) -> Outcome:
    """A certain thing about a pupil beside one that is not."""
    if certain.fact and certain.fact.is_on_site:
        if doubt.unclear is Unclear.WHAT_TIME and doubt.fact is Fact.LATE:
            return Outcome(Fact.LATE, certain.at)
        return certain.asked()
    if doubt.fact is certain.fact and not certain.reason:
        return replace(certain, reason=doubt.reason)
    return certain if doubt.fact in (None, certain.fact) else certain.asked()

