"""`/ap contact|visit|review|report REF`: writing down what was done, in one line or with the one button that does it.

What is certain in the line is recorded at once and read back; for what is not there is the button's form, filled in
with what was understood. Nothing is guessed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from apbot.cards import Button, Card, Reply, Row, Tone
from apbot.domain.access import Actor
from apbot.domain.duties import contact, emergency_review, report, review, visit
from apbot.domain.duties.model import DutyKind, State
from apbot.domain.duties.shorthand import Shorthand, questions_left, read_shorthand, words_beyond
from apbot.domain.roles import Role
from apbot.domain.walltime import local_date, spoken_date
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import no_such_pupil
from apbot.handlers.port import Refused
from apbot.handlers.recording import may_amend, write_down
from apbot.messages.duties import amend_button, done_button, log_button, record_words, standing_words
from apbot.store.database import Transaction
from apbot.store.duties.placing import Placing, lent_to, load_placings
from apbot.store.duties.reading import Duty, load_duties
from apbot.store.duties.records import Record, last_of
from apbot.store.pupils import Pupil, find_pupil_in
from apbot.store.reads import note_read
from apbot.store.tables import duties

EXAMPLES = {
    contact.KIND.name: "/ap contact CD34 phoned named contact, fine",
    visit.KIND.name: "/ap visit CD34 seen alone, happy there, wellbeing good, progress mixed, next 12 Oct",
    review.KIND.name: "/ap review CD34 goes on as it is, parents told, governors not yet, next 30 Nov",
    report.KIND.name: "/ap report CD34 by email",
}
"""How each is typed in one line."""


@dataclass(frozen=True)
class Option:
    """Something that can be written down: of which kind, for which placement, and the open duty that it answers."""

    placing: Placing
    kind: DutyKind
    duty: Duty | None
    last: Record | None


def _run(kind: DutyKind) -> Callable[[Transaction, Actor, str], Reply]:
    def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
        """Answer the command."""
        kinds = (kind, emergency_review.KIND) if kind is review.KIND else (kind,)
        lent = lent_to(transaction, actor, [each.name for each in kinds])
        found = find_pupil_in(transaction, actor, text.split(), lent)
        if found is None:
            raise Refused(f"Which pupil? Like this: {EXAMPLES[kind.name]}") if not text else no_such_pupil()
        pupil, words = found
        placings = _placings(transaction, actor, kind, pupil, lent)
        note_read(transaction, actor, f"{kind.name} read", [pupil.id])
        options = _options(transaction, kinds, placings)
        shorthand = read_shorthand(kind, " ".join(words), local_date(transaction.now))
        if len(options) == 1 and shorthand.is_whole(kind):
            return write_down(transaction, actor, kind, options[0].placing, shorthand.given)
        return Reply(_card(actor, kind, pupil, options, shorthand, local_date(transaction.now), typed=bool(words)))

    return run


def _placings(
    transaction: Transaction, actor: Actor, kind: DutyKind, pupil: Pupil, lent: frozenset[int]
) -> list[Placing]:
    """The pupil's placements for which `actor` may log this; where none runs any more, the last. Raises `Refused`."""
    today = local_date(transaction.now)
    shown = pupil.current(today) or pupil.placements[:1]
    found = load_placings(transaction, [each.id for each in shown]).values()
    own = [each for each in found if each.may_be_logged_by(actor, kind, lent)]
    if not own:
        who = "The pupil's key worker and the school log that."
        raise Refused(who if kind.is_for_providers else f"{who} You can log your own report: {EXAMPLES['report']}")
    begun = [each for each in own if each.starts_on <= today]
    if not begun:
        first = own[0]
        raise Refused(f"{first.label} starts at {first.provider} on {spoken_date(first.starts_on)}: not yet.")
    return begun


