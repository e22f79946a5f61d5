"""Who on the register a run of words means.

A reference or a name that fits exactly one pupil is certain. A slip in a reference is always asked about,
because references are close to one another; a slip in a name is certain only when nothing else is near.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz.distance import OSA

from apbot.domain.initials import initials_of
from apbot.domain.replies.model import Expected
from apbot.domain.replies.names import OTHER_NAMES, SAME_NAME, SHORT_FOR
from apbot.domain.replies.numbers import TENS, UNITS
from apbot.domain.replies.words import Word, name_words

_LOOK_ALIKES = str.maketrans("oil", "011")
_SPOKEN = {word: str(number) for word, number in UNITS.items()} | {"nought": "0", "oh": "0"}
_LONGEST_REFERENCE_IN_WORDS = 8


@dataclass(frozen=True, slots=True)
class Mention:
    """Who some words of the reply may mean."""

    references: tuple[str, ...] = ()  # in the order of the register; none when nobody fits
    certain: bool = False  # exactly one pupil, beyond doubt
    open: bool = False  # it may also be somebody else on the register, under a name we do not know
    exact: bool = True  # spelled as on the register; False for a slip that was mended

    @property
    def only(self) -> str | None:
        """The one pupil it certainly means."""
        return self.references[0] if self.certain else None


class Roster:
    """The pupils on a register, findable by reference, name, part of a name, or initials."""

    def __init__(self, expected: Sequence[Expected], ordinary_words: frozenset[str]) -> None:
        self._ordinary = ordinary_words
        self.order = tuple(pupil.reference for pupil in expected)
        self._by_form: dict[tuple[str, ...], set[str]] = {}
        self._by_reference = {"".join(name_words(ref)): ref for ref in self.order}
        self._by_look: dict[str, set[str]] = {}
        for looks, reference in self._by_reference.items():
            self._by_look.setdefault(looks.translate(_LOOK_ALIKES), set()).add(reference)
        self._shapes = {_shape(reference) for reference in self._by_reference}
        self._first: dict[str, set[str]] = {}
        self._spellings: dict[str, set[str]] = {}
        for pupil in expected:
            self._learn(pupil)
        self.name_words = frozenset(word for form in self._by_form for word in form)
        self._longest_form = max((len(form) for form in self._by_form), default=0)

    def _learn(self, pupil: Expected) -> None:
        first, last = name_words(pupil.first_name), name_words(pupil.last_name)
        firsts = {first, ("".join(first),), first[:1]} - {()} if first else set()
        lasts = {last, ("".join(last),), last[:1], last[-1:]} - {()} if last else set()
        if "'" in pupil.last_name or "’" in pupil.last_name:
            lasts.add(name_words(pupil.last_name.replace("'", " ").replace("’", " ")))
        forms = firsts | {form for form in lasts if len("".join(form)) > 2 and form[0] not in self._ordinary}
        called = firsts | {(name,) for name in _also_called("".join(first))}
        forms |= {one + other for one in called for other in lasts}
        forms |= {(*one, other[0][0]) for one in called for other in lasts}
        initials = name_words(initials_of(pupil.first_name, pupil.last_name))
        if len(initials) == 2:
            forms |= {form for form in (initials, ("".join(initials),)) if "".join(form) not in self._ordinary}
        for form in forms:
            self._by_form.setdefault(form, set()).add(pupil.reference)
        for name in firsts:
            self._first.setdefault("".join(name), set()).add(pupil.reference)
        for name in firsts | lasts:
            if len("".join(name)) > 2:
                self._spellings.setdefault("".join(name), set()).add(pupil.reference)

    def reference_at(self, words: Sequence[Word]) -> tuple[Mention, int] | None:
        """The reference that the words start with, typed or dictated, and how many words it takes."""
        for length in range(min(len(words), _LONGEST_REFERENCE_IN_WORDS), 0, -1):
            run = words[:length]
            spelled_out = length > 2 and len(run[0].text) == len(run[1].text) == 1
            if length > 1 and not run[1].glued and run[0].text in self._ordinary and not spelled_out:
                continue
            joined = _spoken_together(run)
            if joined in self._by_reference:
                return self._sure(self._by_reference[joined]), length
            alike = self._by_look.get(joined.translate(_LOOK_ALIKES), set())
            if alike and (not joined.isalpha() or (length == 1 and joined not in self._ordinary)):
                return self._mention(alike), length
        return self._slip_in_reference(words)

    def _slip_in_reference(self, words: Sequence[Word]) -> tuple[Mention, int] | None:
        """Something that looks like a reference and is none on the register."""
        length = next((n for n in range(1, len(words)) if not words[n].glued), len(words))
        if length == 1 and len(words) > 1 and words[0].text.isalpha() and words[1].text.isdigit():
            length = 2
        typed = "".join(word.text for word in words[:length])
        mixed = any(c.isdigit() for c in typed) and any(c.isalpha() for c in typed) and typed.isalnum()
        if not mixed or (words[0].text in self._ordinary and len(words[0].text) > 1):
            return None
        near = {ref for plain, ref in self._by_reference.items() if OSA.distance(plain, typed) <= 1}
        if near or _shape(typed) in self._shapes:
            return Mention(self._in_order(near), open=not near), length
        return None

    def name_at(self, words: Sequence[Word]) -> tuple[Mention, int] | None:
        """The name or initials that the words start with, spelled as on the register."""
        for length in range(min(len(words), self._longest_form), 0, -1):
            form = tuple(word.text for word in words[:length])
            if form in self._by_form:
                fits = set(self._by_form[form])
                if length == 1 and form[0] in self._first:  # Sam is who was meant, or Samuel
                    fits |= self._known_as(form[0])
                return self._mention(fits), length
        return None

    def name_like(self, typed: str) -> Mention | None:
        """The pupil for whose name the word is another spelling, a short form, or a slip of the thumb."""
        known_as = self.known_as(typed)
        if known_as:
            return known_as
        if len(typed) == 1:
            starting = {ref for name, refs in self._first.items() if name.startswith(typed) for ref in refs}
            return Mention(self._in_order(starting), open=True, exact=False) if starting else None
        near = {name: OSA.distance(name, typed) for name in self._spellings}
        near = {name: slips for name, slips in near.items() if slips <= _slips_possible(name, typed)}
        likely = {name for name, slips in near.items() if slips <= _slips_allowed(name, typed)}
        someone = typed in OTHER_NAMES
        if not near:
            starting = {r for name, refs in self._first.items() if name.startswith(typed) for r in refs}
            if len(typed) >= 3 and starting:
                return Mention(self._in_order(starting), open=someone, exact=False)
            return Mention(open=True, exact=False) if someone else None
        pupils = self._in_order(ref for name in near for ref in self._spellings[name])
        certain = len(pupils) == 1 and bool(likely) and not someone
        return Mention(pupils, certain=certain, open=someone, exact=False)

    def known_as(self, typed: str) -> Mention | None:
        """The pupil whose first name this is another spelling of, or short for."""
        known = self._known_as(typed)
        return replace(self._mention(known), exact=False) if known else None

    def _known_as(self, typed: str) -> set[str]:
        names = SAME_NAME.get(typed, frozenset()) | SHORT_FOR.get(typed, frozenset())
        shorter = {name for name in self._first if typed in SHORT_FOR.get(name, frozenset())}
        return {reference for name in names | shorter for reference in self._first.get(name, ())}

    def _mention(self, references: Iterable[str]) -> Mention:
        ordered = self._in_order(references)
        return Mention(ordered, certain=len(ordered) == 1)

    def _sure(self, reference: str) -> Mention:
        return Mention((reference,), certain=True)

    def _in_order(self, references: Iterable[str]) -> tuple[str, ...]:
        wanted = set(references)
        return tuple(reference for reference in self.order if reference in wanted)


def _also_called(first_name: str) -> set[str]:
    """Other spellings of a first name, and its short forms."""
    short = {short for short, names in SHORT_FOR.items() if first_name in names}
    return short | SAME_NAME.get(first_name, frozenset())


def _shape(reference: str) -> str:
    return "".join("9" if c.isdigit() else "A" for c in reference)


def _spoken_together(words: Sequence[Word]) -> str:
    """'a b 12', 'AB twelve' and 'CD thirty four' as they would have been typed; '' if there is a pause."""
    joined = ""
    texts = [word.text for word in words]
    for here, after in pairwise([*texts, ""]):
        if here in TENS:
            joined += str(TENS[here] // 10) if 1 <= UNITS.get(after, 0) <= 9 else str(TENS[here])
        elif here in _SPOKEN:
            joined += _SPOKEN[here]
        elif here.isalnum():
            joined += here
        else:
            return ""
    return joined


def _slips_possible(name: str, typed: str) -> int:
    """How far off a word may be and still be worth asking whether the name was meant."""
    return 1 if min(len(name), len(typed)) <= 4 else 2


def _slips_allowed(name: str, typed: str) -> int:
    """How far off a word may be and still certainly be a slip for the name."""
    if typed[0] != name[0] and sorted(typed) != sorted(name):
        return 0
    if len(name) <= 4:
        same_letters = sorted(typed) == sorted(name) or set(typed) == set(name)
        return 1 if same_letters and len(typed) >= len(name) else 0
    return 2 if len(name) >= 8 else 1
