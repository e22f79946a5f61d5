"""Understanding what provider staff type in answer to a register prompt.

What is certain is said, what is not is asked back, and nothing is guessed: see `read_reply`.
"""

from apbot.domain.replies.model import Expected, Kind, Question, Reading, Said, Unclear
from apbot.domain.replies.reading import read_reply

__all__ = ["Expected", "Kind", "Question", "Reading", "Said", "Unclear", "read_reply"]
