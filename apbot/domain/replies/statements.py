"""Clauses into statements: each with its outcome, and with whoever it is about followed through 'he' and silence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from apbot.domain.marks import Fact
from apbot.domain.replies.clauses import Clause
from apbot.domain.replies.facts import ABSENT, BARE, HERE, UNCLEAR, Outcome, Slight, understand
from apbot.domain.replies.lexer import Item
from apbot.domain.replies.parts import GROUPS, PREDICATES, SUBJECTS, Part
from apbot.domain.replies.pupils import Mention
from apbot.domain.replies.times import Moment

_NO_ONES = frozenset({Part.NOBODY, Part.NOBODY_ELSE})
_OTHERS = frozenset({Part.REST, Part.NOBODY_ELSE})
_TAKES_ALL_BACK = frozenset({Part.MAYBE, Part.DOUBT})
_TAKES_PRESENCE_BACK = frozenset({Part.NOT, Part.NEITHER, Part.NO, Part.EXCEPT, Part.ONLY, Part.UNTIL})
_CHATTER = frozenset(
    {Part.PLAIN, Part.THANKS, Part.REMARK, Part.ALL_FINE, Part.ARTICLE, Part.AUXILIARY, Part.TODAY, Part.KIDS, Part.PLACE, Part.SITE}
    | {Part.NOW, Part.POSSESSIVE, Part.CAUSE, Part.TICK, Part.YES}
)
_NAMES_THE_SENDER = frozenset({Part.UNKNOWN})


@dataclass
class Statement:
    """One outcome and whom it is about."""

    outcome: Outcome
    pupils: list[Mention] = field(default_factory=list)
    unsure: list[Mention] = field(default_factory=list)
    group: Part | None = None  # ALL, REST or SOME
    count: int | None = None  # of the group, when a number was said
    total: int | None = None  # '5 of 6': out of how many
    exceptions: list[Mention] = field(default_factory=list)
    others_excepted: int | None = None  # 'all but two'; 0 when nobody can tell how many
    only: bool = False  # the opposite holds for everyone else
    soft: bool = False  # a lone tick: quiet agreement, which contradicts nobody
    about_site: bool = False  # 'we are closed'
    about_anyone: bool = False  # nobody was named: 'on his way'
    asked: bool = False
    sentence: int = 0
    order: int = 0

    @property
    def is_about_somebody(self) -> bool:
        """It is worth a place in the tally."""
        return bool(self.pupils or self.unsure or self.group or self.about_site or self.about_anyone)


def statements_of(clauses: Sequence[Clause], moment: Moment) -> list[Statement]:
    """What the clauses say, in order, with everything taken back that a later aside takes back."""
    statements: list[Statement] = []
    asides: list[Clause] = []
    for clause in clauses:
        statement = _statement(clause, statements, moment, alone=len(clauses) == 1)
        _name_the_counted(statement, statements)
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
        statements.append(Statement(HERE.asked(), group=Part.ALL))
    for aside in asides:
        _take_back(aside, statements)
    return statements


def _is_signature(statements: Sequence[Statement]) -> bool:
    """'All in. Dave': a name nobody on the register has, last of all and on its own."""
    if len(statements) < 2 or statements[-2].sentence == statements[-1].sentence:
        return False
    last = statements[-1]
    strangers = bool(last.pupils) and all(mention.open and not mention.references for mention in last.pupils)
    return strangers and last.outcome.is_bare


def _statement(clause: Clause, before: Sequence[Statement], moment: Moment, *, alone: bool) -> Statement:
    subjects, items = clause.subjects, list(clause.items)
    group = next((item for item in subjects if item.part in GROUPS), None)
    outcome = _outcome(clause, group, items, moment)
    if outcome.slight and before:
        outcome = _in_context(outcome, clause, before[-1])
    denied = group is not None and group.part is Part.ALL and clause.has(Part.NOT)
    if denied and outcome.fact is Fact.NOT_ARRIVED and not outcome.reason:
        outcome = outcome.asked()
    if clause.said_last and not (outcome.fact and outcome.fact.is_on_site):
        outcome = UNCLEAR
    made = Statement(outcome, sentence=clause.sentence, order=clause.order, asked=clause.asked)
    made.pupils = _mentions(subjects, clause)
    made.unsure = _mentions(clause.unsure, clause)
    made.only = _is_exclusive(items)
    if clause.has(Part.ONLY) and not made.only and outcome.fact is not Fact.NOT_ARRIVED:
        made.outcome = outcome.asked()
    if group:
        _about_group(made, group, subjects, clause)
    elif any(item.part is Part.NUMBER for item in subjects):
        _about_number(made, subjects)
    elif any(item.part is Part.BOTH for item in subjects) and not made.pupils:
        made.group, made.count = Part.ALL, 2
    elif any(item.part is Part.THEY for item in subjects) and not made.pupils:
        plural = any(item.text in ("they", "them") for item in subjects)
        _about_whoever_was_spoken_of(made, before, plural=plural)
    elif not subjects and not clause.unsure:
        _about_nobody_named(made, clause, before, alone=alone)
    if clause.about_exceptions:
        _about_exceptions(made, clause)
    return made


def _in_context(outcome: Outcome, clause: Clause, before: Statement) -> Outcome:
    """'CD34 too', 'CD34 isn't', and talk about a pupil in a sentence of its own."""
    if outcome.slight is Slight.SAME:
        return before.outcome
    if outcome.slight is Slight.OPPOSITE and before.outcome == HERE:
        return ABSENT
    if outcome.slight is Slight.CHATTER and clause.sentence != before.sentence:
        return BARE
    return outcome


