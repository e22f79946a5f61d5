"""Clauses into statements: each with its outcome, and with whoever it is about followed through 'he' and silence."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apbot.domain.marks import Fact
from apbot.domain.replies.clauses import Clause
from apbot.domain.replies.facts import understand
from apbot.domain.replies.lexer import Item
from apbot.domain.replies.outcomes import ABSENT, BARE, HERE, UNCLEAR, Outcome, Slight
from apbot.domain.replies.parts import CHATTER, GROUPS, PREDICATES, SUBJECTS, Part
from apbot.domain.replies.pupils import Mention
from apbot.domain.replies.times import Moment

_NO_ONES = frozenset({Part.NOBODY, Part.NOBODY_ELSE})
_SPEAKS_OF = {
    Part.ALL: Part.ALL,
    Part.SHARE: Part.ALL,
    Part.NOBODY: Part.ALL,
    Part.REST: Part.REST,
    Part.NOBODY_ELSE: Part.REST,
    Part.SOME: Part.SOME,
}
_STRANGE = frozenset({Part.UNKNOWN, Part.PERSON, Part.REMARK, Part.PLACE, Part.CAUSE})


@dataclass
class Group:
    """Pupils spoken of together, and whatever number was put to them."""

    part: Part  # ALL, REST or SOME
    count: int | None = None
    total: int | None = None  # '5 of 6': out of how many
    exceptions: list[Mention] = field(default_factory=list)
    others_excepted: int | None = None  # 'all but two'; 0 when nobody can tell how many
    quietly: bool = False  # a lone tick: agreement that contradicts nobody


@dataclass
class Statement:
    """One outcome, and whom it is about."""

    outcome: Outcome
    sentence: int
    order: int
    asked: bool = False  # a question of theirs, not a statement
    pupils: list[Mention] = field(default_factory=list)
    unsure: list[Mention] = field(default_factory=list)
    group: Group | None = None
    exclusive: bool = False  # the opposite holds for everyone else
    about_site: bool = False  # 'we are closed'
    about_anyone: bool = False  # nobody was named: 'on his way'

    @property
    def is_about_somebody(self) -> bool:
        """It is worth a place in the tally."""
        return bool(self.pupils or self.unsure or self.group or self.about_site or self.about_anyone)

    @property
    def named(self) -> list[Mention]:
        """Whom it names, as what is said of them or as exceptions."""
        return self.pupils or (self.group.exceptions if self.group else [])


def statements_of(clauses: Sequence[Clause], moment: Moment) -> tuple[list[Statement], list[Clause]]:
    """What the clauses say, in order, and the clauses that only stand beside it."""
    statements: list[Statement] = []
    asides: list[Clause] = []
    for clause in clauses:
        statement = _Reader(clause, statements, moment, alone=len(clauses) == 1).statement()
        if statement.is_about_somebody:
            statements.append(statement)
        elif not clause.asked and not statement.outcome.is_remark:
            asides.append(clause)
        if clause.about_exceptions and not clause.has_predicate and clause.has(Part.MAYBE, Part.DOUBT):
            asides.append(clause)  # 'all in except Jay I think' doubts the whole
    if _is_signature(statements):
        statements.pop()
    agrees = any(clause.has(Part.YES, Part.ALL_FINE) for clause in clauses if not clause.asked)
    if agrees and not statements:
        statements.append(Statement(HERE.asked(), 0, 0, group=Group(Part.ALL)))
    return statements, asides


def _is_signature(statements: Sequence[Statement]) -> bool:
    """'All in. Dave': a name nobody on the register has, last of all and on its own."""
    if len(statements) < 2 or statements[-2].sentence == statements[-1].sentence:
        return False
    last = statements[-1]
    strangers = bool(last.pupils) and all(mention.open and not mention.references for mention in last.pupils)
    return strangers and last.outcome.is_bare


class _Reader:
    """Makes one clause a statement, with what was stated before it in mind."""

    def __init__(self, clause: Clause, before: Sequence[Statement], moment: Moment, *, alone: bool) -> None:
        self._clause = clause
        self._before = before
        self._alone = alone
        self._parts = {item.part for item in clause.items}
        self._group = next((item for item in clause.subjects if item.part in GROUPS), None)
        self._made = Statement(self._outcome(moment), clause.sentence, clause.order, clause.asked)

    def statement(self) -> Statement:
        made, clause = self._made, self._clause
        made.pupils, made.unsure = self._mentions(clause.subjects), self._mentions(clause.unsure)
        made.exclusive = _is_exclusive(clause.items)
        half_exclusive = clause.has(Part.ONLY) and not made.exclusive and made.outcome.fact is not Fact.NOT_ARRIVED
        numbers = [item.number for item in clause.subjects if item.part is Part.NUMBER]
        closed = made.outcome.fact is Fact.NOT_RUNNING
        if half_exclusive or (made.pupils and (closed or numbers)):
            made.outcome = made.outcome.asked()
        if self._group:
            made.group = self._whole_group(self._group, numbers)
        elif numbers:
            made.group = None if made.pupils else Group(Part.ALL, numbers[0] or None)
        elif not made.pupils:
            self._about_somebody_unnamed()
        self._name_whom_was_counted()
        if clause.about_exceptions:
            self._about_exceptions()
        return made

    # --- what ---

    def _outcome(self, moment: Moment) -> Outcome:
        clause, group = self._clause, self._group.part if self._group else None
        nobody = group in _NO_ONES or any(i.part is Part.NUMBER and not i.number for i in clause.subjects)
        exceptions_only = group in (Part.ALL, Part.REST) and clause.excepting and not clause.has_predicate
        if nobody:
            return _of_nobody(clause.items, moment)
        if group is Part.SHARE and not clause.has_predicate:
            return understand([*clause.items, Item(Part.HERE)], moment)
        outcome = understand([*clause.items, *([Item(Part.HERE)] if exceptions_only else [])], moment)
        if group is Part.ALL and clause.has(Part.NOT) and outcome.fact is Fact.NOT_ARRIVED and not outcome.reason:
            return outcome.asked()  # 'all not in' may be 'not all in'
        if clause.said_last and not outcome.is_on_site:
            return UNCLEAR
        return self._in_context(outcome) if outcome.slight and self._before else outcome

    def _in_context(self, outcome: Outcome) -> Outcome:
        """'CD34 too', 'CD34 isn't', and talk about a pupil in a sentence of its own."""
        before = self._before[-1]
        if outcome.slight is Slight.SAME:
            return before.outcome
        if outcome.slight is Slight.OPPOSITE and before.outcome == HERE:
            return ABSENT
        if outcome.slight is Slight.CHATTER and self._clause.sentence != before.sentence:
            return BARE
        return outcome

    # --- whom ---

    def _mentions(self, subjects: Sequence[Item]) -> list[Mention]:
        named = [item.mention for item in subjects if item.mention]
        if len(named) == 1 and Part.BOTH in self._parts and named[0].exact and len(named[0].references) == 2:
            return [Mention((reference,), certain=True) for reference in named[0].references]
        return named

    def _whole_group(self, item: Item, numbers: Sequence[int]) -> Group:
        clause = self._clause
        group = Group(_SPEAKS_OF[item.part])
        if item.part is Part.SHARE:
            group.count, group.total = item.number, item.total
        elif numbers:
            group.count = numbers[0]
        elif Part.BOTH in self._parts:
            group.count = 2
        group.exceptions = [each.mention for each in clause.exceptions if each.mention]
        counted = [each.number for each in clause.exceptions if each.part is Part.NUMBER]
        listed_after = bool(counted) and clause.exceptions[0].part is Part.NUMBER
        if counted and not (listed_after and sum(counted) == len(group.exceptions)):
            group.others_excepted = sum(counted)
        elif clause.excepting and not group.exceptions:
            group.others_excepted = 0
        return group

    def _about_somebody_unnamed(self) -> None:
        """A pronoun, 'both', or nobody at all: whoever was spoken of last, if anybody can be meant."""
        made, clause = self._made, self._clause
        pronouns = [item.text for item in clause.subjects if item.part is Part.THEY]
        if any(item.part is Part.BOTH for item in clause.subjects):
            made.group = Group(Part.ALL, 2)
        elif pronouns:
            self._about_whoever_was_spoken_of(plural=pronouns[0] in ("they", "them"))
        elif not clause.subjects and not clause.unsure:
            self._about_nobody_named()

    def _about_whoever_was_spoken_of(self, *, plural: bool) -> None:
        made = self._made
        last = next((each for each in reversed(self._before) if each.pupils or each.group), None)
        if last is None or last.asked:
            made.about_anyone = True
        elif len(last.named) == 1 or (last.named and plural):
            made.pupils = list(last.named)
        elif last.named:
            made.pupils = [Mention(tuple(reference for mention in last.named for reference in mention.references))]
        elif plural and last.group:
            made.group = Group(last.group.part)
        else:
            made.about_anyone = True

    def _about_nobody_named(self) -> None:
        made, last = self._made, next((each for each in reversed(self._before)), None)
        verbs = self._parts & PREDICATES
        if Part.CLOSED in verbs:
            made.about_site = True
        elif self._alone and Part.CAUSE in self._parts and self._parts <= CHATTER - {Part.REMARK}:
            made.about_site, made.outcome = True, Outcome(Fact.NOT_RUNNING).asked()  # 'flooded'
        elif verbs == {Part.TICK}:
            made.group = Group(Part.ALL, quietly=True) if self._alone and made.outcome.is_certain else None
        elif verbs == {Part.YES} or (verbs == {Part.NO} and not self._alone):
            return
        elif Part.TRANSPORT in self._parts and self._parts <= CHATTER | {Part.TRANSPORT} and last:
            made.pupils = list(last.pupils) if last.outcome.fact is Fact.NOT_ARRIVED else []
        elif verbs and not made.outcome.is_remark and not self._speaks_of_something_else():
            self._about_the_last(last)

    def _about_the_last(self, last: Statement | None) -> None:
        """'Jay not in. Ill.'"""
        made = self._made
        if last and not last.asked and last.named:
            made.pupils = list(last.named)
        elif last and not last.asked and last.group:
            made.group = Group(last.group.part)
        else:
            made.about_anyone = True
            if self._parts & PREDICATES == {Part.NO} and made.outcome.is_certain:
                made.outcome = made.outcome.asked()

    def _speaks_of_something_else(self) -> bool:
        """'The new lad is here', 'the goat got out': the predicate has a subject, and it is no pupil."""
        items = self._clause.items
        first = next(index for index, item in enumerate(items) if item.part in PREDICATES)
        said_by = any(item.part is Part.SAYS for item in items[:first])
        return not said_by and any(item.part in _STRANGE for item in items[:first])

    def _name_whom_was_counted(self) -> None:
        """'One missing - Jay': a number, and then who they are."""
        counted = self._before[-1] if self._before else None
        if counted and counted.group and self._made.outcome.is_bare and self._made.pupils:
            all_of_them = counted.group.count == len(self._made.pupils)
            if all_of_them and counted.outcome.fact is Fact.NOT_ARRIVED:
                self._made.outcome = counted.outcome

    def _about_exceptions(self) -> None:
        """'All in but Jay, Tom late 9:50': what is said may be meant for the last one only."""
        made, outcome = self._made, self._made.outcome
        if outcome.is_remark:
            made.outcome = UNCLEAR if self._clause.contrasting else ABSENT
        elif outcome.is_bare:
            made.outcome = ABSENT
        elif outcome.is_certain and outcome.fact is Fact.NOT_ARRIVED:
            made.unsure = []
        elif outcome.is_certain:
            made.unsure, made.pupils = [*made.unsure, *made.pupils[:-1]], made.pupils[-1:]


def _of_nobody(items: Sequence[Item], moment: Moment) -> Outcome:
    """'Nobody is missing' and 'nobody has turned up'."""
    rest = [item for item in items if item.part not in _NO_ONES and item.part is not Part.NUMBER]
    predicates = {item.part for item in rest if item.part in PREDICATES}
    if predicates and predicates <= {Part.ABSENT, Part.AWAY}:
        said = understand(rest, moment)
        return HERE if said.is_certain and not said.reason else UNCLEAR
    return understand([Item(Part.NOT), *rest], moment)


def _is_exclusive(items: Sequence[Item]) -> bool:
    """'Only Jay is in', 'just Jay missing', 'only missing Jay' say something about everyone else too."""
    parts = [item.part for item in items]
    for index, item in enumerate(items):
        if item.part not in (Part.ONLY, Part.JUST):
            continue
        before, after = parts[:index], parts[index + 1 : index + 2]
        missing = after in ([Part.ABSENT], [Part.AWAY], [Part.NOT]) and not SUBJECTS & set(before)
        the_one = item.text.endswith(("one", "ones", "1"))
        if after == [Part.PUPIL] or (Part.PUPIL in parts and (missing or the_one)):
            return True
    return False
