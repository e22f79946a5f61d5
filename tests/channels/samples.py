"""Cards as any platform gets them, and what came of them."""

import sqlalchemy as sa

from apbot.cards import Button, Card, Choice, Input, InputKind, Row, Style, Tone
from apbot.channels.port import Outgoing, Receipt
from apbot.store.tables import entries
from tests.channels.chatday import ChatDay

LONG = "Ağıla 👩🏽‍🌾 شيماء " * 400
"""Longer than any platform takes: letters with marks, an emoji of several code points, and right-to-left."""


def plain_card(rows: int = 2, words: str = "Arrived") -> Card:
    """A card with everything that a card can have, on so many pupils."""
    reason = Input(
        "reason", "What do you know?", InputKind.CHOICE, (Choice("ill", "Ill"), Choice("unknown", "Unknown"))
    )
    return Card(
        heading="Register: Oak Farm, am, Thursday 17 September",
        tone=Tone.ASK,
        lines=("Pupils are expected from 09:30.", words),
        rows=tuple(
            Row(
                f"AB{number:02d}",
                words,
                Tone.ASK,
                (
                    Button("Arrived", "arrived", number, style=Style.PRIMARY, describes=f"AB{number:02d}"),
                    Button("Not arrived", "absent", number, inputs=(reason,), describes=f"AB{number:02d}"),
                ),
            )
            for number in range(1, rows + 1)
        ),
        buttons=(Button("All arrived", "all_arrived", 1, style=Style.PRIMARY),),
        footer="Or type it.",
    )


async def deliver(day: ChatDay, card: Card, ref: str = "", *, maybe_repeat: bool = False) -> Receipt:
    """Deliver one card to the DSL by hand."""
    outgoing = Outgoing(1, day.dsl_address, card, ref, maybe_repeat=maybe_repeat)
    (receipt,) = await day.channel.deliver([outgoing])
    return receipt


def fact(day: ChatDay, ref: str) -> str | None:
    """What was last said of the pupil this morning."""
    (row,) = day.rows(
        sa.select(entries.c.fact).where(entries.c.pupil_id == day.ids[ref]).order_by(entries.c.starts_at).limit(1)
    )
    said: str | None = row.fact
    return said


INITIALS = ("J.W.", "J.S.", "E.D.")
"""Of the pupils at Oak Farm."""


def names_pupils_as_it_should(day: ChatDay, *told: str) -> None:
    """What stands on the platform, and these answers, have references, and initials only where these may be."""
    there = [
        text for place in (day.farm, day.dsl_address) for s in day.stand.shown(place) for text in (s.text, *s.buttons)
    ]
    words = "\n".join((*there, *told))
    assert "AB12" in words
    found = [each for each in INITIALS if each in words]
    assert bool(found) is not day.channel.references_only, words
