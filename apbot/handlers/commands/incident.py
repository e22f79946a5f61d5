"""`/ap incident REF`: telling the pupil's school at once that something has happened, in fixed choices."""

from apbot.cards import Button, Card, Reply, Row, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.incident import Typed, read_typed
from apbot.domain.walltime import local_date
from apbot.handlers.commands.port import Command
from apbot.handlers.commands.status import no_such_pupil, sees_pupils
from apbot.handlers.incident import may_report, report_one
from apbot.handlers.port import Refused
from apbot.messages.incident import inputs
from apbot.store.database import Transaction
from apbot.store.duties.placing import Placing, load_placings
from apbot.store.pupils import find_pupil_in
from apbot.store.reads import note_read

EXAMPLE = "/ap incident CD34 behaviour 10:15 parents told"


def run(transaction: Transaction, actor: Actor, text: str) -> Reply:
    """Report it at once where the line says all of it; else give the form, with what was understood filled in."""
    found = find_pupil_in(transaction, actor, text.split())
    if found is None:
        raise Refused(f"Which pupil? Like this: {EXAMPLE}") if not text else no_such_pupil()
    pupil, words = found
    today = local_date(transaction.now)
    note_read(transaction, actor, "incident read", [pupil.id])
    shown = load_placings(transaction, [each.id for each in pupil.current(today)]).values()
    own = [each for each in shown if may_report(actor, each) and each.starts_on <= today]
    if not own:
        raise Refused(f"{pupil.label} has no placement that runs. Telephone {pupil.school}.")
    typed = read_typed(" ".join(words))
    if len(own) == 1 and typed.is_whole:
        given = {"kind": typed.kind or "", "at": typed.at, "parents": typed.parents or ""}
        return report_one(transaction, actor, own[0], given)
    return Reply(
        Card(
            heading=f"Not reported yet: {pupil.label}" if words else f"Incident: {pupil.label}",
            tone=Tone.ASK,
            lines=("No details belong here: choose the kind, when, and whether the parents know.",),
            rows=tuple(_row(each, typed) for each in own),
            footer=f"A session that does not run is told on the register. In one line: {EXAMPLE}",
        )
    )


def _row(placing: Placing, typed: Typed) -> Row:
    asked = inputs(typed.kind or "", typed.at, typed.parents or "")
    about = f"{placing.label}, {placing.provider}"
    button = Button("Report it", "incident", placing.placement_id, style=Style.PRIMARY, describes=about, inputs=asked)
    return Row(about, "The school is told at once.", Tone.ASK, (button,))


COMMAND = Command(
    "incident REF ...",
    f"Tell the pupil's school at once: {EXAMPLE}",
    run,
    sees_pupils,
    beyond=lambda text: read_typed(text).words,
)
