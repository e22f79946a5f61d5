"""The inspector's pack in words: the order of the questions that are asked of a school."""

from collections.abc import Iterator, Sequence
from datetime import date

from apbot.domain.codes import MEANINGS
from apbot.domain.duties import contact, ending, report, review, visit
from apbot.domain.duties.model import DutyKind
from apbot.domain.duties.registry import KINDS
from apbot.domain.marks import Session
from apbot.domain.timetable import WEEKDAYS
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.domain.weekwords import pattern_words, starts_words
from apbot.messages.provider_words import document_words, registration_words
from apbot.messages.safeguarding_words import incidents_words
from apbot.messages.week_digest import done_words, share
from apbot.papers.document import Paper, Section, Table
from apbot.store.duties.records import Record
from apbot.store.inspection import HalfTerm, Pack, PlacementPack
from apbot.store.reports.nonarrivals import NonArrival
from apbot.store.safeguarding import ConcernRaised

NOT_RECORDED = "not recorded"
SHOWN_KINDS = (contact.KIND, visit.KIND, review.KIND, report.KIND)
AT_SCHOOL = "at the school"


def paper(pack: Pack) -> Paper:
    """The whole pack."""
    return Paper(
        title=f"Placement pack: {pack.pupil.reference} {pack.name}",
        made=f"Made by apbot on {spoken_date(pack.day)} at {wall(pack.made_at)} for {pack.made_for}, from what is "
        "recorded there. It holds personal data of a child: keep it where the school keeps its pupil records.",
        sections=tuple(_sections(pack)),
    )


def _sections(pack: Pack) -> Iterator[Section]:
    yield Section(
        "The pupil",
        facts=_said(
            ("Reference", pack.pupil.reference),
            ("Name", pack.name),
            ("Commissioning school", pack.pupil.school),
            ("Year group", pack.year_group),
            ("Also", ", ".join(pack.flags)),
        ),
    )
    yield _week(pack)
    for each in pack.placements:
        yield from _placement(pack, each)
    if pack.concerns is not None:
        yield _concerns(pack.concerns)


