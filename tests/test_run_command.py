"""`apbot run`, where it can't begin."""

import socket
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from apbot.cli.run import add_to


def test_a_port_that_is_taken_is_said_so_before_anything_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    add_to(app)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("APBOT_PORT", str(port))
        ended = CliRunner().invoke(app, [])
    assert ended.exit_code == 2
    assert f"can't listen on 127.0.0.1:{port}" in ended.output
    assert "APBOT_PORT" in ended.output
    assert "apbot is at" not in ended.output
