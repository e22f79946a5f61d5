"""Setting Slack up: settings that can't be used are said, and so is what is wrong with tokens and permissions."""

import re
from pathlib import Path

import pytest

from apbot.channels.registry import PLATFORMS
from apbot.channels.slack import channel, inbound
from apbot.channels.slack.checking import EVENTS, SCOPES
from apbot.channels.slack.members import SCOPES as EMAIL_SCOPES
from apbot.channels.slack.settings import Settings
from apbot.settings import WrongSettings, load
from tests.channels.chatday import ChatDay
from tests.channels.slackstand import SlackStand

MANIFEST = Path(__file__).parents[2] / "deploy" / "slack-manifest.yaml"


@pytest.fixture
def stand() -> SlackStand:
    return SlackStand()


def below(key: str) -> list[str]:
    """The list that stands below this key of the manifest."""
    found = re.search(rf"^ *{key}:\n((?: +(?:- [\w.:]+|#.*)\n)+)", MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, key
    return re.findall(r"^ *- (.*)$", found[1], re.MULTILINE)


def test_the_manifest_asks_for_every_scope_and_event_that_is_used_and_for_no_other() -> None:
    assert below("bot") == sorted((*SCOPES, *EMAIL_SCOPES))
    assert below("bot_events") == sorted(EVENTS)


def test_every_event_that_is_listened_to_is_asked_for() -> None:
    source = Path(inbound.__file__).read_text(encoding="utf-8")
    listened = set(re.findall(r'_bolt\.event\("(\w+)"\)', source))
    assert listened == {each.partition(".")[0] for each in EVENTS}


SCOPE_OF = {
    "auth_test": (),
    "apps_connections_open": (),
    "chat_delete": ("chat:write",),
    "chat_postEphemeral": ("chat:write",),
    "chat_postMessage": ("chat:write",),
    "chat_update": ("chat:write",),
    "conversations_info": ("channels:read", "groups:read", "mpim:read"),
    "conversations_open": ("im:write",),
    "files_upload_v2": ("files:write",),
    "users_info": EMAIL_SCOPES,
    "views_open": (),
    "views_publish": (),
}
"""What Slack's reference asks for each method that apbot calls."""


def test_every_method_that_is_called_is_allowed_by_the_manifest() -> None:
    folder = Path(channel.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    called = {name for source in sources for name in re.findall(r"client\.([a-z]+_\w+)", source)}
    called |= {name.replace(".", "_") for source in sources for name in re.findall(r'"(chat\.\w+)"', source)}
    assert called - {"base_url"} == set(SCOPE_OF)
    assert {scope for scopes in SCOPE_OF.values() for scope in scopes} <= {*SCOPES, *EMAIL_SCOPES}


def test_the_manifest_has_the_command_buttons_messages_and_page() -> None:
    manifest = MANIFEST.read_text(encoding="utf-8")
    for line in (
        "- command: /ap",
        "home_tab_enabled: true",
        "messages_tab_enabled: true",
        "messages_tab_read_only_enabled: false",
        "socket_mode_enabled: true",
    ):
        assert line in manifest
    assert re.search(r"interactivity:\n +is_enabled: true", manifest)


def test_slack_is_one_of_the_platforms() -> None:
    assert "slack" in PLATFORMS


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"bot_token": "xoxb-1"}, "APBOT_SLACK_APP_TOKEN"),
        ({"app_token": "xapp-1"}, "APBOT_SLACK_BOT_TOKEN"),
        ({"signing_secret": "s"}, "APBOT_SLACK_BOT_TOKEN"),
        ({"api_url": "slack.com"}, "https://"),
    ],
)
def test_half_a_set_up_is_said_and_holds_no_secret(given: dict[str, str], missing: str) -> None:
    with pytest.raises(WrongSettings) as problem:
        load(Settings, **given)
    assert missing in str(problem.value)
    assert "xoxb-1" not in str(problem.value)


def test_settings_that_are_enough() -> None:
    assert not load(Settings).is_configured
    assert load(Settings, bot_token="x", app_token="y").is_configured
    assert load(Settings, bot_token="x", signing_secret="y").is_configured
    assert "y" not in repr(load(Settings, bot_token="xoxb", app_token="y").app_token)
    assert load(Settings, api_url="http://127.0.0.1:1/api").api_url == "http://127.0.0.1:1/api/"


async def test_a_sound_set_up_has_no_trouble(day: ChatDay, stand: SlackStand) -> None:
    assert list(await day.channel.check()) == []
    stand.workspace.scopes = ",".join(SCOPES)
    assert list(await day.channel.check()) == []


async def test_what_is_wrong_with_the_set_up_is_said_with_what_to_do(day: ChatDay, stand: SlackStand) -> None:
    workspace = stand.workspace
    workspace.scopes = "chat:write,commands"
    (trouble,) = await day.channel.check()
    assert "im:write" in trouble.what
    assert "Reinstall" in trouble.do
    workspace.errors["auth.test"] = "invalid_auth"
    (trouble,) = await day.channel.check()
    assert "APBOT_SLACK_BOT_TOKEN" in trouble.do
    workspace.errors = {"apps.connections.open": "not_allowed_token_type"}
    workspace.scopes = ""
    (trouble,) = await day.channel.check()
    assert "APBOT_SLACK_APP_TOKEN" in trouble.do
    workspace.errors = {"auth.test": "service_unavailable"}
    (trouble,) = await day.channel.check()
    assert "reached" in trouble.what
    workspace.errors["apps.connections.open"] = "service_unavailable"
    assert len(await day.channel.check()) == 1, "said once"
    for token in ("xoxb", "xapp"):
        assert token not in trouble.what


async def test_an_address_is_checked_without_a_message(day: ChatDay, stand: SlackStand) -> None:
    workspace = stand.workspace
    assert await day.channel.check_address(day.dsl_address) is None
    assert await day.channel.check_address("T0OTHER:U0FAR") is None
    assert await day.channel.check_address(day.farm) is None
    assert not workspace.said
    for error in ("user_disabled", "user_not_found", "channel_not_found", "internal_error"):
        workspace.errors["conversations.open"] = error
        trouble = await day.channel.check_address(day.dsl_address)
        assert trouble is not None
        assert trouble.do
        assert day.dsl_address not in trouble.what
    workspace.errors["conversations.info"] = "channel_not_found"
    trouble = await day.channel.check_address(day.farm)
    assert trouble is not None
    assert "Invite apbot" in trouble.do
    del workspace.errors["conversations.info"]
    real = workspace._do
    for state, words in (({"is_member": False}, "not in"), ({"is_member": True, "is_archived": True}, "archived")):

        def said(method: str, asked: dict[str, object], state: dict[str, bool] = state) -> dict[str, object]:
            return {"ok": True, "channel": state} if method == "conversations.info" else real(method, asked)

        workspace._do = said  # type: ignore[method-assign, assignment]
        trouble = await day.channel.check_address(day.farm)
        assert trouble is not None
        assert words in trouble.what
