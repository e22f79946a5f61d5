"""The units of systemd and the compose files: what they promise about what apbot may do, and that they fit together."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from apbot.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("apbot.service", "apbot@.service", "apbot-backup.service")
ANALYZE = shutil.which("systemd-analyze")
COMPOSED = ("compose.yaml", "compose.postgresql.yaml")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_the_units_are_well_formed(tmp_path: Path) -> None:
    files = [*UNITS, "apbot-backup.timer"]
    for name in files:
        unit = (DEPLOY / name).read_text().replace("/opt/apbot/.venv/bin/apbot", sys.executable)
        (tmp_path / name.replace("@", "@web")).write_text(unit)
    paths = [str(tmp_path / name.replace("@", "@web")) for name in files]
    said = subprocess.run([str(ANALYZE), "verify", *paths], capture_output=True, text=True, timeout=60)
    assert [line for line in said.stderr.splitlines() if str(tmp_path) in line or "apbot" in line] == []
    assert said.returncode == 0


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_may_do_little(unit: str) -> None:
    asked = [str(ANALYZE), "security", "--offline=true", unit]
    said = subprocess.run(asked, cwd=DEPLOY, capture_output=True, text=True, timeout=60)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert found, said.stdout + said.stderr
    assert float(found[1]) < 2.0


def test_the_two_services_are_protected_alike() -> None:
    def protection(name: str) -> str:
        text = (DEPLOY / name).read_text()
        return text[text.index("CapabilityBoundingSet=") :].partition("[Install]")[0].strip()

    assert len({protection(name) for name in UNITS}) == 1


def composed(name: str) -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / name).read_text())
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", COMPOSED)
def test_every_container_is_held_short(name: str) -> None:
    for service, what in composed(name)["services"].items():
        assert what["read_only"] is True, service
        assert what["cap_drop"] == ["ALL"], service
        assert what["security_opt"] == ["no-new-privileges:true"], service
        assert what["restart"] == "unless-stopped", service
        assert {"mem_limit", "pids_limit", "logging"} <= what.keys(), service
        assert "privileged" not in what


@pytest.mark.parametrize("name", COMPOSED)
def test_what_a_container_is_told_is_a_setting_of_apbots_and_every_secret_a_file(name: str) -> None:
    found = composed(name)
    known = {f"APBOT_{field.upper()}" for field in Settings.model_fields}
    for service, what in found["services"].items():
        for variable, value in (what.get("environment") or {}).items():
            if variable.startswith("APBOT_") and variable not in ("APBOT_SITE", "APBOT_UPSTREAM"):
                assert variable.removesuffix("_FILE") in known | {"APBOT_TRUSTED_PROXIES"}, variable
            if variable.endswith("_FILE"):
                assert str(value).removeprefix("/run/secrets/") in what["secrets"], variable
            assert not re.search(r"PASSWORD|TOKEN|SECRET", variable.removesuffix("_FILE")) or variable.endswith("_FILE")
        assert set(what.get("secrets", [])) <= found.get("secrets", {}).keys(), service
        named = {volume.split(":")[0] for volume in what.get("volumes", []) if volume[0] not in "./$"}
        assert named <= found["volumes"].keys(), service
        assert set(what.get("networks", [])) <= found["networks"].keys(), service
        assert set(what.get("depends_on", [])) <= found["services"].keys(), service
    proxied = found["services"]["caddy"]["environment"]["APBOT_UPSTREAM"].split(":")[0]
    assert "front" in found["services"][proxied]["networks"]


@pytest.mark.parametrize("name", COMPOSED)
def test_the_image_has_a_folder_of_its_users_own_wherever_a_volume_is_put(name: str) -> None:
    """A new volume is as the image's folder is; where the image has none it is root's, and nothing can be written."""
    made = re.search(r"install -d -o 10001 -g 10001 -m 0700 ([^\n]+)", (DEPLOY / "Containerfile").read_text())
    assert made
    for service, what in composed(name)["services"].items():
        if what["image"] == "apbot":
            for volume in what.get("volumes", []):
                assert volume.rpartition(":")[2] in made[1].split(), service


def test_a_command_is_run_as_the_service_with_its_settings_and_secrets(tmp_path: Path) -> None:
    """Without the database's address it would be done in an empty database, and say that nobody is there."""
    etc, home = tmp_path / "etc", tmp_path / "home"
    (etc / "secrets").mkdir(parents=True)
    home.mkdir()
    (etc / "settings").write_text(
        "# Ours\nAPBOT_PUBLIC_URL=https://apbot.example.org\n"
        'APBOT_SMTP_FROM=Hillcrest registers <apbot@example.org>\nAPBOT_BIND="127.0.0.1"\nOTHER=x\nAPBOT_PORT=8081'
    )
    (etc / "secrets" / "database_url").write_text("postgresql+psycopg:///apbot\n")
    (etc / "secrets" / "names.key").write_text("no setting")
    (tmp_path / "runuser").write_text('#!/bin/sh\ntest "$1 $2 $3" = "-u apbot --" && shift 3 && exec "$@"\n')
    (tmp_path / "apbot").write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "told = {name: value for name, value in os.environ.items() if name.startswith(('APBOT_', 'OTHER'))}\n"
        "print(json.dumps([told, sys.argv[1:], os.getcwd()]))\n"
    )
    script = (
        (DEPLOY / "as-the-service").read_text().replace("/etc/apbot", str(etc)).replace("/var/lib/apbot", str(home))
    )
    (tmp_path / "script").write_text(script.replace("/opt/apbot/.venv/bin/apbot", str(tmp_path / "apbot")))
    for each in ("runuser", "apbot", "script"):
        (tmp_path / each).chmod(0o755)
    asked = [str(tmp_path / "script"), "link", "SAM OAK", "--code"]
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    said = subprocess.run(asked, env=env, capture_output=True, text=True, timeout=30, check=True)
    told, arguments, where = json.loads(said.stdout)
    assert told == {
        "APBOT_PUBLIC_URL": "https://apbot.example.org",
        "APBOT_SMTP_FROM": "Hillcrest registers <apbot@example.org>",
        "APBOT_BIND": "127.0.0.1",
        "APBOT_PORT": "8081",
        "APBOT_DATABASE_URL": "postgresql+psycopg:///apbot",
    }
    assert (arguments, where) == (asked[1:], str(home))
    for each in (etc / "settings", *(etc / "secrets").iterdir()):
        each.unlink()
    assert json.loads(subprocess.run(asked, env=env, capture_output=True, timeout=30, check=True).stdout)[0] == {}


def test_the_image_is_made_of_what_is_there_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (DEPLOY.parent / source).exists(), source
            kept = (DEPLOY.parent / ".dockerignore").read_text().split()
            assert f"!{source}" in kept, "what is copied is not ignored"
    assert "--require-hashes" in text
    assert re.search(r"^USER (?!0)\d+:\d+$", text, re.MULTILINE)
    check = re.search(r"HEALTHCHECK [^\n]+\n +CMD (\[.+\])", text)
    assert check
    command = json.loads(check[1])
    assert command[0] == "python"
    compile(command[2], "healthcheck", "exec")
