"""The one description of the workbook: its sheets and columns, what each means, and how a cell of it is read.

The template, the import and the export all go by it.
"""

from apbot.domain.calendar import ALL_DAY
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.roster import cells, columns, contacts, duty_columns, vocabulary
from apbot.roster.columns import PLACES, YES_NO, Column, Sheet
from apbot.roster.documents_sheet import DOCUMENTS
from apbot.roster.placement_sheet import PLACEMENTS

NOTES_TITLE = "Notes"

CLOSURE_KINDS = ("INSET day", "training day", "half term", "holiday", "closed", "strike", "snow", "election")

SCHOOLS = Sheet(
    "schools",
    "Schools",
    "One row for each commissioning school.",
    (
        columns.own_ref(
            "School ref",
            "A short name of your own for the school, such as HILL. The other sheets use it.",
            *("school", "school id", "school code"),
        ),
        columns.name("Name", "The school's name.", "school name"),
        columns.number("Telephone", "The office's number.", "phone", "tel", "telephone number", "phone number"),
        columns.yes_no(
            "initials_in_chat",
            "Initials in chat",
            "yes: the chat shows CD34 J.S.; no: CD34 alone. Blank: yes.",
            *("initials", "show initials"),
        ),
        columns.minutes(
            "second_after",
            "Second step after",
            "Minutes from the alert until the deputy DSL is told too. Blank: 10.",
            *(1, 240, "second step", "second step after minutes"),
        ),
        columns.minutes(
            "third_after",
            "Third step after",
            "Minutes from the alert until the head or named lead is told too. Blank: 20.",
            *(2, 480, "third step", "third step after minutes"),
        ),
        columns.minutes(
            "then_every",
            "Then every",
            "Minutes between repeats until somebody acknowledges. Blank: 15.",
            *(1, 240, "repeat every", "then every minutes"),
        ),
        *duty_columns.rhythms(),
    ),
)

PEOPLE = Sheet(
    "people",
    "People",
    "One row for each person and organisation. Somebody at two schools has two rows with the same Person ref.",
    (
        columns.own_ref(
            "Person ref",
            "A short name of your own for the person, such as jsmith. Never used for somebody else later.",
            *("person", "person id", "staff ref", "staff id", "staff code"),
        ),
        columns.name("Name", "Their name as colleagues know it.", "full name", "person name", "staff name"),
        Column(
            "organisation",
            "Organisation",
            "The School ref or Provider ref where they work; several with ; between them, if the roles are the "
            "same at each. Blank only for an admin over everything.",
            cells.optional_refs,
            ("organisation ref", "organization", "school or provider", "works at", "place", "school", "org"),
            blank=(),
            refers_to=PLACES,
            usual=True,
            marks_examples=True,
        ),
        Column(
            "roles",
            "Roles",
            "What they do there; several with ; between them (DSL; head).",
            vocabulary.roles,
            ("role", "job", "job role", "job title"),
            blank=frozenset(),
            usual=True,
            choices=tuple(role.value for role in Role),
            width=26,
        ),
        Column("email", "Email", "Their work address.", contacts.email, ("e mail", "email address"), width=30),
        Column(
            "mobile",
            "Mobile",
            "For text messages when the chat does not reach them.",
            contacts.mobile,
            ("mobile number", "mobile phone", "mobile no", "mob"),
            width=16,
        ),
        columns.day("starts_on", "Starts on", "Their first day with access. Blank: at once.", "start date", "start"),
        columns.day(
            "leaves_on",
            "Leaves on",
            "Their last day with access. Blank: they stay.",
            *("leaving date", "leave date", "leaves", "ends on", "end date"),
        ),
    ),
    also=("person", "staff", "contacts", "users"),
)

