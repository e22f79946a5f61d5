"""The PDF, read back: what stands in it, in which order, and what a reading machine goes by."""

import io
import warnings

import pytest
from pypdf import PdfReader

from apbot.papers.apart import NotDrawn, Press
from apbot.papers.document import Paper, Section, Table
from apbot.papers.pdf import pdf

PAPER = Paper(
    "Placement pack: CD34 Łucja O'Hara-Žižková",
    "Made by apbot on Wed 14 Oct 2026.",
    (
        Section("The pupil", facts=(("Reference", "CD34"), ("Name", "Łucja O'Hara-Žižková"))),
        Section(
            "Attendance",
            2,
            tables=(Table("By half term", ("Half term", "Codes"), (("Autumn 1", "14 B, 5 N"), ("Autumn 2", "3 I"))),),
            notes=("B: attending another approved educational activity.",),
        ),
    ),
)


def opened(file: bytes) -> PdfReader:
    assert file.startswith(b"%PDF-")
    return PdfReader(io.BytesIO(file), strict=True)


def words(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_everything_stands_in_it_in_order() -> None:
    text = words(opened(pdf(PAPER)))
    parts = [
        "Łucja O'Hara-Žižková",
        "The pupil",
        "Reference: CD34",
        "Attendance",
        "By half term",
        "Autumn 1",
        "14 B, 5 N",
    ]
    places = [text.index(each) for each in parts]
    assert places == sorted(places)


def test_it_has_a_title_a_language_and_headings_to_go_by() -> None:
    reader = opened(pdf(PAPER))
    assert reader.metadata is not None
    assert reader.metadata.title == PAPER.title
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert [each.title for each in reader.outline if not isinstance(each, list)] == ["The pupil"]
    assert [each.title for each in reader.outline[1]] == ["Attendance"]


def test_a_long_table_goes_on_with_its_headings_on_each_page() -> None:
    rows = tuple((f"Day {number}", "not arrived") for number in range(150))
    reader = opened(pdf(Paper("Long", "", (Section("All", tables=(Table("Each", ("Heading", "What"), rows),)),))))
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert "Heading" in text
        assert f"page {number} of {len(reader.pages)}" in text
    assert "Day 149" in words(reader)


@pytest.mark.parametrize(
    "strange",
    ["", " ", "a" * 3000, "no-break " * 400, "\x00\x07\x1b[31m", "👩🏽‍🌾 شيماء 子", "<b>**__bold__**</b>", "\n\n\r\t"],
    ids=["nothing", "a space", "one long word", "long", "controls", "other scripts", "marks", "lines"],
)
def test_whatever_somebody_wrote_it_can_be_drawn(strange: str) -> None:
    table = Table(strange, (strange, "b"), ((strange, strange),))
    paper = Paper(strange, strange, (Section(strange, facts=((strange, strange),), tables=(table,), notes=(strange,)),))
    with warnings.catch_warnings(action="ignore"):
        assert len(opened(pdf(paper)).pages) >= 1


async def test_a_process_of_its_own_makes_the_same() -> None:
    text = words(opened(await Press().pdf(PAPER)))
    assert "Žižková" in text


async def test_what_goes_wrong_there_tells_nothing_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apbot.papers.apart.sys.executable", "/bin/false")
    with pytest.raises(NotDrawn) as problem:
        await Press().pdf(PAPER)
    assert "CD34" not in str(problem.value)


async def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apbot.papers.apart.WITHIN", 0.01)
    with pytest.raises(NotDrawn, match="too long"):
        await Press().pdf(PAPER)
