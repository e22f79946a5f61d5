"""What an item is, judged by the items beside it: 'will', 'in', 'n' and 'all' mean different things in company."""

from collections.abc import Callable
from dataclasses import replace

from apbot.domain.replies.lexer import MARK_LETTERS, Item
from apbot.domain.replies.names import READS_AS_ENGLISH, VERB_NAMES, WORD_NAMES
from apbot.domain.replies.ordinary import ORDINARY
from apbot.domain.replies.parts import GROUPS, JOINTS, PREDICATES, SUBJECTS, Part
from apbot.domain.replies.pupils import Mention

_BEFORE_A_NAME = (
    JOINTS
    | SUBJECTS
    | {Part.NOT, Part.NEITHER, Part.NO, Part.ONLY, Part.JUST, Part.ABSENT, Part.HAVE_GOT, Part.THANKS, Part.SAME}
    | {Part.WHO, Part.MAYBE, Part.TODAY, Part.PLAIN, Part.AUXILIARY, Part.YES, Part.TICK, Part.TIME, Part.ASK}
    | {Part.PERSON, Part.SAYS, Part.WILL}
)
_AFTER_A_NAME = (
    JOINTS
    | (PREDICATES - {Part.COME})
    | {Part.POSSESSIVE, Part.AUXILIARY, Part.WAS, Part.NOT, Part.WILL, Part.TIME, Part.PUPIL, Part.BOTH, Part.JUST}
    | {Part.NOW, Part.MAYBE, Part.TODAY, Part.ONLY, Part.WHO, Part.HAVE_GOT, Part.THANKS}
)
_AFTER_A_STRANGER = (PREDICATES - {Part.COME, Part.SAME}) | {Part.AUXILIARY, Part.WAS, Part.NOT, Part.POSSESSIVE}
_AFTER_A_SURNAME = JOINTS | _AFTER_A_STRANGER
_BARE_INFINITIVE = frozenset({Part.COME, Part.COMING, Part.LEAVING})
_COMMANDED = SUBJECTS | {Part.ARTICLE}
_NOT_A_PLACE = frozenset({Part.UNKNOWN, Part.PERSON, Part.NUMBER, Part.TRANSPORT, Part.CAUSE, Part.UNSURE, Part.SITE})
_BEFORE_A_COUNT = GROUPS | {Part.EXCEPT, Part.BUT, Part.ONLY, Part.HAVE_GOT, Part.ABSENT, Part.AWAY}
_AFTER_A_COUNT = PREDICATES | {Part.AUXILIARY, Part.WAS, Part.WILL, Part.NOT, Part.KIDS, Part.MAYBE, Part.REST}
_TEAM = frozenset({"boys", "girls", "lads", "lasses", "people", "guys"})
_ON_SITE = frozenset({"farm", "unit", "site", "centre", "center", "garage", "building", "session", "sessions"})


def settle(items: list[Item]) -> list[Item]:
    """The same items, with everything decided that their neighbours can decide."""
    steps: tuple[Callable[[list[Item]], list[Item]], ...] = (
        _greetings,
        _missing_apostrophes,
        _mark_letters,
        _names_that_are_words,
        _strangers,
        _sent_home,
        _one_pupil_said_twice,
        _places,
        _numbers,
        _other_things,
        _waiting,
    )
    for step in steps:
        items = step(items)
    return items


def _at(items: list[Item], index: int) -> Item | None:
    return items[index] if 0 <= index < len(items) else None


def _part(items: list[Item], index: int) -> Part:
    item = _at(items, index)
    return item.part if item else Part.STOP


def _greetings(items: list[Item]) -> list[Item]:
    """'Morning all', 'thanks Jay' and 'all in lads' speak to somebody; they say nothing about a pupil."""
    settled = []
    for index, item in enumerate(items):
        before, after = _part(items, index - 1), _part(items, index + 1)
        greeted = before is Part.THANKS and item.part in GROUPS | {Part.PUPIL, Part.KIDS}
        ends = after in JOINTS or (item.part in GROUPS and after in SUBJECTS | {Part.THANKS, Part.KIDS})
        team = item.text in _TEAM and before in (Part.HERE, Part.COMMA, Part.STOP) and after in JOINTS
        settled.append(Item(Part.PLAIN) if (greeted and ends) or team else item)
    return settled


