"""The notes sheet: how to fill in the workbook, in plain words."""

from collections.abc import Iterator

from apbot.domain.codes import MEANINGS, PROVIDER_ACTIVITIES
from apbot.roster.sheets import ALL

TITLE = "The roster for apbot: who is who, who goes where, and when places are open"

HOW = (
    "Fill in the sheets from left to right. A dark heading must be filled in; a light one may be left blank.",
    "The grey rows are examples. Delete them, or leave them: the import passes over rows that begin with EXAMPLE.",
    "A ref is a short name that you choose. It is how the sheets name each other, so write it alike everywhere.",
    "Never give somebody's ref to somebody else later: all that is on record would become theirs.",
    "A pupil's ref must not be the pupil's name, nor a part of it: the chat shows it in place of the name.",
    "Write days with the day first: 3/9/2026 or 3 Sep 2026. Write times as 09:30.",
    "Type telephone numbers with their zero. If the spreadsheet takes it off, the import puts it back.",
    "In a weekday's column write am, pm or all day. Where weeks alternate add the letter: am A, all day B.",
    "You may add columns and sheets of your own; the import passes over them and says so.",
    "Each row of Term dates is one half term of teaching. Bank holidays are known and need no row.",
)

IMPORT = (
    "`apbot roster import FILE --dry-run` shows what would change and changes nothing.",
    "`apbot roster import FILE` takes in all of it or nothing. Every mistake is listed with its sheet, row and column.",
    "Importing again updates what has changed and never makes anything twice: the refs decide what is the same.",
    "An empty cell says that there is nothing: what was stored there is emptied. A column or a whole sheet that the "
    "file does not have changes nothing.",
    "Nothing is deleted. A pupil, person or placement that is not in the file is reported and stays as it is.",
    "To end a placement write its last day under Ends on. For a person who leaves, write it under Leaves on.",
    "The roles of a person in the file become what the file says.",
    "The term dates and closures of a place in a school year become what the file says, if it has any for that year.",
    "`apbot roster export FILE.xlsx` gives you this workbook back, filled in with what is stored.",
)

GLOSSARY = (
    ("Provider", "The alternative provider where a pupil is taught off site."),
    ("Commissioning school", "The school that placed the pupil and keeps the register."),
    ("Placement", "One pupil's place at one provider, with the sessions of the week that are expected."),
    ("Session", "A morning (am) or an afternoon (pm)."),
    ("Named contact, deputy contact", "The people at the provider who are asked for each register."),
    ("Provider staff", "Others at the provider who may answer."),
    ("Attendance contact", "Hears at the school of every pupil who has not arrived, and sees to the call home."),
    ("DSL, deputy DSL", "The designated safeguarding lead; hears of every pupil who has not arrived."),
    ("Head, named lead", "Told when nobody has answered an alert for some time."),
    ("Key worker", "The member of the school's staff who looks after the placement."),
    ("Admin", "Looks after this roster. With no organisation: over everything."),
    (
        "Commissioning agreement",
        "What school and provider have signed: what is provided, for whom, until when.",
    ),
    ("Letter of assurance", "The provider's word that its staff are checked and it meets what is asked of it."),
    ("Review", "A meeting on how the placement goes, whose outcome parents and governors are told."),
    ("EHC plan", "An education, health and care plan."),
    ("Looked after", "In the care of a local authority."),
    ("Target end date", "When the placement is meant to end; always set, and kept under review."),
    ("Dual registered", "Registered at the school and at the provider, which is a school too, such as a PRU."),
    *((f"Code {code}", MEANINGS[code].capitalize() + ".") for code in (*PROVIDER_ACTIVITIES, "K", "D")),
)


def lines() -> Iterator[tuple[str, ...]]:
    """The rows of the notes sheet. A row of one cell is a heading or a sentence."""
    yield (TITLE,)
    yield ()
    yield ("How to fill it in",)
    yield from ((sentence,) for sentence in HOW)
    yield ()
    yield ("What the import does",)
    yield from ((sentence,) for sentence in IMPORT)
    for sheet in ALL:
        yield ()
        yield (sheet.title, "Needed", "What it means")
        yield (sheet.about,)
        for column in sheet.columns:
            yield column.heading, "yes" if column.needed else "", column.meaning
    yield ()
    yield ("Words", "", "What they mean")
    yield from ((word, "", meaning) for word, meaning in GLOSSARY)


HEADINGS = frozenset({TITLE, "How to fill it in", "What the import does", "Words", *(sheet.title for sheet in ALL)})
"""The first cells of the rows that are headings."""
