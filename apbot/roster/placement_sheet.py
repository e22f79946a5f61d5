"""The sheet of placements, where each row is one pupil's place at one provider."""

from apbot.domain.calendar import ALL_DAY
from apbot.domain.codes import PROVIDER_ACTIVITIES
from apbot.domain.marks import Session
from apbot.roster import cells, columns, duty_columns, vocabulary, weeks
from apbot.roster.columns import Column, Sheet
from apbot.roster.days import WEEKDAY_NAMES
from apbot.roster.records import ALERT_MINUTES, ARRANGED_BY

WEEKDAY_KEYS = tuple(WEEKDAY_NAMES[:5])

PUPIL_KEYS = (
    *("pupil", "first_name", "last_name", "school", "upn", "year_group", "social_worker"),
    *(column.key for column in duty_columns.PUPIL_NEEDS),
    "pupil_ends_on",
)
"""The columns that are about the pupil; the others are about the placement."""

_WEEK_CELLS = tuple(f"{part} {week}".strip() for week in ("", "A", "B") for part in (ALL_DAY, *Session))
_SHORT = {"tuesday": ("tues",), "wednesday": ("weds",), "thursday": ("thur", "thurs")}


def _weekday(name: str) -> Column:
    return Column(
        name,
        name.capitalize(),
        f"The sessions expected on {name.capitalize()}s: am, pm or all day; in alternate weeks with A or B (am A).",
        weeks.weekday_sessions,
        (name[:3], f"{name}s", *_SHORT.get(name, ())),
        blank=frozenset(),
        choices=_WEEK_CELLS,
        width=11,
    )


PLACEMENTS = Sheet(
    "placements",
    "Placements",
    "One row for each pupil's place at a provider. A pupil at two providers has two rows.",
    (
        Column(
            "ref",
            "Placement ref",
            "Leave blank, unless one pupil has two rows at one provider: then give each its own.",
            cells.placement_ref,
            ("placement", "placement id", "ref", "id"),
            marks_examples=True,
        ),
        Column(
            "pupil",
            "Pupil ref",
            "A short reference that is not the pupil's name, such as CD34. The chat shows it instead of the name.",
            cells.pupil_ref,
            ("pupil", "pupil id", "pupil code", "student ref"),
            required=True,
            marks_examples=True,
        ),
        Column(
            "first_name",
            "First name",
            "The pupil's first name.",
            cells.text(100),
            ("forename", "given name", "firstname", "pupil first name"),
            marks_examples=True,
            usual=True,
        ),
        Column(
            "last_name",
            "Last name",
            "The pupil's last name.",
            cells.text(100),
            ("surname", "family name", "lastname", "pupil last name"),
            marks_examples=True,
            usual=True,
        ),
        Column(
            "school",
            "School ref",
            "The school that placed the pupil.",
            cells.ref,
            ("school", "commissioning school", "commissioning school ref", "home school"),
            refers_to="schools",
            usual=True,
            marks_examples=True,
        ),
        Column("upn", "UPN", "The unique pupil number.", vocabulary.upn, ("unique pupil number",), width=16),
        Column("year_group", "Year group", "7, 8, 9, 10, 11.", vocabulary.year_group, ("year", "nc year", "yr")),
        columns.yes_no("social_worker", "Social worker", "Whether the pupil has one.", "has social worker"),
        *duty_columns.PUPIL_NEEDS,
        columns.day(
            "pupil_ends_on",
            "Pupil leaves on",
            "The pupil's last day on the school's roll. Blank: stays.",
            *("pupil ends on", "pupil leaves", "leaves school on", "off roll"),
        ),
        Column(
            "provider",
            "Provider ref",
            "Where the pupil goes.",
            cells.ref,
            ("provider", "ap provider", "alternative provider"),
            refers_to="providers",
            usual=True,
            marks_examples=True,
        ),
        columns.day(
            "starts_on",
            "Starts on",
            "The first day of the placement.",
            *("start date", "starts", "start", "placement start", "placement start date"),
            usual=True,
        ),
        columns.day(
            "ends_on",
            "Ends on",
            "The last day of the placement. Blank: it goes on.",
            *("end date", "ends", "end", "placement end", "placement end date"),
        ),
        columns.day(
            "target_end_on",
            "Target end date",
            "When it is meant to end.",
            *("target end", "target end on", "target date"),
        ),
        *(_weekday(name) for name in WEEKDAY_KEYS),
        columns.clock(
            "am_start",
            "am start",
            "Only if this pupil's morning starts at another time than the provider's.",
            *("am starts", "morning start"),
        ),
        columns.clock(
            "pm_start",
            "pm start",
            "Only if this pupil's afternoon starts at another time than the provider's.",
            *("pm starts", "afternoon start"),
        ),
        columns.other_times("Only if single weekdays differ for this pupil: Wed am 10:00."),
        columns.minutes(
            "alert_minutes",
            "Alert after",
            f"Minutes from the session's start until the school is alerted. Blank: {ALERT_MINUTES}.",
            *(1, 120, "alert", "alert minutes", "alert after minutes"),
        ),
        Column(
            "arranged_by",
            "Arranged by",
            "school (code B) or local authority (code K). Blank: school.",
            vocabulary.arranged_by,
            ("arranged", "commissioned by"),
            choices=ARRANGED_BY,
        ),
        columns.yes_no(
            "dual_registered",
            "Dual registered",
            "yes where the provider is a school too, such as a PRU (code D).",
            *("dual reg", "dual registration"),
        ),
        columns.words("activity", "Activity", "If it differs from the provider's.", 120, "nature of activity"),
        Column(
            "activity_code",
            "Activity code",
            "B, or P (sport), W (work experience), V (visit). Blank: B.",
            vocabulary.activity_code,
            ("code", "attendance code"),
            choices=PROVIDER_ACTIVITIES,
        ),
        columns.words(
            "transport", "Transport", "How the pupil gets there, without names: taxi and its number, bus, parent.", 200
        ),
        columns.words(
            "calls_home",
            "Who calls home",
            "Who calls home when the pupil does not arrive.",
            *(200, "calls home", "who rings home"),
        ),
        Column(
            "key_worker",
            "Key worker",
            "The Person ref of the pupil's key worker.",
            cells.optional_ref,
            ("keyworker", "key worker ref"),
            refers_to="people",
        ),
        *duty_columns.START_GATE,
        *duty_columns.rhythms("as the school"),
    ),
    also=("placement", "pupils", "students", "roster"),
)
