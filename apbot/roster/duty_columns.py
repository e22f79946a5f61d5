"""The columns of what a school owes a placed pupil beyond the day: how often, and what must be in place before a start.

Where a cell is a date it says when that was done; a blank one is what the start gate asks for.
"""

from apbot.domain.rhythm import CHOICES
from apbot.roster import cells, columns, days, vocabulary
from apbot.roster.columns import Column

_WHAT = {
    "contact": "the key worker and the provider speak, apart from messages about attendance",
    "visit": "somebody from the school visits the pupil at the provider",
    "review": "the placement is reviewed",
    "report": "the provider sends a report",
}

RHYTHM_KEYS = {what: f"{what}_every" for what in CHOICES}
"""The key of the column that says how often each of them is due."""


def rhythms(blank: str = "") -> tuple[Column, ...]:
    """How often each of them is due. `blank` is what an empty cell means, where that is not the strictest."""
    return tuple(_rhythm(what, blank) for what in CHOICES)


def _rhythm(what: str, blank: str) -> Column:
    every = CHOICES[what]
    return Column(
        RHYTHM_KEYS[what],
        f"{what.capitalize()} every",
        f"How often {_WHAT[what]}: {' or '.join(every)}. Blank: {blank or every[0].value}.",
        vocabulary.every(what),
        (f"{what}s every", f"{what} frequency", f"frequency of {what}s", f"how often {what}"),
        blank=None,
        choices=tuple(every),
        width=12,
    )


PUPIL_NEEDS = (
    columns.yes_no(
        "ehc_plan",
        "EHC plan",
        "Whether the pupil has an education, health and care plan.",
        *("ehcp", "ehc", "has ehc plan", "has ehcp", "education health and care plan"),
    ),
    columns.yes_no(
        "looked_after",
        "Looked after",
        "Whether the pupil is looked after by a local authority.",
        *("looked after child", "child looked after", "lac", "cla", "in care"),
    ),
)

START_GATE = (
    columns.day("referred_on", "Referred on", "When the pupil was referred to the provider.", "referral date"),
    columns.words(
        "authorised_by",
        "Authorised by",
        "Who at the school has authorised the placement, and their post.",
        *(120, "authorised", "approved by", "placement authorised by"),
    ),
    columns.day(
        "agreement_on",
        "Agreement signed on",
        "When the commissioning agreement with the provider was signed.",
        *(
            "agreement signed",
            "agreement on",
            "agreement date",
            "commissioning agreement",
            "sla signed on",
            "sla signed",
        ),
    ),
    columns.words("aims", "Aims", "What the placement is for.", 300, "aim", "purpose", "objectives", width=34),
    columns.day(
        "risk_shared_on",
        "Risk information exchanged on",
        "When the school and the provider exchanged what risks they know of: the risk assessment.",
        *("risk information exchanged", "risk assessment shared on", "risk assessment shared", "risk assessment on"),
    ),
    columns.day(
        "dsl_details_on",
        "DSL details given on",
        "When the provider was given the name and number of the school's DSL.",
        *("dsl details given", "dsl details", "dsl details shared on"),
    ),
    Column(
        "review_dates",
        "Review dates",
        "The days of the reviews that are planned; several with ; between them.",
        days.several,
        ("review date", "reviews on", "planned reviews"),
        blank=(),
        width=24,
    ),
    Column(
        "meals",
        "Meals",
        "How meals are arranged: free school meals at the provider, packed lunch. None: there is nothing to arrange.",
        vocabulary.meals,
        ("meal arrangements", "meals arranged"),
        width=18,
    ),
    Column(
        "rest_of_week",
        "Rest of the week",
        "Only if the pupil's whole week, here and at school, is less than full time: why that is agreed.",
        cells.optional_text(200),
        ("rest of week", "part time reason", "reason for part time", "why not full time"),
        width=24,
    ),
)
"""What a placement should have before it starts, and how the rest of the pupil's week is spent."""
