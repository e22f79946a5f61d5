"""Who somebody is, as the workspace knows them: the email address that Slack vouches for."""

from collections.abc import Collection, Mapping
from typing import Any

from apbot.channels.slack.api import Api, Identity
from apbot.channels.slack.payloads import mapping, text

SCOPES = ("users:read", "users:read.email")
"""What apbot must be allowed to besides, where people are linked by their email address."""

NOT_A_MEMBER = ("deleted", "is_bot", "is_workflow_bot", "is_app_user", "is_stranger", "is_invited_user")
"""What Slack says of whoever is no member, or not a person."""


async def emails_of(api: Api, sender: str) -> Collection[str]:
    """The confirmed address of a member of the workspace in which apbot is installed; none for anybody else.

    Of people from other workspaces somebody else vouches for what stands there. Raises `SlackTrouble`.
    """
    if ":" in sender:
        return ()
    me = await api.identity()
    user = mapping((await api.ask(api.client.users_info, user=sender)).get("user"))
    if text(user, "id") != sender or not _is_member(user, me):
        return ()
    email = text(mapping(user.get("profile")), "email")
    return (email,) if email else ()


def _is_member(user: Mapping[str, Any], me: Identity) -> bool:
    if any(user.get(each) for each in NOT_A_MEMBER) or user.get("is_email_confirmed") is False:
        return False
    teams = mapping(user.get("enterprise_user")).get("teams")
    return bool(me.team_id) and (
        text(user, "team_id") == me.team_id or (isinstance(teams, list) and me.team_id in teams)
    )
