"""The morning's list: what one person still has to do for their pupils, with a button for each way to answer it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from apbot.cards import Button, Card, Choice, Input, InputKind, Row, Style, Tone
from apbot.domain.duties.model import Ask, DutyKind, Owner, Question, State
from apbot.domain.duties.registry import KINDS
from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date, spoken_date
from apbot.messages.coding import counted
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.duties.digests import Digest, Mention, load_digests
from apbot.store.duties.mentioned import DIGEST
from apbot.store.duties.reading import Duty
from apbot.store.duties.records import Record

NOTHING: Mapping[str, str] = MappingProxyType({})

WAIVERS = (
    "not at the provider then",
    "done by somebody else, recorded elsewhere",
    "placement is ending",
    "agreed with the head",
)
"""Why a duty may not be due."""


def card(digest: Digest, envelope: Envelope) -> Card | None:
    """The list as it stands: what is overdue first, and what has been done since at the end.

    What was added once it had gone out is told in a message of its own, whose step is how many stood there before.
    """
    day = local_date(envelope.now)
    told = digest.mentions[envelope.step :]
    still = [each for each in told if each.is_asked]
    if not still and not envelope.sent_before:
        return None
    ordered = sorted(told, key=lambda each: (not each.is_asked, each.duty.due_on, each.duty.id))
    overdue = sum(each.duty.standing.is_overdue(day) for each in still)
    heading = _heading(still, overdue) if still else _ended(told)
    return Card(
        heading=f"New today: {heading}" if still and envelope.step else heading,
        # Red is kept for a child who is looked for: what is overdue says so in its own row.
        tone=Tone.ASK if still else Tone.PLAIN if _left(told) else Tone.DONE,
        rows=tuple(_row(each, digest.person_id, day) for each in ordered),
        footer=f"{spoken_date(digest.day)} · /ap week shows what is to come",
    )


def _heading(still: Sequence[Mention], overdue: int) -> str:
    own = [each.duty for each in still if not each.as_lead]
    others = len(still) - len(own)
    whose = " for your pupils" if all(each.label for each in own) else ""
    parts = [f"{counted(len(own), 'thing', 'things')} to do{whose}"] if own else []
    if others:
        parts.append(f"{others if own else counted(others, 'thing', 'things')} that others have to do")
    return ", ".join([*parts, *([f"{overdue} overdue"] if overdue else [])])


def _ended(told: Sequence[Mention]) -> str:
    if not _left(told):
        return "Everything on this list is done"
    missed = sum(each.duty.state is State.MISSED for each in told)
    return f"Nothing is left to do on this list{f': {missed} missed' if missed else ''}"


def _left(told: Sequence[Mention]) -> bool:
    """Whether something of a list that asks for nothing more was not done: it was missed, or passed on."""
    return any(each.duty.state is State.MISSED or (each.duty.is_open and each.passed_on) for each in told)


def _row(mention: Mention, reader_id: int, day: date) -> Row:
    duty = mention.duty
    return Row(
        heading=title(duty),
        text=" · ".join(_details(mention, reader_id, day)),
        tone=_tone(mention, day),
        buttons=buttons(duty) if mention.is_asked else (),
    )


def title(duty: Duty) -> str:
    """What is to be done, and for whom: "CD34 J.S.: visit to the pupil"."""
    about = f" ({duty.about})" if duty.about else ""
    return f"{duty.label or duty.provider}: {duty.kind.label[0].lower()}{duty.kind.label[1:]}{about}"


def _tone(mention: Mention, day: date) -> Tone:
    duty = mention.duty
    if duty.state is State.MISSED or mention.passed_on:
        return Tone.PLAIN
    if not duty.is_open:
        return Tone.DONE
    return Tone.ALERT if duty.standing.is_overdue(day) else Tone.ASK


def _details(mention: Mention, reader_id: int, day: date) -> Iterator[str]:
    duty = mention.duty
    yield from facts(duty, day)
    if not duty.is_open:
        return
    if duty.handed_to_id not in (None, reader_id):
        yield f"handed to {duty.handed_to}"
    elif mention.passed_on:
        yield f"{(duty.kind.owner is Owner.KEY_WORKER and duty.key_worker) or 'somebody else'} is asked now"
    elif (
        duty.handed_to_id is None
        and duty.kind.owner is Owner.KEY_WORKER
        and duty.key_worker_id not in (None, reader_id)
    ):
        yield f"{'key worker' if mention.as_lead else 'for'} {duty.key_worker}"
    if mention.as_lead and duty.standing.is_overdue(day):
        yield "you are told because it has not been done in time"


def facts(duty: Duty, day: date) -> Iterator[str]:
    """Where it is to be done, by when, and what is missing."""
    if duty.label:
        yield duty.provider
    yield standing_words(duty, day)
    if duty.lacks:
        yield "; ".join(duty.lacks)


def standing_words(duty: Duty, day: date) -> str:
    """ "due Fri 16 Oct 2026", "overdue since ...", "booked for ...", "done on ... by Priya Nair"."""
    if duty.state is State.DONE:
        by = f" by {duty.closed_by}" if duty.closed_by else ""
        return f"done{by}{f' on {spoken_date(local_date(duty.closed_at))}' if duty.closed_at else ''}"
    if duty.state is State.NOT_DUE:
        return f"not due: {duty.why} ({duty.closed_by})"
    if not duty.is_open:
        return f"{duty.state.value}: it was due {spoken_date(duty.due_on)}"
    booked = f"booked for {spoken_date(duty.booked_on)}, " if duty.booked_on else ""
    if duty.standing.is_overdue(day):
        return f"{booked}overdue since {spoken_date(duty.due_on)}"
    return f"{booked}due {'today' if duty.due_on == day else spoken_date(duty.due_on)}"


def buttons(duty: Duty) -> tuple[Button, ...]:
    """The ways to answer a duty that is open."""
    return tuple(_buttons(duty))


def _buttons(duty: Duty) -> Iterator[Button]:
    kind = duty.kind
    about = duty.label or duty.provider
    if kind.is_answered:
        yield done_button(duty)
    if kind.can_be_booked:
        yield Button(
            "Book it", "duty_book", duty.id, describes=about, inputs=(Input("on", "For which day", InputKind.DATE),)
        )
    yield Button(
        "Hand over",
        "duty_hand",
        duty.id,
        describes=about,
        inputs=(Input("whom", "To whom (a colleague's name)", InputKind.TEXT, max_length=80),),
    )
    if kind.can_be_waived:
        choices = tuple(Choice(each, each.capitalize()) for each in WAIVERS)
        yield Button(
            "Not due",
            "duty_waive",
            duty.id,
            describes=about,
            inputs=(Input("why", "Why it is not due", InputKind.CHOICE, choices),),
        )


def inputs_of(kind: DutyKind, given: Mapping[str, str] = NOTHING, *, may_be_last: bool = False) -> tuple[Input, ...]:
    """What is asked of whoever writes down that it was done. What is `given` already is filled in beforehand.

    `may_be_last`: the placement has a last day, so there need be no next one.
    """
    on = Input("on", "On which day (empty: today)", InputKind.DATE, optional=True, value=given.get("on", ""))
    next_on = Input(
        "next_on",
        "The next one is on (empty: this was the last)" if may_be_last else "The next one is on",
        InputKind.DATE,
        optional=may_be_last,
        value=given.get("next_on", ""),
    )
    questions = (_input(each, given.get(each.name, "")) for each in kind.questions)
    return (*questions, on, *([next_on] if kind.asks_next else []))


def log_button(
    kind: DutyKind,
    placement_id: int,
    about: str,
    given: Mapping[str, str] = NOTHING,
    *,
    may_be_last: bool = False,
) -> Button:
    """Write down what was done without being asked for."""
    inputs = inputs_of(kind, given, may_be_last=may_be_last)
    return Button(kind.done, "duty_log", placement_id, kind.name, style=Style.PRIMARY, describes=about, inputs=inputs)


def done_button(duty: Duty, given: Mapping[str, str] = NOTHING) -> Button:
    """Write down that a duty is done."""
    about, inputs = duty.label or duty.provider, inputs_of(duty.kind, given, may_be_last=duty.ends_on is not None)
    return Button(duty.kind.done, "duty_done", duty.id, style=Style.PRIMARY, describes=about, inputs=inputs)


def amend_button(record: Record, about: str) -> Button:
    """Correct what was written down: the first entry is kept."""
    given = {**record.given, "on": record.happened_on.isoformat()}
    if record.next_on is not None:
        given["next_on"] = record.next_on.isoformat()
    inputs = inputs_of(KINDS[record.kind], given, may_be_last=record.next_on is None)
    return Button("Amend", "duty_amend", record.id, describes=about, inputs=inputs)


def record_words(record: Record) -> str:
    """ "Thu 17 Sep 2026: telephone, named contact (Kit Lowry)"."""
    said = ", ".join(record.spoken)
    following = f"; the next one on {spoken_date(record.next_on)}" if record.next_on else ""
    by = f" ({record.made_by}{', amended' if record.amends_id else ''})" if record.made_by else ""
    return f"{spoken_date(record.happened_on)}{f': {said}' if said else ''}{following}{by}"


def _input(question: Question, value: str) -> Input:
    kinds = {Ask.CHOICE: InputKind.CHOICE, Ask.WORDS: InputKind.TEXT, Ask.DATE: InputKind.DATE}
    return Input(
        question.name,
        question.label,
        kinds[question.ask],
        tuple(Choice(each, each.capitalize()) for each in question.choices),
        optional=question.optional,
        max_length=question.most,
        value=value,
    )


KIND: MessageKind[Digest] = MessageKind(DIGEST, Priority.REMINDER, load_digests, card)
