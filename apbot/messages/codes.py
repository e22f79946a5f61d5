"""The day's codes: what is suggested for every session of a school, for its attendance contact to confirm."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from apbot.cards import Button, Card, Style, Tone
from apbot.domain.priority import Priority
from apbot.domain.register import EntryState
from apbot.domain.walltime import spoken_date
from apbot.messages.coding import counted, is_settled, left_out, make_rows, spoken_at
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.coding import CODES, CodesDay, Coding, load_days


def card(day: CodesDay, envelope: Envelope) -> Card | None:
    """The day's sessions that are over: the plain ones as a count, each of the others in a row of its own.

    None where nothing is to be confirmed and nothing was sent.
    """
    over = day.over(envelope.now)
    if not envelope.sent_before and not any(each.is_open for each in over):
        return None
    plain = [each for each in over if not each.needs_deciding and not each.to_look_at_again]
    others = [each for each in over if each.needs_deciding or each.to_look_at_again]
    to_confirm = day.to_confirm(envelope.now)
    return Card(
        heading=_heading(day, others, len(to_confirm)),
        tone=Tone.DONE if all(is_settled(each) for each in over) else Tone.ASK,
        lines=(
            *_suggested(to_confirm),
            *_confirmed(plain, day),
            *left_out(others),
            *_running(day, envelope.now),
        ),
        rows=make_rows(others, dated=False),
        buttons=confirm_all(day.id, len(to_confirm)),
        footer=f"{day.school} · The school alone decides a code; what is suggested counts for nothing until then.",
    )


def confirm_all(day_id: int, count: int, label: str = "") -> tuple[Button, ...]:
    """Confirm every session of a day of which nothing needs deciding; none where there are none."""
    if not count:
        return ()
    label = label or f"Confirm all {count} suggested"
    return (Button(label, "codes_all", day_id, value=str(count), style=Style.PRIMARY),)


def _heading(day: CodesDay, others: Sequence[Coding], to_confirm: int) -> str:
    again = sum(each.to_look_at_again for each in others)
    to_decide = sum(each.is_open for each in others)
    parts = [
        f"{count} {what}"
        for count, what in ((to_decide, "to decide"), (again, "to look at again"), (to_confirm, "suggested"))
        if count
    ]
    when = spoken_date(day.day)
    return f"Codes to confirm: {', '.join(parts)}, {when}" if parts else f"Codes confirmed: {when}"


def _suggested(to_confirm: Sequence[Coding]) -> list[str]:
    """ "37 sessions attended: 30 B, 7 K suggested." and the like."""
    lines = []
    for state, what in ((EntryState.EXPECTED, "attended"), (EntryState.EXCUSED, "absent as planned")):
        codes = Counter(each.suggestion.code for each in to_confirm if each.entry.state is state)
        if codes:
            each_code = ", ".join(f"{count} {code}" for code, count in codes.most_common())
            lines.append(f"{counted(codes.total(), 'session', 'sessions')} {what}: {each_code} suggested.")
    return lines


def _confirmed(plain: Sequence[Coding], day: CodesDay) -> list[str]:
    decided = [each for each in plain if not each.is_open]
    lines = []
    for name in sorted({each.code_by for each in decided}):
        own = [each for each in decided if each.code_by == name]
        at = spoken_at(max(each.code_at for each in own if each.code_at), day.day)
        lines.append(f"{counted(len(own), 'session', 'sessions')} confirmed by {name or 'an admin'}, {at}.")
    return lines


def _running(day: CodesDay, now: datetime) -> list[str]:
    running = len(day.codings) - len(day.over(now))
    if not running:
        return []
    return [
        f"{counted(running, 'session is', 'sessions are')} not over yet; the next school morning's list has the rest."
    ]


KIND = MessageKind(CODES, Priority.DIGEST, load_days, card)
