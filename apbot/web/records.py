"""The pages of one placement and of one provider, with their history a page at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from apbot.channels.web import WebChat
from apbot.domain.access import Actor
from apbot.domain.codes import MEANINGS
from apbot.domain.duties.model import Document
from apbot.domain.duties.registry import KINDS
from apbot.domain.walltime import local_date, parse_day, plausible, spoken_date
from apbot.domain.weekwords import pattern_words, starts_words
from apbot.exports.history import History, load_histories
from apbot.messages.duties import standing_words
from apbot.messages.provider_words import SOON
from apbot.messages.sessions import known_words, sentence
from apbot.store.database import Transaction
from apbot.store.labels import initials_in
from apbot.store.people import load_actor
from apbot.store.placementrecord import PlacementRecord, read_placement
from apbot.store.providerfacts import ProviderFacts
from apbot.store.providerrecord import ProviderRecord, read_provider
from apbot.store.pupilsessions import PupilSession
from apbot.store.showing import show
from apbot.store.tables import entries
from apbot.web.identity import Visitors
from apbot.web.pages import base, page, trouble
from apbot.web.signs import Mark, Standing, standing

NO_PLACEMENT = ("There is no such placement", "Or it is not yours to see today.")
NO_PROVIDER = ("There is no such provider", "Or none of your pupils is placed there.")


@dataclass(frozen=True)
class SessionView:
    """One session of a placement's history."""

    when: str
    standing: Standing
    known: str
    code: str
    code_words: str
    amendments: tuple[str, ...]
    alerts: str


class RecordPages:
    """The endpoints."""

    def __init__(self, webchat: WebChat, visitors: Visitors, *, sign_out: bool) -> None:
        """Read the records in the database of `webchat`."""
        self._database = webchat.database
        self._visitors = visitors
        self._sign_out = sign_out

    async def placement(self, request: Request) -> Response:
        """/placements/{ref}. Opening it is written into the audit log before anything is shown."""
        before = _instant(request.query_params.get("before", ""))

        def read(transaction: Transaction, actor: Actor) -> Mapping[str, Any] | None:
            record = read_placement(transaction, actor, request.path_params["ref"], before)
            return None if record is None else _placement_view(transaction, record)

        return await self._show(request, "placement.html", read, NO_PLACEMENT)

    async def provider(self, request: Request) -> Response:
        """/providers/{ref}, likewise."""
        until = _day(request.query_params.get("until", ""))

        def read(transaction: Transaction, actor: Actor) -> Mapping[str, Any] | None:
            record = read_provider(transaction, actor, request.path_params["ref"], until)
            return None if record is None else _provider_view(record)

        return await self._show(request, "provider.html", read, NO_PROVIDER)

    async def _show(
        self,
        request: Request,
        template: str,
        read: Callable[[Transaction, Actor], Mapping[str, Any] | None],
        not_there: tuple[str, str],
    ) -> Response:
        person_id = await self._visitors.identify(request)
        found = None if person_id is None else await show(self._database, _read, person_id, read)
        if found is None:
            return self._visitors.turn_away(request)
        actor, view = found
        if view is None:
            return trouble(request, 404, *not_there)
        paths = {"placement": _path(request, "placements"), "provider": _path(request, "providers")}
        token = self._visitors.form_token(request)
        return page(request, template, actor=actor, token=token, sign_out=self._sign_out, path_of=paths, **view)


def _path(request: Request, kind: str) -> Callable[[str], str]:
    return lambda ref: f"{base(request)}/{kind}/{quote(ref, safe='')}"


def _read(
    transaction: Transaction, person_id: int, read: Callable[[Transaction, Actor], Mapping[str, Any] | None]
) -> tuple[Actor, Mapping[str, Any] | None] | None:
    actor = load_actor(transaction, person_id, "web")
    return None if actor is None else (actor, read(transaction, actor))


def _placement_view(transaction: Transaction, record: PlacementRecord) -> Mapping[str, Any]:
    histories = load_histories(transaction, entries.c.id.in_([each.entry.id for each in record.sessions]))
    today = local_date(transaction.now)
    return {
        "record": record,
        "who": record.name or initials_in(record.pupil.label, record.pupil.reference),
        "facts": _facts(record),
        "sessions": [
            _session(each, histories.get(each.entry.id, History()), transaction.now, codes=record.is_own)
            for each in record.sessions
        ],
        "older": record.older and urlencode({"before": record.older.isoformat()}),
        "duties": [
            (each, sentence(standing_words(each, today)), each.is_open and each.standing.is_overdue(today))
            for each in sorted(record.duties, key=lambda each: (not each.is_open, -each.due_on.toordinal()))
        ],
        "done": [(KINDS[each.record.kind], each) for each in record.done],
        "spoken_date": spoken_date,
    }


