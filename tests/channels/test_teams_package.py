"""The app package for Teams, and the command that writes it."""

import hashlib
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from apbot.channels.teams.package import CannotPackage, write_package
from apbot.cli import teams
from tests.channels.teams_connector import CLIENT

DEPLOY = Path(__file__).parents[2] / "deploy" / "teams"


def test_the_package_is_what_teams_takes(tmp_path: Path) -> None:
    file = tmp_path / "apbot.zip"
    write_package(file, CLIENT, "https://school.example")
    with zipfile.ZipFile(file) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        text = package.read("manifest.json").decode()
        sizes = {name: _png_size(package.read(name)) for name in ("color.png", "outline.png")}
    assert "{{" not in text
    manifest = json.loads(text)
    assert manifest["manifestVersion"] == "1.19"
    assert manifest["id"] == manifest["bots"][0]["botId"] == CLIENT
    assert sizes == {manifest["icons"]["color"]: (192, 192), manifest["icons"]["outline"]: (32, 32)}
    assert len(manifest["name"]["short"]) <= 30
    assert len(manifest["name"]["full"]) <= 100
    assert len(manifest["description"]["short"]) <= 80
    assert len(manifest["description"]["full"]) <= 4000
    assert len(manifest["developer"]["name"]) <= 32
    for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
        assert manifest["developer"][name] == "https://school.example"
    (bot,) = manifest["bots"]
    assert bot["scopes"] == ["personal", "groupChat", "team"]
    for commands in bot["commandLists"]:
        assert len(commands["commands"]) <= 10
        assert all(len(each["title"]) <= 32 and len(each["description"]) <= 128 for each in commands["commands"])


def test_a_package_that_teams_would_not_take_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CannotPackage, match="APBOT_TEAMS_CLIENT_ID"):
        write_package(tmp_path / "a.zip", "", "https://school.example")
    with pytest.raises(CannotPackage, match="https://"):
        write_package(tmp_path / "a.zip", CLIENT, "http://127.0.0.1:8080")
    assert not list(tmp_path.iterdir())


def test_the_icons_are_those_that_the_script_draws() -> None:
    drawn: dict[str, Any] = {"__name__": "drawn"}
    exec((DEPLOY / "draw_icons.py").read_text(encoding="utf-8"), drawn)  # noqa: S102  (our own script)
    assert _digest(drawn["png"](32, drawn["CLEAR"], 0.12)) == _digest((DEPLOY / "outline.png").read_bytes())


def _digest(picture: bytes) -> str:
    at = picture.index(b"IDAT") + 4
    return hashlib.sha256(zlib.decompress(picture[at : picture.index(b"IEND") - 8])).hexdigest()


def _png_size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])


def test_the_command_writes_the_package_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.callback()(lambda: None)
    teams.add_to(app)
    missing = CliRunner().invoke(app, ["teams", "package", "apbot.zip"])
    assert missing.exit_code == 1
    assert "APBOT_TEAMS_CLIENT_ID" in missing.output
    monkeypatch.setenv("APBOT_TEAMS_CLIENT_ID", CLIENT)
    monkeypatch.setenv("APBOT_PUBLIC_URL", "https://apbot.school.example")
    assert CliRunner().invoke(app, ["teams", "package", "apbot.zip"]).exit_code == 0
    assert zipfile.is_zipfile(tmp_path / "apbot.zip")
    nowhere = CliRunner().invoke(app, ["teams", "package", "no/such/folder/apbot.zip"])
    assert (nowhere.exit_code, "can't be written" in nowhere.output) == (1, True)
