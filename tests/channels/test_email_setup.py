"""Email: the check of what is set up, and settings that can and can not be."""

from pathlib import Path

import pytest

from apbot.channels.desk import Desk
from apbot.channels.email.settings import Server, Settings
from apbot.channels.registry import load_channel_settings, make_channels
from apbot.handlers.dispatch import handle
from apbot.settings import Settings as AppSettings
from apbot.settings import WrongSettings, load
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import RIGHT_PASSWORD, Answer, MailRoom
from tests.day import Day


@pytest.fixture
def stand() -> MailRoom:
    return MailRoom()


async def test_the_check_finds_nothing_where_all_is_well(day: ChatDay) -> None:
    assert list(await day.channel.check()) == []
    assert await day.channel.check_address(day.dsl_address) is None
    assert not day.stand.mails, "nothing is sent"


async def test_the_check_of_an_address_tells_its_fault_from_the_servers(day: ChatDay) -> None:
    day.stand.handler.answers.append(Answer("RCPT", "550 5.1.1 unknown"))
    trouble = await day.channel.check_address(day.dsl_address)
    assert trouble is not None
    assert "refuses this address" in trouble.what
    day.stand.handler.answers.append(Answer("RCPT", "451 later"))
    trouble = await day.channel.check_address(day.dsl_address)
    assert trouble is not None
    assert "could not be tried" in trouble.what


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("smtp://u:p@mail.example", Server("mail.example", 587, False, "u", "p")),
        ("smtps://u:p%40%2F@mail.example", Server("mail.example", 465, True, "u", "p@/")),
        ("smtp://mail.example:25", Server("mail.example", 25, False)),
    ],
)
def test_the_address_of_the_server(url: str, right: Server) -> None:
    assert Settings(url=url, sender="a@mail.example").server == right  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "starttls"),
    [
        ("smtp://u:p@mail.example", True),
        ("smtp://mail.example", None),
        ("smtps://u:p@mail.example", False),
        ("smtp://u:p@localhost:25", False),
        ("smtp://u:p@127.0.0.9", False),
        ("smtp://u:p@[::1]:25", False),
        ("smtp://u:p@127.0.0.1.example", True),
    ],
)
def test_only_on_this_machine_is_a_password_said_in_the_open(url: str, starttls: bool | None) -> None:
    assert Settings(url=url, sender="a@mail.example").server.starttls is starttls  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example", "a@mail.example"),
        ("smtp://secret@mail.example", "a@mail.example"),
        ("smtp://u:secret@mail.example:99999", "a@mail.example"),
        ("smtp://u:sec/ret@mail.example", "a@mail.example"),
        ("smtp://u:secret@mail.example", ""),
        ("smtp://u:secret@mail.example", "nobody"),
        ("smtp://u:secret@mail.example", "Hill\r\nBcc: secret@x.example <a@mail.example>"),
        ("", "a@mail.example"),
    ],
)
def test_wrong_settings_are_named_and_never_shown(url: str, sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APBOT_SMTP_URL", url)
    monkeypatch.setenv("APBOT_SMTP_FROM", sender)
    with pytest.raises(WrongSettings) as caught:
        load(Settings)
    assert "APBOT_SMTP_" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "APBOT_SMTP_APBOT" not in str(caught.value)


def test_the_channel_is_there_once_it_is_set_up(day: Day, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "email" not in load_channel_settings()
    (tmp_path / "url").write_text(f"smtp://apbot:{RIGHT_PASSWORD.replace(' ', '%20')}@mail.example\n")
    monkeypatch.setenv("APBOT_SMTP_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("APBOT_SMTP_FROM", "Hillcrest registers <apbot@mail.example>")
    used = load_channel_settings()
    assert RIGHT_PASSWORD not in f"{used}{used['email']!r}"
    assert isinstance(used["email"], Settings)
    assert "p" + "roper" not in repr(used["email"].server)
    (channel,) = make_channels(used, AppSettings(), Desk(day.database, handle))
    assert channel.name == "email"
