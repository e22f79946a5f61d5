"""Every kind of message. A new kind is one module, and one line here."""

from apbot.messages import copy, escalation, nudge, register, stand_down
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
    )
}
