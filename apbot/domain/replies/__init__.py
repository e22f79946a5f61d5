"""Understanding what provider staff type in answer to a register prompt, and school staff in answer to an alert.

What is certain is said, what is not is asked back, and nothing is guessed: see `read_reply` and `read_alert_reply`.
"""

from apbot.domain.replies.alerts import Answer, read_alert_reply, references_in
from apbot.domain.replies.concern import sounds_like_concern
from apbot.domain.replies.model import Expected, Kind, Question, Reading, Said, Unclear
from apbot.domain.replies.reading import read_reply

__all__ = [
    "Answer",
    "Expected",
    "Kind",
    "Question",
    "Reading",
    "Said",
    "Unclear",
    "read_alert_reply",
    "read_reply",
    "references_in",
    "sounds_like_concern",
]
