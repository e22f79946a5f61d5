"""`/ap cover`: who is away, and who stands in; for oneself, or, by who is in charge there, for a colleague."""

from collections.abc import Mapping
from datetime import date

from apbot.cards import Action, Button, Card, Reply, Row, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.covers import EXAMPLE, Cover, read_cover
from apbot.domain.dates import Unclear, spoken_days
from apbot.domain.priority import Priority
from apbot.domain.roles import PROVIDER_ROLES, Role
from apbot.domain.walltime import local_date
from apbot.handlers.colleagues import called
from apbot.handlers.commands.port import Command
from apbot.handlers.port import Handler, Refused, said
from apbot.store.cover import (
    Away,
    Colleague,
    Places,
    away_from,
    load_colleagues,
    load_covers,
    plan_cover,
    stood_in_for,
    why_unreachable,
    withdraw_cover,
)
from apbot.store.database import Transaction
from apbot.store.outbox import Owed, Subject, owe, refresh

ARRANGERS = frozenset({Role.ADMIN, Role.DSL, Role.NAMED_CONTACT, Role.DEPUTY_CONTACT})
"""May arrange cover for their colleagues at the same school or provider."""


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Answer `/ap cover` and `/ap cover ... by ...`."""
    if not _may_use(actor):
        raise Refused("Cover is for those who are sent registers or alerts.")
    today = local_date(transaction.now)
    colleagues = load_colleagues(transaction, today, None if actor.is_admin_of_all else _places(actor))
    if not text:
        return Reply(_who_is_away(away_from(transaction, today, colleagues), actor, colleagues, today))
    try:
        cover = read_cover(text, today)
    except Unclear as unclear:
        raise Refused(f"Nothing recorded yet. {unclear}") from None
    return _plan(transaction, actor, cover, colleagues)


def _may_use(actor: Actor) -> bool:
    return actor.is_admin_of_all or _places(actor) != Places()


def _places(actor: Actor) -> Places:
    """Where they work; a governor does not, and gets no messages that somebody could cover."""
    return Places(
        frozenset(
            each.school_id
            for each in actor.roles
            if each.school_id is not None and each.role not in PROVIDER_ROLES | {Role.GOVERNOR}
        ),
        actor.providers(),
    )


def _may_arrange(actor: Actor, colleague: Colleague) -> bool:
    """For oneself; whoever is in charge also for those of their school or provider."""
    if actor.is_admin_of_all or colleague.id == actor.person_id:
        return True
    in_charge = [each for each in actor.roles if each.role in ARRANGERS]
    return not colleague.is_admin_of_all and (
        any(each.school_id in colleague.school_ids for each in in_charge if each.school_id is not None)
        or any(each.provider_id in colleague.provider_ids for each in in_charge if each.provider_id is not None)
    )


def _who_is_away(every: list[Away], actor: Actor, colleagues: Mapping[int, Colleague], today: date) -> Card:
    away = len({each.person_id for each in every if each.starts_on <= today})
    who = "1 person is" if away == 1 else f"{away} people are" if away else "Nobody is"
    return Card(
        heading=f"{who} away today",
        rows=tuple(
            Row(
                each.name,
                f"{spoken_days(each.starts_on, each.ends_on)} · {_stand_in(each)}",
                Tone.PLAIN if each.covered_by else Tone.ASK,
                (_withdraw_button(each),) if _may_arrange(actor, colleagues[each.person_id]) else (),
            )
            for each in every
        ),
        footer=f"To be away: {EXAMPLE}",
    )


def _stand_in(away: Away) -> str:
    return f"{away.covered_by} stands in" if away.covered_by else "nobody stands in: the next in line is told"


def _withdraw_button(away: Away) -> Button:
    return Button("Withdraw", "cover_withdraw", away.id, style=Style.DANGER, describes=away.name)


def _plan(transaction: Transaction, actor: Actor, cover: Cover, colleagues: Mapping[int, Colleague]) -> Reply:
    person = called(cover.of, actor, colleagues)
    if not _may_arrange(actor, person):
        raise Refused(
            "Only an admin, the DSL or a provider's contact arranges cover for somebody else. "
            "Write it without a name for yourself."
        )
    stand_in = None
    if cover.by is not None:
        near = {each.id: each for each in colleagues.values() if _works_with(each, person)}
        stand_in = called(cover.by, actor, near)
        _refuse_who_could_not_answer(stand_in, person, near)
    before = [each for each in away_from(transaction, cover.starts_on, [person.id]) if each.starts_on <= cover.ends_on]
    same = [each for each in before if (each.starts_on, each.ends_on) == (cover.starts_on, cover.ends_on)]
    stand_in_id = None if stand_in is None else stand_in.id
    if same and same[-1].covered_by_id == stand_in_id:
        return _read_back(same[-1], "Recorded already")
    cover_id = plan_cover(transaction, actor, person.id, stand_in_id, cover.starts_on, cover.ends_on)
    away = load_covers(transaction, [cover_id])[cover_id]
    warnings = [f"This goes before: {spoken_days(each.starts_on, each.ends_on)}, {_stand_in(each)}." for each in before]
    warnings += [
        f"Warning: {person.name} was to stand in for {each.name} then."
        for each in stood_in_for(transaction, person.id, cover.starts_on, cover.ends_on)
    ]
    if stand_in is not None:
        reasons = why_unreachable(transaction, stand_in, cover.starts_on, cover.ends_on)
        warnings += [f"Warning: {stand_in.name} {reason}. The next in line would be told." for reason in reasons]
        _tell(transaction, actor, away)
    return _read_back(away, "Recorded", *warnings)


def _works_with(each: Colleague, person: Colleague) -> bool:
    """An admin over everything stands in at a school; a provider's registers are its own people's."""
    if each.provider_ids & person.provider_ids:
        return True
    at_a_school = person.is_admin_of_all or bool(person.school_ids)
    return at_a_school and (each.is_admin_of_all or person.is_admin_of_all or bool(each.school_ids & person.school_ids))


def _refuse_who_could_not_answer(stand_in: Colleague, person: Colleague, near: Mapping[int, Colleague]) -> None:
    """Whoever stands in for somebody who acknowledges alerts has to be able to acknowledge them."""
    if stand_in.id == person.id:
        raise Refused("Nobody can stand in for themselves. Write somebody else's name, or “by nobody”.")
    if stand_in.is_admin_of_all or person.answers_for <= stand_in.answers_for:
        return
    able = [each.name for each in near.values() if each.id != person.id and person.answers_for <= each.answers_for]
    raise Refused(
        f"{stand_in.name} ({stand_in.part}) could not acknowledge alerts. Nothing recorded. "
        f"These could: {', '.join(able) or 'nobody yet'}."
    )


def _read_back(away: Away, heading: str, *warnings: str) -> Reply:
    return said(
        f"{heading}: {away.name} is away",
        spoken_days(away.starts_on, away.ends_on),
        f"{_stand_in(away)}.".replace("nobody", "Nobody"),
        *warnings,
        tone=Tone.ASK if warnings or not away.covered_by else Tone.DONE,
        buttons=(_withdraw_button(away),),
    )


def _tell(transaction: Transaction, actor: Actor, away: Away) -> None:
    """Tell whoever stands in, unless they arranged it themselves."""
    if away.covered_by_id is not None and away.covered_by_id != actor.person_id:
        owe(transaction, [Owed(Subject("cover", away.id), Priority.REMINDER, transaction.now, away.covered_by_id)])


def _withdraw(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    away = load_covers(transaction, [action.subject]).get(action.subject)
    today = local_date(transaction.now)
    colleagues = load_colleagues(transaction, today, None)
    if away is None or away.person_id not in colleagues or not _may_arrange(actor, colleagues[away.person_id]):
        raise Refused("That cover is not yours to withdraw.")
    if away.is_withdrawn:
        return said("That was withdrawn already", tone=Tone.DONE)
    withdraw_cover(transaction, actor, away)
    refresh(transaction, ["cover"], [away.id])
    return said(f"Withdrawn: {away.name} is not away", spoken_days(away.starts_on, away.ends_on), tone=Tone.DONE)


COMMAND = Command("cover", f"Who is away and who stands in. To be away: {EXAMPLE}", run, _may_use)

HANDLERS: dict[str, Handler] = {"cover_withdraw": _withdraw}
