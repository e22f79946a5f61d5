"""The roster in and out: who is who, who goes where and when places are open, as workbooks and as records.

`load` reads a file into records, `apply` takes records in, `export` gives back what is stored, and
`write_workbook` writes records as a workbook.
"""

from apbot.roster.applying import apply, compare
from apbot.roster.changes import Changes
from apbot.roster.exporting import export
from apbot.roster.noting import note_comparison, note_export
from apbot.roster.problems import Problem, RosterProblems
from apbot.roster.reading import load
from apbot.roster.records import Records
from apbot.roster.writing import write_csv_folder, write_template, write_workbook

__all__ = [
    "Changes",
    "Problem",
    "Records",
    "RosterProblems",
    "apply",
    "compare",
    "export",
    "load",
    "note_comparison",
    "note_export",
    "write_csv_folder",
    "write_template",
    "write_workbook",
]
