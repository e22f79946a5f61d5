"""Text as Telegram takes it: counted in UTF-16 units, and escaped."""

import re
from html import escape


def units(text: str) -> int:
    """The length as Telegram counts it: an emoji beyond the first plane is two."""
    return len(text) + sum(each > "\uffff" for each in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` units of `text`; what is cut off ends in an ellipsis."""
    if units(text) <= limit:
        return text
    kept, left = [], limit - 1
    for each in text:
        left -= 2 if each > "\uffff" else 1
        if left < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…"


def html(text: str) -> str:
    """Escaped for Telegram's HTML."""
    return escape(text, quote=False)


def unescaped_units(marked_up: str) -> int:
    """The length of HTML that was made here, after its entities are read."""
    text = re.sub(r"<[^>]*>", "", marked_up)
    return units(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