def _said(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """What is not recorded is said to be so: an inspector asks for that too."""
    return tuple((label, value or NOT_RECORDED) for label, value in pairs if value or label != "Also")


def _week(pack: Pack) -> Section:
    """Where the pupil is in each session of the week, by the placements that run now."""
    running = [each for each in pack.placements if _runs(pack, each)]
    days = WEEKDAYS[:5]
    rows = tuple(
        (session.value, *(_at(running, weekday, session) for weekday in range(len(days)))) for session in Session
    )
    reasons = [str(each.row["rest_of_week"]) for each in running if each.row["rest_of_week"]]
    return Section(
        "The whole week",
        facts=(("Why it is less than full time", "; ".join(reasons)),) if reasons else (),
        tables=(Table("Where the pupil is expected", ("", *(day.capitalize() for day in days)), rows),),
        notes=(f"“{AT_SCHOOL.capitalize()}”: no placement expects the pupil then.",),
    )


def _runs(pack: Pack, each: PlacementPack) -> bool:
    return each.placement.starts_on <= pack.day and not each.placement.is_over(pack.day)


def _at(running: Sequence[PlacementPack], weekday: int, session: Session) -> str:
    found = []
    for each in running:
        weeks = sorted(week for day, at, week in each.placement.pattern.sessions if (day, at) == (weekday, session))
        if weeks:
            found.append(each.provider.name + (f" (week {', '.join(weeks)})" if all(weeks) else ""))
    return ", ".join(found) or AT_SCHOOL


def _placement(pack: Pack, each: PlacementPack) -> Iterator[Section]:
    row, placement = each.row, each.placement
    over = " (over)" if placement.is_over(pack.day) else ""
    yield Section(
        f"{each.provider.name}, from {spoken_date(placement.starts_on)}{over}",
        facts=_said(("Attendance", share(each.attendance)), ("Placement", each.ref)),
        notes=(f"Not in place: {'; '.join(gap.what for gap in each.gaps)}.",) if each.gaps else (),
    )
    yield Section(
        "Why, and who decided",
        2,
        _said(
            ("Aims", row["aims"]),
            ("Commissioned by", pack.pupil.school),
            (
                "Arranged by",
                f"the {placement.arranged_by}" + (", dual registered" if placement.dual_registered else ""),
            ),
            ("Authorised by", row["authorised_by"]),
            ("Referred on", _day(row["referred_on"])),
            ("Agreement signed on", _day(row["agreement_on"])),
            ("Risk information exchanged on", _day(row["risk_shared_on"])),
            ("DSL's details given to the provider on", _day(row["dsl_details_on"])),
            ("Key worker", placement.key_worker),
        ),
    )
    yield _provider(pack, each)
    yield Section(
        "Times",
        2,
        _said(
            ("Started on", spoken_date(placement.starts_on)),
            ("Target end date", _day(placement.target_end_on)),
            ("Ended on" if over else "Ends on", _day(placement.ends_on)),
            ("Sessions", pattern_words(placement.pattern)),
            ("Hours", starts_words(placement.pattern, placement.hours)),
            ("Transport", row["transport"]),
            ("Meals", row["meals"]),
        ),
    )
    yield _attendance(each)
    yield _non_arrivals(each)
    yield Section("Incidents", 2, notes=(f"{incidents_words(each.incidents) if each.incidents else 'None'}.",))
    for kind in SHOWN_KINDS:
        yield _done(each, kind)
    yield _end(each)


def _concerns(found: Sequence[ConcernRaised]) -> Section:
    """That they were raised and when; what they were about is the safeguarding system's to say."""
    note = "What a concern was about is kept in the school's safeguarding system alone."
    if not found:
        return Section("Safeguarding concerns", notes=("None in which the pupil was named.", note))
    rows = tuple(
        (
            spoken_date(local_date(each.raised_at)),
            wall(each.raised_at),
            wall(each.answered_at) if each.answered_at else "not yet",
            each.provider or "the school",
            each.reference or NOT_RECORDED,
        )
        for each in found
    )
    columns = ("Day", "Raised at", "The DSL answered at", "Raised by staff of", "Reference")
    return Section("Safeguarding concerns", tables=(Table("Each concern", columns, rows),), notes=(note,))


def _day(day: object) -> str:
    return spoken_date(day) if isinstance(day, date) else ""


def _provider(pack: Pack, each: PlacementPack) -> Section:
    facts = each.provider
    return Section(
        "The provider",
        2,
        _said(
            ("Registration", registration_words(facts)),
            ("Activity", each.row["activity"] or facts.activity),
            ("Address", facts.address),
            ("Telephone", facts.telephone),
            ("Documents", "; ".join(document_words(shown, pack.day) for shown in facts.shown)),
        ),
    )


def _attendance(each: PlacementPack) -> Section:
    codes = sorted({code for term in each.half_terms for code in term.codes if code})
    return Section(
        "Attendance",
        2,
        tables=(
            Table(
                "Sessions at this provider, by half term",
                ("Half term", "From", "To", "Attendance", "Codes"),
                tuple(map(_half_term, each.half_terms)),
            ),
        )
        if each.half_terms
        else (),
        notes=(f"{'; '.join(f'{code}: {MEANINGS.get(code, code)}' for code in codes)}.",)
        if codes
        else ("No session yet.",),
    )


def _half_term(term: HalfTerm) -> tuple[str, ...]:
    codes = ", ".join(f"{count} {code or 'without a code'}" for code, count in term.codes.items())
    return (term.name, spoken_date(term.first), spoken_date(term.last), share(term.attendance), codes)


def _non_arrivals(each: PlacementPack) -> Section:
    if not each.non_arrivals:
        return Section("Non-arrivals and welfare outcomes", 2, notes=("None.",))
    columns = ("Day", "Session", "Due to be told", "Acknowledged", "Known to be safe", "Outcome", "Established by")
    rows = tuple(map(_non_arrival, each.non_arrivals))
    caption = "Each non-arrival, with minutes from when it was due"
    return Section("Non-arrivals and welfare outcomes", 2, tables=(Table(caption, columns, rows),))


def _non_arrival(found: NonArrival) -> tuple[str, ...]:
    by = f", {found.acknowledged_by}" if found.acknowledged_by else ""
    return (
        spoken_date(local_date(found.due_at)),
        found.session,
        wall(found.due_at),
        f"{_after(found.minutes_to_acknowledged)}{by}",
        _after(found.minutes_to_closed),
        found.outcome or "open",
        found.outcome_by or ("apbot" if found.closed_at else ""),
    )


def _after(minutes: float | None) -> str:
    if minutes is None:
        return "not yet"
    return "after 1 minute" if round(minutes) == 1 else f"after {round(minutes)} minutes"


def _done(each: PlacementPack, kind: DutyKind) -> Section:
    records = each.records_of(kind.name)
    owed = each.done.get(kind.name)
    return Section(
        {"contact": "Contacts with the provider", "visit": "Visits, with the pupil's view"}.get(
            kind.name, f"{kind.label}s"
        ),
        2,
        facts=(("Since the start", done_words(owed)),) if owed else (),
        tables=(_records(kind, records),) if records else (),
        notes=() if records else ("None recorded.",),
    )


def _records(kind: DutyKind, records: Sequence[Record]) -> Table:
    asked = [question for question in kind.questions if any(each.given.get(question.name) for each in records)]
    following = ("Next",) if any(each.next_on for each in records) else ()
    return Table(
        f"Each {kind.label.lower()}",
        ("Day", *(question.label for question in asked), *following, "By"),
        tuple(
            (
                spoken_date(each.happened_on),
                *(each.given.get(question.name, "") for question in asked),
                *((_day(each.next_on),) if following else ()),
                f"{each.made_by or 'an admin'} ({each.made_as}){', amended' if each.amends_id else ''}",
            )
            for each in records
        ),
    )


def _end(each: PlacementPack) -> Section:
    """Where it leads: the last review's outcome, and what was asked when it ended."""
    ended = each.records_of(ending.NAME)
    reviews = each.records_of(review.KIND.name)
    facts = [
        ("Outcome of the last review", reviews[-1].given.get("outcome", "") if reviews else ""),
        ("Destination", ended[-1].given.get("destination", "") if ended else ""),
    ]
    if ended:
        labels = {question.name: question.label for question in KINDS[ending.NAME].questions}
        facts += [
            (labels.get(name, name), value)
            for name, value in ended[-1].given.items()
            if name != "destination" and value
        ]
    return Section("Reintegration, destination and end", 2, _said(*facts))
