"""What was said about the pupil: messages that went out, words that were typed, and reports that name them."""

import re
from typing import Any

import orjson
import sqlalchemy as sa

from apbot.messages import put_away
from apbot.messages.kinds import Envelope
from apbot.messages.registry import KINDS
from apbot.papers.subject.others import Others
from apbot.store.database import Transaction
from apbot.store.messagesabout import LISTS, load_messages_about
from apbot.store.tables import chat_lines, people, providers, school_reports


def read_messages(transaction: Transaction, pupil_id: int, reference: str, others: Others) -> list[dict[str, Any]]:
    """Every message about the pupil: when it went out, to whom by role, and what it says of the pupil now."""
    rows = load_messages_about(transaction, pupil_id)
    roles = others.roles_of({row.person_id for row in rows.values() if row.person_id is not None})
    places = {row.id: row.name for row in transaction.rows(sa.select(providers.c.id, providers.c.name))}
    told = []
    for _, row in sorted(rows.items()):
        says = _says(transaction, row, reference, others)
        if says or row.kind not in LISTS:
            told.append(
                {
                    "due": row.due_at,
                    "sent": row.sent_at,
                    "what": put_away.called(row.kind),
                    "by way of": row.channel,
                    "to": roles[row.person_id] if row.person_id is not None else _place(row.recipient, places),
                    "state": row.state,
                    "says now": says,
                }
            )
    return told


def _place(recipient: str, places: dict[int, str]) -> str:
    _, _, number = recipient.partition(":")
    return f"the staff of {places.get(int(number), 'a provider')}" if number.isdecimal() else ""


def _says(transaction: Transaction, row: sa.Row[Any], reference: str, others: Others) -> str:
    """What the message says of this pupil, and of no other."""
    if row.put_away_at is not None:
        return "" if row.kind in LISTS else put_away.card(row.kind, row.due_at).heading
    if row.kind not in KINDS:
        return ""
    envelope = Envelope(row.person_id, row.round, row.step, row.due_at, transaction.now, sent_before=True)
    (card,) = KINDS[row.kind].render(transaction, [(row.subject_id, envelope)])
    if card is None:
        return ""
    own = re.compile(rf"(?<![\w-]){re.escape(reference)}(?![\w-])")
    lines = [card.heading, *card.lines]
    said = [line for line in lines if own.search(line) and not others.names_another(line)]
    said += [f"{each.heading}: {each.text}" for each in card.rows if own.search(each.heading)]
    return others.without("; ".join(said), names_too=True)  # an outcome is in somebody's own words


def read_typed(transaction: Transaction, pupil: sa.Row[Any], others: Others) -> list[dict[str, Any]]:
    """Words in apbot's own chat that name the pupil, by reference or by a whole name, without the other pupils."""
    wanted = (pupil.ref, f"{pupil.first_name} {pupil.last_name}", pupil.first_name)
    rows = transaction.rows(
        sa.select(chat_lines.c.at, chat_lines.c.text, people.c.id.label("person_id"))
        .outerjoin_from(chat_lines, people, people.c.id == chat_lines.c.author_id)
        .where(chat_lines.c.author_id.is_not(None))
        .order_by(chat_lines.c.id)
    )
    own = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in wanted), re.IGNORECASE)
    found = [row for row in rows if own.search(row.text)]
    names = others.names_of({row.person_id for row in found})
    return [
        {"at": row.at, "by": names[row.person_id], "words": others.without(row.text, names_too=True)} for row in found
    ]


def read_reports(transaction: Transaction, pupil: sa.Row[Any]) -> list[dict[str, Any]]:
    """Which of the school's reports name the pupil; what they say of the pupil stands in the records."""
    token = f'"{pupil.ref}'.encode()
    rows = transaction.rows(
        sa.select(school_reports).where(school_reports.c.school_id == pupil.school_id).order_by(school_reports.c.id)
    )
    return [
        {"kind": row.kind, "from": row.first_on, "to": row.last_on, "made": row.made_at}
        for row in rows
        if row.report is not None and token in orjson.dumps(row.report)
    ]
