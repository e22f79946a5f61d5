"""Sentences into clauses: who something is said about, what is said, and who is excepted.

People leave out commas, verbs and names, so a clause is whatever holds together: 'Jay and Tom in',
'no sign of Jay, Tom', 'all in except Jay who is ill'. Where two readings are possible, the pupils
concerned are kept apart as `unsure`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apbot.domain.replies.lexer import Item
from apbot.domain.replies.parts import GROUPS, HEADS, PREDICATES, SEPARATORS, SUBJECTS, Part
from apbot.domain.replies.sentences import sentences_of

_BELONGS_TO_WHAT_WENT_BEFORE = frozenset(
    {Part.TIME, Part.TODAY, Part.NOW, Part.PLAIN, Part.THANKS, Part.ARTICLE, Part.POSSESSIVE, Part.KIDS, Part.BOTH}
)
_ANSWERS = frozenset({Part.YES, Part.NO, Part.THANKS, Part.PLAIN})
_SINGULAR = frozenset({"is", "has", "was", "does"})


@dataclass
class Clause:
    """One thing said about somebody."""

    items: list[Item] = field(default_factory=list)  # in order, the subjects among them
    subjects: list[Item] = field(default_factory=list)
    unsure: list[Item] = field(default_factory=list)  # may or may not belong to the subjects
    exceptions: list[Item] = field(default_factory=list)
    excepting: bool = False  # 'except' was said, whether or not anybody was then named
    contrasting: bool = False  # the exception was made with 'but', which may also just go on talking
    said_last: bool = False  # 'everyone except Jay is in': about everyone or, if it is bad news, about Jay?
    about_exceptions: bool = False  # what is said about the pupils excepted, as in 'except Jay who is ill'
    sentence: int = 0
    order: int = 0  # among all clauses of the reply
    asked: bool = False  # part of a question

    def has(self, *parts: Part) -> bool:
        """Any of the parts occurs in it."""
        return any(item.part in parts for item in self.items)

    @property
    def has_predicate(self) -> bool:
        """Something is said, not only somebody named."""
        return self.has(*PREDICATES) or (self.has(Part.HAVE_GOT) and bool(self.subjects))

    @property
    def predicate_first(self) -> bool:
        """'No sign of Jay': who it is about comes after."""
        heads = (item.part for item in self.items if item.part in SUBJECTS | HEADS)
        return next(heads, None) in HEADS

    @property
    def is_about_a_group(self) -> bool:
        """Its subjects are not named."""
        return any(item.part in GROUPS for item in self.subjects)


def clauses_of(items: Sequence[Item]) -> list[Clause]:
    """The clauses of a reply, in order."""
    clauses: list[Clause] = []
    for number, (sentence, asked) in enumerate(sentences_of(items)):
        for clause in _Cutter(sentence).clauses():
            clause.sentence, clause.order, clause.asked = number, len(clauses), asked
            clauses.append(clause)
    return clauses


class _Cutter:
    """Cuts one sentence into clauses, reading from left to right."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._done: list[Clause] = []
        self._now = Clause()
        self._joint: Part | None = None  # the separator just passed
        self._list_goes_on = False  # the head of a list stands ready for more names
        self._commas: list[int] = []  # how many names were listed before each comma

    def clauses(self) -> list[Clause]:
        for index, item in enumerate(self._items):
            if item.part in SEPARATORS:
                self._separator(item)
            elif item.part is Part.EXCEPT:
                self._except(item)
            elif item.part in SUBJECTS and not self._adds_nobody(item):
                self._subject(item)
                self._joint = None
            else:
                self._word(item, index)
        self._close()
        return self._done

    # --- what comes next ---

    def _separator(self, item: Item) -> None:
        if item.part is Part.OR:
            self._now.items.append(item)
        answers = all(each.part in _ANSWERS for each in self._now.items)
        if not self._now.subjects and (answers or not self._now.has_predicate):
            self._close()
        if item.part in (Part.COMMA, Part.BUT, Part.DASH):
            self._commas.append(len(self._now.exceptions if self._now.excepting else self._now.subjects))
        self._joint = item.part

    def _except(self, item: Item) -> None:
        if not any(each.part in GROUPS | {Part.NUMBER} for each in self._now.subjects):
            self._word(Item(Part.DOUBT), -1)
            return
        self._now.excepting = True
        self._now.items.append(item)
        self._joint, self._commas = None, []

    def _subject(self, item: Item) -> None:
        now = self._now
        named = item.part in (Part.PUPIL, Part.NUMBER)
        if self._joint is Part.BUT and now.is_about_a_group and named and not now.excepting:
            now.excepting = now.contrasting = True
            self._commas = []
        counts = item.part is Part.NUMBER and now.subjects[-1:] != [] and now.subjects[-1].part in GROUPS
        mixed = bool(now.subjects) and (now.is_about_a_group or item.part in GROUPS) and not counts
        if now.excepting:
            now.exceptions.append(item) if named else self._start(item)
        elif not now.has_predicate:
            again = bool(now.subjects) and item.part is Part.THEY
            self._start(item) if mixed or again else self._add(item)
        elif not now.predicate_first or mixed or now.has(Part.CLOSED):
            self._start(item)
        elif now.has(Part.TIME):  # 'late: AB12 9:45, CD34 9:50'
            self._start(*(each for each in now.items if each.part in PREDICATES | {Part.NOT}), item)
        else:
            self._add(item)

    def _word(self, item: Item, index: int) -> None:
        now = self._now
        says = item.part in PREDICATES
        after_names = says and now.predicate_first and bool(now.subjects)
        excepted = now.excepting and bool(now.exceptions)
        if self._listing and (item.text in _SINGULAR or item.part is Part.POSSESSIVE):
            self._keep_last_run(item)
        elif item.part in _BELONGS_TO_WHAT_WENT_BEFORE and not (item.part is Part.TIME and excepted):
            self._belongs_to_what_went_before(item)
            return
        elif excepted:
            self._after_exceptions(item)
        elif now.excepting and now.has_predicate and says and self._names_follow(index):
            now.excepting = False  # 'all in except waiting on Jay'
            self._start(item)
        elif after_names and self._is_note(item, index):
            self._note(item)
        elif (after_names and self._names_follow(index)) or self._only_a_name_can_follow(item, index):
            self._start(item)
        elif after_names and self._joint is None and self._cuts():
            self._split_last_run(item)
        elif self._joint and (now.has_predicate or now.excepting):
            self._start(item)
        else:
            now.items.append(item)
        self._joint = None

    def _belongs_to_what_went_before(self, item: Item) -> None:
        now = self._now
        if item.part is Part.TIME and now.predicate_first:  # 'late: AB12, CD34 9:50'
            now.unsure, now.subjects = now.subjects[:-1], now.subjects[-1:]
        now.items.append(item)

    def _after_exceptions(self, item: Item) -> None:
        """'Everyone except Jay is in' is about everyone; 'all in except Jay who is ill' is about Jay."""
        now = self._now
        if not now.has_predicate and item.part is not Part.WHO and self._joint is None:
            now.said_last = now.said_last or item.part in PREDICATES
            now.items.append(item)
            return
        last = max((cut for cut in self._commas if cut < len(now.exceptions)), default=0)
        run, earlier = now.exceptions[last:], now.exceptions[:last]
        self._close()
        self._now = Clause([*run, item], run, earlier, about_exceptions=True, contrasting=now.contrasting)

    # --- looking around ---

    def _adds_nobody(self, item: Item) -> bool:
        """'Jay and Tom both in', 'Jay he is in', 'Jay and Tom all in': the word stands for those just named."""
        now = self._now
        if item.part is Part.BOTH:
            return bool(now.subjects)
        if item.part is Part.THEY:
            named = now.exceptions if now.excepting else now.subjects
            return bool(named) and not now.has_predicate and self._joint is None
        return item.part is Part.ALL and self._listing and now.subjects[-1].part is Part.PUPIL

    @property
    def _listing(self) -> bool:
        return bool(self._now.subjects) and not self._now.has_predicate and self._joint is None

    def _names_follow(self, index: int) -> bool:
        """Somebody is named after this predicate and before the next: 'absent Jay, in Tom'."""
        heads = (item.part for item in self._items[index + 1 :] if item.part in SUBJECTS | PREDICATES)
        return next(heads, None) in SUBJECTS

    def _only_a_name_can_follow(self, item: Item, index: int) -> bool:
        """'All in no Jay', 'all in waiting on Jay'."""
        before_name = [each.part for each in self._items[index + 1 : index + 2]] == [Part.PUPIL]
        complete = self._now.has_predicate and bool(self._now.subjects)
        leads = item.part in (Part.NO, Part.NOT) or item.text.endswith((" of", " for", " on", " from"))
        return complete and before_name and leads

    def _cuts(self) -> list[int]:
        """Where commas part the names being listed."""
        return [cut for cut in self._commas if 0 < cut < len(self._now.subjects)]

    def _is_note(self, item: Item, index: int) -> bool:
        """'Absent: Jay (ill), Tom': said of Jay alone."""
        follows = [each.part for each in self._items[index + 1 : index + 2]]
        return self._joint is None and item.part in (Part.REASON, Part.SYMPTOM) and follows in ([], [Part.COMMA])

    # --- building ---

    def _add(self, item: Item) -> None:
        self._now.subjects.append(item)
        self._now.items.append(item)

    def _start(self, *items: Item) -> None:
        """A new clause; a 'perhaps' right before a name belongs to both."""
        last = self._now.items[-1:]
        shared = self._joint is None and items[0].part in SUBJECTS
        perhaps = last if shared and last and last[0].part is Part.MAYBE else []
        self._close()
        self._now = Clause([*perhaps, *items], [item for item in items if item.part in SUBJECTS])

    def _note(self, item: Item) -> None:
        """Give the last name its reason, and let the list go on."""
        now = self._now
        last = now.subjects.pop()
        now.items.remove(last)
        head = [each for each in now.items if each.part not in SUBJECTS]
        if now.subjects:
            self._done.append(now)
        self._done.append(Clause([*head, last, item], [last]))
        self._now, self._commas, self._list_goes_on = Clause(head), [], True

    def _split_last_run(self, item: Item) -> None:
        """'No sign of Jay, Tom in': Jay belongs to what came first, Tom to what comes now."""
        names, cuts = self._now.subjects, self._cuts()
        self._now.subjects = names[: cuts[0]]
        last = names[cuts[-1] :]
        self._close()
        self._now = Clause([*last, item], last, unsure=names[cuts[0] : cuts[-1]])

    def _keep_last_run(self, item: Item) -> None:
        """'Jay, Tom is in' says nothing certain about Jay."""
        cuts = self._cuts()
        if cuts:
            self._now.unsure, self._now.subjects = self._now.subjects[: cuts[-1]], self._now.subjects[cuts[-1] :]
        self._now.items.append(item)

    def _close(self) -> None:
        if self._now.items and (self._now.subjects or not self._list_goes_on):
            self._done.append(self._now)
        self._now, self._commas, self._list_goes_on = Clause(), [], False
