"""A card that is too big for one message of a platform, in several; and keeping several messages up to date as one.

The names of the parts are kept in one text with spaces between.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from apbot.cards import Card
from apbot.channels.port import MAYBE_REPEAT

T = TypeVar("T")
Fits = Callable[[Card], bool]


def split(card: Card, fits: Fits) -> list[Card]:
    """The card in as few parts as fit, cut between its rows; what it asks of all of them is in the last.

    That it may be a repeat is said in each. An alert's buttons stand in the first: what has to be pressed first must
    not be below many pupils. A single row that does not fit stands alone: the platform's module cuts its words.
    """
    if fits(card):
        return [card]
    everywhere = MAYBE_REPEAT if MAYBE_REPEAT in card.footer else ""  # a process may have died after any of them
    first = replace(card, rows=(), buttons=card.buttons if card.tone == "alert" else (), footer=everywhere)
    parts, rows = [], list(card.rows)
    part = first
    while rows:
        longer = replace(part, rows=(*part.rows, rows[0]))
        if part.rows and not fits(replace(longer, footer=card.footer, buttons=card.buttons)):
            parts.append(part)
            part = replace(card, lines=(), rows=(), buttons=(), footer=everywhere)
            continue
        part = longer
        rows.pop(0)
    last = replace(part, buttons=part.buttons if card.tone == "alert" else card.buttons, footer=card.footer)
    parts.append(last)
    if len(parts) == 1:
        return parts
    count = len(parts)
    return [replace(each, heading=f"{each.heading} ({at} of {count})") for at, each in enumerate(parts, start=1)]


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of `text`; what is cut off ends in an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


class Parts:
    """Posts, edits and deletes the parts of one message. What a platform can do is given as functions.

    After a failure `refs` still names the parts that stand there: the next try goes on from these.
    """

    def __init__(self, platform_ref: str, *, edit_only: bool = False) -> None:
        """Begin with the parts that stand there. With `edit_only` none is posted, whatever has become of them."""
        self._refs = platform_ref.split()
        self._edit_only = edit_only

    @property
    def refs(self) -> str:
        """The names of the parts that stand there now."""
        return " ".join(self._refs)

    async def show(
        self,
        wanted: Sequence[T],
        post: Callable[[T], Awaitable[str]],
        edit: Callable[[str, T], Awaitable[str | None]],
        delete: Callable[[str], Awaitable[None]],
    ) -> None:
        """Make the platform show what is `wanted`: cards, or what the platform makes of them.

        `post` gives the new part's name. `edit` gives None where the message is not there any more, which is then
        posted anew, else its name. Whatever these raise comes through.
        """
        for at, each in enumerate(wanted):
            if at < len(self._refs):
                edited = await edit(self._refs[at], each)
                if edited is not None or not self._edit_only:
                    self._refs[at] = edited or await post(each)
            elif not self._edit_only:
                self._refs.append(await post(each))
        while len(self._refs) > len(wanted):
            await delete(self._refs[-1])
            self._refs.pop()
