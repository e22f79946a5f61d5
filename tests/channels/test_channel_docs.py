"""What the pages on channels say, held against the code."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apbot.cards import Card, Row, Tone
from apbot.channels.notify.checking import troubles_of_template
from apbot.channels.notify.settings import Settings as NotifySettings
from apbot.channels.notify.wire import Answer
from apbot.channels.port import Outgoing
from apbot.channels.webhook.event import make_event
from apbot.channels.webhook.settings import Settings as WebhookSettings
from apbot.settings import ChannelSettings

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "channels"


@pytest.mark.parametrize(("page", "kind"), [("text-message", NotifySettings), ("webhook", WebhookSettings)])
def test_a_page_names_every_setting_and_no_other(page: str, kind: type[ChannelSettings]) -> None:
    prefix = str(kind.model_config["env_prefix"])
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    named = {each.removesuffix("_FILE") for each in re.findall(rf"{prefix}[A-Z_]+", text)}
    assert named == {f"{prefix}{name.upper()}" for name in kind.model_fields}


def test_the_templates_to_paste_are_good_ones() -> None:
    text = (DOCS / "text-message.md").read_text(encoding="utf-8")
    sms, email, *_ = (block for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) if "((" in block)
    assert troubles_of_template("sms", Answer(200, {"type": "sms", "body": sms})) == []
    assert troubles_of_template("email", Answer(200, {"type": "email", "subject": "((subject))", "body": email})) == []


def test_the_sample_event_has_the_fields_of_a_real_one() -> None:
    text = (DOCS / "webhook.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert found is not None
    sample = json.loads(found[1])
    card = Card("Not arrived", Tone.ALERT, ("am",), (Row("AB12", "taxi 12", Tone.ALERT),))
    real = json.loads(make_event(Outgoing(12, "DOROTHY", card), "https://apbot.example/m/x", "urn:apbot", NOW).body)
    assert set(sample) == set(real)
    assert set(sample["data"]) == set(real["data"])
    assert set(sample["data"]["rows"][0]) == set(real["data"]["rows"][0])
    assert sample["time"] == real["time"]
