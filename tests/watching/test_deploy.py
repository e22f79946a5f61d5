"""The dashboard and the alert rules: every query is one that Prometheus takes, about metrics that apbot gives."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from apbot.watching.health import Health
from apbot.watching.metrics import PARTS, Metrics
from tests.day import Day

DEPLOY = Path(__file__).parents[2] / "deploy"
METRIC = re.compile(r"\b((?:apbot|process)_[a-z_]+)\b")


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    return found


def queries() -> Iterator[str]:
    """Every query, as Prometheus gets it."""
    for rule in rules():
        yield rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m")


@pytest.fixture
def metrics(day: Day) -> Metrics:
    found = Metrics(day.database, Health(day.database), expects_backups=True)
    day.database.measures = found
    return found


async def given(day: Day, metrics: Metrics) -> dict[str, set[str]]:
    """The names of everything that /metrics gives after a morning, with their labels."""
    await day.until("10:31")
    metrics.pressed("web", 0.01)
    metrics.refused("slack", "too long")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families((await metrics.read()).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


async def test_each_metric_that_is_named_is_one_that_is_given(day: Day, metrics: Metrics) -> None:
    there = await given(day, metrics)
    named = {name for query in queries() for name in METRIC.findall(query)}
    assert len(named) > 15
    assert named <= there.keys()


async def test_each_metric_of_apbots_own_is_watched_somewhere(day: Day, metrics: Metrics) -> None:
    there = {re.sub(r"_(bucket|sum|count|created|total)$", "", name) for name in await given(day, metrics)}
    named = {re.sub(r"_(bucket|sum|count|total)$", "", name) for query in queries() for name in METRIC.findall(query)}
    assert {name for name in there if name.startswith("apbot_")} <= named


async def test_each_label_that_is_asked_for_is_there(day: Day, metrics: Metrics) -> None:
    there = await given(day, metrics)
    labels = set().union(*there.values()) | {"job", "instance"}
    for query in queries():
        for asked in re.findall(r"by \(([^)]*)\)", query):
            assert {each.strip() for each in asked.split(",")} <= labels, query
        for name, condition in re.findall(r"(apbot_[a-z_]+)\{(\w+)", query):
            assert condition in there[name], query
        for part in re.findall(r'part!?="(\w+)"', query):
            assert part in PARTS


@pytest.mark.parametrize("query", list(queries()))
def test_prometheus_takes_each_query(query: str) -> None:
    parser = pytest.importorskip("promql_parser", reason="the parser of Prometheus's queries is not installed")
    parser.parse(query)


def test_each_alert_says_how_bad_it_is_and_what_is_wrong() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert re.fullmatch(r"\d+m", rule["for"])


def test_each_alert_is_explained_in_the_manual() -> None:
    manual = (DEPLOY.parent / "docs" / "monitoring.md").read_text()
    for rule in rules():
        assert f"`{rule['alert']}`" in manual, rule["alert"]


def test_the_dashboard_can_be_imported_wherever_its_prometheus_is() -> None:
    board = dashboard()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"${datasource}"}
    assert [each["type"] for each in board["templating"]["list"]] == ["datasource"]
