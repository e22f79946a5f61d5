"""Deciding register codes: confirming what is suggested, changing it, keeping it. The school alone decides.

A decision is never overwritten: each is kept with who made it and when, and a changed one with the reason (School
Attendance (Pupil Registration) (England) Regulations 2024: an amendment keeps the original entry).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from apbot.cards import Action, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.codes import MEANINGS, cautions, codes_offered, lacks_nature, why_not
from apbot.domain.walltime import spoken_date
from apbot.handlers.port import Handler, Refused, said
from apbot.messages.coding import counted, spoken_at
from apbot.messages.register import CORRECTIONS
from apbot.store.audit import note, note_all
from apbot.store.coding import Coding, load_coding, load_days, refresh_lists
from apbot.store.database import Transaction
from apbot.store.prepared import Prepared
from apbot.store.tables import code_decisions, entries, placements, school_days, schools


@dataclass(frozen=True)
class _Decision:
    coding: Coding
    code: str
    nature: str = ""
    comment: str = ""
    because: str = ""


def _code(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Confirm the suggested code of one session (`value`), or give another (the input "code")."""
    coding = _load(transaction, actor, action.subject)
    entry = coding.entry
    code = action.inputs.get("code") or action.value
    if code not in codes_offered(entry.arrangement, coding.session):
        raise Refused(why_not(code, entry.arrangement))
    comment = _words(action.inputs.get("comment", ""), 200)
    if code == entry.code and not comment and not coding.to_look_at_again:
        return said(f"{entry.label}: {code} was recorded already", _by(coding), tone=Tone.DONE)
    if coding.is_open and "code" not in action.inputs and code != coding.suggestion.code:
        return _changed_since(transaction, coding)
    nature = _nature(coding, code, action)
    because = "" if coding.is_open else _reason(coding, action)
    _decide(transaction, actor, [_Decision(coding, code, nature, comment, because)])
    return said(
        f"{entry.label}: {code} recorded",
        f"{MEANINGS[code].capitalize()}.",
        *cautions(code, coding.fact, entry.state),
        tone=Tone.DONE,
    )


def _keep(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Keep a code that was to be looked at again."""
    coding = _load(transaction, actor, action.subject)
    entry = coding.entry
    if entry.code != action.value:
        return _changed_since(transaction, coding)
    if coding.to_look_at_again:
        nature = entry.arrangement.activity if entry.code == "B" else ""
        _decide(transaction, actor, [_Decision(coding, action.value, nature, because="looked at again and kept")])
    return said(f"{entry.label}: {entry.code} kept", tone=Tone.DONE)


def _codes_all(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Confirm every session of a school's day of which nothing needs deciding."""
    transaction.row(_LOCK_SCHOOL_OF_DAY, id=action.subject)
    day = load_days(transaction, [action.subject]).get(action.subject)
    if day is None or not actor.may_answer(day.school_id):
        raise Refused("Those codes are not yours to decide.")
    wanted = day.to_confirm(transaction.now)
    if not wanted:
        return said(f"Nothing is left to confirm for {spoken_date(day.day)}", tone=Tone.DONE)
    if action.value != str(len(wanted)):
        refresh_lists(transaction, {(day.school_id, day.day)})
        return said(
            "Nothing was confirmed: the day has changed since that message",
            f"It is {counted(len(wanted), 'session', 'sessions')} by now. Look at it again, then confirm.",
            tone=Tone.ASK,
        )
    _decide(
        transaction,
        actor,
        [
            _Decision(
                each, each.suggestion.code, each.entry.arrangement.activity if each.suggestion.code == "B" else ""
            )
            for each in wanted
        ],
    )
    return said(f"{counted(len(wanted), 'session', 'sessions')} confirmed, {spoken_date(day.day)}", tone=Tone.DONE)


def _decide(transaction: Transaction, actor: Actor, decisions: Sequence[_Decision]) -> None:
    """Record decisions: in the history, as the codes in force, and in the lists that show them."""
    transaction.change(
        _KEEP_DECISION,
        *(
            {
                "entry_id": each.coding.entry.id,
                "school_id": each.coding.entry.school_id,
                "code": each.code,
                "nature": each.nature,
                "comment": each.comment,
                "made_by_id": actor.person_id,
                "made_as": actor.acts_as(None, each.coding.entry.school_id),
                "made_at": transaction.now,
                "because": each.because,
            }
            for each in decisions
        ),
    )
    transaction.change(
        _PUT_IN_FORCE,
        *(
            {
                "b_id": each.coding.entry.id,
                "code": each.code,
                "code_by_id": actor.person_id,
                "code_at": transaction.now,
                "suggested_code": each.coding.suggestion.code,
                "suggested_why": each.coding.suggestion.why,
            }
            for each in decisions
        ),
    )
    note_all(
        transaction,
        actor,
        "code decided",
        [
            (
                f"entry:{each.coding.entry.id}",
                {"code": each.code, "before": each.coding.entry.code, "because": each.because},
            )
            for each in decisions
        ],
    )
    _keep_natures(transaction, actor, decisions)
    refresh_lists(transaction, {(each.coding.entry.school_id, each.coding.day) for each in decisions})


_KEEP_DECISION = Prepared(sa.insert(code_decisions))
_PUT_IN_FORCE = Prepared(
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in ("code", "code_by_id", "code_at", "suggested_code", "suggested_why")})
)


