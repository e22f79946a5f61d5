"""A paper as a PDF: with a title, a language, headings to go by, and tables whose headings are repeated.

Run as a program (`python -m apbot.papers.pdf`) it reads a paper as JSON and writes the PDF: what draws it takes forty
megabytes, which an apbot that runs for months need not keep (`apart`).
"""

import sys

from fpdf import FPDF, FontFace, TextStyle
from fpdf.enums import TableCellFillMode
from pydantic import TypeAdapter

from apbot.papers.document import Paper, Section, Table
from apbot.pictures.fonts import BOLD, REGULAR

FAMILY = "dejavu"
HEADING_MOST = 200
CELL_MOST = 400
NEEDED = 45
"""Millimetres below which no heading begins: room for the longest, and a line under it."""
INK, PALE = (27, 27, 27), (91, 91, 91)
ADAPTER = TypeAdapter(Paper)


def pdf(paper: Paper) -> bytes:
    """The paper on A4, upright."""
    sheet = _Sheet(paper)
    for section in paper.sections:
        _section(sheet, section)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """The pages, with their number and the paper's title on each."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self.set_title(paper.title)
        self.set_lang("en-GB")
        self.set_creator("apbot")
        self.add_font(FAMILY, fname=str(REGULAR))
        self.add_font(FAMILY, style="B", fname=str(BOLD))
        self.set_auto_page_break(True, margin=18)
        self.set_margins(16, 16)
        self.set_section_title_styles(
            TextStyle(FAMILY, "B", 14, INK, t_margin=6, b_margin=2),
            TextStyle(FAMILY, "B", 11, INK, t_margin=4, b_margin=1),
        )
        self.add_page()
        self.set_font(FAMILY, "B", 18)
        self.multi_cell(0, 9, paper.title, new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_font(FAMILY, "", 9)
        self.set_text_color(*PALE)
        self.multi_cell(0, 5, paper.made, new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_text_color(*INK)

    def footer(self) -> None:
        """The title and the page's number."""
        self.set_y(-13)
        self.set_font(FAMILY, "", 8)
        self.set_text_color(*PALE)
        self.cell(0, 5, f"{self._paper.title} · page {self.page_no()} of {{nb}}", align="C")
        self.set_text_color(*INK)


def _section(sheet: _Sheet, section: Section) -> None:
    if sheet.will_page_break(NEEDED):  # no heading stands alone at the end of a page
        sheet.add_page()
    sheet.start_section(section.heading[:HEADING_MOST] or "–", level=section.level - 1)
    for label, value in section.facts:
        sheet.set_font(FAMILY, "B", 9)
        sheet.write(5, f"{label}: ")
        sheet.set_font(FAMILY, "", 9)
        sheet.write(5, value)
        sheet.ln(5.5)
    sheet.set_font(FAMILY, "", 9)
    for table in section.tables:
        _table(sheet, table)
    for note in section.notes:
        sheet.multi_cell(0, 5, note, new_x="LMARGIN", new_y="NEXT", align="L")


def _table(sheet: _Sheet, table: Table) -> None:
    sheet.set_font(FAMILY, "", 8)
    sheet.set_text_color(*PALE)
    sheet.multi_cell(0, 5, table.caption, new_x="LMARGIN", new_y="NEXT", align="L")
    sheet.set_text_color(*INK)
    with sheet.table(
        text_align="LEFT",
        line_height=4.5,
        padding=1,
        headings_style=FontFace(emphasis="BOLD", fill_color=(233, 238, 244)),
        cell_fill_mode=TableCellFillMode.NONE,
    ) as drawn:
        drawn.row([_cell(each) for each in table.columns])
        for row in table.rows:
            drawn.row([_cell(each) for each in row])
    sheet.ln(2)
    sheet.set_font(FAMILY, "", 9)


def _cell(text: str) -> str:
    """What goes into one cell: a row must fit on a page. Nothing that apbot takes from people is as long."""
    return text if len(text) <= CELL_MOST else f"{text[: CELL_MOST - 1]}…"


if __name__ == "__main__":
    sys.stdout.buffer.write(pdf(ADAPTER.validate_json(sys.stdin.buffer.read())))
