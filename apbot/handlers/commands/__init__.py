"""`/ap` and its subcommands: one module for each, found by its name in `COMMANDS`."""

from apbot.cards import Card, Reply, Row
from apbot.domain.access import Actor
from apbot.handlers.commands import absence, cover, missing, notify, provider, status, today, week, where
from apbot.handlers.commands.port import Command
from apbot.handlers.port import Refused
from apbot.store.database import Transaction

COMMANDS: dict[str, Command] = {
    "today": today.COMMAND,
    "status": status.COMMAND,
    "where": where.COMMAND,
    "missing": missing.COMMAND,
    "week": week.COMMAND,
    "provider": provider.COMMAND,
    "absence": absence.COMMAND,
    "cover": cover.COMMAND,
    "notify": notify.COMMAND,
}
"""Every subcommand by its word. A new one is one module, and one entry here."""


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


def _help(actor: Actor) -> Card:
    own = [command for command in COMMANDS.values() if command.may_use(actor)]
    return Card(
        heading="What you can ask",
        rows=tuple(Row(f"/ap {command.usage}", command.help) for command in own),
        footer="Registers and alerts are answered with the buttons of their messages, or in plain words.",
    )
