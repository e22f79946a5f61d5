"""Every kind of message. A new kind is one module, and one line here."""

from apbot.messages import (
    channel_trouble,
    check,
    codes,
    codes_overdue,
    concern,
    copy,
    cover,
    duties,
    duty_at_once,
    escalation,
    incident,
    missed_day,
    nobody_reached,
    nudge,
    other_providers,
    register,
    registers_in,
    stand_down,
    term_report,
    unreached,
    week_digest,
)
from apbot.messages.kinds import AnyKind

KINDS: dict[str, AnyKind] = {
    kind.name: kind
    for kind in (
        register.KIND,
        nudge.KIND,
        escalation.KIND,
        copy.KIND,
        stand_down.KIND,
        stand_down.COPY_KIND,
        codes.KIND,
        codes_overdue.KIND,
        codes_overdue.COPY_KIND,
        concern.KIND,
        concern.ANSWERED_KIND,
        concern.UNHEARD_KIND,
        cover.KIND,
        duties.KIND,
        duty_at_once.KIND,
        incident.KIND,
        week_digest.KIND,
        term_report.KIND,
        check.KIND,
        registers_in.KIND,
        missed_day.KIND,
        other_providers.KIND,
        unreached.KIND,
        channel_trouble.KIND,
        nobody_reached.KIND,
        nobody_reached.PROVIDER_KIND,
    )
}
