"""Draws data-flow.svg: which datum goes where. Run it after a change: python docs/data-protection/draw_data_flow.py"""

from html import escape
from pathlib import Path

WIDE, HIGH = 1080, 640

SCHOOL, APBOT, OUTSIDE = "#eef3fb", "#e9f6ee", "#fdf6e3"

BOXES = {
    "school": (30, 40, 270, 120, SCHOOL, "The school", "roster workbook: names, UPN,/year, plans, placements; staff"),
    "mis": (30, 470, 270, 120, SCHOOL, "MIS, safeguarding system", "files with names, taken out by hand/"
            "(what a concern was is kept/there alone, and never in apbot)"),
    "apbot": (410, 40, 270, 120, APBOT, "apbot", "on the controller's own machine/"
              "registers, alerts, duties,/log of reads"),
    "database": (410, 260, 270, 120, APBOT, "Database, backups", "everything/(names can be encrypted);/"
                 "six years, then it goes by itself"),
    "web": (780, 40, 270, 120, OUTSIDE, "Web chat, board", "references with initials;/"
            "names for the pupil's own school"),
    "initials": (780, 195, 270, 120, OUTSIDE, "Slack, Teams", "references with initials,/"
                 "or without, as the school says"),
    "plain": (780, 350, 270, 100, OUTSIDE, "Telegram, email, webhook", "references only"),
    "text": (780, 490, 270, 100, OUTSIDE, "Text (GOV.UK Notify)", "references, whom to ring,/a link"),
}  # fmt: skip
"""By name: where it stands, how big, its colour, its heading, and its lines."""

ARROWS = (
    ("school", "apbot"), ("apbot", "database"), ("apbot", "web"), ("apbot", "initials"), ("apbot", "plain"),
    ("apbot", "text"), ("apbot", "mis"),
)  # fmt: skip


def draw() -> str:
    """The picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" role="img">',
        "<title>Where pupils' data goes</title>",
        '<defs><marker id="end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L10 5L0 10z" fill="#456"/></marker></defs>',
        f'<rect width="{WIDE}" height="{HIGH}" fill="white"/>',
        *(_arrow(BOXES[start], BOXES[end]) for start, end in ARROWS),
        *(_box(*each) for each in BOXES.values()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(x: int, y: int, width: int, height: int, colour: str, heading: str, lines: str) -> str:
    said = "".join(
        f'<text x="{x + 14}" y="{y + 56 + 22 * at}" font-size="14" fill="#234">{escape(line)}</text>'
        for at, line in enumerate(lines.split("/"))
    )
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{colour}" stroke="#89a"/>'
        f'<text x="{x + 14}" y="{y + 30}" font-size="16" font-weight="bold" fill="#123">{escape(heading)}</text>{said}'
    )


def _arrow(start: tuple, end: tuple) -> str:  # type: ignore[type-arg]
    x, y, width, height = start[:4]
    to_x, to_y, to_width, to_height = end[:4]
    if to_x > x:
        begin, stop = (x + width, y + height / 2), (to_x, to_y + to_height / 2)
    elif to_x == x:
        begin, stop = (x + width / 2, y + height), (to_x + to_width / 2, to_y)
    else:
        begin, stop = (x, y + height - 20), (to_x + to_width, to_y + to_height / 2)
    line = f"M{begin[0]} {begin[1]}L{stop[0]} {stop[1]}"
    return f'<path d="{line}" stroke="#456" stroke-width="1.6" fill="none" marker-end="url(#end)"/>'


if __name__ == "__main__":
    Path(__file__).with_name("data-flow.svg").write_text(draw(), encoding="utf-8")
