"""`apbot erase`: where it is lawful, a pupil's record becomes nobody's, and a leaver's contact data goes."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from apbot.cli.given import id_or_exit
from apbot.cli.trouble import database_or_exit, fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from apbot.store.database import Database, Transaction

    Work = Callable[[Transaction, str, str, str, bool], Counter[str]]

LONGEST = 300
"""Characters of a reason."""

Reason = Annotated[str, typer.Option("--reason", help="Why: it stands in the audit log, so name nobody in it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this it says what it would do, and changes nothing.")]


class _Tried(Exception):
    """What would be done is known; nothing of it stays."""

    def __init__(self, done: Counter[str]) -> None:
        super().__init__()
        self.done = done


def add_to(app: typer.Typer) -> None:
    """Add `erase` and its commands to the program."""
    erase = typer.Typer(help="Erase a pupil, or a leaver's contact data, where it is lawful.", no_args_is_help=True)
    erase.command("pupil")(pupil)
    erase.command("person")(person)
    app.add_typer(erase, name="erase")


def pupil(
    ref: Annotated[str, typer.Argument(help="The pupil's reference, like CD34.")],
    reason: Reason,
    lawful_basis: Annotated[
        str, typer.Option("--lawful-basis", help="On what basis, where the record would be kept otherwise.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Take a pupil's names, UPN and reference out, and what was written about them in somebody's own words.

    What stays is counts that lead to nobody. It is refused while something about the pupil is open; while a placement
    runs, or the register must be kept, it needs --lawful-basis. What lies in chats is edited down. It can't be undone.
    """
    reason, basis = _words("--reason", reason), _words("--lawful-basis", lawful_basis) if lawful_basis else ""
    with database_or_exit() as database:
        _do(database, _erase_pupil, ref, reason, basis, yes=yes, of=f"pupil {ref[:40]}")
    if yes:
        typer.echo("Take the pupil out of the roster workbook too: the next import would add them again.")


def person(
    ref: Annotated[str, typer.Argument(help="The person's reference, like SAM.")], reason: Reason, yes: Yes = False
) -> None:
    """Take a leaver's email, telephone, chats and sign-ins out, and edit down what they were sent.

    The name stays where they acted on a record that is kept: it is part of that record. Do it again when that is gone.
    """
    with database_or_exit() as database:
        _do(database, _erase_person, ref, _words("--reason", reason), "", yes=yes, of=f"person {ref[:40]}")


def _words(option: str, text: str) -> str:
    words = " ".join(text.split())
    if not words.isprintable() or not 3 <= len(words) <= LONGEST:
        fail(f"{option} takes 3 to {LONGEST} characters: say why, in a few words.", code=2)
    return words


def _do(database: "Database", work: "Work", ref: str, reason: str, basis: str, *, yes: bool, of: str) -> None:
    try:
        done = database.run(work, ref, reason, basis, yes)
    except _Tried as tried:
        _show(f"It would erase {of}:", tried.done)
        typer.echo("Nothing was changed. To do it, say --yes. It can't be undone.")
        return
    _show(f"Erased {of}:", done)


def _show(heading: str, done: Counter[str]) -> None:
    typer.echo(heading)
    for name, count in done.items():
        if count:
            typer.echo(f"{count:>9,}  {name}")


def _erase_pupil(transaction: "Transaction", ref: str, reason: str, basis: str, yes: bool) -> Counter[str]:
    from apbot.domain.access import TERMINAL
    from apbot.store.erasure import erase_pupil, why_pupil_is_kept
    from apbot.store.erasure.traces import Traces
    from apbot.store.tables import pupils

    pupil_id = id_or_exit(transaction, pupils, "pupil", ref)
    if Traces(transaction, pupil_id).are_in(f"{reason} {basis}"):
        fail("The pupil is named in the reason or the basis. Say it without: these are kept in the audit log.", code=2)
    kept = why_pupil_is_kept(transaction, pupil_id)
    if any(each.for_good for each in kept) or (kept and not basis):
        lines = [f"- {each.why}" for each in kept]
        hint = [] if any(each.for_good for each in kept) else ["With a basis in law: --lawful-basis TEXT."]
        fail("Not erased:", *lines, *hint)
    done = erase_pupil(transaction, TERMINAL, pupil_id, reason=reason, basis=basis)
    if not yes:
        raise _Tried(done)
    return done


def _erase_person(transaction: "Transaction", ref: str, reason: str, _: str, yes: bool) -> Counter[str]:
    from apbot.domain.access import TERMINAL
    from apbot.store.erasure import erase_person, why_person_is_kept
    from apbot.store.tables import people

    person_id = id_or_exit(transaction, people, "person", ref)
    if why := why_person_is_kept(transaction, person_id):
        fail(f"Not erased: {why}.")
    done = erase_person(transaction, TERMINAL, person_id, reason=reason)
    if not yes:
        raise _Tried(done)
    return done
