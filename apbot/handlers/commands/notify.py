"""`/ap notify`: where somebody is told first, and where next."""

from collections.abc import Sequence

from apbot.cards import Action, Button, Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.handlers.commands.port import Command
from apbot.handlers.port import Handler, Refused
from apbot.messages.channel_names import called, channels_in
from apbot.store.database import Transaction
from apbot.store.reach import Reach, load_reach, put_in_order


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Say the order; with the names of channels, put these first."""
    if actor.person_id is None:
        raise Refused("That is for somebody on the roster.")
    if text:
        _reorder(transaction, actor, channels_in(text))
    return Reply(_order(load_reach(transaction, actor.person_id)))


def _reorder(transaction: Transaction, actor: Actor, wanted: Sequence[str]) -> None:
    assert actor.person_id is not None  # noqa: S101  (looked at before)
    there = [each.channel for each in load_reach(transaction, actor.person_id)]
    unknown = [each for each in wanted if each not in there]
    if unknown:
        raise Refused(f"You are not reached by {unknown[0][:20]}. What there is: {', '.join(map(called, there))}.")
    put_in_order(transaction, actor, [*dict.fromkeys(wanted), *(each for each in there if each not in wanted)])


def _first(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    _reorder(transaction, actor, [action.value])
    assert actor.person_id is not None  # noqa: S101  (looked at before)
    return Reply(_order(load_reach(transaction, actor.person_id)))


def _order(reach: Sequence[Reach]) -> Card:
    working = [each for each in reach if each.works]
    return Card(
        heading="Where you are told" if working else "You can't be reached anywhere",
        tone=Tone.PLAIN if working else Tone.ALERT,
        lines=("First in the first of these; in the next when that fails, or an alert is not acknowledged.",),
        rows=tuple(
            Row(
                f"{at}. {called(each.channel)}",
                each.trouble,
                buttons=() if at == 1 else (Button("Put first", "notify_first", 0, each.channel),),
            )
            for at, each in enumerate(reach, start=1)
        ),
        footer="To add another: /ap link CODE there, with a code from your admin.",
    )


COMMAND = Command("notify [telegram email ...]", "Where you are told first, and how to change it.", run)
HANDLERS: dict[str, Handler] = {"notify_first": _first}
