"""What somebody logs in one line: "phoned named contact, fine", "seen alone, happy there, wellbeing good, next 12 Oct".

Only what is certain is taken. What is said twice in two ways, or not understood, is left for a form to ask.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from apbot.domain.dates import Unclear, read_day_gone, read_days
from apbot.domain.duties.model import Ask, DutyKind
from apbot.domain.replies.words import word_set

LONGEST = 500
"""Characters that are read."""

ALSO: Mapping[tuple[str, str], str] = {
    ("whom", "named contact"): "main contact",
    ("whom", "deputy contact"): "deputy",
    ("whom", "other staff"): "staff; tutor; a tutor; member of staff",
    ("whom", "the pupil as well"): "pupil as well; and the pupil; pupil too",
    ("how", "telephone"): "phone; phoned; telephoned; rang; called; by phone; phone call; phonecall; call; tel",
    ("how", "visit"): "visited; in person; face to face",
    ("how", "video call"): "video; teams call; zoom; by video",
    ("how", "email"): "emailed; e mail; by email; mail; mailed",
    ("how", "message"): "messaged; texted; text; by text; by message",
    ("how", "meeting"): "met; had a meeting",
    ("how", "on paper"): "paper; printed; by post; posted",
    ("how", "in the school's system"): "in the system; in our system; uploaded; school system",
    ("attendance", "fine"): "ok; okay; all fine; all good; no worries; no concerns",
    ("attendance", "some worry"): "some worries; slight worry; a bit of a worry",
    ("attendance", "a worry"): "worry; worrying; worried",
    ("seen", "yes, alone"): "seen alone; alone; saw alone; saw them alone; on their own",
    ("seen", "yes, with staff"): "seen with staff; with staff; staff present",
    ("seen", "no, absent"): "absent; not there; was absent",
    ("seen", "no, refused"): "refused; would not see me",
    ("view", "happy there"): "happy; likes it; likes it there",
    ("view", "mostly happy"): "mostly fine; quite happy",
    ("view", "unsure"): "not sure",
    ("view", "unhappy"): "not happy; does not like it",
    ("view", "not given"): "no view",
    ("wellbeing", "a worry"): "worry; worrying; worried",
    ("progress", "a worry"): "worry; worrying; worried",
    ("outcome", "goes on as it is"): "goes on; continues; continue; carry on; carries on; no change; unchanged",
    ("outcome", "goes on, changed"): "changed; continues changed; with changes; continues with changes",
    ("outcome", "return to school planned"): "return; returning; return to school; back to school; return planned",
    ("outcome", "ends"): "ending; to end; will end",
    ("outcome", "another placement"): "another provider; new placement; move; moves on",
    ("parents", "yes"): "parents told; told parents; parents know; parents informed",
    ("parents", "not yet"): "parents not told; parents not told yet; not told parents",
    ("governors", "yes"): "governors told; told governors; governors know; governors informed",
    ("governors", "not yet"): "governors not told; governors not told yet; not told governors",
}
"""Besides a choice's own words, how people say it."""

TOGETHER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "both told": (("parents", "yes"), ("governors", "yes")),
    "told both": (("parents", "yes"), ("governors", "yes")),
    "parents and governors told": (("parents", "yes"), ("governors", "yes")),
    "told parents and governors": (("parents", "yes"), ("governors", "yes")),
    "neither told": (("parents", "not yet"), ("governors", "not yet")),
    "parents and governors not yet": (("parents", "not yet"), ("governors", "not yet")),
}
"""What answers two questions at once."""

NAMED_BY: Mapping[str, str] = {
    "parents": "parents parent",
    "governors": "governors governor",
    "wellbeing": "wellbeing wellness",
    "progress": "progress learning",
    "attendance": "attendance punctuality",
    "view": "view views",
    "outcome": "outcome",
}
"""Words that say which question an answer is to, where it could be to several: "wellbeing good"."""

MARKED_BY: Mapping[str, str] = {
    "follow_up": r"\b(?:to )?follow[- ]?up\b[: -]*",
    "words": r"\b(?:in )?(?:their|his|her|own) words\b[: -]*",
}
"""What words of one's own begin with: they go on to the end."""

NEXT = re.compile(r"\bnext((?:\s+(?:one|visit|review|meeting|is|on|for|date))*)[\s:]+([^,;]+)", re.IGNORECASE)

FILLER = word_set("""
    a an the with by was is and are to on at in of for their his her them him it has have had been i we spoke spoken
    talked talk told contact visit visited review report received sent logged log please seen saw see via from done
    just me us provider there
""")


@dataclass(frozen=True)
class Shorthand:
    """What was understood, by the names of the form's inputs; what was said in two ways; and what was not understood.

    `words` is everything that is not of apbot's own vocabulary: it could be a concern.
    """

    given: Mapping[str, str]
    unclear: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    words: str = ""

    def is_whole(self, kind: DutyKind) -> bool:
        """Whether everything that must be answered is, and nothing is left over."""
        needed = [each.name for each in kind.questions if not each.optional] + ["next_on"] * kind.asks_next
        return not (self.unclear or self.left) and all(self.given.get(name) for name in needed)


def read_shorthand(kind: DutyKind, text: str, today: date) -> Shorthand:
    """The answers in what somebody typed about something of this kind that was done. Never raises on any text."""
    if len(text) > LONGEST:
        return Shorthand({}, (), ("…",), text)
    given: dict[str, str] = {}
    unclear: list[str] = []
    text = _own_words(kind, text, given)
    if kind.asks_next:
        text = _next(text, today, given, unclear)
    words, segments = _words(text, today, given, unclear)
    left = _choices(kind, words, segments, given, unclear)
    said = " ".join([*left, *(given[name] for name in MARKED_BY if given.get(name))])
    return Shorthand(
        {name: value for name, value in given.items() if name not in unclear},
        tuple(dict.fromkeys(unclear)),
        tuple(left),
        said,
    )


