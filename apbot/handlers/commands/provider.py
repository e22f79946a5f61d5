"""`/ap provider NAME`: registration, documents, today, who is placed there, what is owed, the last quality visit."""

from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import quote

from apbot.cards import Card, Page, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.walltime import spoken_date
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import sees_pupils
from apbot.handlers.commands.today import pupils_row
from apbot.handlers.port import Refused
from apbot.messages.duties import buttons, standing_words, title
from apbot.messages.provider_words import document_words, has_expired, registration_words
from apbot.messages.week_digest import share
from apbot.store.database import Transaction
from apbot.store.duties.reading import Duty
from apbot.store.providerstatus import Placed, ProviderStatus, providers_in_sight, read_provider

LISTED = 20
"""So many pupils, and so many duties with their buttons, stand in one answer."""


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap provider NAME`."""
    provider_id = provider_called(transaction, actor, text)
    status = read_provider(transaction, actor, provider_id)
    return Reply(card(status, is_of_school=provider_id not in actor.providers()))


def provider_called(transaction: Transaction, actor: Actor, name: str) -> int:
    """The provider that `name` begins, or names by its reference, among those in sight of `actor`; staff of one
    provider need not name it. Raises `Refused`, in the same words whether there is none or none to be seen."""
    wanted = " ".join(name.split()).casefold()
    found = providers_in_sight(transaction, actor)
    if not wanted:
        own = [row for row in found if row.id in actor.providers()]
        if len(own) == 1:
            return int(own[0].id)
        raise Refused("Which provider? Write its name: /ap provider Oak Farm")
    exact = [row for row in found if wanted in (row.name.casefold(), row.ref.casefold())]
    close = exact or [row for row in found if row.name.casefold().startswith(wanted)]
    if len(close) > 1:
        raise Refused(f"Which one: {', '.join(row.name for row in close[:LISTED])}?")
    if not close:
        raise Refused("No provider of your pupils has that name. Write it as it stands on the register.")
    return int(close[0].id)


def card(status: ProviderStatus, *, is_of_school: bool) -> Card:
    """The provider in words."""
    late = any(each.standing.is_overdue(status.day) for each in status.duties)
    expired = any(has_expired(each, status.day) for each in status.facts.shown)
    return Card(
        heading=f"{status.facts.name}: {_placed_count(status.placed)}",
        tone=Tone.ASK if late or expired else Tone.PLAIN,
        lines=tuple(_where(status)),
        rows=tuple(_rows(status, is_of_school=is_of_school)),
        footer="Only your own pupils are shown.",
        page=Page("Open the provider's page", f"/providers/{quote(status.facts.ref, safe='')}"),
    )


def _placed_count(placed: Sequence[Placed]) -> str:
    if not placed:
        return "no pupil of yours is placed there now"
    return "1 pupil of yours" if len(placed) == 1 else f"{len(placed)} pupils of yours"


def _where(status: ProviderStatus) -> Iterator[str]:
    parts = [
        each
        for each in (status.facts.address, status.facts.telephone and f"telephone {status.facts.telephone}")
        if each
    ]
    if parts:
        yield ", ".join(parts)


def _rows(status: ProviderStatus, *, is_of_school: bool) -> Iterator[Row]:
    yield _registration(status)
    yield _documents(status)
    for register in status.today:
        yield pupils_row(register, "Today: ")
    if not status.today:
        yield Row("Today", "No pupil of yours is expected there.")
    if status.placed:
        yield _placed(status)
    yield _quality_visit(status, is_of_school=is_of_school)
    yield from _duties(status.duties, status.day)


def _registration(status: ProviderStatus) -> Row:
    return Row(
        "Registration", registration_words(status.facts), Tone.ASK if status.facts.registered is None else Tone.PLAIN
    )


def _documents(status: ProviderStatus) -> Row:
    missing = status.facts.lacking
    parts = [document_words(each, status.day) for each in status.facts.shown]
    parts += [f"{', '.join(missing)}: not shown yet"] if missing else []
    urgent = missing or any(has_expired(each, status.day) for each in status.facts.shown)
    return Row("Documents", " · ".join(parts), Tone.ASK if urgent else Tone.PLAIN)


def _placed(status: ProviderStatus) -> Row:
    parts = [_pupil(each, status.day) for each in status.placed[:LISTED]]
    more = f" and {len(status.placed) - LISTED} more" if len(status.placed) > LISTED else ""
    return Row("Pupils placed, attendance this half term", " · ".join(parts) + more)


def _pupil(each: Placed, day: date) -> str:
    if each.starts_on > day:
        return f"{each.label} from {spoken_date(each.starts_on)}"
    return f"{each.label} {share(each.attendance) if each.attendance else 'no session yet'}"


def _quality_visit(status: ProviderStatus, *, is_of_school: bool) -> Row:
    if status.quality_visit_on is None:
        return Row("Last quality visit", "None recorded.", Tone.ASK)
    last = status.quality_visit
    is_that = last is not None and last.happened_on == status.quality_visit_on
    choices = last.spoken_choices if is_of_school and last is not None and is_that else ()
    outcome = f" ({', '.join(choices)})" if choices else ""
    return Row("Last quality visit", f"{spoken_date(status.quality_visit_on)}{outcome}")


def _duties(duties: Sequence[Duty], day: date) -> Iterator[Row]:
    if not duties:
        yield Row("Open duties", "None.", Tone.DONE)
    for each in duties[:LISTED]:
        tone = Tone.ALERT if each.standing.is_overdue(day) else Tone.ASK
        yield Row(title(each), standing_words(each, day), tone, buttons(each))
    if len(duties) > LISTED:
        yield Row("Open duties", f"{len(duties) - LISTED} more: /ap week shows what is due first.", Tone.ASK)


COMMAND = Command(
    "provider NAME", "One provider: registration, documents, today, your pupils there, what is owed.", run, sees_pupils
)
