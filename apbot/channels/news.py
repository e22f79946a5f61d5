"""What has been told where a message can't be changed: by a few letters, kept with the platform's name of it."""

import hashlib

SIGN = "="
"""How it begins, so that it is told from a platform's names."""


def digest(news: str) -> str:
    """A few letters for what a card says in `Card.news`; the same for the same news."""
    return f"{SIGN}{hashlib.sha256(news.encode()).hexdigest()[:8]}" if news else f"{SIGN}0"


def is_digest(word: str) -> bool:
    """Whether `digest` gave this word."""
    return word.startswith(SIGN)
