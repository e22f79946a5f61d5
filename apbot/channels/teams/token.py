"""apbot's own token, with which it writes to Teams: got with the client secret, and kept while it is good."""

import asyncio
import time

import httpx
from pydantic import SecretStr

from apbot.channels.teams.settings import Settings

SCOPE = "https://api.botframework.com/.default"
ANY_TENANT = "botframework.com"
"""The directory that a bot which serves many tenants signs in to."""

EARLY = 300.0
"""Seconds before its end from which a token is not used any more."""

TIMEOUT = 8.0

AGAIN_AFTER = 1.0
"""Seconds in which a failure is the answer to all: a sign-in that hangs must not hang for one after another."""


class NoToken(Exception):
    """There is no token to be had: nobody's address is to blame. The text is a short code, never a secret."""


class Tokens:
    """Gets the token, once for all who wait for it."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        """Nothing is asked for yet."""
        self._settings = settings
        self._http = http
        self._token = SecretStr("")
        self._good_until = 0.0
        self._failed: tuple[float, str] = (0.0, "")
        self._turn = asyncio.Lock()

    async def token(self) -> str | None:
        """The token; None in the playground, which wants none. Raises `NoToken`."""
        settings = self._settings
        if not settings.client_secret.get_secret_value():
            if settings.playground:
                return None
            raise NoToken("no client secret is set")
        async with self._turn:
            if time.monotonic() >= self._good_until:
                at, why = self._failed
                if why and time.monotonic() < at + AGAIN_AFTER:
                    raise NoToken(why)
                try:
                    await self._get()
                except NoToken as problem:
                    self._failed = (time.monotonic(), str(problem))
                    raise
                self._failed = (0.0, "")
            return self._token.get_secret_value()

    def forget(self) -> None:
        """Teams has refused the token: the next one is asked for anew."""
        self._good_until = 0.0

    async def _get(self) -> None:
        settings = self._settings
        url = f"{settings.login_url}/{settings.tenant_id or ANY_TENANT}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
            "scope": SCOPE,
        }
        try:
            answer = await self._http.post(url, data=form, timeout=TIMEOUT)
            told = answer.json()
        except httpx.HTTPError as problem:
            raise NoToken(f"sign-in can't be reached ({type(problem).__name__})") from None
        except ValueError:
            raise NoToken(f"sign-in gave no usable answer ({answer.status_code})") from None
        token = told.get("access_token") if isinstance(told, dict) else None
        if answer.status_code != 200 or not isinstance(token, str) or not token:
            raise NoToken(f"sign-in refused: {_code(told)} ({answer.status_code})")
        lasts = told.get("expires_in", 3600)
        lasts = float(lasts) if isinstance(lasts, (int, float, str)) and str(lasts).isdigit() else 3600.0
        self._token = SecretStr(token)
        self._good_until = time.monotonic() + max(lasts - EARLY, lasts / 2)


def _code(told: object) -> str:
    """The short code of an error: invalid_client. Its description may hold more than should be logged."""
    code = told.get("error") if isinstance(told, dict) else None
    return code if isinstance(code, str) and code.isascii() and code.replace("_", "").isalnum() else "no reason given"