def _outcome(clause: Clause, group: Item | None, items: list[Item], moment: Moment) -> Outcome:
    if group and group.part in _NO_ONES:
        return _of_no_one(items, moment)
    if group and group.part in (Part.ALL, Part.REST) and clause.excepting and not clause.has_predicate:
        filled = understand([*items, Item(Part.HERE)], moment)
        return filled
    none_of_them = any(item.part is Part.NUMBER and item.number == 0 for item in clause.subjects)
    return _of_no_one(items, moment) if none_of_them else understand(items, moment)


def _of_no_one(items: list[Item], moment: Moment) -> Outcome:
    """'Nobody is missing' and 'nobody has turned up'."""
    rest = [item for item in items if item.part not in _NO_ONES and item.part is not Part.NUMBER]
    predicates = {item.part for item in rest if item.part in PREDICATES}
    if predicates and predicates <= {Part.ABSENT, Part.AWAY}:
        said = understand(rest, moment)
        return HERE if said.is_certain and not said.reason else UNCLEAR
    return understand([Item(Part.NOT), *rest], moment)


def _name_the_counted(statement: Statement, before: Sequence[Statement]) -> None:
    """'One missing - Jay': a number, and then who they are."""
    counted = before[-1] if before else None
    if counted and statement.outcome.is_bare and statement.pupils and counted.count == len(statement.pupils):
        if counted.outcome.fact is Fact.NOT_ARRIVED:
            statement.outcome = counted.outcome


def _mentions(subjects: Sequence[Item], clause: Clause) -> list[Mention]:
    named = [item.mention for item in subjects if item.mention]
    if len(named) == 1 and clause.has(Part.BOTH) and named[0].exact and len(named[0].references) == 2:
        return [Mention((reference,), certain=True) for reference in named[0].references]
    return named


def _is_exclusive(items: Sequence[Item]) -> bool:
    """'Only Jay is in', 'just Jay missing', 'only missing Jay' say something about everyone else too."""
    parts = [item.part for item in items]
    for index, item in enumerate(items):
        if item.part not in (Part.ONLY, Part.JUST):
            continue
        before, after = parts[:index], parts[index + 1 : index + 2]
        missing = after in ([Part.ABSENT], [Part.AWAY], [Part.NOT]) and Part.PUPIL in parts
        the_one = item.text.endswith(("one", "ones", "1")) and Part.PUPIL in parts
        first = not SUBJECTS & set(before)
        if after == [Part.PUPIL] or the_one or (missing and first):
            return True
    return False


def _about_group(made: Statement, group: Item, subjects: Sequence[Item], clause: Clause) -> None:
    made.group = Part.REST if group.part in _OTHERS else Part.ALL if group.part in _NO_ONES else group.part
    if group.part is Part.SHARE:
        made.group, made.count, made.total = Part.ALL, group.number, group.total
        if not clause.has_predicate and made.outcome.is_bare:
            made.outcome = HERE
    number = next((item.number for item in subjects if item.part is Part.NUMBER), None)
    if number is None and clause.has(Part.BOTH) and not made.pupils:
        number = 2
    made.count = made.count if number is None else number
    made.exceptions = [item.mention for item in clause.exceptions if item.mention]
    counted = [item.number for item in clause.exceptions if item.part is Part.NUMBER]
    number_first = bool(clause.exceptions) and clause.exceptions[0].part is Part.NUMBER
    if counted and not (number_first and sum(counted) == len(made.exceptions)):
        made.others_excepted = sum(counted)
    elif clause.excepting and not made.exceptions:
        made.others_excepted = 0


def _about_number(made: Statement, subjects: Sequence[Item]) -> None:
    number = next(item.number for item in subjects if item.part is Part.NUMBER)
    made.group, made.count = Part.ALL, number or None
    if made.pupils:
        made.outcome = made.outcome.asked()
        made.group = Part.SOME


