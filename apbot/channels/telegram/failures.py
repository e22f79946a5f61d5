"""What a failed request means for the message that it was to carry."""

from datetime import timedelta

import structlog
from telegram.error import TelegramError

from apbot.channels.port import Outcome, Receipt
from apbot.channels.telegram.wire import Busy, NoAnswer, Problem

log = structlog.get_logger()

GONE = (
    "chat not found",
    "chat_id is empty",
    "peer_id_invalid",
    "user_is_blocked",
    "input_user_deactivated",
    "group chat was upgraded",
    "group chat was deactivated",
    "message thread not found",
    "topic_closed",
    "topic_deleted",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_send_plain_forbidden",
    "not enough rights",
    "have no rights to send",
    "need administrator rights",
)
"""Parts of Telegram's descriptions (400 Bad Request) that say that nothing will ever arrive at this address."""

UNCHANGED = ("message is not modified",)
NOT_THERE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message_author_required",
    "message to delete not found",
    "message identifier is not specified",
)

HELD_BACK = timedelta(seconds=3)


def receipt_for(problem: TelegramError, refs: str) -> Receipt:
    """What delivery is told; `refs` are the parts that stand there."""
    match problem:
        case Busy():
            return Receipt(Outcome.AGAIN, refs, HELD_BACK, why="held back to keep to Telegram's limits")
        case NoAnswer():
            return Receipt(Outcome.UNKNOWN, refs, why="no answer from Telegram")
        case Problem(status=429):
            return Receipt(Outcome.AGAIN, refs, problem.wait or HELD_BACK, why="Telegram asks to wait")
        case Problem() if is_token_refused(problem):
            log.error("Telegram refuses the token: nothing is sent until APBOT_TELEGRAM_TOKEN is right")
            return Receipt(Outcome.AGAIN, refs, why="Telegram refuses the bot's token")
        case Problem() if is_gone(problem):
            return Receipt(Outcome.REFUSED, refs, why=f"Telegram: {_safe(problem)}")
        case Problem(status=400):
            log.error("Telegram does not take a message", why=_safe(problem))
            return Receipt(Outcome.AGAIN, refs, why=f"Telegram: {_safe(problem)}")
        case Problem():
            fault = Outcome.UNKNOWN if problem.status >= 500 else Outcome.AGAIN
            return Receipt(fault, refs, why=f"Telegram answers {problem.status}")
        case _:
            return Receipt(Outcome.AGAIN, refs, why="Telegram is not reached")


def is_gone(problem: Problem) -> bool:
    """Whether nothing will arrive at that address any more."""
    return problem.status == 403 or (problem.status == 400 and any(each in problem.description for each in GONE))


def is_token_refused(problem: Problem) -> bool:
    """Whether it is the token that is wrong: 401, and 404 for one that does not even look like a token."""
    return problem.status in (401, 404)


def _safe(problem: Problem) -> str:
    """Telegram's words without their numbers, which may be addresses."""
    return "".join("#" if each.isdecimal() else each for each in problem.description[:100])