def _own_words(kind: DutyKind, text: str, given: dict[str, str]) -> str:
    for question in kind.questions:
        if question.ask is Ask.WORDS and (found := re.search(MARKED_BY[question.name], text, re.IGNORECASE)):
            given[question.name] = " ".join(text[found.end() :].split())
            text = text[: found.start()]
    return text


def _next(text: str, today: date, given: dict[str, str], unclear: list[str]) -> str:
    found = NEXT.search(text)
    if found is None:
        return text
    try:
        # "Next Friday" is asked back, as everywhere; "next one on Friday" is not.
        days = read_days(found[2] if found[1] else f"next {found[2]}", today)
    except Unclear:
        unclear.append("next_on")
        return text[: found.start()] + text[found.end() :]
    if days.starts_on != days.ends_on:
        unclear.append("next_on")
    given["next_on"] = days.starts_on.isoformat()
    return f"{text[: found.start()]}, {' '.join(each for each in days.rest if each != 'next')} {text[found.end() :]}"


def _words(text: str, today: date, given: dict[str, str], unclear: list[str]) -> tuple[list[str], list[int]]:
    """The words without the day on which it was, and of which part between commas each is."""
    words: list[str] = []
    segments: list[int] = []
    for number, part in enumerate(re.split(r"[,;.](?!\d)", text)):
        try:
            day, rest = read_day_gone(part, today)
        except Unclear:
            unclear.append("on")
            day, rest = None, tuple(part.split())
        if day is not None:
            if given.get("on", day.isoformat()) != day.isoformat():
                unclear.append("on")
            given["on"] = day.isoformat()
        for word in rest:
            plain = re.sub(r"[^\w'’/]+", " ", word.lower()).replace("’", "'").split()
            words += plain
            segments += [number] * len(plain)
    return words, segments


Answer = tuple[str, str]

SOME_DAY = date(2000, 1, 1)
"""Any day does where only the words matter."""


def _phrases(kind: DutyKind) -> dict[tuple[str, ...], list[Answer]]:
    """How each answer to this kind's questions may be said; several where one phrase may answer several."""
    found: dict[tuple[str, ...], list[Answer]] = {}
    for question in kind.questions:
        for choice in question.choices:
            own = [choice, *ALSO.get((question.name, choice), "").split(";")]
            for each in own:
                words = tuple(re.sub(r"[^\w']+", " ", each.lower()).split())
                if words and (question.name, choice) not in found.setdefault(words, []):
                    found[words].append((question.name, choice))
    return found


def _choices(
    kind: DutyKind, words: Sequence[str], segments: Sequence[int], given: dict[str, str], unclear: list[str]
) -> list[str]:
    """Take the answers out of the words, the longest first; the words that are left."""
    names = {question.name for question in kind.questions}
    asked = {word: name for name, each in NAMED_BY.items() if name in names for word in each.split()}
    phrases = _phrases(kind)
    together = {
        tuple(each.split()): answer for each, answer in TOGETHER.items() if {name for name, _ in answer} <= names
    }
    left: list[str] = []
    at = 0
    while at < len(words):
        size, answer = _longest(words, at, phrases, together)
        if size:
            found = answer if isinstance(answer, tuple) else _meant(answer, asked, words, segments, at)
            if not found:
                left += words[at : at + size]
            for name, choice in found:
                if given.get(name, choice) != choice:
                    unclear.append(name)
                given[name] = choice
            at += size
            continue
        if words[at] not in asked and words[at] not in FILLER:
            left.append(words[at])
        at += 1
    return left


def _longest(
    words: Sequence[str],
    at: int,
    phrases: Mapping[tuple[str, ...], list[Answer]],
    together: Mapping[tuple[str, ...], tuple[Answer, ...]],
) -> tuple[int, list[Answer] | tuple[Answer, ...]]:
    """How many words the longest phrase here takes, and the answers that it may give: a tuple gives all of them."""
    for size in range(min(6, len(words) - at), 0, -1):
        here = tuple(words[at : at + size])
        if here in together:
            return size, together[here]
        if here in phrases:
            return size, phrases[here]
    return 0, []


def _meant(
    answers: Sequence[Answer], asked: Mapping[str, str], words: Sequence[str], segments: Sequence[int], at: int
) -> Sequence[Answer]:
    """Which of several questions an answer is to: the one that is named before it, or alone beside it. Else none."""
    if len(answers) == 1:
        return answers
    here = [number for number, segment in enumerate(segments) if segment == segments[at]]
    before = [asked[words[number]] for number in here if number < at and words[number] in asked]
    beside = {asked[words[number]] for number in here if words[number] in asked}
    name = before[-1] if before else next(iter(beside)) if len(beside) == 1 else ""
    return [each for each in answers if each[0] == name]


def words_beyond(kind: DutyKind, text: str) -> str:
    """What of the text is not of apbot's own vocabulary."""
    return read_shorthand(kind, text, SOME_DAY).words


def questions_left(kind: DutyKind, shorthand: Shorthand) -> Iterator[str]:
    """The labels of what is still to be answered."""
    for question in kind.questions:
        if question.name in shorthand.unclear or not (question.optional or shorthand.given.get(question.name)):
            yield question.label
    if kind.asks_next and not shorthand.given.get("next_on"):
        yield "The next one is on"
