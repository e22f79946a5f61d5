"""An alert that did not reach those it was meant for: to the admins, and to the provider where it reached nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apbot.cards import Card, Row, Tone
from apbot.domain.escalation import Kind, Policy
from apbot.domain.priority import Priority
from apbot.messages.escalation import how_late
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.database import Transaction
from apbot.store.escalations import Escalation, load_escalations_by_id, policies_of
from apbot.store.nobody import NOT_REACHED, RING_THEM
from apbot.store.outbox import told
from apbot.store.people import names_of

WHAT = {Kind.NOT_ARRIVED: "not arrived", Kind.LEFT_SITE: "left site", Kind.NOT_RUNNING: "session not running"}


@dataclass(frozen=True)
class Unheard:
    """The alert, and the names of those who were told in place of those it was meant for."""

    escalation: Escalation
    policy: Policy
    told: tuple[str, ...]


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Unheard]:
    found = load_escalations_by_id(transaction, ids)
    people = {each: told(transaction, ["escalation"], each) for each in found}
    names = names_of(transaction, (person for ids_told in people.values() for person in ids_told))
    policies = policies_of(transaction, found)
    return {
        each.id: Unheard(each, policies[each.id], tuple(sorted(names[person] for person in people[each.id])))
        for each in found.values()
    }


def card(unheard: Unheard, envelope: Envelope) -> Card | None:
    """To an admin: which roles, who was told instead, and whom to telephone."""
    escalation = unheard.escalation
    over = _over(escalation, envelope)
    if over is not None or not escalation.unsettled:
        return over
    roles = ", ".join(role.value for role in unheard.policy.roles_at(envelope.step))
    return Card(
        heading=f"An alert of {escalation.school}'s did not reach those it was meant for",
        tone=Tone.ALERT,
        lines=(
            f"Can't be reached, or nobody holds the role: {roles}.",
            f"Told instead: {', '.join(unheard.told)}. See that one of them deals with it."
            if unheard.told
            else "Nobody was told.",
            *how_late(envelope),
            _ring(escalation),
        ),
        rows=_rows(escalation),
        footer=f"{escalation.school} · alert {escalation.id} · apbot check says what to mend",
    )


def card_for_provider(unheard: Unheard, envelope: Envelope) -> Card | None:
    """To the provider: that the school does not know yet, and its number."""
    escalation = unheard.escalation
    over = _over(escalation, envelope)
    if over is not None or not escalation.unsettled:
        return over
    return Card(
        heading=f"Nobody at {escalation.school} can be reached by chat: ring them now",
        tone=Tone.ALERT,
        lines=(
            "The school has not been told of this. Make sure that somebody there knows.",
            *how_late(envelope),
            _ring(escalation),
        ),
        rows=_rows(escalation),
        footer=f"{escalation.register.provider}, {escalation.register.session.value} · alert {escalation.id}",
    )


def _over(escalation: Escalation, envelope: Envelope) -> Card | None:
    """What it says once somebody deals with it."""
    if not escalation.acknowledged_by and escalation.state.is_live:
        return None
    by = f"{escalation.acknowledged_by} has taken it on" if escalation.state.is_live else "Settled"
    heading = f"{by}: alert {escalation.id}, {escalation.school}"
    return Card(heading, Tone.DONE, news=heading) if envelope.sent_before else None


def _ring(escalation: Escalation) -> str:
    number = escalation.school_telephone
    return f"Telephone {escalation.school}: {number}." if number else f"No number of {escalation.school}'s is recorded."


def _rows(escalation: Escalation) -> tuple[Row, ...]:
    """References only: an admin, or a provider's conversation, need not be shown more to see that somebody is told."""
    return tuple(Row(each.entry.reference, WHAT[escalation.kind], Tone.ALERT) for each in escalation.unsettled)


KIND = MessageKind(NOT_REACHED, Priority.ESCALATION, _load, card)
PROVIDER_KIND = MessageKind(RING_THEM, Priority.ESCALATION, _load, card_for_provider)
