"""Acknowledging that nobody was asked on a day: one sees to it that its pupils are safe."""

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.walltime import wall
from apbot.handlers.port import Handler, Refused, said
from apbot.store.database import Transaction
from apbot.store.missed_days import load_missed_days, see_to


def _acknowledge(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    missed = load_missed_days(transaction, [action.subject]).get(action.subject)
    if missed is None or not actor.may_answer(missed.codes.school_id):
        raise Refused("That day is not yours to answer for.")
    if not see_to(transaction, actor, missed):
        at = f" at {wall(missed.acknowledged_at)}" if missed.acknowledged_at else ""
        return said(f"{missed.acknowledged_by} acknowledged it{at}", tone=Tone.DONE)
    return said(
        "Acknowledged",
        "Everybody who was told sees your name. Ring each provider, then confirm the sessions in the list of codes.",
        tone=Tone.DONE,
    )


HANDLERS: dict[str, Handler] = {"missed_day_acknowledge": _acknowledge}
