"""`/ap` and its subcommands: one module for each, found by its name in `COMMANDS`; and what "help" and "hello" give."""

import re

from apbot.cards import Card, Reply, Row
from apbot.domain.access import Actor
from apbot.handlers.commands import (
    absence,
    calendar,
    concern,
    cover,
    incident,
    inspect,
    logging,
    missing,
    notify,
    provider,
    status,
    today,
    week,
    where,
)
from apbot.handlers.commands.port import Command
from apbot.handlers.port import Refused
from apbot.store.database import Transaction

COMMANDS: dict[str, Command] = {
    "today": today.COMMAND,
    "status": status.COMMAND,
    "where": where.COMMAND,
    "missing": missing.COMMAND,
    **logging.COMMANDS,
    "concern": concern.COMMAND,
    "incident": incident.COMMAND,
    "week": week.COMMAND,
    "provider": provider.COMMAND,
    "inspect": inspect.COMMAND,
    "absence": absence.COMMAND,
    "cover": cover.COMMAND,
    "notify": notify.COMMAND,
    "calendar": calendar.COMMAND,
}
"""Every subcommand by its word. A new one is one module, and one entry here."""


def is_command(text: str) -> bool:
    """Whether it is `/ap` and what follows, or the same without the stroke, as typed in a chat without commands."""
    return text.lower().split(maxsplit=1)[:1] in (["/ap"], ["ap"])


def is_for_the_asker_alone(text: str) -> bool:
    """Whether the answer to what was typed is for nobody else: a command shows what the asker may see, and whoever
    reads along may not. Help shows nobody's record, and a code is taken in front of all whom it concerns."""
    words = text.lower().split(maxsplit=2)
    return is_command(text) and words[1:2] not in ([], ["help"], ["link"])


HELP = frozenset({"", "?", "help", "help me", "help please", "commands", "menu", "what can you do", "what can you do?"})
GREETINGS = frozenset(
    {"hi", "hello", "hey", "hiya", "hi there", "hello there", "good morning", "morning", "good afternoon", "afternoon"}
)
"""Said to apbot, these ask what it is for."""


def help_asked(actor: Actor, text: str, *, is_to_apbot: bool) -> Reply | None:
    """The answer to words that only ask for help, or only greet apbot; None for any others.

    A greeting in a conversation that several share is for the others, unless apbot is named.
    """
    plain = " ".join(re.sub(r"[^\w\s?]", " ", text).split()).lower()
    if plain in HELP and (plain or is_to_apbot):
        return Reply(_help(actor))
    return Reply(_greeting(actor)) if plain in GREETINGS and is_to_apbot else None


def _greeting(actor: Actor) -> Card:
    ways = []
    if actor.providers():
        ways.append("A register is answered with its buttons, or in plain words: “all in except CD34”.")
    if actor.schools() or actor.is_admin_of_all:
        ways.append("An alert is acknowledged with its button, or with the words “on it”.")
    return Card(
        "This is apbot", lines=(*ways, "Type /ap today for the day, or /ap help for everything that you can ask.")
    )


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Run what was typed after `/ap`; without anything, or with an unknown word, the help."""
    _, _, rest = text.strip().partition(" ")
    word, _, argument = rest.strip().partition(" ")
    if not word or word.lower() == "help":
        return Reply(_help(actor))
    if word.lower() == "link":
        raise Refused("Write the code behind it: /ap link ABCD-EFGH. The admin of your school or provider makes one.")
    command = COMMANDS.get(word.lower())
    if command is None:
        raise Refused(f"There is no /ap {word[:20]}. Type /ap help for what there is.")
    return command.run(transaction, actor, argument.strip())


def words_beyond(text: str) -> str:
    """What was typed after `/ap`, without the words that are a command's own."""
    word, _, argument = text.strip().partition(" ")
    command = COMMANDS.get(word.lower())
    return text if command is None else command.beyond(argument.strip())


def _help(actor: Actor) -> Card:
    own = [command for command in COMMANDS.values() if command.may_use(actor)]
    return Card(
        heading="What you can ask",
        rows=tuple(Row(f"/ap {command.usage}", command.help) for command in own),
        footer="Registers and alerts are answered with the buttons of their messages, or in plain words.",
    )