def _missing_apostrophes(items: list[Item]) -> list[Item]:
    """'Were all in' at the start is 'we're all in'."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        opens = _part(items, index - 1) in JOINTS | {Part.THANKS}
        ours = item.text == "were" and opens and _part(items, index + 1) in (Part.ALL, Part.CLOSED)
        settled.append(Item(Part.SITE, "we") if ours else item)
    return settled


def _mark_letters(items: list[Item]) -> list[Item]:
    """'AB12 - y' and 'CD34 a' are marks; 'Jay n Tom' is a list."""

    def stands_as_mark(index: int) -> bool:
        before = index - 2 if _part(items, index - 1) in (Part.DASH, Part.POSSESSIVE) else index - 1
        ends = _part(items, index + 1) in JOINTS | {Part.PUPIL, Part.TIME, Part.ALL, Part.REST, Part.NUMBER}
        heads = _part(items, index - 1) in JOINTS and _part(items, index + 1) is Part.DASH  # 'P: AB12, CD34'
        return items[index].text in MARK_LETTERS and (heads or (_part(items, before) is Part.PUPIL and ends))

    marks = {index for index in range(len(items)) if stands_as_mark(index)}
    lists = {i for i in marks if items[i].text == "n" and _part(items, i + 1) is Part.PUPIL}
    if lists == marks:
        marks = set()
    settled = []
    for index, item in enumerate(items):
        if index in marks:
            settled.append(Item(MARK_LETTERS[item.text], item.text))
        elif item.text == "n" and (item.part is Part.UNKNOWN or item.otherwise):
            settled.append(Item(Part.AND))
        else:
            settled.append(item)
        if item.letter and _part(items, index + 1) in JOINTS - {Part.AND, Part.EXCEPT}:
            settled.append(Item(Part.UNSURE))
    return settled


def _names_that_are_words(items: list[Item]) -> list[Item]:
    """'Will is in' names a pupil; 'will be late' and 'mark all in' do not; 'Sunny here' has to be asked."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        if item.part is not Part.PUPIL or item.otherwise is None:
            settled.append(item)
            continue
        after = _at(items, index + 1)
        if not _has_room_for_a_name(items, index, settled):
            settled.append(Item(item.otherwise, item.text))
        elif after and _could_be_english(items, index, after):
            settled.append(replace(item, mention=_unsure(item.mention), otherwise=None))
        else:
            settled.append(replace(item, otherwise=None))
    return settled


def _has_room_for_a_name(items: list[Item], index: int, settled: list[Item]) -> bool:
    item, after = items[index], _part(items, index + 1)
    before = settled[-1].part if settled else Part.STOP
    if before not in _BEFORE_A_NAME or after not in _AFTER_A_NAME:
        return False
    if before in SUBJECTS and item.otherwise in (Part.WILL, Part.MAYBE):
        return False
    if item.text in VERB_NAMES and after in _COMMANDED:
        return False
    if item.otherwise in (Part.WILL, Part.MAYBE) and index + 2 < len(items):
        return after not in _BARE_INFINITIVE and not _helps(items, index + 1)
    return True


def _could_be_english(items: list[Item], index: int, after: Item) -> bool:
    item = items[index]
    commands = item.text in VERB_NAMES and after.part in PREDICATES and _part(items, index + 2) in SUBJECTS
    return commands or (item.text, after.text) in READS_AS_ENGLISH


def _unsure(mention: Mention | None) -> Mention | None:
    return replace(mention, certain=False) if mention else None


def _strangers(items: list[Item]) -> list[Item]:
    """An unknown word where only a pupil can stand is somebody who is not on the register."""
    settled: list[Item] = []
    index = 0
    while index < len(items):
        end = index
        while end < len(items) and _may_be_a_name(items[end]):
            end += 1
        before = settled[-1].part if settled else Part.STOP
        after = _part(items, end)
        excepted = before is Part.EXCEPT and after in JOINTS
        named = before in JOINTS | {Part.NO, Part.ONLY} and after in _AFTER_A_STRANGER
        helping = end < len(items) - 1 and _helps(items, end)
        if 0 < end - index <= 3 and (excepted or named) and not helping:
            settled.append(Item(Part.PUPIL, mention=Mention(open=True, exact=False)))
        elif end > index:
            settled += items[index:end]
        if end < len(items):
            settled.append(items[end])
        index = end + 1
    return settled


def _may_be_a_name(item: Item) -> bool:
    """A word in no table, or one that is a first name as well, such as 'mark'."""
    if item.part is Part.UNKNOWN:
        return item.text.isalpha() and (item.text not in ORDINARY or item.text in WORD_NAMES)
    return item.part in (Part.PLAIN, Part.WILL, Part.MAYBE) and item.text in WORD_NAMES


def _helps(items: list[Item], after: int) -> bool:
    """'Will be', 'may not come': what stands before `after` helps a verb."""
    if items[after].text == "be":
        return True
    then = items[after + 1]
    return items[after].part is Part.NOT and (then.text == "be" or then.part in _BARE_INFINITIVE)


