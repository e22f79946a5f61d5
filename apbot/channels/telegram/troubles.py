"""What is wrong with the set-up, and what to do about it."""

from collections.abc import Mapping
from typing import Any

from telegram.error import TelegramError

from apbot.channels.platform import Trouble
from apbot.channels.telegram.failures import is_token_refused
from apbot.channels.telegram.places import Place
from apbot.channels.telegram.wire import Problem

NOT_CALLED = Trouble("The webhook needs an address that Telegram can call", "Set APBOT_PUBLIC_URL to https://...")


def in_short(problem: TelegramError) -> str:
    """For the log."""
    if isinstance(problem, Problem) and is_token_refused(problem):
        return "the token is refused"
    return f"{type(problem).__name__} {problem.status}" if isinstance(problem, Problem) else type(problem).__name__


def trouble_of(problem: TelegramError) -> Trouble:
    """What a failed request says of the set-up."""
    match problem:
        case Problem() if is_token_refused(problem):
            return Trouble(
                "Telegram refuses the bot's token",
                "Ask BotFather for the token (/mybots, API Token) and set APBOT_TELEGRAM_TOKEN.",
            )
        case Problem():
            return Trouble(f"Telegram answers {problem.status}", "Try again; if it stays so, see the log.")
        case _:
            return Trouble(
                "Telegram can't be reached",
                "See whether this machine may reach the address in APBOT_TELEGRAM_BASE_URL.",
            )


def cannot_write(place: Place) -> Trouble:
    """What is wrong with a conversation that the bot may not write to."""
    if place.is_shared:
        return Trouble(
            "The bot may not write in that group", "Add the bot to the group again, and link it with a code."
        )
    return Trouble("The bot may not write to that person", "They open their chat with the bot and press Start.")


def webhook_troubles(info: Mapping[str, Any], url: str) -> list[Trouble]:
    """What is wrong with the webhook that is to be at `url`."""
    if info.get("url") != url:
        return [Trouble("Telegram calls another address, or none", "Start apbot: it tells Telegram where to call.")]
    if error := str(info.get("last_error_message") or ""):
        return [
            Trouble(
                f"Telegram could not call apbot: {error[:100]}",
                "See whether APBOT_PUBLIC_URL reaches apbot from outside, with a valid certificate.",
            )
        ]
    return []
