"""Items into clauses: who something is said about, what is said, and who is excepted.

People leave out commas, verbs and names, so a clause is whatever holds together: 'Jay and Tom in',
'no sign of Jay, Tom', 'all in except Jay who is ill'. Where two readings are possible, the pupils
concerned are kept apart as `unsure`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from apbot.domain.replies.lexer import Item
from apbot.domain.replies.parts import GROUPS, PREDICATES, SUBJECTS, Part

_SEPARATORS = frozenset({Part.COMMA, Part.DASH, Part.SLASH, Part.AND, Part.OR, Part.BUT})
_PART_OF_WHAT_WENT_BEFORE = frozenset(
    {Part.TIME, Part.TODAY, Part.NOW, Part.PLAIN, Part.THANKS, Part.ARTICLE, Part.POSSESSIVE, Part.KIDS, Part.BOTH}
)
_ANSWERS = frozenset({Part.YES, Part.NO, Part.THANKS, Part.PLAIN})
_SINGULAR = frozenset({"is", "has", "was", "does"})
_MODALS = frozenset({"can", "could", "would", "should", "may"})
_LIST_PARTS = frozenset({Part.PUPIL, Part.AND, Part.COMMA, Part.SLASH, Part.PLAIN, Part.TIME, Part.POSSESSIVE})


@dataclass
class Clause:
    """One thing said about somebody."""

    items: list[Item] = field(default_factory=list)  # in order, the subjects among them
    subjects: list[Item] = field(default_factory=list)
    unsure: list[Item] = field(default_factory=list)  # may or may not belong to the subjects
    exceptions: list[Item] = field(default_factory=list)
    excepting: bool = False  # 'except' was said, whether or not anybody was then named
    said_last: bool = False  # 'everyone except Jay is in': about everyone, or, if it is bad news, about Jay?
    contrasting: bool = False  # the exception was made with 'but', which may also just go on talking
    about_exceptions: bool = False  # what is said about the pupils excepted, as in 'except Jay who is ill'
    inherits: bool = False  # says more about whoever was spoken of last
    sentence: int = 0
    order: int = 0  # among all clauses of the reply
    asked: bool = False  # part of a question

    @property
    def has_predicate(self) -> bool:
        """Something is said, not only somebody named."""
        return any(item.part in PREDICATES for item in self.items)

    @property
    def predicate_first(self) -> bool:
        """'No sign of Jay': who it is about comes after."""
        for item in self.items:
            if item.part in SUBJECTS:
                return False
            if item.part in PREDICATES:
                return True
        return False

    def has(self, *parts: Part) -> bool:
        """Any of the parts occurs in it."""
        return any(item.part in parts for item in self.items)


def clauses_of(items: list[Item]) -> list[Clause]:
    """The clauses of a reply, in order."""
    clauses: list[Clause] = []
    for number, (sentence, asked) in enumerate(_sentences(items)):
        for clause in _Sentence(sentence).clauses():
            clause.sentence = number
            clause.order = len(clauses)
            clause.asked = asked
            clauses.append(clause)
    return clauses


def _sentences(items: list[Item]) -> Iterator[tuple[list[Item], bool]]:
    """The sentences of a reply, and whether each is a question."""
    sentence: list[Item] = []
    heading = False
    for index, item in enumerate([*items, Item(Part.STOP)]):
        if item.part not in (Part.STOP, Part.QUERY):
            sentence.append(item)
            continue
        following = _until_stop(items[index + 1 :])
        if item.part is Part.STOP and following:
            heading = heading or _is_heading(sentence)
            only_names = all(each.part in _LIST_PARTS for each in following)
            continues = following[0].part is Part.EXCEPT or (
                following[0].part is Part.BUT and any(each.part in GROUPS for each in sentence)
            )
            if continues or (heading and only_names):
                sentence.append(Item(Part.COMMA))
                continue
            heading = False
        if sentence:
            yield sentence, item.part is Part.QUERY or _opens_as_question(sentence)
        sentence = []


def _until_stop(items: list[Item]) -> list[Item]:
    end = next((i for i, item in enumerate(items) if item.part in (Part.STOP, Part.QUERY)), len(items))
    return items[:end]


def _is_heading(sentence: list[Item]) -> bool:
    """'Absent:' with the names on the lines below."""
    return (
        bool(sentence)
        and sentence[-1].part is Part.DASH
        and any(item.part in PREDICATES for item in sentence)
        and not any(item.part in SUBJECTS for item in sentence)
    )


def _opens_as_question(sentence: list[Item]) -> bool:
    """A question without its mark: 'is Jay in', 'hi what time does he start'."""
    opening = True
    for index, item in enumerate(sentence):
        after = sentence[index + 1] if index + 1 < len(sentence) else None
        if opening and item.part is Part.ASK:
            return True
        if opening and item.part is Part.WHO:
            named_before = index >= 2 and sentence[index - 2].part is Part.PUPIL
            if not named_before:
                return True
        asks = SUBJECTS | {Part.PERSON, Part.ARTICLE, Part.SITE, Part.TRANSPORT}
        turned = item.part in (Part.AUXILIARY, Part.WILL, Part.WAS) or item.text in _MODALS
        if opening and turned and after and after.part in asks:
            return not (item.text == "have" and after.part is Part.ARTICLE)
        opening = item.part in _SEPARATORS or (opening and item.part in (Part.THANKS, Part.PLAIN))
    return False


class _Sentence:
    """Cuts one sentence into clauses, reading from left to right."""

    def __init__(self, items: list[Item]) -> None:
        self._items = items
        self._done: list[Clause] = []
        self._now = Clause()
        self._joint: Part | None = None  # the separator just passed
        self._runs: list[int] = []  # where, in the list being read, a comma starts a new run of names

    def clauses(self) -> list[Clause]:
        for index, item in enumerate(self._items):
            if item.part in _SEPARATORS:
                self._separate(item)
            elif item.part is Part.EXCEPT:
                self._except(item)
            elif item.part in SUBJECTS and not self._is_mere_word(item):
                self._subject(item)
            else:
                self._other(item, index)
        self._close()
        return self._done

    def _is_mere_word(self, item: Item) -> bool:
        """'Jay and Tom both in', 'all 6', 'Jay he is in': adds nobody to the subjects."""
        if item.part is Part.BOTH:
            return bool(self._now.subjects)
        if item.part is Part.THEY:
            here = self._now.exceptions if self._now.excepting else self._now.subjects
            return bool(here) and not self._now.has_predicate and self._joint is None
        return item.part is Part.ALL and self._listing() and self._now.subjects[-1].part is Part.PUPIL

    def _listing(self) -> bool:
        return bool(self._now.subjects) and not self._now.has_predicate and self._joint is None

    def _separate(self, item: Item) -> None:
        if item.part is Part.OR:
            self._now.items.append(item)
        answers = all(each.part in _ANSWERS for each in self._now.items)
        if not self._now.subjects and self._now.items and (answers or not self._now.has_predicate):
            self._close()
        if item.part in (Part.COMMA, Part.BUT, Part.DASH):
            names = self._now.exceptions if self._now.excepting else self._now.subjects
            self._runs.append(len(names))
        self._joint = item.part

    def _except(self, item: Item) -> None:
        if any(each.part in GROUPS | {Part.NUMBER} for each in self._now.subjects):
            self._now.excepting = True
            self._now.items.append(item)
            self._runs = []
            self._joint = None
        else:
            self._other(Item(Part.DOUBT), -1)

    def _subject(self, item: Item) -> None:
        now = self._now
        about_all = any(each.part in GROUPS for each in now.subjects)
        named = item.part in (Part.PUPIL, Part.NUMBER)
        if self._joint is Part.BUT and about_all and named and not now.excepting:
            now.excepting = now.contrasting = True
            self._runs = []
        if now.excepting:
            if named:
                now.exceptions.append(item)
            else:
                self._start(item)
        elif not now.has_predicate:
            mixed = now.subjects and (about_all or item.part in GROUPS | {Part.THEY})
            if mixed and not _counts(now.subjects[-1], item):
                self._start(item)
            else:
                now.subjects.append(item)
                now.items.append(item)
                now.inherits = False
        elif now.has(Part.CLOSED) or (now.subjects and (about_all or item.part in GROUPS)):
            self._start(item)
        elif now.predicate_first and now.has(Part.TIME):
            self._start(*(each for each in now.items if each.part in PREDICATES | {Part.NOT}), item)
        elif now.predicate_first:
            now.subjects.append(item)
            now.items.append(item)
        else:
            self._start(item)
        self._joint = None

    def _start(self, *items: Item, inherits: bool = False) -> None:
        self._close()
        self._now = Clause(
            items=list(items), subjects=[i for i in items if i.part in SUBJECTS], inherits=inherits
        )

    def _other(self, item: Item, index: int) -> None:
        now = self._now
        named_after = item.part in PREDICATES and now.predicate_first and bool(now.subjects)
        time_of_exception = item.part is Part.TIME and now.excepting and bool(now.exceptions)
        if (item.text in _SINGULAR or item.part is Part.POSSESSIVE) and self._listing():
            self._keep_last_run(item)
        elif item.part in _PART_OF_WHAT_WENT_BEFORE and not time_of_exception:
            if item.part is Part.TIME and now.predicate_first:
                now.unsure, now.subjects = now.subjects[:-1], now.subjects[-1:]
            now.items.append(item)
            return
        elif now.excepting and now.exceptions:
            self._after_exceptions(item)
        elif now.excepting and now.has_predicate and item.part in PREDICATES and self._more_names(index):
            now.excepting = False
            self._start(item)
        elif named_after and self._more_names(index):
            self._start(item)
        elif now.has_predicate and now.subjects and self._is_in_front_of_a_name(item, index):
            self._start(item)
        elif named_after and self._joint is None and self._cuts():
            self._split_last_run(item)
        elif self._joint and (now.has_predicate or now.excepting):
            self._start(item, inherits=True)
        else:
            now.items.append(item)
        self._joint = None

    def _after_exceptions(self, item: Item) -> None:
        """'Everyone except Jay is in' is about everyone; 'all in except Jay who is ill' is about Jay."""
        now = self._now
        about_all = not now.has_predicate and item.part is not Part.WHO and self._joint is None
        if about_all:
            now.said_last = now.said_last or item.part in PREDICATES
            now.items.append(item)
            return
        last = max((cut for cut in self._runs if cut < len(now.exceptions)), default=0)
        run, earlier = now.exceptions[last:], now.exceptions[:last]
        contrasting = now.contrasting
        self._close()
        self._now = Clause(
            items=[*run, item], subjects=run, unsure=earlier, about_exceptions=True, contrasting=contrasting
        )

    def _more_names(self, index: int) -> bool:
        """Somebody is named after this predicate and before the next: 'absent Jay, in Tom'."""
        for item in self._items[index + 1 :]:
            if item.part in SUBJECTS:
                return True
            if item.part in PREDICATES:
                return False
        return False

    def _is_in_front_of_a_name(self, item: Item, index: int) -> bool:
        """'No Jay', 'not Jay', 'waiting on Jay': the name can only come after."""
        named = [each.part for each in self._items[index + 1 : index + 2]] == [Part.PUPIL]
        return named and (item.part in (Part.NO, Part.NOT) or item.text.endswith((" of", " for", " on", " from")))

    def _split_last_run(self, item: Item) -> None:
        """'No sign of Jay, Tom in': Jay belongs to what came first, Tom to what comes now."""
        names, cuts = self._now.subjects, self._cuts()
        first, last = cuts[0], cuts[-1]
        self._now.subjects = names[:first]
        about = Clause(items=[*names[last:], item], subjects=names[last:], unsure=names[first:last])
        self._close()
        self._now = about

    def _keep_last_run(self, item: Item) -> None:
        """'Jay, Tom is in' says nothing certain about Jay."""
        cuts = self._cuts()
        if cuts:
            self._now.unsure = self._now.subjects[: cuts[-1]]
            self._now.subjects = self._now.subjects[cuts[-1] :]
        self._now.items.append(item)

    def _cuts(self) -> list[int]:
        """Where commas part the names being listed."""
        return [cut for cut in self._runs if 0 < cut < len(self._now.subjects)]

    def _close(self) -> None:
        if self._now.items or self._now.subjects:
            self._done.append(self._now)
        self._now = Clause()
        self._runs = []


def _counts(before: Item, item: Item) -> bool:
    """'All six', 'the other two', 'none of the 4': a group and its number."""
    return before.part in GROUPS and item.part is Part.NUMBER
