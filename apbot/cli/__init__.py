"""The command line: one module for each group of commands, imported only when it is called.

Such a module has one function, `add_to(app)`, which adds its commands to the program.
"""

import importlib
import sys

import typer

COMMANDS = {
    "run": ("apbot.cli.run", "Serve the web chat and do everything that is due."),
    "demo": ("apbot.cli.demo", "Watch a morning go wrong and be put right, on this machine only."),
    "roster": ("apbot.cli.roster", "The roster workbook: template, import, export."),
    "register": ("apbot.cli.register", "Registers with their codes, for the school's MIS."),
    "export": ("apbot.cli.export", "Duties, what was done, and non-arrivals, as tables."),
    "today": ("apbot.cli.status", "Today's registers."),
    "status": ("apbot.cli.status", "One pupil's placements, today, and the last 20 sessions."),
    "inspect": ("apbot.cli.inspect", "What an inspector asks about one pupil, in short or as a PDF."),
    "missing": ("apbot.cli.status", "Pupils who are expected and not known to have arrived."),
    "check": ("apbot.cli.check", "Whether everybody who must be reached would be."),
    "db": ("apbot.cli.db", "The database: look at it, move everything into another, new secrets."),
    "audit": ("apbot.cli.audit", "Who did what to whose record, and whether the log is what was written."),
    "subject-access": ("apbot.cli.subjectaccess", "Everything that is held on one pupil, as one archive."),
    "erase": ("apbot.cli.erase", "Erase a pupil, or a leaver's contact data, where it is lawful."),
    "backup": ("apbot.cli.backup", "Everything that is kept, in one file, while apbot runs."),
    "restore": ("apbot.cli.restore", "Try a backup out, or make a new database of it."),
    "retention": ("apbot.cli.retention", "What is kept for how long."),
    "link": ("apbot.cli.link", "A one-time sign-in link to the web chat for one person."),
    "key": ("apbot.cli.keys", "Keys of the read-only API."),
    "names-key": ("apbot.cli.nameskey", "Encryption of pupils' names in the database."),
    "teams": ("apbot.cli.teams", "The app package for Microsoft Teams."),
    "simulate": ("apbot.cli.simulate", "Rehearse days on a virtual clock with scripted people."),
}
"""Each command, the module that holds it, and its line of help."""


def main() -> None:
    """Run the command that the arguments name."""
    # Plain help: loading rich would take longer than all the rest.
    # A crash shows no values: they hold secrets, and what is known of pupils.
    app = typer.Typer(
        name="apbot",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_show_locals=False,
    )
    app.callback(help="Registers, non-arrival alerts and welfare outcomes for pupils in alternative provision.")(
        _nothing
    )
    wanted = COMMANDS.get(sys.argv[1], ("", ""))[0] if len(sys.argv) > 1 else ""
    if wanted:
        _log_aside()
        importlib.import_module(wanted).add_to(app)
    else:
        for name, (_, help_) in COMMANDS.items():
            app.command(name, help=help_)(_nothing)
    try:
        app()
    except PermissionError as trouble:  # as the service's user one may not look into one's own folder
        sys.exit(
            f"{trouble.filename or trouble}: permission denied. May the user that apbot runs as read or write there?"
        )


def _log_aside() -> None:
    """What is logged goes to standard error, and only if it is trouble: what a command prints may be read by a program.

    `apbot run` says by its settings what else it logs.
    """
    from apbot.logs import configure

    configure("ERROR")


def _nothing() -> None:
    """Stands in the list of commands for one whose module need not be imported to be listed."""
