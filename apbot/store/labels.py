"""How pupils are named: by reference, with initials where both the school and the place allow it.

A chat is its members' own. A letter, and the page behind its link, can be read by whoever finds it: nothing of special
care stands there either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from apbot.domain.initials import initials_of

_references_only: ContextVar[bool] = ContextVar("references_only", default=False)


@contextmanager
def references_only(only: bool = True) -> Iterator[None]:
    """Cards and replies that are made within name pupils by their references alone, where `only` says so."""
    before = _references_only.set(only)
    try:
        yield
    finally:
        _references_only.reset(before)


def is_by_reference() -> bool:
    """Whether what is made here and now is for a place where pupils are named by their references alone."""
    return _references_only.get()


def label_of(reference: str, initials: str, *, initials_in_chat: bool) -> str:
    """How the pupil is named here and now."""
    return f"{reference} {initials}" if initials and initials_in_chat and not is_by_reference() else reference


def label_in(row: Any, reference: str) -> str:
    """The same for whoever is in a row: it has the pupil's two names, and the school's `initials_in_chat`."""
    return label_of(reference, initials_of(row.first_name, row.last_name), initials_in_chat=row.initials_in_chat)


def initials_in(label: str, reference: str) -> str:
    """What a label says beside the reference, which a place sets apart; "" where it says no more."""
    return label.removeprefix(reference).strip()
