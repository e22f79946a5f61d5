"""The sheet of providers' documents, and what their kinds are called."""

import re

from apbot.domain.documents import BY_NAME, KINDS
from apbot.roster import cells, columns
from apbot.roster.columns import Column, Sheet

_FILLER = frozenset(
    {"a", "of", "the", "and", "in", "for", "our", "copy", "training", "certificate", "cert", "course", "refresher"}
    | {"annual", "yearly", "current", "valid", "document", "school"}
)
"""Words that tell no two kinds apart."""

_OTHER_WORDS = {
    "letter of assurance": ("assurance", "assurance letter", "loa"),
    "public liability insurance": (
        *("insurance", "liability insurance", "public liability", "pli", "pl insurance", "pli insurance"),
        *("insurance policy", "employers and public liability insurance", "public and employers liability insurance"),
    ),
    "safeguarding policy": (
        *("child protection policy", "safeguarding and child protection policy", "cp policy"),
        "child protection and safeguarding policy",
    ),
    **{
        f"safeguarding training level {level}": (
            *(f"level {level}", f"child protection level {level}", f"safeguarding and child protection level {level}"),
            f"designated safeguarding lead level {level}",
            f"dsl level {level}",
        )
        for level in "234"
    },
    "fire drill": ("fire evacuation drill", "fire evacuation", "fire practice", "evacuation drill", "fire evac drill"),
    "first aid": ("first aid at work", "emergency first aid", "emergency first aid at work", "paediatric first aid"),
    "health and safety policy": ("health and safety", "h and s policy", "h and s", "hs policy"),
    "quality visit": ("quality assurance visit", "qa visit", "quality check visit", "quality monitoring visit"),
}


def _told_apart(said: str) -> frozenset[str]:
    """The words that matter, in whatever order: "L2 safeguarding" is "Safeguarding training, level 2"."""
    said = re.sub(r"\b(?:l|lvl|lev)\.? ?([2-4])\b", r"level \1", said.replace("&", " and ").replace("'", ""))
    return frozenset(re.findall(r"[a-z0-9]+", said)) - _FILLER


_BY_WORDS = {_told_apart(said): each.name for each in KINDS for said in (each.name, *_OTHER_WORDS.get(each.name, ()))}

_read_kind = cells.text(60)


def kind(value: object) -> str:
    """The kind of document that is meant; one that is not known stays as it was typed. Raises `Unreadable`."""
    said = _read_kind(value)
    return _BY_WORDS.get(_told_apart(cells.words(said)), said)


def is_known(name: str) -> bool:
    """Whether this is one of the kinds that apbot knows."""
    return name in BY_NAME


DOCUMENTS = Sheet(
    "documents",
    "Documents",
    "One row for each thing that a provider has shown: letter of assurance, insurance, policies, training, fire drill. "
    "When it is renewed, change the dates.",
    (
        Column(
            "provider",
            "Provider ref",
            "The provider that has shown it.",
            cells.ref,
            ("provider", "provider id", "provider code"),
            required=True,
            refers_to="providers",
            marks_examples=True,
        ),
        Column(
            "kind",
            "Document",
            "What it is. One of the list is reminded of before it expires; any other name is kept as you type it.",
            kind,
            ("document type", "type", "kind", "document name", "certificate"),
            required=True,
            choices=tuple(each.name for each in KINDS),
            width=30,
        ),
        columns.words(
            "about",
            "About",
            "Whose training it is, where several have it. May be blank.",
            120,
            "whose",
            "person",
        ),
        columns.day(
            "dated_on",
            "Dated on",
            "The day it was issued, done or signed. Needed where there is no other date.",
            *("date", "dated", "issued on", "issue date", "done on", "date of issue"),
        ),
        columns.day(
            "expires_on",
            "Expires on",
            "The last day on which it holds. Blank: worked out from its date, where that is agreed.",
            *("expires", "expiry", "expiry date", "valid until", "renewal date", "renew by"),
        ),
    ),
    also=("document", "provider documents", "provider document", "certificates"),
)
