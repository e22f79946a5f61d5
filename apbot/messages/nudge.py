"""The nudge: to the named contact and the deputy, when fifteen minutes have gone by without an answer."""

from apbot.cards import Button, Card, Row, Style, Tone
from apbot.domain.priority import Priority
from apbot.domain.walltime import wall
from apbot.messages.kinds import Envelope, MessageKind
from apbot.messages.register import HOW_TO_TYPE, answer_buttons
from apbot.store.registers import Register, load_registers_by_id


def card(register: Register, envelope: Envelope) -> Card | None:
    """Who is still unanswered. None when nobody is and nothing was sent; afterwards it says that all is answered."""
    waiting = [entry for entry in register.unanswered if entry.starts_at <= envelope.now]
    over = envelope.now >= register.ends_at
    if not envelope.sent_before and (not waiting or over):
        return None
    title = f"{register.provider}, {register.session.value}"
    if not waiting:
        return Card(heading=f"Register answered: {title}", tone=Tone.DONE, lines=("Thank you. Nothing more to do.",))
    alerts = [entry.alert_at for entry in waiting if entry.alert_at is not None]
    deadline = f" At {wall(min(alerts))} their school is told that they have not arrived." if alerts else ""
    return Card(
        heading=f"Register not answered: {title}",
        tone=Tone.ASK,
        lines=(f"The session started at {wall(register.starts_at)}.{deadline}",),
        # Not "Arrived" alone: behind a link in a letter this card is all there is, and it must not ask for one answer.
        rows=tuple(Row(entry.label, tone=Tone.ASK, buttons=answer_buttons(entry)) for entry in waiting),
        buttons=(
            Button(
                "All of these arrived", "all_arrived", register.id, style=Style.PRIMARY, describes=register.provider
            ),
        ),
        footer=HOW_TO_TYPE,
    )


KIND = MessageKind("nudge", Priority.PROMPT, load_registers_by_id, card)
