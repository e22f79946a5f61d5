"""Settings: from where they come, and what is said of those that can't be used."""

import os
from pathlib import Path

import pytest

from apbot.settings import Settings, WrongSettings, load_settings

WRONG = {
    "database_url": ["", "school.db", "mysql://apbot:geheim7@db/apbot", "geheim7://db/apbot"],
    "port": ["", "http", "-1", "65536", "80.5"],
    "public_url": ["apbot.example", "ftp://geheim7.example", "//geheim7"],
    "tick_seconds": ["", "0", "-1", "61", "often"],
    "opens_at": ["", "5:00", "24:00", "05:60", "0500", "05:00:00", "early"],
    "codes_at": ["half three", "3.30", "25:00"],
    "chased_at": ["8", "08:7"],
    "reason_school_days": ["0", "61", "a week"],
    "signin_hours": ["0", "337", "day"],
    "session_days": ["0", "91", "-3"],
    "log_level": ["", "LOUD", "verbose"],
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory without a .env, and an environment without a setting."""
    for name in list(os.environ):
        if name.startswith("APBOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(**given: object) -> str:
    """What is said of settings that can't be used."""
    with pytest.raises(WrongSettings) as problem:
        load_settings(**given)
    assert problem.value.__cause__ is None
    assert problem.value.__suppress_context__, "the library's own words hold the value"
    return str(problem.value)


def test_with_nothing_set_apbot_runs_on_this_machine_alone() -> None:
    settings = load_settings()
    assert settings.database_url.startswith("sqlite:///")
    assert (settings.bind, settings.port, settings.public_url) == ("127.0.0.1", 8080, "")


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_setting_is_refused_by_its_name_with_what_was_expected_and_never_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"APBOT_{name.upper()}"
    monkeypatch.setenv(variable, value)
    said = refusal()
    (line,) = [line for line in said.splitlines() if variable in line]
    expected = line.split(":", 1)[1]
    assert len(expected.split()) >= 3, "what would be right"
    if len(value) > 3:
        assert value not in said
    assert "geheim7" not in said
    assert "Value error" not in said


@pytest.mark.parametrize("name", [*Settings.model_fields])
def test_whatever_is_typed_as_any_setting_it_is_taken_or_refused_in_these_words(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"APBOT_{name.upper()}", "geheim7 geheim7")
    said = ""
    try:
        load_settings()
    except WrongSettings as problem:
        said = str(problem)
    assert f"APBOT_{name.upper()}:" in said or not said
    assert "geheim7" not in said


def test_a_password_in_an_address_that_cannot_be_read_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    # The machine's name was forgotten, so the password stands where the port would.
    monkeypatch.setenv("APBOT_DATABASE_URL", "postgresql+psycopg://apbot:geheim7/apbot")
    assert "geheim7" not in refusal()


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_PORT", "http")
    monkeypatch.setenv("APBOT_TICK_SECONDS", "often")
    said = refusal(log_level="LOUD")
    for name in ("PORT", "TICK_SECONDS", "LOG_LEVEL"):
        assert said.count(f"APBOT_{name}:") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "65535"),
        ("opens_at", "00:00"),
        ("opens_at", "23:59"),
        ("tick_seconds", "0.25"),
        ("database_url", "postgresql+psycopg://apbot:geheim7@db/apbot"),
        ("database_url", "sqlite://"),
    ],
)
def test_what_is_just_possible_is_taken(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"APBOT_{name.upper()}", value)
    taken = getattr(load_settings(), name)
    assert taken == type(taken)(value)


def test_links_are_made_without_a_second_slash() -> None:
    assert load_settings(public_url="https://apbot.example/").public_url == "https://apbot.example"


def test_a_dot_env_file_is_read_and_the_environment_goes_before_it(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / ".env").write_text("APBOT_PORT=9000\nAPBOT_LOG_LEVEL=DEBUG\nUNRELATED=1\n")
    assert (load_settings().port, load_settings().log_level) == (9000, "DEBUG")
    monkeypatch.setenv("APBOT_PORT", "9001")
    assert load_settings().port == 9001


def test_a_wrong_line_of_a_dot_env_file_is_refused_by_name(nowhere: Path) -> None:
    (nowhere / ".env").write_text("APBOT_PORT=geheim7\n")
    said = refusal()
    assert "APBOT_PORT" in said
    assert "geheim7" not in said


def test_a_secret_is_read_from_a_file_without_its_last_line_break(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "url").write_text("sqlite:///from-a-file.db\n")
    monkeypatch.setenv("APBOT_DATABASE_URL_FILE", str(nowhere / "url"))
    assert load_settings().database_url == "sqlite:///from-a-file.db"


def test_what_is_wrong_in_a_secrets_file_is_not_repeated(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / "url").write_text("geheim7")
    monkeypatch.setenv("APBOT_DATABASE_URL_FILE", str(nowhere / "url"))
    said = refusal()
    assert "APBOT_DATABASE_URL" in said
    assert "geheim7" not in said


def test_a_secrets_file_that_cannot_be_read_is_named_by_its_variable(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APBOT_DATABASE_URL_FILE", str(nowhere / "missing"))
    assert "APBOT_DATABASE_URL_FILE: can't be read (No such file or directory)" in refusal()
    monkeypatch.setenv("APBOT_DATABASE_URL_FILE", str(nowhere))
    assert "APBOT_DATABASE_URL_FILE: can't be read (Is a directory)" in refusal()


def test_a_secrets_file_may_be_named_in_a_dot_env_file_too(nowhere: Path) -> None:
    (nowhere / "url").write_text("sqlite:///from-a-file.db")
    (nowhere / ".env").write_text(f"APBOT_DATABASE_URL_FILE={nowhere / 'url'}\n")
    assert load_settings().database_url == "sqlite:///from-a-file.db"


def test_a_secrets_file_that_is_no_text_is_named_by_its_variable(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "url").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("APBOT_DATABASE_URL_FILE", str(nowhere / "url"))
    assert "APBOT_DATABASE_URL_FILE" in refusal()


def test_what_is_given_goes_before_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_PORT", "9001")
    assert load_settings(port=9002).port == 9002