def _sent_home(items: list[Item]) -> list[Item]:
    """'Sent Jay home' is 'Jay sent home'."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        sent, home = _at(items, index - 2), item.text == "home"
        if home and sent and sent.text in ("sent", "took", "taken") and _part(items, index - 1) in SUBJECTS:
            del settled[-2]
            settled.append(Item(Part.LEFT, "sent home"))
        else:
            settled.append(item)
    return settled


def _one_pupil_said_twice(items: list[Item]) -> list[Item]:
    """'CD34 J.S.' is one pupil; 'Jay Jones', where Jay is a Smith, may be anybody called Jay or Jones."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        before = settled[-1] if settled else None
        if before is None or before.part is not Part.PUPIL or before.mention is None:
            settled.append(item)
        elif item.part is Part.PUPIL and item.mention and item.is_reference != before.is_reference:
            settled[-1] = replace(before, mention=_both(before.mention, item.mention))
        elif item.part is Part.PUPIL and item.mention and not item.is_reference and not item.mention.exact:
            either = _both(before.mention, item.mention)
            slip = either.certain and item.mention.certain  # 'Jay Smtih'
            settled[-1] = replace(before, mention=either if slip else replace(either, certain=False, open=True))
        elif item.part is Part.UNKNOWN and _may_be_a_name(item) and _part(items, index + 1) in _AFTER_A_SURNAME:
            settled[-1] = replace(before, mention=replace(before.mention, certain=False, open=True))
        else:
            settled.append(item)
    return settled


def _both(one: Mention, other: Mention) -> Mention:
    shared = tuple(reference for reference in one.references if reference in other.references)
    if len(shared) == 1:
        return replace(one, references=shared, certain=True, open=False)
    either = one.references + tuple(r for r in other.references if r not in one.references)
    return Mention(shared or either, open=one.open or other.open)


def _places(items: list[Item]) -> list[Item]:
    """'In the workshop' is here; 'in 10' is to come; 'in' before anything we do not know may be anywhere."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        if item.part is Part.HERE and item.text in ("in", "back in"):
            settled.append(replace(item, part=_in_what(items, index + 1)))
        else:
            settled.append(item)
    return settled


def _in_what(items: list[Item], index: int) -> Part:
    """The part that 'in' plays before what stands at `index`."""
    start = index
    while _part(items, index) is Part.ARTICLE:
        index += 1
    after, then = _at(items, index), _part(items, index + 1)
    if after is None or after.part in JOINTS:
        return Part.HERE if index == start else Part.UNSURE
    if after.part is Part.NUMBER:
        counts = then in PREDICATES - {Part.LATE, Part.COMING}  # 'in 10' but '5 in 1 absent'
        return Part.HERE if counts else Part.COMING if then in JOINTS else Part.UNSURE
    known = after.part not in _NOT_A_PLACE or after.text in _ON_SITE
    return Part.HERE if known or then is Part.MAYBE else Part.UNSURE


def _numbers(items: list[Item]) -> list[Item]:
    """'5 in', 'all 6', 'the other two', 'absent: 1' count pupils; 'year 9' and 'the other place' do not."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        before, after = _part(items, index - 1), _part(items, index + 1)
        counts = before in _BEFORE_A_COUNT or after in _AFTER_A_COUNT or (before is Part.DASH and after in JOINTS)
        no_count = item.part is Part.NUMBER and not counts
        no_others = item.text.endswith("other") and after not in (Part.NUMBER, Part.KIDS)
        settled.append(Item(Part.UNKNOWN, item.text) if no_count or no_others else item)
    return settled


def _other_things(items: list[Item]) -> list[Item]:
    """'All horses in' and 'Jay dog in' are not about pupils being in."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        before, after = _part(items, index - 1), _part(items, index + 1)
        thing = item.part in (Part.REMARK, Part.PLACE)
        counted = before in GROUPS | {Part.NUMBER, Part.BOTH} or (before is Part.PUPIL and after in PREDICATES)
        settled.append(Item(Part.UNKNOWN, item.text) if thing and counted else item)
    return settled


def _waiting(items: list[Item]) -> list[Item]:
    """'Waiting on Jay' says that Jay is not there; 'Jay waiting for lunch' may say that he is."""
    settled: list[Item] = []
    for index, item in enumerate(items):
        for_nobody = item.text.startswith(("waiting", "awaiting")) and _part(items, index + 1) not in SUBJECTS
        settled.append(replace(item, part=Part.UNSURE) if for_nobody else item)
    return settled