def _facts(record: PlacementRecord) -> list[tuple[str, str]]:
    """What the roster says; what was arranged before the start is the school's to read."""
    placement, row = record.placement, record.facts
    ends = spoken_date(placement.ends_on) if placement.ends_on else "no end date"
    found = [
        ("School", record.pupil.school),
        ("Sessions", pattern_words(placement.pattern)),
        ("Times", starts_words(placement.pattern, placement.hours)),
        ("From", spoken_date(placement.starts_on)),
        ("To", ends),
        ("Target end", spoken_date(placement.target_end_on) if placement.target_end_on else "none set"),
        ("Arranged by", placement.arranged_by + (", dual registered" if placement.dual_registered else "")),
        ("Activity", row["activity"]),
        ("Aims", row["aims"]),
        ("Key worker", placement.key_worker or "none"),
        ("Transport", row["transport"]),
        ("Meals", row["meals"]),
        ("Calls home", row["calls_home"]),
        ("Alert after", f"{row['alert_minutes']} minutes"),
    ]
    if record.is_own:
        reviews = [spoken_date(date.fromisoformat(each)) for each in row["review_dates"] or ()]
        found += [
            ("Referred", _spoken(row["referred_on"])),
            ("Authorised by", row["authorised_by"]),
            ("Agreement", _spoken(row["agreement_on"], "signed ")),
            ("Risk shared", _spoken(row["risk_shared_on"])),
            ("DSL’s details", _spoken(row["dsl_details_on"], "given ")),
            ("Reviews", ", ".join(reviews)),
            ("Rest of week", row["rest_of_week"]),
        ]
    return [(name, words) for name, words in found if words]


def _spoken(day: date | None, before: str = "") -> str:
    return f"{before}{spoken_date(day)}" if day else ""


def _session(each: PupilSession, history: History, now: datetime, *, codes: bool) -> SessionView:
    code = each.code if codes else None
    confirmed = "" if each.entry.code else ", not confirmed by the school"
    return SessionView(
        when=f"{spoken_date(each.day)}, {each.session.value}",
        standing=standing(each, now),
        known=sentence(known_words(each)),
        code=code or "",
        code_words=f"{MEANINGS[code]}{confirmed}" if code else "",
        amendments=tuple(one.words(each.day) for one in history.amendments if codes or one.what != "code"),
        alerts="; ".join(history.alerts),
    )


def _provider_view(record: ProviderRecord) -> Mapping[str, Any]:
    return {
        "record": record,
        "facts": record.facts,
        "documents": list(_documents(record.facts, record.day)),
        "duties": [(each, sentence(standing_words(each, record.day))) for each in record.duties],
        "earlier": record.older and urlencode({"until": record.older.isoformat()}),
        "pattern_words": pattern_words,
        "spoken_date": spoken_date,
    }


def _documents(facts: ProviderFacts, today: date) -> Iterator[tuple[Document, Mark, str]]:
    """What is asked of every provider and was not shown; then what was, what ends first at the top."""
    for kind in facts.lacking:
        yield Document(kind), Mark.ALERT, "Not shown"
    shown = [each.document for each in facts.shown]
    for each in sorted(shown, key=lambda each: each.expires_on or date.max):
        yield each, *_document(each, today)


def _document(each: Document, today: date) -> tuple[Mark, str]:
    """How a document that was shown stands: a sign and words."""
    if each.expires_on is None:
        return Mark.ASK, "No end known"
    if each.expires_on < today:
        return Mark.ALERT, f"Ended on {spoken_date(each.expires_on)}"
    if each.expires_on - today <= SOON:
        return Mark.ASK, f"Ends on {spoken_date(each.expires_on)}"
    return Mark.DONE, f"Holds until {spoken_date(each.expires_on)}"


def _instant(text: str) -> datetime | None:
    """Where a page of history begins; None for the newest, and for what can't be read."""
    try:
        found = datetime.fromisoformat(text)
        plausible(found.date())
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _day(text: str) -> date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None
