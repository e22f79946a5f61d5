"""What stands in chats: what apbot posted is edited down to the reference, what people typed goes."""

import sqlalchemy as sa

from apbot.domain.priority import Priority
from apbot.store.database import Transaction
from apbot.store.parts import in_parts
from apbot.store.people import is_used
from apbot.store.retention.live import is_live
from apbot.store.retention.model import (
    A_DAY_AGO,
    CHAT,
    CHAT_DAY,
    NOW,
    Kind,
    delete_where,
    kind,
    not_the_newest,
    rows_of,
)
from apbot.store.tables import (
    channel_troubles,
    chat_lines,
    checks,
    events,
    guesses,
    link_codes,
    messages,
    questions,
    roundups,
    signin_links,
    web_sessions,
)

MOST_A_NIGHT = 5000
"""So many messages are edited in one night: a platform takes about one a second."""

CHAT_DAYS = "{chat_days} days (APBOT_CHAT_DAYS)"


def _posted() -> sa.Select[tuple[int]]:
    return (
        sa.select(messages.c.id)
        .where(
            messages.c.put_away_at.is_(None),
            messages.c.sent_at.is_not(None),
            messages.c.sent_at < CHAT,
            # What is still to be edited where nobody delivers any more is not waited for.
            sa.or_(messages.c.next_at.is_(None), sa.not_(is_used(messages))),
            sa.not_(is_live()),
        )
        .order_by(messages.c.sent_at)
    )


def put_away(transaction: Transaction, ids: list[int]) -> None:
    """Have delivery edit them down, in the channels that apbot runs with; elsewhere nothing can be edited any more."""
    now = transaction.now
    changed = {
        "put_away_at": now,
        "wanted": messages.c.wanted + 1,
        "priority": int(Priority.PUTTING_AWAY),
        "heading": "",
        "next_at": sa.case((is_used(messages), now), else_=None),
        "tries": 0,
    }
    for part in in_parts(ids):
        transaction.execute(sa.update(messages).where(messages.c.id.in_(part)).values(changed))
    transaction.touched.add("messages")


def _typed() -> sa.Select[tuple[int]]:
    """What was typed, and apbot's answers to it. The newest line of all stays: open pages count from it."""
    newest = sa.select(sa.func.max(chat_lines.c.changed)).scalar_subquery()
    last = sa.select(sa.func.max(chat_lines.c.id)).scalar_subquery()
    return (
        sa.select(chat_lines.c.id)
        .where(
            chat_lines.c.message_id.is_(None),
            chat_lines.c.at < CHAT,
            chat_lines.c.changed < newest,
            chat_lines.c.id < last,
        )
        .order_by(chat_lines.c.at)
    )


def _old_checks() -> sa.ColumnElement[bool]:
    """All but the newest with a report: the next is compared with it."""
    newest = sa.select(sa.func.max(checks.c.day)).where(checks.c.report.is_not(None)).scalar_subquery()
    return sa.and_(checks.c.next_at.is_(None), checks.c.day < CHAT_DAY, checks.c.day < newest)


KINDS: tuple[Kind, ...] = (
    kind(
        "posted",
        "What apbot posted, in Slack, Telegram, Teams and its own chat: edited down to what it was about, and the day",
        CHAT_DAYS,
        "who looks back into a chat needs no child's record there; the record itself is kept in apbot",
        due=_posted(),
        remove=put_away,
        most=MOST_A_NIGHT,
    ),
    kind(
        "typed",
        "What people typed in apbot's own chat, and its answers",
        CHAT_DAYS,
        "what follows from it is recorded; the words may say more than that",
        due=_typed(),
        remove=delete_where(chat_lines.c.id),
    ),
    rows_of(
        events,
        "answers",
        "Answers kept so that the same press again is answered the same",
        CHAT_DAYS,
        "no platform sends the same press again after so long",
        events.c.at < CHAT,
    ),
    rows_of(
        questions,
        "questions",
        "Questions that a button asked in a chat without forms, and what was answered",
        CHAT_DAYS,
        "what follows from them is recorded",
        questions.c.asked_at < CHAT,
    ),
    rows_of(
        checks,
        "checks",
        "What the morning's checks found",
        CHAT_DAYS,
        "today's says what matters now",
        _old_checks(),
    ),
    rows_of(
        roundups,
        "lines of the day",
        "Which days the admins were told about in one line",
        CHAT_DAYS,
        "what the line said is worked out from the registers, and these are kept",
        sa.and_(roundups.c.next_at.is_(None), roundups.c.day < CHAT_DAY),
    ),
    rows_of(
        channel_troubles,
        "channels' troubles",
        "When a channel did not work, and why",
        f"{CHAT_DAYS} after it worked again",
        "that it happened, and when, is in the audit log",
        sa.and_(channel_troubles.c.ended_at < CHAT, not_the_newest(channel_troubles)),
    ),
    rows_of(
        signin_links,
        "sign-in links",
        "One-time sign-in links",
        "until they expire",
        "they open nothing any more",
        signin_links.c.expires_at < NOW,
    ),
    rows_of(
        web_sessions,
        "sign-ins",
        "Sign-ins on a device",
        "until they expire or end",
        "that somebody signed in is in the audit log",
        sa.or_(web_sessions.c.expires_at < NOW, web_sessions.c.ended_at < NOW),
    ),
    rows_of(
        link_codes,
        "link codes",
        "Codes that link a chat",
        "until they expire",
        "they open nothing any more",
        link_codes.c.expires_at < NOW,
    ),
    rows_of(
        guesses,
        "guesses",
        "How many wrong codes somebody typed",
        "a day",
        "nobody is held up for longer than an hour",
        guesses.c.since < A_DAY_AGO,
    ),
)