def _options(transaction: Transaction, kinds: Sequence[DutyKind], placings: Sequence[Placing]) -> list[Option]:
    """What can be written down: the ordinary kind for each placement, and an emergency review where one is open."""
    ids = [each.placement_id for each in placings]
    found = load_duties(
        transaction,
        duties.c.placement_id.in_(ids),
        duties.c.kind.in_([each.name for each in kinds]),
        duties.c.state == State.OPEN.value,
    )
    options = []
    for kind in reversed(kinds):
        last = last_of(transaction, ids, kind.name)
        for placing in placings:
            mine = (each for each in found if (each.placement_id, each.kind) == (placing.placement_id, kind))
            duty = next(mine, None)
            if duty is not None or kind is kinds[0]:
                options.append(Option(placing, kind, duty, last.get(placing.placement_id)))
    return options


def _card(
    actor: Actor,
    kind: DutyKind,
    pupil: Pupil,
    options: Sequence[Option],
    shorthand: Shorthand,
    today: date,
    *,
    typed: bool,
) -> Card:
    what = f"{kind.label[0].lower()}{kind.label[1:]}"
    return Card(
        heading=f"Not recorded yet: {pupil.label}, {what}" if typed else f"{pupil.label}: {what}",
        tone=Tone.ASK,
        lines=tuple(_lines(kind, options, shorthand)) if typed else (),
        rows=tuple(_row(actor, each, shorthand, today) for each in options),
        footer=f"In one line: {EXAMPLES[kind.name]}",
    )


def _lines(kind: DutyKind, options: Sequence[Option], shorthand: Shorthand) -> Iterator[str]:
    """Why it was not recorded. What was not understood is not repeated: it may name somebody."""
    if shorthand.left:
        yield "Not all of that was understood. What was is filled in."
    if missing := list(questions_left(kind, shorthand)):
        yield f"Still to say: {'; '.join(missing)}."
    if "on" in shorthand.unclear:
        yield "It is not clear on which day it was."
    if len(options) > 1:
        yield "There is more than one that it could be: choose which."


def _row(actor: Actor, option: Option, shorthand: Shorthand, today: date) -> Row:
    placing, duty, last = option.placing, option.duty, option.last
    about = f"{placing.label}, {placing.provider}"
    parts = [standing_words(duty, today) if duty is not None else "nothing is due: it is kept all the same"]
    parts += [f"last on {record_words(last)}"] if last is not None else []
    buttons: list[Button] = []
    if duty is not None:
        buttons.append(done_button(duty, shorthand.given))
    else:
        may_be_last = placing.ends_on is not None
        buttons.append(log_button(option.kind, placing.placement_id, about, shorthand.given, may_be_last=may_be_last))
    if last is not None and may_amend(actor, last, placing):
        buttons.append(amend_button(last, placing.label))
    overdue = duty is not None and duty.standing.is_overdue(today)
    return Row(
        heading=f"{about}: {option.kind.label}" if option.kind is emergency_review.KIND else about,
        text=" · ".join(parts),
        tone=Tone.ALERT if overdue else Tone.ASK if duty is not None else Tone.PLAIN,
        buttons=tuple(buttons),
    )


def _may_log(actor: Actor) -> bool:
    return actor.is_admin_of_all or bool(actor.schools()) or any(each.role is Role.KEY_WORKER for each in actor.roles)


def _command(kind: DutyKind, what: str) -> Command:
    def may_use(actor: Actor) -> bool:
        return _may_log(actor) or (kind.is_for_providers and bool(actor.providers()))

    return Command(
        f"{kind.name} REF ...",
        f"{what}: {EXAMPLES[kind.name]}",
        _run(kind),
        may_use,
        beyond=lambda text: words_beyond(kind, text),
    )


COMMANDS = {
    contact.KIND.name: _command(contact.KIND, "Log a contact with the provider"),
    visit.KIND.name: _command(visit.KIND, "Log a visit to the pupil"),
    review.KIND.name: _command(review.KIND, "Log a review meeting"),
    report.KIND.name: _command(report.KIND, "Log that the provider's report is there"),
}
