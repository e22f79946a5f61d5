"""What somebody still has to see to: no message about it goes, however old it is."""

import sqlalchemy as sa

from apbot.domain.duties.model import State as DutyState
from apbot.domain.escalation import State
from apbot.store.concerns import ANSWERED, ASKED, UNHEARD
from apbot.store.duties.mentioned import AT_ONCE, DIGEST
from apbot.store.incidents import TOLD
from apbot.store.missed_days import MISSED
from apbot.store.nobody import NOT_REACHED, RING_THEM
from apbot.store.tables import concerns, duties, escalations, incidents, mentions, messages, missed_days

LIVE_ALERT = escalations.c.state.in_([state.value for state in State if state.is_live])
OPEN_DUTY = duties.c.state == DutyState.OPEN.value

ABOUT_ALERTS = ("escalation", "copy", "stand down", "stand down copy", NOT_REACHED, RING_THEM)
ABOUT_REGISTERS = ("register", "nudge")


def is_live() -> sa.ColumnElement[bool]:
    """For a query of messages: what it is about is still open."""
    of_alerts = sa.select(escalations.c.id).where(LIVE_ALERT)
    ways = (
        (ABOUT_ALERTS, of_alerts),
        (ABOUT_REGISTERS, sa.select(escalations.c.register_id).where(LIVE_ALERT)),
        ((ASKED, ANSWERED, UNHEARD), sa.select(concerns.c.id).where(concerns.c.acknowledged_at.is_(None))),
        ((MISSED,), sa.select(missed_days.c.id).where(missed_days.c.acknowledged_at.is_(None))),
        (
            (TOLD,),
            sa.select(incidents.c.id).where(incidents.c.acknowledged_at.is_(None), incidents.c.withdrawn_at.is_(None)),
        ),
        ((AT_ONCE,), sa.select(duties.c.id).where(OPEN_DUTY)),
        ((DIGEST,), sa.select(mentions.c.digest_id).join(duties, duties.c.id == mentions.c.duty_id).where(OPEN_DUTY)),
    )
    return sa.or_(*(sa.and_(messages.c.kind.in_(kinds), messages.c.subject_id.in_(open_)) for kinds, open_ in ways))
