"""To a provider: where else one of its pupils goes, and when."""

from collections.abc import Mapping, Sequence

from apbot.cards import Card, Row, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import spoken_date
from apbot.domain.weekwords import pattern_words
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.database import Transaction
from apbot.store.otherproviders import OTHERS, Elsewhere, Shared, load_shared


def card(shared: Shared, _: Envelope) -> Card | None:
    """Every other place with its days and its number; or that there is none any more."""
    school = f"{shared.school}{f', {shared.school_telephone}' if shared.school_telephone else ''}"
    if not shared.elsewhere:
        return Card(f"{shared.label} goes to no other provider any more", footer=school)
    return Card(
        heading=f"{shared.label} goes to another provider as well",
        tone=Tone.ASK,
        lines=("So that you know of each other. What you need to know about the pupil comes from the school.",),
        rows=tuple(map(_row, shared.elsewhere)),
        footer=school,
    )


def _row(each: Elsewhere) -> Row:
    until = f" to {spoken_date(each.ends_on)}" if each.ends_on else ""
    parts = [pattern_words(each.pattern), f"from {spoken_date(each.starts_on)}{until}"]
    parts += [f"telephone {each.telephone}"] if each.telephone else []
    return Row(each.provider, " · ".join(parts))


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Shared]:
    return load_shared(transaction, ids)


KIND = MessageKind(OTHERS, Priority.REMINDER, _load, card)
