"""Options that several commands have: called the same, and explained in the same words."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
OneSchool = Annotated[str, typer.Option("--school", help="One school's reference; without it all schools.")]
FirstDay = Annotated[str, typer.Option("--from", help="The first day: 01/09/2026 or 2026-09-01.")]
LastDay = Annotated[str, typer.Option("--to", help="The last day, which is included.")]
