"""The example rows that the template ships. Their references and names begin with "example": the import passes over."""

from datetime import date, time

from apbot.roster.layout import Laid

EXAMPLES: dict[str, tuple[Laid, ...]] = {
    "schools": (
        {
            "ref": "EXAMPLE-HILL",
            "name": "Example: Hillcrest Academy",
            "telephone": "01632 960100",
            "initials_in_chat": "yes",
            "contact_every": "week",
            "visit_every": "half term",
            "review_every": "half term",
            "report_every": "term",
        },
    ),
    "people": (
        {
            "ref": "EXAMPLE-1",
            "name": "Example: Dorothy Okafor",
            "organisation": "EXAMPLE-HILL",
            "roles": "DSL; head",
            "email": "d.okafor@hillcrest.example",
            "mobile": "07700 900101",
        },
        {
            "ref": "EXAMPLE-2",
            "name": "Example: Sam Taylor",
            "organisation": "EXAMPLE-OAK",
            "roles": "named contact",
            "email": "sam@oakfarm.example",
            "mobile": "07700 900102",
            "starts_on": date(2026, 9, 1),
        },
        {
            "ref": "EXAMPLE-3",
            "name": "Example: Kit Lowry",
            "organisation": "EXAMPLE-HILL",
            "roles": "key worker",
            "email": "k.lowry@hillcrest.example",
        },
    ),
    "providers": (
        {
            "ref": "EXAMPLE-OAK",
            "name": "Example: Oak Farm",
            "telephone": "01632 960200",
            "address": "Oak Lane, Anytown",
            "registration": "letter of assurance from the council",
            "registered": "no",
            "registration_checked_on": date(2026, 7, 1),
            "activity": "animal care",
            "am_start": time(9, 30),
            "am_end": time(12, 0),
            "pm_start": time(12, 45),
            "pm_end": time(15, 0),
            "other_times": "Fri pm 12:45-14:30",
        },
    ),
    "placements": (
        {
            "pupil": "EXAMPLE-1",
            "first_name": "Example: Joana",
            "last_name": "Example: Silva",
            "school": "EXAMPLE-HILL",
            "year_group": "10",
            "social_worker": "no",
            "ehc_plan": "no",
            "looked_after": "no",
            "provider": "EXAMPLE-OAK",
            "starts_on": date(2026, 9, 7),
            "target_end_on": date(2026, 12, 18),
            "monday": "all day",
            "tuesday": "am",
            "friday": "pm A",
            "arranged_by": "school",
            "transport": "taxi, 01632 960300",
            "calls_home": "attendance office",
            "key_worker": "EXAMPLE-3",
            "referred_on": date(2026, 7, 6),
            "authorised_by": "Dorothy Okafor, head",
            "agreement_on": date(2026, 7, 13),
            "aims": "re-engage with learning; entry level in animal care",
            "risk_shared_on": date(2026, 7, 13),
            "dsl_details_on": date(2026, 7, 13),
            "review_dates": "19/10/2026; 14/12/2026",
            "meals": "free school meal: packed lunch from the school",
        },
    ),
    "terms": (
        {
            "place": "EXAMPLE-HILL",
            "name": "Example: Autumn 1",
            "starts_on": date(2026, 9, 2),
            "ends_on": date(2026, 10, 23),
            "first_week": "A",
        },
        {
            "place": "EXAMPLE-HILL",
            "name": "Example: Autumn 2",
            "starts_on": date(2026, 11, 2),
            "ends_on": date(2026, 12, 18),
        },
    ),
    "closures": (
        {"place": "EXAMPLE-HILL", "starts_on": date(2026, 9, 25), "kind": "INSET day", "note": "staff training"},
    ),
    "documents": (
        {"provider": "EXAMPLE-OAK", "kind": "letter of assurance", "dated_on": date(2026, 7, 1)},
        {"provider": "EXAMPLE-OAK", "kind": "public liability insurance", "expires_on": date(2027, 3, 31)},
        {"provider": "EXAMPLE-OAK", "kind": "safeguarding policy", "dated_on": date(2026, 9, 1)},
        {
            "provider": "EXAMPLE-OAK",
            "kind": "safeguarding training level 2",
            "about": "Sam Taylor",
            "dated_on": date(2026, 6, 15),
        },
        {"provider": "EXAMPLE-OAK", "kind": "fire drill", "dated_on": date(2026, 9, 8)},
    ),
}
