"""`/ap calendar`: whether one's calendar has an address, and ending it.

The address itself is shown on a page behind sign-in, once: a chat keeps what is said in it.
"""

from apbot.cards import Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.handlers.commands.port import Command
from apbot.handlers.port import Refused, said
from apbot.store.calendarlinks import end_calendar, link_of
from apbot.store.database import Transaction

WHERE = "Sign in to apbot and open “Your calendar” in the menu with your name: the address is shown there, once."


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap calendar`, `/ap calendar off` and `/ap calendar new`."""
    if actor.person_id is None:
        raise Refused("That is for somebody on the roster.")
    match text.strip().lower():
        case "":
            return _state(transaction, actor.person_id)
        case "off" | "end" | "stop":
            there = end_calendar(transaction, actor, actor.person_id)
            return said("Your calendar's address leads nowhere any more" if there else "There was no address to end")
        case "new" | "renew":
            there = end_calendar(transaction, actor, actor.person_id)
            heading = "The old address of your calendar has ended" if there else "Your calendar has no address yet"
            return said(heading, f"Now for the new one. {WHERE}", tone=Tone.ASK)
    raise Refused("Type /ap calendar, /ap calendar new or /ap calendar off.")


def _state(transaction: Transaction, person_id: int) -> Reply:
    link = link_of(transaction, person_id)
    if link is None:
        return said("Your calendar has no address yet", WHERE)
    at = link.fetched_at
    last = f"last fetched {spoken_date(local_date(at))} {wall(at)}" if at else "not fetched yet"
    return said(
        f"Your calendar has an address since {spoken_date(local_date(link.made_at))}, {last}",
        "/ap calendar off ends it; /ap calendar new ends it and says where to make another.",
    )


COMMAND = Command("calendar [new, off]", "Your visits, reviews and end dates in your own calendar.", run)
