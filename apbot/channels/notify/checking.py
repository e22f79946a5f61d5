"""What is wrong with how Notify is set up, and what to do about it."""

import re
from collections.abc import Mapping
from datetime import timedelta

from apbot.channels.notify.wire import Answer, Kind
from apbot.channels.platform import Trouble

NEEDED: Mapping[Kind, tuple[str, ...]] = {"sms": ("message", "link"), "email": ("subject", "message", "link")}
"""The places that a template must have for what apbot says, and all that it may have."""

CLOCK_MAY_BE_OFF = timedelta(seconds=30)

_PLACEHOLDER = re.compile(r"\(\((?!\()([^()]+)\)\)")
_NUMBER = re.compile(r"\+?[0-9][0-9 ().\-/]{7,19}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


def troubles_of_template(kind: Kind, answer: Answer) -> list[Trouble]:
    """What the answer to a look at the template shows to be wrong."""
    variable = f"APBOT_NOTIFY_{kind.upper()}_TEMPLATE"
    if answer.status == 0:
        problem = answer.body.get("problem")
        return [
            Trouble(
                f"GOV.UK Notify can't be reached ({problem})",
                "Check this machine's way to the internet, and APBOT_NOTIFY_BASE_URL where it is set.",
            )
        ]
    if answer.status in (401, 403):
        return [_wrong_key(answer)]
    if answer.status == 404 or (answer.status == 400):
        return [
            Trouble(
                f"Notify has no template with the id in {variable}",
                "Open the template in Notify, press “Copy template ID to clipboard”, and paste it there.",
            )
        ]
    if answer.status != 200:
        return [Trouble(f"Notify answered {answer.status}", "Try again later; status.notifications.service.gov.uk.")]
    return _troubles_of_text(kind, variable, answer.body)


def _wrong_key(answer: Answer) -> Trouble:
    off = answer.clock_is_off_by
    if off is not None and off > CLOCK_MAY_BE_OFF:
        return Trouble(
            f"This machine's clock is wrong by {int(off.total_seconds())} seconds, so Notify takes nothing from it",
            "Have the clock set by the network (NTP).",
        )
    return Trouble(
        "Notify does not take the API key",
        "Make a new key in Notify (API integration, API keys) and paste all of it into APBOT_NOTIFY_API_KEY.",
    )


def _troubles_of_text(kind: Kind, variable: str, template: Mapping[str, object]) -> list[Trouble]:
    if template.get("type") != kind:
        other = {"sms": "text message", "email": "e-mail"}[kind]
        return [Trouble(f"The template in {variable} is not for a {other}", f"Paste the id of a {other} template.")]
    text = f"{template.get('subject') or ''}\n{template.get('body') or ''}"
    there = {_same(found.partition("??")[0]) for found in _PLACEHOLDER.findall(text)}
    found = [
        Trouble(
            f"The template in {variable} has no (({name}))",
            f"Edit it in Notify and put (({name})) where it belongs: without it that part of each message is lost.",
        )
        for name in NEEDED[kind]
        if name not in there
    ]
    found += [
        Trouble(
            f"The template in {variable} has a (({name[:40]})), which apbot does not fill in",
            "Take it out: Notify refuses every message made with this template.",
        )
        for name in sorted(there - set(NEEDED[kind]))
    ]
    return found


def troubles_of_waiting(waiting: Mapping[str, int]) -> list[Trouble]:
    """What Notify has answered to messages that still wait, by how many do: a service in trial mode shows only so."""
    return [
        Trouble(f"Notify takes none of {count} waiting messages ({why})", _what_to_do(why))
        for why, count in waiting.items()
        if why.startswith("4")
    ]


def _what_to_do(why: str) -> str:
    if why.startswith("429 TooManyRequestsError"):
        return "The service has sent as many as it may in a day. Ask Notify for more (Settings, daily limits)."
    if why.startswith("429"):
        return "Wait a minute. If it stays so, something else sends with the same service."
    return (
        "Look whether the service is in trial mode, or the key is for the team and guest list only: ask Notify to make "
        "the service live, and use a live key. Sending abroad has to be turned on in the service's settings."
    )


def _same(name: str) -> str:
    """Notify takes two names for one that differ in capitals, spaces, hyphens or underscores."""
    return re.sub(r"[\s_\-]", "", name).lower()


def address_trouble(kind: Kind, address: str) -> Trouble | None:
    """What is wrong with a number or an address on its face."""
    if kind == "sms" and not _NUMBER.fullmatch(address.strip()):
        return Trouble("That is not a telephone number", "Write a mobile number such as 07700 900123 on the roster.")
    if kind == "email" and not _EMAIL.fullmatch(address.strip()):
        return Trouble("That is not an e-mail address", "Write one such as office@hillcrest.example on the roster.")
    return None
