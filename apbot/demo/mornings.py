"""The two mornings: one on which most things go wrong, and one like most others."""

from apbot.demo.script import Morning, Pane, Say, Scene, Seen, Sweep, Tap
from apbot.domain.escalation import Outcome
from apbot.domain.marks import Reason

SAM, GARY, MEL = "OAK-ST", "GARAGE-GS", "STUDIO-MF"
RUKHSANA, DEAN, CARYS = "KITCHEN-RB", "YARD-DP", "BOATS-CH"
PRIYA, DOROTHY, TOM, KIT = "HILL-PN", "HILL-DO", "HILL-TB", "HILL-KL"
ATTENDANCE_CONTACTS = (PRIYA, "MARSH-AP", "TARN-MN")

AT_FIRST = {
    Pane.PROVIDER: Seen(SAM),
    Pane.ATTENDANCE: Seen(PRIYA),
    Pane.SAFEGUARDING: Seen(DOROTHY),
    Pane.KEY_WORKER: Seen(KIT),
}

PLANNED = {"MW82": "medical today am"}


def _everyone(who: str) -> Tap:
    return Tap(who, "all_arrived", "Register")


ASKED = Scene(
    "09:30",
    "apbot asks all six providers",
    "The session starts. apbot asks all six providers in chat who has arrived. One tap is enough.",
    posted=(("register", "Oak Farm"),),
)


def _safe(who: str, pupil: str, outcome: Outcome, words: str = "") -> Tap:
    return Tap(who, "outcome", pupil, {"outcome": outcome.value, "words": words})


def _last_look(take_on: str, settle: str) -> tuple[Scene, Scene]:
    """What a visitor has set going and left lying is cleared up by the schools, as schools do."""
    by_telephone = {"outcome": Outcome.FOUND_SAFE.value, "words": "with the provider, who said so by telephone"}
    return (
        Scene(
            take_on,
            words="What was still open is taken on by the school’s attendance contact.",
            deeds=tuple(Sweep(who, "acknowledge") for who in ATTENDANCE_CONTACTS),
        ),
        Scene(
            settle,
            words="The school has telephoned, and records an outcome for each pupil that was still looked for.",
            deeds=tuple(Sweep(who, "outcome", by_telephone) for who in ATTENDANCE_CONTACTS),
        ),
    )


BAD = Morning(
    name="bad",
    title="A bad morning",
    begins="09:25",
    opening="Forty pupils of three schools are on their way to a farm, a garage, a studio, a kitchen … "
    "Nobody at school can see whether they get there.",
    ends="10:40",
    ending="Every one of the forty pupils is accounted for, and each answer has a name and a time beside it. "
    "Three alerts were opened and closed. None was forgotten.",
    absences=PLANNED,
    shows=AT_FIRST,
    scenes=(
        ASKED,
        Scene(
            "09:31",
            "Oak Farm answers at once",
            "Oak Farm answers at once: one tap for nine pupils. All is well there, so the school is not disturbed.",
            deeds=(_everyone(SAM),),
            shows={Pane.PROVIDER: Seen(SAM)},
        ),
        Scene("09:34", deeds=(Say(RUKHSANA, "all in", (_everyone(RUKHSANA),)), _everyone(DEAN))),
        Scene(
            "09:37",
            "Three more answer",
            "Three more have answered, by a tap or in words of their own. apbot understands either.",
            deeds=(Say(CARYS, "everyone here 👍", (_everyone(CARYS),)),),
        ),
        Scene(
            "09:45",
            "The silent ones are reminded",
            "After fifteen minutes two providers are still silent. Their named contacts and deputies get a reminder.",
            posted=(("nudge", "Riverside Studio"), ("nudge", "The Garage")),
            shows={Pane.PROVIDER: Seen(MEL, own=True)},
        ),
        Scene(
            "09:52",
            "The Garage answers, late",
            "The Garage answers at last, in its own words. apbot reads them: seven have arrived, CD34 has not.",
            deeds=(
                Say(
                    GARY,
                    "all in except CD34",
                    (Tap(GARY, "absent", "CD34", {"reason": Reason.UNKNOWN.value}), _everyone(GARY)),
                ),
            ),
            shows={Pane.PROVIDER: Seen(GARY)},
        ),
        Scene(
            "10:00",
            "Thirty minutes: the school is told",
            "Thirty minutes, and not a word from Riverside Studio. Silence is not attendance: its four pupils, "
            "and CD34, are now alerts at their school.",
            posted=(("escalation", "4 pupils, Riverside Studio"), ("escalation", "1 pupil, The Garage")),
            shows={Pane.ATTENDANCE: Seen(PRIYA)},
        ),
        Scene(
            "10:04",
            "The attendance contact takes the studio on",
            "Priya Nair, the attendance contact, takes Riverside Studio on. Everybody who was told sees her name.",
            deeds=(Tap(PRIYA, "acknowledge", "Riverside Studio"),),
            shows={Pane.ATTENDANCE: Seen(PRIYA)},
        ),
        Scene(
            "10:05",
            "A pupil leaves Oak Farm",
            "At Oak Farm EF56 walks off site. Sam taps once, and the school knows that second. This never waits.",
            deeds=(Tap(SAM, "left", "EF56", {"at": "10:05"}),),
            shows={Pane.PROVIDER: Seen(SAM), Pane.SAFEGUARDING: Seen(DOROTHY)},
        ),
        Scene(
            "10:07",
            "The DSL takes that one",
            "Dorothy Okafor, the safeguarding lead, takes that one on and rings home.",
            deeds=(Tap(DOROTHY, "acknowledge", "Left site"),),
            shows={Pane.SAFEGUARDING: Seen(DOROTHY)},
        ),
        Scene(
            "10:10",
            "CD34 unanswered: the deputy DSL is told",
            "For ten minutes nobody has taken on CD34: both had their hands full. So the deputy DSL is told as well; "
            "at twenty minutes it would be the head.",
            posted=(("escalation", "1 pupil, The Garage"),),
            shows={Pane.SAFEGUARDING: Seen(TOM)},
        ),
        Scene(
            "10:12",
            "The deputy DSL takes CD34 on",
            "Tom Beckett, the deputy, takes CD34 on. Nobody had to notice that it was left over.",
            deeds=(Tap(TOM, "acknowledge", "The Garage"),),
            shows={Pane.SAFEGUARDING: Seen(TOM)},
        ),
        Scene(
            "10:14",
            "The studio: two found outside",
            "Priya has rung the studio. The tutor is ill and the door was locked; two pupils were waiting outside, "
            "and a colleague is with them.",
            deeds=(
                _safe(PRIYA, "GH78", Outcome.FOUND_SAFE, "outside the studio, a colleague is with them"),
                _safe(PRIYA, "JK29", Outcome.FOUND_SAFE, "outside the studio, a colleague is with them"),
            ),
            shows={Pane.ATTENDANCE: Seen(PRIYA)},
        ),
        Scene("10:16", deeds=(_safe(PRIYA, "LM41", Outcome.IN_SCHOOL),)),
        Scene(
            "10:18",
            "The studio: all four accounted for",
            "One went on to school, one is ill at home, a parent says. That alert closes: four pupils, four answers.",
            deeds=(_safe(PRIYA, "NP65", Outcome.HOME_ILL),),
            shows={Pane.ATTENDANCE: Seen(PRIYA)},
        ),
        Scene(
            "10:20",
            "CD34 arrives",
            "CD34 walks into The Garage. Gary taps “Here now”, and everybody who was looking gets the all-clear.",
            deeds=(Tap(GARY, "arrived", "CD34"),),
            shows={Pane.PROVIDER: Seen(GARY), Pane.SAFEGUARDING: Seen(TOM)},
        ),
        Scene(
            "10:24",
            "EF56 is safe",
            "EF56 is at home: a parent says so. Dorothy writes it down, and that alert closes too.",
            deeds=(_safe(DOROTHY, "EF56", Outcome.FOUND_SAFE, "at home, a parent says so"),),
            shows={Pane.SAFEGUARDING: Seen(DOROTHY)},
        ),
        *_last_look("10:30", "10:35"),
    ),
)

