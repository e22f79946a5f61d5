"""What somebody typed or pressed on a page, read from the form they posted."""

import hashlib
import re
from collections.abc import Mapping

WORDS_LIMIT = 2000
"""Characters in one message: more than a reply needs, and less than a pasted document."""

EVENT = re.compile(r"[\w-]{8,64}", re.ASCII)


NAMED = re.compile(r"[0-9a-f]{64}", re.ASCII)
"""What `name_deed` gives."""


class NotAccepted(Exception):
    """What was posted can't be acted on. The text is for the one who posted it."""


def read_words(form: Mapping[str, str]) -> str:
    """What was typed. Raises `NotAccepted` for nothing, and for too much."""
    text = form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        raise NotAccepted("There is nothing to send yet.")
    if len(text) > WORDS_LIMIT:
        raise NotAccepted(f"That is {len(text):,} characters; {WORDS_LIMIT:,} can be sent at once. Please shorten it.")
    return text


def read_inputs(form: Mapping[str, str]) -> dict[str, str]:
    """What was filled in for a button. Raises `NotAccepted` for too much."""
    inputs = {name.removeprefix("input."): value for name, value in form.items() if name.startswith("input.")}
    if any(len(value) > WORDS_LIMIT for value in inputs.values()):
        raise NotAccepted(f"At most {WORDS_LIMIT:,} characters can be sent at once. Please shorten it.")
    return inputs


def row_number(text: str) -> int:
    """The number of a row, as a form has it. Raises ValueError for anything else; a database may take no larger one."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError("not the number of a row")
    return int(text)


def name_deed(person_id: int, conversation: str, event: str, *content: str) -> str:
    """One name for one deed. The content is part of it: other words, sent from a page that the browser brought
    back with its old form, are another deed. Raises `NotAccepted` for a page that can't be told from another."""
    if not EVENT.fullmatch(event):
        raise NotAccepted("This page is out of date. Load it again.")
    return hashlib.sha256("\0".join((str(person_id), conversation, event, *content)).encode()).hexdigest()
