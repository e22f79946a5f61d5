"""What a subcommand of `/ap` is."""

from collections.abc import Callable
from dataclasses import dataclass

from apbot.cards import Reply
from apbot.domain.access import Actor
from apbot.store.database import Transaction


@dataclass(frozen=True)
class Command:
    """One subcommand: how it is typed, its line of help, who is offered it, and what it does.

    `run` takes what was typed after the subcommand's word. It asks `Actor` about every pupil it shows and raises
    `Refused` with a reason a person can use. `beyond` gives what of it is not the command's own vocabulary: that is
    looked through for a possible concern before anything else.
    """

    usage: str
    help: str
    run: Callable[[Transaction, Actor, str], Reply]
    may_use: Callable[[Actor], bool] = lambda actor: bool(actor.roles)
    beyond: Callable[[str], str] = lambda text: text
