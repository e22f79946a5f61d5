"""The prompt: one provider's register for one session, kept up to date in place."""

from collections.abc import Mapping, Sequence

from apbot.cards import Button, Card, Choice, Input, InputKind, Row, Style, Tone
from apbot.domain.marks import Fact, Reason
from apbot.domain.priority import Priority
from apbot.domain.register import EntryState, Statement, minutes_late
from apbot.domain.walltime import spoken_date, wall
from apbot.messages import incident
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.database import Transaction
from apbot.store.registers import Entry, Register, load_registers_by_id

REASONS = tuple(Choice(reason.value, reason.value.capitalize()) for reason in Reason)

HOW_TO_TYPE = "Or type it: “all in”, “all in except …”, “… late 9:50”."

CORRECTIONS = (
    Choice("marked by mistake", "Marked by mistake"),
    Choice("wrong pupil", "Wrong pupil"),
    Choice("found out since", "Found out since"),
    Choice("another reason", "Another reason"),
)
"""Why a mark is corrected: an amendment is kept with its reason."""

# What the buttons ask. Made once: the same for every pupil.
LEFT_AT = (Input("at", "Left at", InputKind.TIME, optional=True),)
ARRIVED_AT = (Input("at", "Arrived at", InputKind.TIME, optional=True),)
WHAT_IS_KNOWN = (Input("reason", "What do you know?", InputKind.CHOICE, REASONS, value=Reason.UNKNOWN.value),)
CLOSURES = (
    Choice("site closed", "The whole site is closed"),
    Choice("staff", "No staff for this session"),
    Choice("another", "Another reason"),
)
WHY_CLOSED = (Input("reason", "Why", InputKind.CHOICE, CLOSURES),)
CORRECTION = (
    Input(
        "fact",
        "It should say",
        InputKind.CHOICE,
        tuple(
            Choice(fact.value, fact.value.capitalize())
            for fact in (Fact.ARRIVED, Fact.LATE, Fact.NOT_ARRIVED, Fact.LEFT_SITE)
        ),
    ),
    Input("at", "At (for late or left)", InputKind.TIME, optional=True),
    Input("reason", "Reason (for not arrived)", InputKind.CHOICE, REASONS, optional=True),
    Input("because", "Why the correction", InputKind.CHOICE, CORRECTIONS),
)


def card(register: Register, envelope: Envelope) -> Card | None:
    """The register as it stands. None once the session has ended without the prompt having gone out."""
    if envelope.now >= register.ends_at and not envelope.sent_before:
        return None
    expected = [entry for entry in register.entries if entry.state is EntryState.EXPECTED]
    waiting = len(register.unanswered)
    over = envelope.now >= register.ends_at
    return Card(
        heading=f"Register: {register.provider}, {register.session.value}, {spoken_date(register.day)}",
        tone=Tone.ASK if waiting else Tone.DONE,
        lines=(_progress(register, len(expected), waiting),),
        rows=tuple(_row(entry, register, over=over) for entry in register.entries),
        buttons=_register_buttons(register, len(register.asked_about(envelope.now)), over=over),
        footer=HOW_TO_TYPE,
    )


def _progress(register: Register, expected: int, waiting: int) -> str:
    pupils = "1 pupil is" if expected == 1 else f"{expected} pupils are"
    start = f"{pupils} expected from {wall(register.starts_at)}."
    if waiting:
        left = "the one left" if waiting == 1 else f"the {waiting} left"
        return f"{start} Please answer for {'each' if waiting == expected else left}."
    return f"{start} All answered. Thank you."


def _row(entry: Entry, register: Register, *, over: bool) -> Row:
    buttons: tuple[Button, ...]
    if entry.state is EntryState.EXCUSED and entry.said is None:
        buttons = () if over else (_button("Arrived after all", "arrived", entry),)
    elif entry.said is None:
        buttons = answer_buttons(entry)
    elif entry.said.fact.is_on_site:
        buttons = (
            *(() if over else (_button("Left site", "left", entry, style=Style.DANGER, inputs=LEFT_AT),)),
            correct_button(entry),
        )
    else:
        buttons = (
            *(() if over else (_button("Here now", "arrived", entry, style=Style.PRIMARY),)),
            correct_button(entry),
        )
    return Row(heading=entry.label, text=_said(entry, register), tone=_tone(entry), buttons=buttons)