ORDINARY = Morning(
    name="ordinary",
    title="An ordinary morning",
    begins="09:25",
    opening="Most mornings are like this one. Forty pupils of three schools are on their way to six providers.",
    ends="10:20",
    ending="Every one of the forty pupils is accounted for. One school heard of one pupil, for four minutes; "
    "the other two heard nothing, because there was nothing to hear.",
    absences=PLANNED,
    shows=AT_FIRST,
    scenes=(
        ASKED,
        Scene(
            "09:31",
            "Oak Farm: all in",
            "Oak Farm answers with one tap for nine pupils. The school is not disturbed.",
            deeds=(_everyone(SAM),),
            shows={Pane.PROVIDER: Seen(SAM)},
        ),
        Scene(
            "09:33",
            "The kitchen: all in, one planned absence",
            "At Kiln Lane Kitchen one pupil is at the doctor’s. The school had planned it: the register says so, "
            "and nobody is alarmed.",
            deeds=(Say(RUKHSANA, "all in", (_everyone(RUKHSANA),)),),
            shows={Pane.PROVIDER: Seen(RUKHSANA)},
        ),
        Scene("09:34", deeds=(_everyone(DEAN), Say(CARYS, "everyone here 👍", (_everyone(CARYS),)))),
        Scene(
            "09:38",
            "The studio: one is ill",
            "Riverside Studio types who is missing and why. apbot reads it back, so that a mistake is seen at once.",
            deeds=(
                Say(
                    MEL,
                    "all in apart from GH78, ill",
                    (Tap(MEL, "absent", "GH78", {"reason": Reason.ILL.value}), _everyone(MEL)),
                ),
            ),
            shows={Pane.PROVIDER: Seen(MEL)},
        ),
        Scene(
            "09:43",
            "The Garage: one came late",
            "At The Garage CD34 came late. The time is kept, and nobody needs to look for anybody.",
            deeds=(Tap(GARY, "late", "CD34", {"at": "09:41"}), _everyone(GARY)),
            shows={Pane.PROVIDER: Seen(GARY)},
        ),
        Scene(
            "10:00",
            "The school hears of one pupil",
            "At thirty minutes the school is told of the one pupil who has not arrived, and what the provider said.",
            posted=(("escalation", "1 pupil, Riverside Studio"),),
            shows={Pane.ATTENDANCE: Seen(PRIYA)},
        ),
        Scene(
            "10:04",
            "A parent confirms it",
            "Priya Nair rings home: ill, a parent confirms it. She records that, and the alert closes.",
            deeds=(_safe(PRIYA, "GH78", Outcome.HOME_ILL),),
            shows={Pane.ATTENDANCE: Seen(PRIYA)},
        ),
        *_last_look("10:12", "10:16"),
    ),
)

MORNINGS = {each.name: each for each in (BAD, ORDINARY)}
