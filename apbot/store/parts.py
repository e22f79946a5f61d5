"""A long list in parts: databases limit how many values one statement may carry."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 500
"""So many values go into one statement."""


def in_parts(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The values in order, at most `size` at a time."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