def _about_whoever_was_spoken_of(made: Statement, before: Sequence[Statement], *, plural: bool) -> None:
    last = next((each for each in reversed(before) if each.pupils or each.group), None)
    if last is None or last.asked:
        made.about_anyone = True
        return
    named = last.pupils or last.exceptions
    if len(named) == 1 or (named and plural):
        made.pupils = list(named)
    elif named:
        made.pupils = [Mention(tuple(reference for mention in named for reference in mention.references))]
    elif plural:
        made.group = last.group
    else:
        made.about_anyone = True


def _about_nobody_named(made: Statement, clause: Clause, before: Sequence[Statement], *, alone: bool) -> None:
    parts = [item.part for item in clause.items]
    verbs = PREDICATES & set(parts)
    why_alone = alone and Part.CAUSE in parts and set(parts) <= {Part.CAUSE, *(_CHATTER - {Part.REMARK})}
    if Part.CLOSED in parts or why_alone:
        made.about_site = True
        if why_alone:
            made.outcome = Outcome(Fact.NOT_RUNNING).asked()
    elif Part.TICK in parts and alone and made.outcome.is_certain and Part.HERE not in parts:
        made.group, made.soft = Part.ALL, True
    elif verbs and (verbs <= {Part.YES} or (verbs <= {Part.NO} and not alone)):
        return
    elif set(parts) <= {Part.TRANSPORT, *_CHATTER} and Part.TRANSPORT in parts and before:
        made.pupils = list(before[-1].pupils) if before[-1].outcome.fact is Fact.NOT_ARRIVED else []
    elif clause.has_predicate and not _speaks_of_something_else(clause.items):
        last = next((each for each in reversed(before) if each.is_about_somebody), None)
        agrees = last is not None and Part.TICK in parts
        if agrees or made.outcome.is_remark:
            return
        if last and not last.asked and (last.pupils or last.exceptions):
            made.pupils = list(last.pupils or last.exceptions)
        elif last and not last.asked and last.group:
            made.group = last.group
        else:
            made.about_anyone = True
            if verbs <= {Part.NO} and made.outcome.is_certain:
                made.outcome = made.outcome.asked()


def _speaks_of_something_else(items: Sequence[Item]) -> bool:
    """'The new lad is here', 'the goat got out': the predicate has a subject, and it is no pupil."""
    first = next(index for index, item in enumerate(items) if item.part in PREDICATES)
    said_by = any(item.part is Part.SAYS for item in items[:first])
    strange = (Part.UNKNOWN, Part.PERSON, Part.REMARK, Part.PLACE)
    return not said_by and any(item.part in strange for item in items[:first])


def _about_exceptions(made: Statement, clause: Clause) -> None:
    """'All in but Jay, Tom late 9:50': what is said may be meant for the last one only."""
    outcome = made.outcome
    if outcome.is_remark:
        made.outcome = UNCLEAR if clause.contrasting else ABSENT
    elif outcome.is_bare:
        made.outcome = ABSENT
    elif outcome.is_certain and outcome.fact is not Fact.NOT_ARRIVED and len(made.pupils) > 1:
        made.unsure += made.pupils[:-1]
        made.pupils = made.pupils[-1:]
    elif outcome.is_certain and outcome.fact is Fact.NOT_ARRIVED:
        made.unsure = []


def _take_back(aside: Clause, statements: Sequence[Statement]) -> None:
    """'... I think', '... not', '... or so Dave says' make a question of what stands beside them."""
    parts = {item.part for item in aside.items}
    all_back, presence_back = bool(parts & _TAKES_ALL_BACK), _denies(aside.items)
    beside = [each for each in statements if each.sentence == aside.sentence]
    if not beside and (all_back or presence_back):
        beside = _nearest(aside, statements)
    leading = bool(beside) and aside.order < min(each.order for each in beside)
    presence_back = presence_back and not (leading and parts <= {Part.NO, Part.THANKS, Part.PLAIN})
    strange = bool(parts - _CHATTER - _TAKES_PRESENCE_BACK - (_NAMES_THE_SENDER if leading else frozenset()))
    for statement in beside:
        outcome = statement.outcome
        believed = outcome.fact is not None and (outcome.fact.is_on_site or outcome.fact is Fact.NOT_RUNNING)
        if outcome.is_certain and (all_back or (believed and (presence_back or strange))):
            statement.outcome = replace(outcome.asked(), at=None)


def _denies(items: Sequence[Item]) -> bool:
    """A 'not' that has nothing of its own to deny, as it has in 'not happy'."""
    for index, item in enumerate(items):
        after = items[index + 1].part if index + 1 < len(items) else None
        if item.part in _TAKES_PRESENCE_BACK and after is not Part.REMARK:
            return True
    return False


def _nearest(aside: Clause, statements: Sequence[Statement]) -> list[Statement]:
    """What an aside in a sentence of its own looks back on, or forward to when nothing came before."""
    earlier = [each.sentence for each in statements if each.sentence < aside.sentence]
    nearest = max(earlier) if earlier else min((each.sentence for each in statements), default=0)
    return [each for each in statements if each.sentence == nearest]
