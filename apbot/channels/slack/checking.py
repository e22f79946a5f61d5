"""What keeps Slack from being used as it is set up, each with what to do about it."""

from collections.abc import Sequence

from apbot.channels.platform import Trouble
from apbot.channels.port import Outcome
from apbot.channels.slack.api import TOKEN_TROUBLE, Api, SlackTrouble
from apbot.channels.slack.members import SCOPES as EMAIL_SCOPES
from apbot.channels.slack.payloads import mapping
from apbot.channels.slack.sending import channel_of

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "mpim:history",
    "mpim:read",
)
"""What apbot must be allowed to; deploy/slack-manifest.yaml asks for the same, and for the `EMAIL_SCOPES`."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_id_changed",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
)
"""What apbot must be told of; deploy/slack-manifest.yaml asks for the same."""

WHAT_TO_DO = {
    "is_archived": "Unarchive the channel, or link another one.",
    "user_disabled": "The person's Slack account is switched off: correct the roster, or link another address.",
    "user_not_found": "Nobody in this Slack has that address: link the person again with a new code.",
}


async def check(api: Api, app_token: str, *, links_by_email: bool = False) -> Sequence[Trouble]:
    """What is wrong with the tokens and permissions."""
    troubles = []
    try:
        _, headers = await api.ask_fully(api.client.auth_test)
    except SlackTrouble as trouble:
        troubles.append(_of_bot_token(trouble))
    else:
        granted = {each.strip() for each in headers.get("x-oauth-scopes", "").split(",") if each.strip()}
        wanted = (*SCOPES, *(EMAIL_SCOPES if links_by_email else ()))
        missing = [each for each in wanted if granted and each not in granted]
        if missing:
            troubles.append(
                Trouble(
                    f"Slack does not allow apbot: {', '.join(missing)}",
                    "Add these under OAuth & Permissions > Bot Token Scopes, then press Reinstall to Workspace.",
                    is_advice="chat:write" not in missing,
                )
            )
    if app_token:
        try:
            await api.ask(api.client.apps_connections_open, app_token=app_token)
        except SlackTrouble as trouble:
            found = _of_app_token(trouble)
            troubles += [found] if found not in troubles else []  # out of reach for both: said once
    return troubles


def _of_bot_token(trouble: SlackTrouble) -> Trouble:
    if trouble.code in TOKEN_TROUBLE or trouble.code == "account_inactive":
        return Trouble(
            f"Slack does not accept the bot token ({trouble.code})",
            "Copy the Bot User OAuth Token (xoxb-...) from OAuth & Permissions into APBOT_SLACK_BOT_TOKEN, restart.",
        )
    return _unreachable(trouble)


def _of_app_token(trouble: SlackTrouble) -> Trouble:
    if trouble.code in TOKEN_TROUBLE or trouble.code == "account_inactive":
        return Trouble(
            f"Slack does not accept the app token ({trouble.code})",
            "Make an app-level token (xapp-...) with connections:write under Basic Information, put it into "
            "APBOT_SLACK_APP_TOKEN, and see that Socket Mode is switched on.",
        )
    return _unreachable(trouble)


def _unreachable(trouble: SlackTrouble) -> Trouble:
    return Trouble(
        f"Slack can't be reached or does not answer ({trouble.code})",
        "See whether this machine reaches the internet, and status.slack.com whether Slack works.",
    )


async def check_address(api: Api, address: str) -> Trouble | None:
    """What keeps messages from this address: a person's, or a channel's."""
    name = channel_of(address)
    is_person = name.startswith(("U", "W"))
    try:
        if is_person:
            await api.ask(api.client.conversations_open, users=name)
            return None
        found = mapping((await api.ask(api.client.conversations_info, channel=name)).get("channel"))
    except SlackTrouble as trouble:
        if trouble.outcome is not Outcome.REFUSED:
            return _unreachable(trouble)
        again = "Link the person again." if is_person else "Invite apbot to the channel, or link another one."
        return Trouble(
            f"Slack knows no such address, or keeps apbot from it ({trouble.code})", WHAT_TO_DO.get(trouble.code, again)
        )
    if found.get("is_archived"):
        return Trouble("The channel is archived", WHAT_TO_DO["is_archived"])
    if found.get("is_member") is False and not found.get("is_im"):
        return Trouble("apbot is not in the channel", "Type /invite @apbot in it.")
    return None
