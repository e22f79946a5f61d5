"""What stands beside a statement and takes it back: '... I think', '... not', '... or so Dave says'."""

from collections.abc import Sequence
from dataclasses import replace

from apbot.domain.marks import Fact
from apbot.domain.replies.clauses import Clause
from apbot.domain.replies.lexer import Item
from apbot.domain.replies.parts import CHATTER, Part
from apbot.domain.replies.statements import Statement

_TAKES_ALL_BACK = frozenset({Part.MAYBE, Part.DOUBT})
_TAKES_PRESENCE_BACK = frozenset({Part.NOT, Part.NEITHER, Part.NO, Part.EXCEPT, Part.ONLY, Part.UNTIL})
_ANSWERS_FIRST = frozenset({Part.NO, Part.THANKS, Part.PLAIN})


def take_back(asides: Sequence[Clause], statements: Sequence[Statement]) -> None:
    """Make a question of every statement that an aside puts in doubt.

    Doubt touches everything said; words we do not know touch only that somebody is on site, or that there
    is no session, and only from the same sentence: talk in a sentence of its own is talk.
    """
    for aside in asides:
        parts = {item.part for item in aside.items}
        beside = [each for each in statements if each.sentence == aside.sentence]
        doubts, denies = bool(parts & _TAKES_ALL_BACK), _denies(aside.items)
        leads = bool(beside) and aside.order < min(each.order for each in beside)
        if leads and parts <= _ANSWERS_FIRST:
            denies = False  # 'no, all in'
        name_of_sender = {Part.UNKNOWN} if leads else set()  # 'Oak Farm, all in'
        strange = bool(parts - CHATTER - _TAKES_PRESENCE_BACK - name_of_sender)
        if not beside and (doubts or denies):
            beside = _nearest(aside, statements)
        for statement in beside:
            outcome = statement.outcome
            believed = outcome.is_on_site or outcome.fact is Fact.NOT_RUNNING
            if outcome.is_certain and (doubts or (believed and (denies or strange))):
                statement.outcome = replace(outcome.asked(), at=None)


def _denies(items: Sequence[Item]) -> bool:
    """A 'not' that has nothing of its own to deny, as it has in 'not happy'."""
    after = [*(item.part for item in items[1:]), None]
    return any(
        item.part in _TAKES_PRESENCE_BACK and follows is not Part.REMARK
        for item, follows in zip(items, after, strict=True)
    )


def _nearest(aside: Clause, statements: Sequence[Statement]) -> list[Statement]:
    """What an aside in a sentence of its own looks back on, or forward to when nothing came before."""
    earlier = [each.sentence for each in statements if each.sentence < aside.sentence]
    nearest = max(earlier) if earlier else min((each.sentence for each in statements), default=0)
    return [each for each in statements if each.sentence == nearest]
