"""Items into sentences, and whether each of them is a question."""

from collections.abc import Iterator, Sequence

from apbot.domain.replies.lexer import Item
from apbot.domain.replies.parts import GROUPS, PREDICATES, SEPARATORS, SUBJECTS, Part

_ENDS = frozenset({Part.STOP, Part.QUERY})
_IN_A_LIST = frozenset({Part.PUPIL, Part.AND, Part.COMMA, Part.SLASH, Part.PLAIN, Part.TIME, Part.POSSESSIVE})
_MODALS = frozenset({"can", "could", "would", "should", "may"})
_ASKED_AFTER = SUBJECTS | {Part.PERSON, Part.ARTICLE, Part.SITE, Part.TRANSPORT}


def sentences_of(items: Sequence[Item]) -> Iterator[tuple[list[Item], bool]]:
    """The sentences of a reply, each with whether it is a question.

    'All in. Except Jay.' is one sentence, and so are the heading 'Absent:' and the names on the lines below it.
    """
    sentence: list[Item] = []
    below_heading = False
    for index, item in enumerate([*items, Item(Part.STOP)]):
        if item.part not in _ENDS:
            sentence.append(item)
            continue
        following = _until_end(items[index + 1 :])
        below_heading = below_heading or _is_heading(sentence)
        if item.part is Part.STOP and following and _goes_on(sentence, following, below_heading):
            sentence.append(Item(Part.COMMA))
            continue
        if sentence:
            yield sentence, item.part is Part.QUERY or _opens_as_question(sentence)
        sentence, below_heading = [], False


def _until_end(items: Sequence[Item]) -> Sequence[Item]:
    end = next((index for index, item in enumerate(items) if item.part in _ENDS), len(items))
    return items[:end]


def _is_heading(sentence: Sequence[Item]) -> bool:
    parts = {item.part for item in sentence}
    return bool(parts & PREDICATES) and not parts & SUBJECTS and sentence[-1].part is Part.DASH


def _goes_on(sentence: Sequence[Item], following: Sequence[Item], below_heading: bool) -> bool:
    excepting = following[0].part is Part.EXCEPT
    contrasting = following[0].part is Part.BUT and any(item.part in GROUPS for item in sentence)
    listing = below_heading and all(item.part in _IN_A_LIST for item in following)
    return excepting or contrasting or listing


def _opens_as_question(sentence: Sequence[Item]) -> bool:
    """A question without its mark: 'is Jay in', 'hi what time does he start'."""
    opening = True
    for index, item in enumerate(sentence):
        if opening and _asks(sentence, index):
            return True
        opening = item.part in SEPARATORS or (opening and item.part in (Part.THANKS, Part.PLAIN))
    return False


def _asks(sentence: Sequence[Item], index: int) -> bool:
    item, after = sentence[index], sentence[index + 1].part if index + 1 < len(sentence) else None
    if item.part is Part.WHO:
        about_whom = index >= 2 and sentence[index - 2].part is Part.PUPIL  # 'Jay, who is ill'
        return not about_whom
    turned = item.part in (Part.AUXILIARY, Part.WILL, Part.WAS) or item.text in _MODALS
    wishes = item.text == "have" and after is Part.ARTICLE  # 'have a good day'
    return item.part is Part.ASK or (turned and after in _ASKED_AFTER and not wishes)
