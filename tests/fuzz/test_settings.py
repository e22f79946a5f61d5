"""Settings that make no sense: each is refused by its name, and no value of a secret is in what is said."""

import os
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import SecretStr

from apbot.channels.registry import PLATFORMS
from apbot.settings import Settings, WrongSettings, load
from tests.fuzz.bounds import examples, in_time
from tests.fuzz.mutants import ODD, garbled

KINDS = [Settings, *(import_module(f"apbot.channels.{name}.settings").Settings for name in PLATFORMS)]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("APBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__)
def test_settings_of_any_kind_are_used_or_refused_by_name(
    kind: type[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = str(kind.model_config.get("env_prefix", ""))
    names = [f"{prefix}{name.upper()}" for name in kind.model_fields]
    texts = [str(each) for each in ODD if "\x00" not in str(each)]
    for chance in examples(f"settings {prefix}", 40):
        with monkeypatch.context() as patched:
            for _ in range(chance.randint(1, 4)):
                value = chance.choice([*texts, garbled("https://geheim7@apbot.example:99999/x?y#z", chance)])
                value = value.replace("\x00", "").encode("utf-8", "replace").decode()
                patched.setenv(chance.choice(names), f"{value}geheim7" if chance.random() < 0.5 else value)
            try:
                with in_time():
                    made = load(kind)
            except WrongSettings as problem:
                said = str(problem)
                assert prefix in said
                assert "geheim7" not in said
                continue
        for name, field in kind.model_fields.items():
            if field.annotation is SecretStr:
                assert "geheim7" not in repr(getattr(made, name))
