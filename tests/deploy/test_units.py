"""The units of systemd and the compose files: what they promise about what apbot may do, and that they fit together."""

import json
import os
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


def test_a_command_runs_as_the_service_does() -> None:
    command, unit = ((DEPLOY / name).read_text() for name in ("apbot", "apbot.service"))
    asked = re.findall(r"--property=(\S+)", command)
    assert {each.partition("=")[0] for each in asked} >= {"User", "WorkingDirectory", "EnvironmentFile", "UMask"}
    assert set(asked) <= set(unit.splitlines())
    program = re.search(r'(\S+) "\$@"$', command)
    assert program
    assert f"ExecStart={program[1]} run" in unit.splitlines()
    assert os.access(DEPLOY / "apbot", os.X_OK)


@pytest.mark.parametrize("unit", UNITS)
def test_no_dump_of_its_memory_is_left_behind(unit: str) -> None:
    assert "LimitCORE=0" in (DEPLOY / unit).read_text().splitlines()


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
def test_where_a_service_makes_backups_the_others_expect_them(name: str) -> None:
    services = composed(name)["services"]
    assert "backup" in services
    ours = [each for service, each in services.items() if each.get("image") == "apbot" and service != "backup"]
    assert ours
    for each in ours:
        assert each["environment"]["APBOT_EXPECTS_BACKUPS"] == "true"


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
def test_podman_takes_what_docker_does(name: str) -> None:
    for service, what in composed(name)["services"].items():
        assert what["logging"]["driver"] == "json-file", service
        test = what.get("healthcheck", {}).get("test", "")
        assert isinstance(test, str), f"{service}: podman-compose makes a shell's line of a list, without its quotes"


@pytest.mark.parametrize("name", COMPOSED)
def test_a_new_volume_belongs_to_the_images_user(name: str) -> None:
    made = re.search(r"install -d -o 10001 -g 10001 -m 0700 (.+)", (DEPLOY / "Containerfile").read_text())
    assert made
    for service, what in composed(name)["services"].items():
        if what["image"] == "apbot":
            mounted = {volume.rpartition(":")[2] for volume in what.get("volumes", [])}
            assert mounted <= set(made[1].split()), service


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