def _said(entry: Entry, register: Register) -> str:
    parts = [] if entry.starts_at == register.starts_at else [f"from {wall(entry.starts_at)}"]
    if entry.said is None:
        if entry.state is EntryState.EXCUSED:
            parts.append(f"Not expected: {entry.suggested_why}")
        elif entry.transport:
            parts.append(f"transport: {entry.transport}")
        return " · ".join(parts)
    said = describe(entry)
    by = f"{entry.marked_by or 'the school'}, {wall(entry.marked_at)}" if entry.marked_at else ""
    return " · ".join([*parts, said, by])


def describe(entry: Entry) -> str:
    """What was last said of the pupil, in a few words."""
    return describe_statement(entry.said, entry) if entry.said else "Nothing said"


def describe_statement(said: Statement, entry: Entry) -> str:
    """What `said` says of the pupil, in a few words."""
    match said.fact:
        case Fact.ARRIVED:
            return "Arrived"
        case Fact.LATE:
            late = _minutes(minutes_late(said.fact, said.at, entry.starts_at))
            at = f" at {wall(said.at)} ({late})" if said.at else ""
            return f"Arrived late{at}"
        case Fact.LEFT_SITE:
            return f"Left site at {wall(said.at)}" if said.at else "Left site"
        case Fact.NOT_RUNNING:
            return "Session not running"
        case Fact.NOT_ARRIVED:
            return f"Not arrived: {said.reason.value if said.reason else Reason.UNKNOWN.value}"


def _minutes(late: int) -> str:
    return "1 minute" if late == 1 else f"{late} minutes"


def _tone(entry: Entry) -> Tone:
    if entry.said is None:
        return Tone.ASK if entry.is_expected else Tone.PLAIN
    return Tone.DONE if entry.said.fact.is_on_site else Tone.ALERT


def _register_buttons(register: Register, waiting: int, *, over: bool) -> tuple[Button, ...]:
    always = (_incident_button(register), concern_button(register))
    if not waiting:
        return always
    others = "one" if waiting == 1 else str(waiting)
    label = "All arrived" if waiting == len(register.entries) else f"The other {others} arrived"
    everyone = Button(label, "all_arrived", register.id, style=Style.PRIMARY, describes=register.provider)
    if over:
        return (everyone, *always)
    not_running = Button("Session not running", "not_running", register.id, inputs=WHY_CLOSED, style=Style.DANGER)
    return (everyone, not_running, *always)


def concern_button(register: Register) -> Button:
    """Ask the DSL to telephone; where the pupils are of several schools, which one is asked first."""
    return Button("Raise a concern", "concern_at", register.id, style=Style.DANGER, describes=register.provider)


MOST_CHOICES = 25
"""Of a longer register the pupil's reference is typed."""

TYPED = Input("pupil", "Which pupil (the reference, like CD34)", max_length=40)


def _incident_button(register: Register) -> Button:
    labels = {entry.reference: entry.label for entry in register.entries}
    choices = tuple(Choice(reference, label) for reference, label in labels.items())
    pupil = Input("pupil", "Which pupil", InputKind.CHOICE, choices) if len(choices) <= MOST_CHOICES else TYPED
    asked = (pupil, *incident.INPUTS)
    return Button("Incident", "incident_at", register.id, describes=register.provider, inputs=asked)


def _button(
    label: str, verb: str, entry: Entry, *, style: Style = Style.PLAIN, inputs: tuple[Input, ...] = ()
) -> Button:
    return Button(label, verb, entry.id, style=style, inputs=inputs, describes=entry.label)


def answer_buttons(entry: Entry) -> tuple[Button, ...]:
    """Arrived, late, not arrived: what can be answered of a pupil."""
    return (
        _button("Arrived", "arrived", entry, style=Style.PRIMARY),
        _button("Late", "late", entry, inputs=ARRIVED_AT),
        _button("Not arrived", "absent", entry, inputs=WHAT_IS_KNOWN),
    )


def correct_button(entry: Entry) -> Button:
    """Change a mark, with the reason for it: the first mark is kept."""
    return _button("Correct", "amend", entry, inputs=CORRECTION)


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Register]:
    return load_registers_by_id(transaction, ids)


KIND = MessageKind("register", Priority.PROMPT, _load, card)
