"""The archive: a page to read, the same as data, and each table as CSV. The same state gives the same file."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from apbot.domain.walltime import local
from apbot.exports.files import CsvRows
from apbot.exports.workbook import Column
from apbot.papers.subject.held import Cell, Subject
from apbot.templates import templates_of

LEFT_OUT = (
    "Other pupils: wherever a text names one, it says [another pupil]. A message that was about several is shown with "
    "what it says of this pupil.",
    "Names of staff who did not act on the record: who was sent a message, or has read the record, is named by role. "
    "They are third parties. The key worker, and whoever marked, decided, acknowledged or recorded something, is "
    "named: it is theirs to answer for.",
    "What apbot needs to find what to do next, and says nothing of the pupil.",
    "What stands in other systems: the school's management information system, its safeguarding records, and the chat "
    "platforms. apbot keeps no narrative of a concern or an incident.",
)
"""What the archive does not hold, and why."""

_WHOLE = 2026, 1, 1, 0, 0, 0


def write_archive(subject: Subject, path: Path) -> None:
    """Write it. Raises OSError."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(subject):
            # The time is the same in every archive: it would be the only thing that differs.
            info = zipfile.ZipInfo(name, _WHOLE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, content)


def _files(subject: Subject) -> Iterator[tuple[str, bytes]]:
    yield "index.html", _page(subject)
    yield "data.json", _data(subject)
    for table in subject.tables:
        if table.rows:
            yield f"csv/{table.name}.csv", _csv(table.columns, table.rows)


def _page(subject: Subject) -> bytes:
    template = templates_of("apbot.papers.subject").get_template("index.html")
    at = f"{local(subject.at):%d/%m/%Y %H:%M}"
    return template.render(subject=subject, at=at, left_out=LEFT_OUT, shown=_shown).encode()


def _data(subject: Subject) -> bytes:
    told = {
        "reference": subject.reference,
        "name": subject.name,
        "school": subject.school,
        "at": subject.at.isoformat(),
        "left_out": list(LEFT_OUT),
        **{table.name: table.to_json() for table in subject.tables},
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _shown(cell: Cell) -> str | int:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else cell


def _csv(columns: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> bytes:
    stream = io.BytesIO()
    file = CsvRows(stream, [Column(each, 20) for each in columns])
    file.add([[_shown(cell) for cell in row] for row in rows])
    file.finish()
    return stream.getvalue()
