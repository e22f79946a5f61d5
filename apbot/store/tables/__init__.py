"""Every table. Instants are UTC; days and times of day are as the clock on the wall shows them.

Whatever can become due (a register, an entry's alert, an escalation, a school's day, a message) carries its own
`next_at`, null when nothing is to be done, with a partial index: finding what is due costs what is due.
"""

from apbot.store.tables.alerts import checks, concerns, escalated, escalations, incidents, missed_days
from apbot.store.tables.base import DUE, Instant, metadata
from apbot.store.tables.day import (
    UNRESOLVED,
    code_chases,
    code_decisions,
    entries,
    marks,
    openings,
    registers,
    school_days,
    unopened,
)
from apbot.store.tables.duties import digests, duties, duty_records, mentions, others_told, plannings
from apbot.store.tables.outward import api_keys, calendar_links
from apbot.store.tables.reports import school_reports
from apbot.store.tables.roster import (
    closures,
    covers,
    documents,
    people,
    placements,
    planned_absences,
    providers,
    pupils,
    roles,
    schools,
    terms,
)
from apbot.store.tables.running import channel_troubles, leases, processes
from apbot.store.tables.talk import (
    addresses,
    audit,
    channels,
    events,
    guesses,
    kept_secrets,
    link_codes,
    messages,
    questions,
)
from apbot.store.tables.upkeep import name_keys, retentions, roundups
from apbot.store.tables.webchat import chat_lines, signin_links, web_sessions

__all__ = [
    "DUE",
    "UNRESOLVED",
    "Instant",
    "addresses",
    "api_keys",
    "audit",
    "calendar_links",
    "channel_troubles",
    "channels",
    "chat_lines",
    "checks",
    "closures",
    "code_chases",
    "code_decisions",
    "concerns",
    "covers",
    "digests",
    "documents",
    "duties",
    "duty_records",
    "entries",
    "escalated",
    "escalations",
    "events",
    "guesses",
    "incidents",
    "kept_secrets",
    "leases",
    "link_codes",
    "marks",
    "mentions",
    "messages",
    "metadata",
    "missed_days",
    "name_keys",
    "openings",
    "others_told",
    "people",
    "placements",
    "planned_absences",
    "plannings",
    "processes",
    "providers",
    "pupils",
    "questions",
    "registers",
    "retentions",
    "roles",
    "roundups",
    "school_days",
    "school_reports",
    "schools",
    "signin_links",
    "terms",
    "unopened",
    "web_sessions",
]