def _keep_natures(transaction: Transaction, actor: Actor, decisions: Sequence[_Decision]) -> None:
    """Keep a nature that was missing for the whole placement, so that it is asked once."""
    for each in decisions:
        if each.nature and not each.coding.entry.arrangement.activity:
            placement_id = each.coding.entry.placement_id
            transaction.execute(
                sa.update(placements).where(placements.c.id == placement_id).values(activity=each.nature)
            )
            note(transaction, actor, "activity recorded", f"placement:{placement_id}")


def _load(transaction: Transaction, actor: Actor, entry_id: int) -> Coding:
    transaction.row(_LOCK_SCHOOL_OF_ENTRY, id=entry_id)
    found = load_coding(transaction, entry_id)
    if found is None or not actor.may_answer(found.entry.school_id):
        raise Refused("That code is not yours to decide.")
    return found


_LOCK_SCHOOL_OF_DAY, _LOCK_SCHOOL_OF_ENTRY = (
    Prepared(
        sa.select(schools.c.id)
        .where(schools.c.id == sa.select(table.c.school_id).where(table.c.id == sa.bindparam("id")).scalar_subquery())
        .with_for_update(key_share=True)
    )
    for table in (school_days, entries)
)
"""Two people may decide for one school at the same moment: the second must see what the first has done."""


def _nature(coding: Coding, code: str, action: Action) -> str:
    given = _words(action.inputs.get("nature", ""), 120)
    if lacks_nature(code, coding.entry.arrangement) and not given:
        raise Refused(
            "B needs the nature of the activity beside it. Say in a few words what the pupil does there.", "nature"
        )
    return (given or coding.entry.arrangement.activity) if code == "B" else ""


def _reason(coding: Coding, action: Action) -> str:
    because = action.inputs.get("because", "")
    if because not in {choice.value for choice in CORRECTIONS}:
        raise Refused(f"{_by(coding)} To change it, press Change and choose why: the first code is kept.")
    return because


def _by(coding: Coding) -> str:
    at = f", {spoken_at(coding.code_at, coding.day)}" if coding.code_at else ""
    return f"{coding.entry.code} was recorded by {coding.code_by or 'an admin'}{at}."


def _changed_since(transaction: Transaction, coding: Coding) -> Reply:
    """Nothing is done on the strength of a message that no longer says what is so; the message is put right."""
    refresh_lists(transaction, {(coding.entry.school_id, coding.day)})
    suggestion = coding.suggestion
    now = f"{suggestion.code} is suggested now: {suggestion.why}." if coding.is_open else _by(coding)
    return said(f"{coding.entry.label}: that has changed, and nothing was recorded", now, tone=Tone.ASK)


def _words(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest]


HANDLERS: dict[str, Handler] = {"code": _code, "keep_code": _keep, "codes_all": _codes_all}
