"""Whether a request comes from Teams: its token, signed by the Bot Framework for this bot.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import structlog

from apbot.channels.teams.settings import Settings, is_on_this_machine

log = structlog.get_logger()

ISSUER = "https://api.botframework.com"
LEEWAY = 300
"""Seconds by which clocks may differ."""

LASTS = 24 * 3600.0
"""Seconds for which the keys are kept."""

AT_MOST_EVERY = 10.0
"""Seconds before the keys are asked for again, whatever is asked of apbot with keys that nobody knows."""

AGAIN_AFTER = 1.0
"""Seconds after which they are asked for again where there are none at all: nobody gets in meanwhile."""

TIMEOUT = 5.0
LONGEST = 10_000
"""Characters of a token."""

TEAMS = "msteams"
"""The one channel of the Bot Framework that vouches for who did something: in others, such as Web Chat, which every
bot has from the start, whoever writes says themselves who they are."""

HOSTS = ("smba.trafficmanager.net", "botframework.com", "teams.microsoft.com", "teams.cloud.microsoft")
"""Where Teams has its service addresses, for a token that does not say which is meant."""


class NotTrusted(Exception):
    """The request is not from Teams. The text says why, for the log; it holds nothing of the token."""


class NoKeys(Exception):
    """It can't be told just now: the keys can't be had."""


@dataclass(frozen=True)
class Signed:
    """What a good token says. In the playground nothing is signed."""

    claims: Mapping[str, Any]
    endorsements: Sequence[str] | None = None
    is_signed: bool = True


class Trust:
    """Checks tokens. Keeps the keys that they are signed with."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        """Nothing is asked for yet."""
        self._settings = settings
        self._http = http
        self._keys: dict[str, jwt.PyJWK] = {}
        self._endorsed: dict[str, Sequence[str]] = {}
        self._issuers = {ISSUER}
        self._good_until = 0.0
        self._asked_at = -AT_MOST_EVERY
        self._turn = asyncio.Lock()

    async def check(self, authorization: str) -> Signed:
        """What the token of the header Authorization says. Raises `NotTrusted` and `NoKeys`."""
        kind, _, token = authorization.strip().partition(" ")
        if kind.lower() != "bearer" or not token or len(token) > LONGEST:
            raise NotTrusted("no token")
        if not self._settings.client_id:
            raise NotTrusted("no client id is set")
        try:
            head = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise NotTrusted("not a token") from None
        name = head.get("kid")
        if head.get("alg") != "RS256" or not isinstance(name, str):
            raise NotTrusted("not signed as Teams signs")
        key = await self._key(name)
        own = {self._settings.client_id, self._settings.client_id.lower()}
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=[f"{kind}{each}" for kind in ("", "api://", "api://botid-") for each in own],
                issuer=sorted(self._issuers),
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.InvalidTokenError as problem:
            raise NotTrusted(type(problem).__name__) from None
        return Signed(claims, self._endorsed.get(name))

    def check_activity(self, signed: Signed, activity: Mapping[str, Any]) -> None:
        """Whether the token was given for this activity: its channel, and where apbot is to answer."""
        channel = activity.get("channelId")
        if signed.endorsements is not None and channel not in signed.endorsements:
            raise NotTrusted("the key is not for this channel")
        url = activity.get("serviceUrl")
        if not isinstance(url, str) or not self._is_usable(url):
            raise NotTrusted("the service address can't be used")
        if not signed.is_signed:
            if not is_on_this_machine(url):
                raise NotTrusted("a playground on this machine answers on this machine")
            return
        if channel != TEAMS:
            raise NotTrusted("it does not come by way of Teams")
        claimed = signed.claims.get("serviceurl", signed.claims.get("serviceUrl"))
        if claimed is None:
            if not (_is_microsofts(url) or url.rstrip("/") == self._settings.service_url):
                raise NotTrusted("nobody vouches for the service address")
        elif not isinstance(claimed, str) or claimed.rstrip("/") != url.rstrip("/"):
            raise NotTrusted("the token is for another service address")

    async def load(self) -> None:
        """Ask for the keys. Raises `NoKeys`."""
        described = await self._get(self._settings.openid_url)
        issuer, where = described.get("issuer"), described.get("jwks_uri")
        if not isinstance(where, str) or not (where.startswith("https://") or is_on_this_machine(where)):
            raise NoKeys("it does not say where the keys are")
        keys, endorsed = {}, {}
        for each in (await self._get(where)).get("keys") or ():
            try:
                key = jwt.PyJWK(each, algorithm="RS256")
            except (jwt.PyJWTError, AttributeError, TypeError, ValueError):
                continue  # a key of another kind
            if key.key_id:
                keys[key.key_id] = key
                if isinstance(each.get("endorsements"), list):
                    endorsed[key.key_id] = each["endorsements"]
        if not keys:
            raise NoKeys("there is no key")
        self._keys, self._endorsed = keys, endorsed
        self._issuers = {ISSUER, issuer} if isinstance(issuer, str) and issuer else {ISSUER}
        self._good_until = time.monotonic() + LASTS

    async def _key(self, name: str) -> jwt.PyJWK:
        async with self._turn:
            now = time.monotonic()
            if (name not in self._keys or now >= self._good_until) and now >= self._asked_at + AT_MOST_EVERY:
                try:
                    await self.load()
                except NoKeys as problem:
                    log.warning("teams: the keys can't be had", problem=str(problem))
                self._asked_at = time.monotonic()
            if not self._keys:
                self._asked_at = min(self._asked_at, time.monotonic() + AGAIN_AFTER - AT_MOST_EVERY)
                raise NoKeys("the keys can't be had")
        if name not in self._keys:
            raise NotTrusted("signed with a key that is not Teams's")
        return self._keys[name]

    async def _get(self, url: str) -> Mapping[str, Any]:
        try:
            answer = await self._http.get(url, timeout=TIMEOUT)
            answer.raise_for_status()
            told = answer.json()
        except httpx.HTTPError as problem:
            raise NoKeys(type(problem).__name__) from None
        except ValueError:
            raise NoKeys("no usable answer") from None
        if not isinstance(told, dict):
            raise NoKeys("no usable answer")
        return told

    def _is_usable(self, url: str) -> bool:
        return url.startswith("https://") or (
            url.startswith("http://") and is_on_this_machine(url) and self._settings.is_local
        )


def _is_microsofts(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == each or host.endswith(f".{each}") for each in HOSTS)
