"""Files that admins import: broken, or made to do harm. Each is read or refused in one sentence, in time and memory."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from apbot.roster import Records, RosterProblems, load
from tests.fuzz.apart import read_apart
from tests.fuzz.bounds import examples, in_time
from tests.fuzz.mutants import ODD, bytes_of, garbled
from tests.roster.book import RIGHT, fill, new_database, stored, take_in

SHEET = "xl/worksheets/sheet2.xml"


def said_of(path: Path, seconds: float = 10, **given: Any) -> str:
    """What is said of the file; "" where it is read."""
    try:
        with in_time(seconds):
            assert isinstance(load(path, **given), Records)
    except RosterProblems as trouble:
        said = "\n".join(map(str, trouble.problems))
    else:
        return ""
    assert said
    assert "Traceback" not in said
    return said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The parts of a workbook in which everything is right."""
    path = fill(tmp_path_factory.mktemp("whole") / "roster.xlsx", RIGHT)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_sheet(whole: Mapping[str, bytes], change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    assert SHEET in whole
    return {name: change(content) if name == SHEET else content for name, content in whole.items()}


ROW = b'<row r="2">'
DATA = b"</sheetData>"


def test_cells_of_every_wrong_kind_are_refused_by_their_place(tmp_path: Path) -> None:
    titles = list(RIGHT)
    for chance in examples("cells", 12):
        rows: dict[str, list[Any]] = {title: [dict(row) for row in given] for title, given in RIGHT.items()}
        for _ in range(chance.randint(1, 6)):
            title = chance.choice([each for each in titles if rows[each]])
            row = chance.choice(rows[title])
            heading = chance.choice(list(row))
            odd = [each for each in ODD if isinstance(each, (str, int, float, bool)) and len(str(each)) < 30_000]
            value = chance.choice(
                [*odd, "=1+1", '=HYPERLINK("http://evil.example")', "#REF!", garbled(str(row[heading]), chance)]
            )
            if isinstance(value, str):
                value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("?", value).encode("utf-8", "replace").decode()
            if isinstance(value, int) and abs(value) > 2**63:
                continue
            row[heading] = value
        said_of(fill(tmp_path / "odd.xlsx", rows))


def test_parts_that_are_missing_spoiled_or_swapped_are_refused(tmp_path: Path, whole: Mapping[str, bytes]) -> None:
    for chance in examples("parts", 25):
        parts = dict(whole)
        for _ in range(chance.randint(1, 3)):
            name = chance.choice(list(parts))
            match chance.randrange(4):
                case 0:
                    del parts[name]
                case 1:
                    parts[name] = bytes_of(parts[name], chance)
                case 2:
                    parts[name] = parts[chance.choice(list(parts))]
                case _:
                    parts[name] = garbled(parts[name].decode("utf-8", "replace"), chance).encode("utf-8", "replace")
            if not parts:
                break
        said_of(packed(parts, tmp_path / "parts.xlsx"))


def test_the_zip_itself_spoiled_is_refused(tmp_path: Path, whole: Mapping[str, bytes]) -> None:
    path = packed(whole, tmp_path / "zip.xlsx")
    content = path.read_bytes()
    for chance in examples("zip", 40):
        path.write_bytes(bytes_of(content, chance))
        said_of(path)


def laughs(whole: Mapping[str, bytes], part: str) -> dict[str, bytes]:
    """Ten names, each of them ten of the one before: a thousand million letters."""
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{names}]>'.encode()
    head, _, rest = whole[part].partition(b"?>")
    body = rest.replace(b"<t>", b"<t>&l9;", 1) if b"<t>" in rest else rest.replace(b">", b">&l9;", 1)
    return {**whole, part: (head + b"?>" if rest else b"") + bomb + (body or head)}


def outside(whole: Mapping[str, bytes], path: Path) -> dict[str, bytes]:
    """A name that stands for a file of this machine."""
    content = whole[SHEET]
    entity = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{path}">]>'.encode()
    start = content.index(b"<worksheet")
    shown = content[start:].replace(DATA, b'<row r="9"><c r="A9" t="inlineStr"><is><t>&f;</t></is></c></row>' + DATA)
    return {**whole, SHEET: content[:start] + entity + shown}


def rows_of(count: int, cells: str = '<c r="A{n}"><v>1</v></c>') -> bytes:
    return "".join(f'<row r="{n}">{cells.format(n=n)}</row>' for n in range(10, 10 + count)).encode()


