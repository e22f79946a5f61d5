"""What must hold of everything that people saw, whatever broke."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from apbot.channels.port import MAYBE_REPEAT
from apbot.messages.escalation import LATE_IS
from tests.processes.slack import Seen

HARDLY = timedelta(seconds=30)
"""A card is made a little before people see it."""


def lateness_is_said(seen: Iterable[Seen], due_of: Callable[[str], datetime]) -> None:
    """An alert says that it is late where it is, and does not where it is not; `due_of` is by its words."""
    for each in seen:
        if each.is_edit or "Not arrived" not in each.text or " · step " in each.text:
            continue
        late = each.at - due_of(each.text)
        if late > LATE_IS + HARDLY:
            assert "late: it was due" in each.text, f"{late} late, and it does not say so: {each.text}"
        if late < LATE_IS:
            assert "late: it was due" not in each.text, f"{late} late, and it says {each.text}"


def repeats_are_marked(seen: Iterable[Seen]) -> None:
    """What was posted twice says the second time that it may be a repeat."""
    posted: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for each in seen:
        if not each.is_edit:
            posted[each.channel, subject_of(each.text)].append(each)
    for (channel, subject), several in posted.items():
        for repeat in several[1:]:
            assert MAYBE_REPEAT in repeat.text, f"{subject!r} stands twice in {channel}, and does not say so"


def only_theirs(seen: Iterable[Seen], theirs: Mapping[str, Collection[str]], reference: str) -> None:
    """Nobody was told of a pupil not theirs. `theirs` is by conversation, `reference` what one looks like."""
    for each in seen:
        others = set(re.findall(rf"\b(?:{reference})\b", each.text)) - set(theirs[each.channel])
        assert not others, f"in {each.channel} they were told of {others}"


def subject_of(text: str) -> str:
    """What a message is about: of an alert what became of it, and its number, which stands last; else its heading."""
    lines = text.replace(MAYBE_REPEAT, "").strip().splitlines()
    return f"{lines[0].partition(':')[0]} {lines[-1].strip()}" if " · alert " in lines[-1] else lines[0]
