"""Reading telephone numbers and email addresses: with the zero that Excel ate, and the many ways to space one."""

import re

from apbot.roster.cells import NOTHING, plain, words
from apbot.roster.problems import Unreadable

_PUNCTUATION = re.compile(r"[\s().\-/]+")
_EXTENSION = re.compile(r"\s*(?:,|;)?\s*(?:extension|extn|ext|x)\.?:?\s*(\d{1,6})$")
_SEPARATORS = re.compile(r"\s*(?:;|,|/|\bor\b|\band\b|&)\s*")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


def mobile(value: object) -> str:
    """A mobile number as "07700 900123"; one from abroad with its plus sign. "" for "none" and the like."""
    right = "write a mobile number such as 07700 900123, or leave it blank"
    if words(value) in NOTHING:
        return ""
    digits = _digits(words(value))
    if digits is None:
        raise Unreadable("is not a telephone number", right)
    if digits.startswith("+"):
        return digits
    if not digits.startswith("07"):
        raise Unreadable("is not a mobile number, so no text message can reach it", right)
    if len(digits) != 11:
        raise Unreadable(f"has {len(digits)} digits and should have 11", right)
    return f"{digits[:5]} {digits[5:]}"


def telephone(value: object) -> str:
    """One or more telephone numbers, each spaced as usual, with an extension if there is one."""
    said = words(value)
    if said in NOTHING:
        return ""
    whole = _one_number(said)
    if whole is not None:
        return whole
    numbers = [_one_number(part) for part in _SEPARATORS.split(said) if part]
    right = "write it with its area code, such as 01632 960123"
    if not numbers or None in numbers:
        raise Unreadable("is not a telephone number", right)
    found = " / ".join(number for number in numbers if number)
    if len(found) > 40:
        raise Unreadable("holds too many numbers", "write one or two")
    return found


def _one_number(said: str) -> str | None:
    extension = _EXTENSION.search(said)
    digits = _digits(said[: extension.start()] if extension else said)
    if digits is None or not _is_whole(digits):
        return None
    return f"{_spaced(digits)} ext {extension[1]}" if extension else _spaced(digits)


def _digits(said: str) -> str | None:
    """Digits alone, from the UK in their national form, from abroad with "+"; None for anything else."""
    said = re.sub(r"^(?:tel|telephone|phone|mob|mobile|t|m)\b[.:]?\s*", "", said)
    said = re.sub(r"\.0$", "", said)
    said = _PUNCTUATION.sub("", said.replace("(0)", "") if said.lstrip("( ").startswith(("+", "00")) else said)
    if said.startswith("00"):
        said = f"+{said[2:]}"
    if not re.fullmatch(r"\+?[0-9]{9,15}", said):
        return None
    if said.startswith("+44"):
        return f"0{said[3:].lstrip('0')}"
    if said.startswith("44") and len(said) == 12:
        return f"0{said[2:]}"
    if said.startswith("+"):
        return said
    if len(said) == 10 and said[0] in "123789":
        return f"0{said}"
    return said if said.startswith("0") else None


def _is_whole(digits: str) -> bool:
    if digits.startswith("+"):
        return True
    return len(digits) == 11 or (len(digits) == 10 and digits.startswith(("01", "0800", "0500")))


def _spaced(digits: str) -> str:
    if digits.startswith("+") or len(digits) != 11:
        return digits
    if digits.startswith("02"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if digits.startswith(("011", "03", "08", "09")) or (digits.startswith("01") and digits[3] == "1"):
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    return f"{digits[:5]} {digits[5:]}"


def email(value: object) -> str:
    """An email address; "" for "none" and the like."""
    found = plain(value).removeprefix("mailto:").strip("<>;, .")
    if named := re.fullmatch(r"[^<>@]*<([^<>]+)>?", found):
        found = named[1].strip()
    if found.casefold() in NOTHING:
        return ""
    right = "write one address, such as office@hillcrest.example"
    if found.count("@") > 1:
        raise Unreadable("is more than one email address", right)
    if len(found) > 200 or ".." in found or not _EMAIL.fullmatch(found):
        raise Unreadable("is not an email address", right)
    local, domain = found.split("@")
    return f"{local}@{domain.lower()}"