HARM: dict[str, Callable[[Mapping[str, bytes]], dict[str, bytes]]] = {
    "names that grow, in a sheet": lambda whole: laughs(whole, SHEET),
    "names that grow, in the relations": lambda whole: laughs(whole, "xl/_rels/workbook.xml.rels"),
    "names that grow, in the book": lambda whole: laughs(whole, "xl/workbook.xml"),
    "names that grow, in the styles": lambda whole: laughs(whole, "xl/styles.xml"),
    "a pattern's nightmare": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(DATA, DATA + b"<!-- " + b"<c " * 400_000 + b" -->")
    ),
    "another one": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(DATA, DATA + b"<!-- " + b"<mergeCell " * 200_000 + b" -->")
    ),
    "a third": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(DATA, DATA + b"<!-- " + b"<c><f " * 200_000 + b" -->")
    ),
    "merged without end": lambda whole: with_sheet(
        whole,
        lambda xml: xml.replace(
            DATA, DATA + b"<mergeCells>" + b'<mergeCell ref="A2:CV50"/>' * 20_000 + b"</mergeCells>"
        ),
    ),
    "a size that is not so": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(b"<dimension ", b'<dimension ref="A1:XFD1048576" x="', 1)
    ),
    "a row at the very end": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(DATA, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + DATA)
    ),
    "a row beyond the end": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(DATA, b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>' + DATA)
    ),
    "rows without end": lambda whole: with_sheet(whole, lambda xml: xml.replace(DATA, rows_of(30_000) + DATA)),
    "rows of nothing": lambda whole: with_sheet(
        whole, lambda xml: xml.replace(DATA, rows_of(30_000, '<c r="A{n}" t="inlineStr"><is><t> </t></is></c>') + DATA)
    ),
    "letters without end": lambda whole: with_sheet(
        whole,
        lambda xml: xml.replace(
            DATA, b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"a" * 60_000_000 + b"</t></is></c></row>" + DATA
        ),
    ),
    "deep": lambda whole: with_sheet(whole, lambda xml: xml.replace(DATA, b"<x>" * 100_000 + DATA)),
}


@pytest.mark.parametrize("what", HARM)
def test_a_workbook_made_to_do_harm_is_read_or_refused_in_time_and_memory(
    tmp_path: Path, whole: Mapping[str, bytes], what: str
) -> None:
    said = read_apart(packed(HARM[what](whole), tmp_path / "harm.xlsx"))
    assert said.startswith(("refused: ", "read"))
    if "grow" in what or "without end" in what or "deep" in what:
        assert said.startswith("refused: ") or "merged" in what, said


def test_a_zip_that_says_it_is_small_and_is_not_stays_small(tmp_path: Path, whole: Mapping[str, bytes]) -> None:
    path = packed(with_sheet(whole, lambda xml: xml + b" " * 50_000_000), tmp_path / "lies.xlsx")
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo(SHEET).file_size
    content = path.read_bytes().replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(content)
    assert "damaged" in said_of(path)


def test_nothing_of_another_file_gets_into_the_roster(tmp_path: Path, whole: Mapping[str, bytes]) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("tellingly")
    said = said_of(packed(outside(whole, secret), tmp_path / "outside.xlsx"))
    assert said
    assert "tellingly" not in said


def test_formulas_and_links_to_other_workbooks_are_not_followed(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(tmp_path / "links.xlsx", RIGHT))
    sheet = book["Schools"]
    sheet["B2"] = "='[other.xlsx]Sheet1'!A1"
    sheet["A2"].hyperlink = "http://127.0.0.1:9/"
    book.save(tmp_path / "links.xlsx")
    assert said_of(tmp_path / "links.xlsx")


def test_what_is_refused_leaves_the_roster_as_it_was(tmp_path: Path, whole: Mapping[str, bytes]) -> None:
    database = new_database()
    take_in(database, fill(tmp_path / "right.xlsx", RIGHT))
    before = stored(database)
    for chance in examples("refused", 6):
        parts = dict(whole)
        parts[SHEET] = garbled(parts[SHEET].decode(), chance).encode("utf-8", "replace")
        try:
            take_in(database, packed(parts, tmp_path / "spoiled.xlsx"))
        except RosterProblems:
            assert stored(database) == before
        before = stored(database)
    database.close()


