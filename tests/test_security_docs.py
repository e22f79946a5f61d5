"""What the pages on security claim is shown by tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TO_A_TEST = re.compile(r"\[([a-z_]+)\]\((\.\./tests/[^)]+\.py)\)")
THREAT = re.compile(r"^\| (?:[STRIDE](?:, [STRIDE])*) \|.*$", re.MULTILINE)
PAGES = ("threat-model.md", "asvs.md")


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_test_that_a_page_names_is_there_and_holds_tests(name: str) -> None:
    found = TO_A_TEST.findall(text_of(name))
    assert len(found) > 20
    for called, path in found:
        file = (ROOT / "docs" / path).resolve()
        assert file.is_file(), path
        assert file.stem == called, f"{called} leads to {path}"
        assert re.search(r"^ *(?:async )?def test_", file.read_text(encoding="utf-8"), re.MULTILINE), path


def test_every_threat_names_a_test() -> None:
    threats = THREAT.findall(text_of("threat-model.md"))
    assert len(threats) > 25
    assert [each for each in threats if not TO_A_TEST.search(each)] == []


def test_every_boundary_of_the_picture_has_its_threats() -> None:
    page = text_of("threat-model.md")
    picture, after = page.split("## Boundaries")[1].split("S spoofing")
    for number in "1234567":
        assert re.search(rf"\b{number}\b", picture), number
        assert re.search(rf"^### .*\b{number}\b", after, re.MULTILINE), number


def test_every_requirement_says_whether_it_holds() -> None:
    rows = re.findall(r"^\| \d[^|]*\| ([^|]*) \|", text_of("asvs.md"), re.MULTILINE)
    assert len(rows) > 50
    known = ("holds", "not met", "not applicable", "see ", "the web server's", "the admin's")
    assert [each for each in rows if not each.startswith(known)] == []
    assert any(each.startswith("not met") for each in rows), "nobody believes a table where all is well"
