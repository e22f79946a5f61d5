"""A safeguarding concern: who is asked to telephone, and under which reference the school keeps what it is about."""

import re
from collections.abc import Iterable

from apbot.domain.calling import Calling
from apbot.domain.roles import Role

AT_ONCE = (Role.DSL, Role.DEPUTY_DSL)
LATER = (*AT_ONCE, Role.HEAD, Role.NAMED_LEAD)
CALLING = Calling(AT_ONCE, LATER)
"""From the second repeat on the head and the named lead are asked too."""

LONGEST = 40
"""Characters of a reference."""

MOST_WORDS = 2
"""More words than this are no reference: "CPOMS/2026/0142" has one, "hit-her-at-home-2" four."""


class NotAReference(ValueError):
    """The text is for the person: what was wrong with what they gave."""


def read_reference(text: str, names: Iterable[str] = ()) -> str:
    """The safeguarding system's reference in what somebody gave. `names` are those that it must not be.

    Letters, digits, "-" and "/", with a digit among them: a name or a sentence is refused, because what a concern is
    about is not kept here. Raises `NotAReference`.
    """
    given = text.strip()
    if not given or len(given) > LONGEST:
        raise NotAReference(f"A reference has 1 to {LONGEST} characters.")
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9/-]*[A-Za-z0-9])?", given):
        raise NotAReference("A reference has letters, digits, - and / only: no spaces, no names, no sentences.")
    words = re.findall(r"[A-Za-z]{2,}", given)
    unwanted = {name.casefold() for name in names}
    if (
        not any(each.isdigit() for each in given)
        or len(words) > MOST_WORDS
        or unwanted & {word.casefold() for word in words}
    ):
        raise NotAReference("That does not look like a reference, such as CPOMS-2026-0142. No names, no sentences.")
    return given