# Calendars

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Hillcrest//EN
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:STANDARD
DTSTART:19701025T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260902
DTEND;VALUE=DATE:20261024
SUMMARY:Autumn term 1
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Europe/London:20261102T080000
DTEND;TZID=Europe/London:20261218T150000
SUMMARY:Autumn term 2
RDATE:20261102T080000
EXDATE:20261103T080000
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20260901
DURATION:P1D
SUMMARY:INSET day
END:VEVENT
END:VCALENDAR
"""
ODD_LINES = [
    "RRULE:FREQ=SECONDLY;COUNT=999999999",
    "RRULE:FREQ=YEARLY;BYDAY=" + ",".join(["MO"] * 5000),
    "RRULE:FREQ=SECONDLY;INTERVAL=0",
    "RRULE:" + ";".join(["FREQ=DAILY"] * 2000),
    "DTSTART:00010101T000000Z",
    "DTEND:99991231T235959Z",
    "DTSTART;VALUE=DATE:99991231",
    "DTSTART;VALUE=DATE:00010101",
    "DURATION:P99999999999999W",
    "DURATION:-P1W",
    "DTSTART;TZID=Nowhere/At All:20260902T080000",
    "DTSTART;TZID=" + "x" * 5000 + ":20260902T080000",
    "TZOFFSETTO:+9999",
    "SUMMARY:" + "a" * 500_000,
    "SUMMARY;" + ";".join(f"X-{n}=y" for n in range(2000)) + ":x",
    "SUMMARY:\\n\\n\\;\\,\\\\",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    " folded",
    ":",
    ";:;:",
    "\x00",
    "DTSTART:20260230",
    "DTSTART;VALUE=PERIOD:20260902T080000Z/PT5H",
    "RDATE;VALUE=PERIOD:20260902T080000Z/P99999W",
    "ATTACH:file:///etc/passwd",
    "ATTACH;ENCODING=BASE64;VALUE=BINARY:!!!!",
    "GEO:x;y",
]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """What a database holds that has taken in a roster in which everything is right."""
    database = new_database()
    take_in(database, fill(tmp_path_factory.mktemp("there") / "right.xlsx", RIGHT))
    records = stored(database)
    database.close()
    return records


def test_a_calendar_with_something_wrong_is_read_or_refused(tmp_path: Path, there: Records) -> None:
    path = tmp_path / "terms.ics"
    path.write_text(CALENDAR)
    assert said_of(path, stored=there, place="HILL") == "", "the calendar is right before anything is done to it"
    for chance in examples("calendars", 80):
        lines = CALENDAR.splitlines()
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(lines))
            match chance.randrange(4):
                case 0:
                    del lines[at]
                case 1:
                    lines[at:at] = [chance.choice(ODD_LINES)]
                case 2:
                    lines[at] = garbled(lines[at], chance)
                case _:
                    lines[at:at] = lines[max(0, at - 6) : at] * chance.choice((1, 30))
        content = "\r\n".join(lines).encode("utf-8", "replace")
        path.write_bytes(bytes_of(content, chance) if chance.random() < 0.3 else content)
        said_of(path, stored=there, place="HILL")


@pytest.mark.parametrize("line", ODD_LINES, ids=lambda line: line[:24].strip() or "blank")
def test_an_odd_line_in_a_calendar_takes_no_time(tmp_path: Path, there: Records, line: str) -> None:
    path = tmp_path / "terms.ics"
    for after in ("UID:1", "UID:3", "BEGIN:STANDARD", "VERSION:2.0"):
        path.write_text(CALENDAR.replace(after, f"{after}\n{line}"))
        said_of(path, stored=there, place="HILL")


@pytest.mark.parametrize("count", [20_000])
def test_a_calendar_of_very_many_or_very_deep_parts_is_refused_in_time(tmp_path: Path, count: int) -> None:
    event = "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260902\nSUMMARY:x\nEND:VEVENT\n"
    path = tmp_path / "terms.ics"
    for content in (
        f"BEGIN:VCALENDAR\n{event * count}END:VCALENDAR\n",
        "BEGIN:VEVENT\n" * count,
        "BEGIN:VCALENDAR\n" * count + "END:VCALENDAR\n" * count,
        "BEGIN:VCALENDAR\nX:" + "a\n " * count * 20 + "\nEND:VCALENDAR\n",
    ):
        path.write_text(content)
        assert said_of(path, 20, place="HILL", stored=Records())


def test_a_csv_folder_of_garbage_is_refused(tmp_path: Path) -> None:
    for chance in examples("csv", 10):
        path = tmp_path / "Schools.csv"
        path.write_bytes(chance.randbytes(chance.randrange(2000)))
        said_of(path)
    path.write_text("School ref,Name,Telephone\n" + '"' * 100_001)
    said_of(path)