PROVIDERS = Sheet(
    "providers",
    "Providers",
    "One row for each alternative provider, with the times of its sessions.",
    (
        columns.own_ref(
            "Provider ref",
            "A short name of your own for the provider, such as OAK.",
            *("provider", "provider id", "provider code"),
        ),
        columns.name("Name", "The provider's name.", "provider name"),
        columns.number("Telephone", "Its number on the day.", "phone", "tel", "telephone number", "phone number"),
        columns.words("address", "Address", "Where the pupils go.", 300, width=34),
        columns.words("registration", "Registration", "As a school, or how it is assured: its number.", 80),
        Column(
            "registered",
            "Registered",
            "Whether it is registered as a school: yes or no. Blank: nobody has said.",
            vocabulary.registered,
            ("registered as a school", "is registered", "registered school"),
            blank=None,
            choices=YES_NO,
            width=12,
        ),
        columns.day(
            "registration_checked_on",
            "Registration checked on",
            "When somebody last looked it up, whether it is registered or not.",
            *("registration checked", "registration check", "registration check date"),
        ),
        columns.words(
            "activity",
            "Activity",
            "The nature of the activity, which code B must record: horticulture, motor vehicle.",
            *(120, "nature", "nature of activity", "activity nature"),
        ),
        columns.clock(
            "am_start", "am start", "When the morning starts. Blank: there is none.", "am starts", "morning start"
        ),
        columns.clock("am_end", "am end", "When it ends. Blank: 12:00.", "am ends", "morning end", "am finish"),
        columns.clock(
            "pm_start", "pm start", "When the afternoon starts. Blank: there is none.", "pm starts", "afternoon start"
        ),
        columns.clock("pm_end", "pm end", "When it ends. Blank: 15:00.", "pm ends", "afternoon end", "pm finish"),
        columns.other_times("Where single weekdays differ: Fri pm 12:45-14:30; Wed am 10:00-12:00."),
    ),
)

_PLACE = Column(
    "place",
    "Place",
    "The School ref or Provider ref; several with ; between them.",
    cells.refs,
    ("place ref", "school ref", "school", "provider ref", "school or provider", "organisation"),
    required=True,
    refers_to=PLACES,
    marks_examples=True,
)

TERMS = Sheet(
    "terms",
    "Term dates",
    "One row for each half term of teaching, for each school. A provider without rows follows its schools.",
    (
        _PLACE,
        Column(
            "name",
            "Term name",
            "Such as Autumn 1.",
            cells.text(80),
            ("term", "name", "half term", "half term name"),
            marks_examples=True,
            usual=True,
            width=22,
        ),
        columns.day(
            "starts_on",
            "Starts on",
            "The first day that pupils come.",
            *("start date", "starts", "start", "from", "first day"),
            required=True,
        ),
        columns.day(
            "ends_on",
            "Ends on",
            "The last day that pupils come.",
            *("end date", "ends", "end", "to", "last day"),
            required=True,
        ),
        Column(
            "first_week",
            "First week",
            "A or B, where weeks alternate. Blank: goes on from the last.",
            vocabulary.first_week,
            ("week", "first week a b", "starts with week", "week letter"),
            choices=("A", "B"),
        ),
    ),
    also=("terms", "term", "half terms", "school terms", "calendar", "term times"),
)

CLOSURES = Sheet(
    "closures",
    "Closures",
    "Days inside a term on which a school or provider is shut. Bank holidays are known already.",
    (
        _PLACE,
        columns.day(
            "starts_on",
            "From",
            "The day, or the first of several.",
            *("date", "day", "starts on", "start date", "first day", "start"),
            required=True,
        ),
        columns.day(
            "ends_on",
            "To",
            "The last of several days. Blank: one day.",
            *("until", "ends on", "end date", "last day", "end"),
        ),
        Column(
            "sessions",
            "Sessions",
            "all day, am or pm. Blank: all day.",
            vocabulary.sessions,
            ("session",),
            blank=ALL_DAY,
            choices=(ALL_DAY, *Session),
        ),
        Column(
            "kind",
            "Kind",
            "Why: INSET day, strike, snow.",
            cells.optional_text(40),
            ("reason", "type"),
            choices=CLOSURE_KINDS,
            width=18,
        ),
        columns.words("note", "Note", "Anything worth knowing later.", 200, "notes", "comment", width=30),
    ),
    also=("closure", "closed days", "closed", "inset days", "inset", "school closures"),
)

ALL = (SCHOOLS, PEOPLE, PROVIDERS, PLACEMENTS, TERMS, CLOSURES, DOCUMENTS)
BY_KEY = {sheet.key: sheet for sheet in ALL}
