"""scripts/audit: what it makes of what pip-audit tells. That nobody could be asked is not that nothing is known."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

Audit = Callable[..., tuple[int, str]]

SKIPPED = {"name": "starlette", "skip_reason": "Dependency not found on PyPI"}
SOUND = {"name": "uvicorn", "version": "0.54.0", "vulns": []}
HOLED = {
    "name": "jinja2",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-2030-1", "aliases": ["CVE-2030-1"], "fix_versions": ["2.1"], "description": ""}],
}


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Run it beside a pip-audit that tells what is given, and an ignore list."""

    def run(*told: Any, ignored: str = "", arguments: tuple[str, ...] = (), dies: bool = False) -> tuple[int, str]:
        scripts = tmp_path / "scripts"
        scripts.mkdir(exist_ok=True)
        (scripts / "audit.py").write_text((ROOT / "scripts" / "audit.py").read_text())
        (scripts / "audit-ignored.toml").write_text(ignored)
        told_file = tmp_path / "told.json"
        told_file.write_text("Traceback: no route to host" if dies else json.dumps({"dependencies": told}))
        stand_in = tmp_path / "pip-audit"
        stand_in.write_text(f"#!/bin/sh\ncat {told_file}\nexit 1\n")
        stand_in.chmod(0o755)
        done = subprocess.run(
            [sys.executable, str(scripts / "audit.py"), *arguments],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def entry(until: str, package: str = "jinja2") -> str:
    return f'[[ignored]]\nid = "CVE-2030-1"\npackage = "{package}"\nreason = "not run"\nuntil = {until}\n'


def test_what_is_sound_passes(audit: Audit) -> None:
    code, said = audit(SOUND)
    assert code == 0
    assert "1 locked dependencies audited by pypi: 0 known vulnerabilities." in said


def test_a_known_vulnerability_fails_with_what_mends_it(audit: Audit) -> None:
    code, said = audit(SOUND, HOLED)
    assert code == 1
    assert "VULNERABLE jinja2 2.0: PYSEC-2030-1, CVE-2030-1. Mended in: 2.1" in said


@pytest.mark.parametrize("how", [{"dies": True}, {}], ids=["no service", "one that knows of nothing"])
def test_where_nobody_could_be_asked_it_says_so_loudly(audit: Audit, how: dict[str, bool]) -> None:
    code, said = audit(SKIPPED, **how)
    assert code == 0
    assert "NOT AUDITED: no vulnerability service could be reached" in said
    assert audit(SKIPPED, arguments=("--strict",), **how)[0] == 1


def test_one_that_the_service_does_not_know_is_named(audit: Audit) -> None:
    code, said = audit(SOUND, SKIPPED)
    assert code == 0
    assert "NOT AUDITED starlette" in said


def test_what_is_ignored_has_a_reason_and_an_end(audit: Audit) -> None:
    code, said = audit(HOLED, ignored=entry("2999-01-01"))
    assert code == 0
    assert "ignored    jinja2 2.0: PYSEC-2030-1, CVE-2030-1: not run (until 2999-01-01)" in said
    assert audit(HOLED, ignored=entry("2020-01-01"))[0] == 1
    assert audit(HOLED, ignored=entry("2999-01-01", package="another"))[0] == 1
    assert audit(HOLED, ignored='[[ignored]]\nid = "CVE-2030-1"\n')[0] == 1


def test_the_projects_own_list_can_be_read() -> None:

    given = tomllib.loads((ROOT / "scripts" / "audit-ignored.toml").read_text())
    assert all(each.keys() >= {"id", "package", "reason", "until"} for each in given.get("ignored", []))
