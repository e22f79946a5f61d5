"""`/ap inspect REF`: the headlines of the pack that an inspector asks for, and the page where all of it stands."""

from collections.abc import Iterator
from urllib.parse import quote

from apbot.cards import Card, Page, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.duties import contact, ending, review, visit
from apbot.domain.roles import Role
from apbot.domain.walltime import spoken_date
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import pupil_called, record_words
from apbot.handlers.port import Refused
from apbot.messages.provider_words import registration_words
from apbot.messages.week_digest import done_words, non_arrivals_counted, share
from apbot.store.database import Transaction
from apbot.store.inspection import Pack, PlacementPack, read_pack
from apbot.store.reports.nonarrivals import response

SHOWN = 3
"""So many placements stand in the answer, the newest first; all are on the page."""


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap inspect REF`."""
    return Reply(card(pack_called(transaction, actor, text, "inspection headlines read")))


def pack_called(transaction: Transaction, actor: Actor, reference: str, what: str) -> Pack:
    """The pack of the pupil with this reference, and a note (`what`) that it was read.

    Raises `Refused` for one that is unknown or not to be seen, in the same words, and for a provider's staff.
    """
    pupil = pupil_called(transaction, actor, reference, "inspect")
    pack = read_pack(transaction, actor, pupil, what)
    if pack is None:
        raise Refused("An inspector's pack is the school's to give: ask the pupil's school.")
    return pack


def path_of(reference: str) -> str:
    """Where the whole pack stands, behind sign-in."""
    return f"/inspect/{quote(reference, safe='')}"


def card(pack: Pack) -> Card:
    """The headlines: what an inspector asks first, and what is not in place."""
    gaps = any(each.gaps for each in pack.placements)
    more = len(pack.placements) - SHOWN
    return Card(
        heading=f"{pack.pupil.label}: what an inspector would ask",
        tone=Tone.ASK if gaps else Tone.PLAIN,
        lines=() if pack.placements else ("No placement is recorded.",),
        rows=tuple(row for each in pack.placements[:SHOWN] for row in _rows(each)),
        footer=f"{pack.pupil.school} · {f'{more} more on the page · ' if more > 0 else ''}"
        "The page has all of it with the pupil's name, and a PDF; opening it is written down.",
        page=Page("Open the whole pack", path_of(pack.pupil.reference)),
    )


def _rows(each: PlacementPack) -> Iterator[Row]:
    name = each.provider.name
    aims = each.row["aims"] or "no aims recorded"
    by = f"authorised by {each.row['authorised_by']}" if each.row["authorised_by"] else "nobody has authorised it"
    yield Row(f"{name}: why, and who decided", f"{aims} · {by}")
    yield Row(f"{name}: registration", registration_words(each.provider))
    yield Row(f"{name}: attendance", f"{share(each.attendance)} · {_non_arrivals(each)}")
    parts = [
        f"{kind.label}: {done_words(owed)}"
        for kind in (contact.KIND, visit.KIND, review.KIND)
        if (owed := each.done.get(kind.name)) is not None
    ]
    yield Row(f"{name}: contacts, visits, reviews", " · ".join(parts) if parts else "Nothing has been due yet.")
    yield Row(f"{name}: progress, reintegration and end", " · ".join(_end(each)))
    if each.gaps:
        yield Row(f"{name}: not in place", "; ".join(gap.what for gap in each.gaps), Tone.ASK)


def _non_arrivals(each: PlacementPack) -> str:
    found = response(each.non_arrivals)
    waits = found.acknowledged
    words = non_arrivals_counted(found.count)
    return words if waits.median is None else f"{words}, acknowledged after {waits.median} minutes (median)"


def _end(each: PlacementPack) -> Iterator[str]:
    for kind in (visit.KIND.name, review.KIND.name, ending.NAME):
        if records := each.records_of(kind):
            yield record_words(records[-1])
    target = each.placement.target_end_on
    yield f"target end date {spoken_date(target)}" if target else "no target end date"


def _may_use(actor: Actor) -> bool:
    """Whoever is of a school: an inspector's questions are not a provider's to answer."""
    return actor.is_admin_of_all or bool(actor.schools()) or any(each.role is Role.KEY_WORKER for each in actor.roles)


COMMAND = Command("inspect REF", "What an inspector asks about one pupil, with a page and a PDF.", run, _may_use)
