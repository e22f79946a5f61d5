"""Statements counted over the register: what is certain of each pupil, and what has to be asked."""

from collections.abc import Iterable, Sequence

from apbot.domain.marks import Fact
from apbot.domain.replies.asking import Questions
from apbot.domain.replies.model import Expected, Question, Said, Unclear
from apbot.domain.replies.outcomes import HERE, Outcome, merged, opposite
from apbot.domain.replies.parts import Part
from apbot.domain.replies.pupils import Mention
from apbot.domain.replies.statements import Group, Statement

_AWAY = (Fact.NOT_ARRIVED, Fact.LEFT_SITE)
_AGAINST_BEING_THERE = (*_AWAY, Fact.NOT_RUNNING)
_AGAINST_BEING_AWAY = (Fact.ARRIVED, Fact.LATE)


class Tally:
    """What the statements of one reply come to."""

    def __init__(self, expected: Sequence[Expected], statements: Sequence[Statement], *, also_asks: bool) -> None:
        self._marked = {pupil.reference: pupil.fact for pupil in expected}
        self._also_asks = also_asks
        self._named: dict[str, list[Outcome]] = {}
        self._grouped: dict[str, list[Outcome]] = {}
        self._doubtful: list[tuple[Mention, Outcome]] = []  # names that fit several pupils, or none
        self._asked_about: set[str] = set()
        self._among: set[str] = set()  # pupils among whom are some that nobody named
        self._questions = Questions()
        self.confirms_what_is_known = False
        told = [statement for statement in statements if not statement.asked]
        for statement in statements:
            if statement.asked:
                mentions = [*statement.named, *statement.unsure]
                self._asked_about |= {reference for mention in mentions for reference in mention.references}
        for take in (self._take_names, self._take_exceptions, self._take_group):
            for statement in told:
                take(statement)
        self._settled = {reference: self._settle(reference) for reference in self._marked}

    def said(self) -> tuple[Said, ...]:
        """What is certain, in the order of the register."""
        return tuple(
            Said(reference, outcome.fact, outcome.at, outcome.reason)
            for reference, outcome in self._settled.items()
            if outcome and outcome.fact and outcome.is_certain
        )

    def questions(self) -> tuple[Question, ...]:
        """What has to be asked back; nobody is in two questions."""
        certain = {said.reference for said in self.said()}
        questions = Questions()
        for mention, outcome in self._doubtful:
            if not outcome.is_remark:
                unclear = Unclear.WHICH_PUPIL if mention.references else Unclear.WHO_IS_THAT
                questions.ask(unclear, mention.references or self._anybody(), outcome)
        questions.add(self._questions)
        for reference, settled in self._settled.items():
            if settled and settled.unclear:
                questions.ask(settled.unclear, (reference,), settled)
        return questions.about_others_than(certain)

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
        for mention in statement.group.exceptions if statement.group else ():
            spoken_of = mention.only in self._named or any(mention == other for other, _ in self._doubtful)
            if not spoken_of:
                self._about(mention, opposite(statement.outcome))

    def _take_group(self, statement: Statement) -> None:
        outcome = statement.outcome
        if statement.about_site and outcome.fact:  # 'closed tomorrow' has none
            self._take_closure(outcome)
        elif statement.about_anyone and outcome.fact and len(self._marked) > 1:
            self._questions.ask(Unclear.WHICH_PUPIL, self._anybody(), outcome)
        elif statement.group:
            self._take_everyone(statement.group, outcome)
        if statement.exclusive and outcome.is_certain:
            self._give(self._uncovered(), opposite(outcome))

    def _take_everyone(self, group: Group, outcome: Outcome) -> None:
        covered = self._uncovered()
        if outcome.is_bare or outcome.is_remark:
            outcome = HERE.asked()
        rest_of_what = self._spoken_for() or self._doubtful or any(self._marked.values())
        if (
            group.part is Part.SOME
            or not self._adds_up(group, outcome)
            or (group.part is Part.REST and not rest_of_what)
        ):
            if not self._are_accounted_for(group, outcome):
                self._among |= set(covered)
                self._questions.ask(Unclear.WHO_ELSE, covered, Outcome(Fact.NOT_ARRIVED, reason=outcome.reason))
            return
        if outcome.fact is Fact.LEFT_SITE or (outcome.is_on_site and self._also_asks):
            outcome = outcome.asked()
        self._give(covered, outcome)
        if outcome.is_certain and group.part is Part.ALL and group.count is None and not group.quietly:
            self._contradict_marks(outcome)
        self.confirms_what_is_known |= outcome.is_certain and not covered

    def _take_closure(self, outcome: Outcome) -> None:
        """'We are closed' is about every pupil on the register, whoever was named or marked."""
        for outcomes in self._named.values():
            outcomes.append(outcome)
        others = [reference for reference in self._marked if reference not in self._named]
        been = [r for r in others if self._marked[r] in (Fact.ARRIVED, Fact.LATE, Fact.LEFT_SITE)]
        if outcome.is_certain:
            self._questions.ask(Unclear.CONTRADICTION, been, outcome)
        self._give([reference for reference in others if reference not in been], outcome)

    def _give(self, references: Iterable[str], outcome: Outcome) -> None:
        """One outcome for several pupils; only asked about while somebody named may be any of them."""
        anybody = any(mention.open for mention, _ in self._doubtful)
        for reference in references:
            given = outcome.asked() if anybody and outcome.is_certain else outcome
            self._grouped.setdefault(reference, []).append(given)

    def _contradict_marks(self, outcome: Outcome) -> None:
        """'All in', where one was marked as not arrived, does not overturn that mark."""
        against = _AGAINST_BEING_THERE if outcome.is_on_site else _AGAINST_BEING_AWAY
        spoken_for = self._spoken_for()
        odd = [r for r, fact in self._marked.items() if fact in against and r not in spoken_for]
        self._questions.ask(Unclear.CONTRADICTION, odd, Outcome(outcome.fact))

    # --- counting ---

    def _spoken_for(self) -> set[str]:
        """Pupils whom the reply singles out, so that 'all' and 'the rest' leave them alone."""
        named = {reference for reference, outcomes in self._named.items() if not _only_remarks(outcomes)}
        doubtful = {reference for mention, _ in self._doubtful for reference in mention.references}
        return named | doubtful | self._asked_about

    def _uncovered(self) -> tuple[str, ...]:
        spoken_for = self._spoken_for()
        return tuple(r for r, fact in self._marked.items() if fact is None and r not in spoken_for)

    def _anybody(self) -> tuple[str, ...]:
        """Whom somebody unknown may be: any pupil nothing else is known about, else any pupil."""
        return self._uncovered() or tuple(self._marked)

    def _named_away(self) -> int:
        """How many pupils without a mark the reply certainly says are not there."""
        known = [merged(outcomes) for r, outcomes in self._named.items() if self._marked[r] is None]
        return sum(outcome.is_certain and outcome.fact in _AWAY for outcome in known)

    def _adds_up(self, group: Group, outcome: Outcome) -> bool:
        """The numbers said fit the register."""
        away, covered = self._named_away(), len(self._uncovered())
        if group.others_excepted is not None:
            return 0 < group.others_excepted == away - len(group.exceptions)
        if group.count is None:
            return True
        unmarked = sum(fact is None for fact in self._marked.values())
        all_on_site = all(fact is None or fact.is_on_site for fact in self._marked.values())
        wholes = {unmarked, len(self._marked)} if all_on_site else {unmarked}
        if group.total is not None and group.total not in wholes:
            return False
        if outcome.fact in _AWAY:
            return group.count == covered and not away
        possible = {covered} if group.part is Part.REST else {covered, *(whole - away for whole in wholes)}
        return group.count in (possible | wholes if group.exceptions else possible)

    def _are_accounted_for(self, group: Group, outcome: Outcome) -> bool:
        """'One absent', and the reply or the register says who."""
        marked_away = sum(fact is Fact.NOT_ARRIVED for fact in self._marked.values())
        away = self._named_away()
        absent = outcome.fact is Fact.NOT_ARRIVED and outcome.is_certain
        return absent and group.count in (away, away + marked_away)

    # --- settling ---

    def _settle(self, reference: str) -> Outcome | None:
        named, marked = self._named.get(reference, []), self._marked[reference]
        if _only_remarks(named):
            grouped = [] if reference in self._among else self._grouped.get(reference, [])
            if not grouped:
                self.confirms_what_is_known |= bool(named and marked)
                return merged(named) if named and not marked and reference not in self._among else None
            return merged(grouped)
        outcome = merged(named)
        ill_on_site = outcome.implied and marked is not None and marked.is_on_site
        asked_about = outcome.is_on_site and reference in self._asked_about
        return outcome.asked() if outcome.is_certain and (ill_on_site or asked_about) else outcome


def _only_remarks(outcomes: Sequence[Outcome]) -> bool:
    return all(outcome.is_remark for outcome in outcomes)
