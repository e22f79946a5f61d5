"""What a data protection officer signs is true of the code, as far as a test can say."""

import re
import runpy
from pathlib import Path

import sqlalchemy as sa

from apbot.channels.registry import load_channel_settings
from apbot.store.retention.registry import KINDS
from apbot.store.tables import metadata, people, pupils
from apbot.store.tables.personal import Personal

DOCS = Path(__file__).parents[1] / "docs" / "data-protection"
DPIA = (DOCS / "dpia.md").read_text(encoding="utf-8")
FLOW = (DOCS / "data-flow.md").read_text(encoding="utf-8")


def test_the_table_of_retention_is_apbots_own_and_no_more() -> None:
    said = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", DPIA.partition("### How long")[2].partition("###")[0], re.M)
    told = [(each.what, each.keeps.format(chat_days=30), each.why) for each in KINDS]
    assert said[1:] == told, "below the heading"


SAID_OF_A_PUPIL = {
    "ref": "Reference",
    "first_name": "first and last name",
    "last_name": "first and last name",
    "upn": "UPN",
    "year_group": "year group",
    "school_id": "school",
    "ends_on": "last day on the roll",
    "social_worker": "social worker",
    "ehc_plan": "EHC plan",
    "looked_after": "looked after",
}


def test_nothing_is_kept_of_a_pupil_that_is_not_in_the_assessment() -> None:
    assert {column.name for column in pupils.columns} - {"id"} == SAID_OF_A_PUPIL.keys()
    for words in SAID_OF_A_PUPIL.values():
        assert words in DPIA
    kept = {column.name for table in metadata.tables.values() for column in table.columns}
    assert not kept & {"date_of_birth", "photograph", "diagnosis", "parent_name", "postcode"}
    assert {column.name for column in people.columns} <= {
        "id", "ref", "name", "email", "mobile", "starts_on", "leaves_on",
    }  # fmt: skip


def test_no_column_has_room_for_what_a_concern_or_an_incident_was() -> None:
    for name in ("concerns", "incidents"):
        texts = {
            column.name: column.type.length or 1_000_000
            for column in metadata.tables[name].columns
            if isinstance(column.type, sa.String | Personal)
        }
        assert max(texts.values()) <= 40, texts


def test_every_channel_is_in_the_flow_on_the_side_where_its_code_is() -> None:
    channels = Path(load_channel_settings.__code__.co_filename).parent
    found = {
        path.parent.name: "references_only = True" in path.read_text(encoding="utf-8")
        for path in channels.glob("*/channel.py")
    }
    assert found == {
        "slack": False, "teams": False, "telegram": True, "email": True, "notify": True, "webhook": True,
    }, "a new channel, or one that has changed sides: say so in the data flow and the assessment"  # fmt: skip
    assert "| Initials | no: made of the name each time |" in FLOW
    assert "| Slack, Teams | Telegram, email, webhook | Text message |" in FLOW


def test_the_picture_is_the_one_that_is_drawn() -> None:
    drawn = runpy.run_path(str(DOCS / "draw_data_flow.py"))["draw"]()
    assert (DOCS / "data-flow.svg").read_text(encoding="utf-8") == drawn


def test_what_is_left_to_the_school_is_marked() -> None:
    assert DPIA.count("▢") > 40
    for step in range(1, 8):
        assert re.search(rf"^## Step {step}\b|and {step}:", DPIA, re.M), step
