"""Who somebody is, as the directory knows them: the email addresses that Teams vouches for."""

from collections.abc import Collection

from apbot.channels.teams.inbound import Activity
from apbot.channels.teams.settings import Settings
from apbot.channels.teams.wire import Wire

GUEST = "#EXT#"
"""In the sign-in name of whoever is from elsewhere."""

OTHERS = frozenset({"guest", "anonymous", "federated", "bot"})
"""The roles of those whom the own directory does not vouch for."""


async def emails_of(wire: Wire, settings: Settings, activity: Activity) -> Collection[str]:
    """The addresses of a member of the own tenant; none for anybody else, or where any tenant may come along.

    Raises `Failed`.
    """
    own = settings.tenant_id.lower()
    at = activity.reference
    if not own or settings.playground or at.tenant.lower() != own or not at.user:
        return ()
    member = await wire.member(at, activity.place if activity.is_shared else activity.conversation)
    found = {name: each for name, each in member.items() if isinstance(each, str)}
    sign_in = found.get("userPrincipalName", "")
    is_own = (
        found.get("aadObjectId", "").lower() == activity.sender.lower()
        and found.get("tenantId", "").lower() == own
        and found.get("userRole", "").lower() not in OTHERS
        and GUEST not in sign_in.upper()
    )
    return tuple(dict.fromkeys(filter(None, (found.get("email", ""), sign_in)))) if is_own else ()
