"""One session in a list of codes: what was said, what is suggested and why, and what can be done about it."""

from collections.abc import Sequence
from datetime import date, datetime

from apbot.cards import Button, Choice, Input, InputKind, Row, Style, Tone
from apbot.domain.codes import MEANINGS, cautions, codes_offered, lacks_nature
from apbot.domain.register import EntryState
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.register import CORRECTIONS, describe
from apbot.store.coding import Coding

SHOWN = 20
"""So many sessions stand in one list at once. With two lines each that is what the narrowest platform takes (50
blocks a message on Slack); the next are shown as these are settled."""


def make_rows(codings: Sequence[Coding], *, dated: bool) -> tuple[Row, ...]:
    """The first of these sessions, those still to settle before the others; with the day where `dated`."""
    return tuple(_row(each, dated=dated) for each in sorted(codings, key=is_settled)[:SHOWN])


def is_settled(coding: Coding) -> bool:
    """The school has decided, and nothing has been said since that suggests otherwise."""
    return not coding.is_open and not coding.to_look_at_again


def left_out(codings: Sequence[Coding]) -> tuple[str, ...]:
    """A line that says how many sessions still to settle don't fit in the list, if any."""
    waiting = sum(not is_settled(each) for each in codings) - SHOWN
    if waiting <= 0:
        return ()
    return (f"{waiting} more to settle: they are shown here as these are settled.",)


def counted(count: int, one: str, many: str) -> str:
    """ "1 session", "3 sessions"."""
    return f"{count} {one if count == 1 else many}"


def spoken_at(at: datetime, day: date) -> str:
    """The time of day of `at`, with its date where that is not `day`."""
    on = local_date(at)
    return wall(at) if on == day else f"{wall(at)}, {spoken_date(on)}"


def _row(coding: Coding, *, dated: bool) -> Row:
    where = f"{coding.provider}, {coding.session.value}" + (f", {spoken_date(coding.day)}" if dated else "")
    return Row(
        heading=coding.entry.label,
        text=" · ".join([where, *_what_is_known(coding), *_what_is_made_of_it(coding)]),
        tone=Tone.DONE if is_settled(coding) else Tone.ASK,
        buttons=_buttons(coding),
    )


def _what_is_known(coding: Coding) -> list[str]:
    entry = coding.entry
    planned = "planned absence; " if entry.state is EntryState.EXCUSED else ""
    by = (
        f" ({entry.marked_by}, {spoken_at(entry.marked_at, coding.day)})" if entry.marked_by and entry.marked_at else ""
    )
    known = [f"{planned}{describe(entry).lower()}{by}" if planned else f"{describe(entry)}{by}"]
    if coding.outcome is not None:
        known.append(f"Welfare outcome: {coding.outcome.value}")
    return known


def _what_is_made_of_it(coding: Coding) -> list[str]:
    entry, suggestion = coding.entry, coding.suggestion
    suggested = f"{suggestion.code} suggested: {suggestion.why}"
    if coding.is_open:
        return [suggested, *(cautions("C2", None, entry.state) if suggestion.code == "C2" else ())]
    at = spoken_at(coding.code_at, coding.day) if coding.code_at else ""
    decided = f"{entry.code} recorded by {coding.code_by or 'an admin'}, {at}"
    return [decided, f"look at it again: {suggested}"] if coding.to_look_at_again else [decided]


def _buttons(coding: Coding) -> tuple[Button, ...]:
    entry, suggested = coding.entry, coding.suggestion.code
    if coding.to_look_at_again:
        return (
            Button(f"Keep {entry.code}", "keep_code", entry.id, value=entry.code or "", describes=entry.label),
            _change(coding),
        )
    if not coding.is_open:
        return (_change(coding),)
    if lacks_nature(suggested, entry.arrangement):
        record = Button("Record the activity", "code", entry.id, "B", Style.PRIMARY, (_nature(),), entry.label)
        return record, _change(coding)
    confirm = Button(f"Confirm {suggested}", "code", entry.id, suggested, Style.PRIMARY, describes=entry.label)
    return confirm, _change(coding)


def _change(coding: Coding) -> Button:
    entry = coding.entry
    offered = codes_offered(entry.arrangement, coding.session)
    suggested = coding.suggestion.code
    inputs = [
        Input(
            "code",
            "Code",
            InputKind.CHOICE,
            tuple(Choice(code, f"{code}: {MEANINGS[code]}") for code in offered),
            value=suggested if suggested in offered else "",
        )
    ]
    if lacks_nature("B", entry.arrangement) and "B" in offered:
        inputs.append(_nature(optional=True))
    if not coding.is_open:
        inputs.append(Input("because", "Why the change", InputKind.CHOICE, CORRECTIONS))
    inputs.append(Input("comment", "Comment for the register (no names)", InputKind.TEXT, optional=True))
    return Button("Change", "code", entry.id, inputs=tuple(inputs), describes=entry.label)


def _nature(*, optional: bool = False) -> Input:
    label = "Nature of the activity" + (", where it is B" if optional else "")
    return Input("nature", label, InputKind.TEXT, optional=optional, max_length=120)
