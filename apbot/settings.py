"""Every setting: from APBOT_ variables of the environment, a .env file, or files that hold secrets."""

import ipaddress
import os
from abc import abstractmethod
from pathlib import Path
from typing import Annotated, TypeVar

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


class WrongSettings(Exception):
    """One or more settings can't be used. The text names each, what was expected, and never the value."""


def _database_url(url: str) -> str:
    try:
        backend = make_url(url).get_backend_name()
    except (ArgumentError, ValueError):
        raise ValueError("expected a database address such as sqlite:///apbot.db") from None
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("expected sqlite:///FILE or postgresql+psycopg://...")
    return url


def _public_url(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("expected an address that starts with https:// (or http:// on this machine only)")
    return url.rstrip("/")


def _long_secret(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < 20:
        raise ValueError("expected at least 20 characters: openssl rand -hex 20")
    return secret


def _outside_url(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value() and not secret.get_secret_value().startswith(("http://", "https://")):
        raise ValueError("expected an address that starts with https://")
    return secret


def _proxies(given: str) -> str:
    try:
        return ",".join(str(ipaddress.ip_network(each.strip())) for each in given.split(",") if each.strip())
    except ValueError:
        raise ValueError("expected addresses or networks with commas between, such as 127.0.0.1,10.0.0.0/24") from None


class Settings(BaseSettings):
    """What apbot can be told. Each field is the variable APBOT_ followed by its name in capitals.

    A secret may be kept in a file instead: APBOT_NAME_FILE names it.
    """

    model_config = SettingsConfigDict(env_prefix="APBOT_", env_file=".env", extra="ignore", hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(_database_url)] = Field("sqlite:///apbot.db", repr=False)
    """Where everything is kept."""
    names_key_file: str = ""
    """The file with the keys under which pupils' names are encrypted in the database; empty: they are not."""
    bind: str = "127.0.0.1"
    """The address that the web server listens on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """The port that the web server listens on; 0 takes a free one."""
    public_url: Annotated[str, AfterValidator(_public_url)] = ""
    """How people's browsers reach the web server; links are made with it. Empty: bind and port."""
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = "127.0.0.1,::1"
    """Who is believed when they say for whom they ask (X-Forwarded-For): the addresses of the web servers in front."""
    tick_seconds: float = Field(default=1.0, gt=0, le=60)
    """How often apbot looks for what is due."""
    opens_at: str = Field(default="05:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When the registers of the day are made, on the wall."""
    codes_at: str = Field(default="15:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When the attendance contact is asked to confirm the day's codes, on the wall."""
    chased_at: str = Field(default="08:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When the attendance contact is told of the codes of earlier days that are still to settle, on the wall."""
    reason_school_days: int = Field(default=5, ge=1, le=60)
    """An absence without an established reason (N) is chased when it is older than so many school days; when it
    is older than twice as many, the DSL gets a copy."""
    checks_at: str = Field(default="07:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When the admins are told what would be missed in the days to come, on the wall."""
    expects_backups: bool = False
    """Whether `apbot backup` is to be run each day: then it is said, too, that it never was."""
    rounds_up_at: str = Field(default="15:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """By when the admins are told how the day's registers stand, on the wall; at once when the last is in."""
    retains_at: str = Field(default="02:40", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When what has been kept for long enough goes, on the wall: at night, and not while the clocks change."""
    chat_days: int = Field(default=30, ge=7, le=365)
    """How long what stands in chats is kept; then apbot edits what it posted down to what it was about."""
    signin_hours: int = Field(default=72, ge=1, le=24 * 14)
    """How long a one-time sign-in link can be used."""
    session_days: int = Field(default=30, ge=1, le=90)
    """How long a sign-in to the web chat lasts on one device."""
    session_idle_days: int = Field(default=14, ge=1, le=90)
    """How long a sign-in lasts on a device on which no page is opened."""
    link_by_email: bool = False
    """Link whoever apbot does not know, on Slack or Teams, to the one person on the roster who has the email address
    that the platform vouches for. Off: everybody types a code once."""
    metrics_token: Annotated[SecretStr, AfterValidator(_long_secret)] = SecretStr("")
    """What Prometheus shows to read /metrics. Empty: there is no such page."""
    deadman_url: Annotated[SecretStr, AfterValidator(_outside_url)] = SecretStr("")
    """The address outside that is pinged each minute while all is well, and raises the alarm when it no longer is."""
    deadman_fail_url: Annotated[SecretStr, AfterValidator(_outside_url)] = SecretStr("")
    """The address that is told at once what is wrong, where there is one."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """How much is logged."""
    log_format: str = Field(default="auto", pattern="^(auto|json|text)$")
    """JSON lines, or lines for people to read; "auto": JSON unless it goes to a terminal."""

    @property
    def proxies(self) -> list[str]:
        """`trusted_proxies`, one by one."""
        return [each for each in self.trusted_proxies.split(",") if each]


class ChannelSettings(BaseSettings):
    """What one channel can be told. A subclass names the prefix of its variables (APBOT_SLACK_)."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    @property
    @abstractmethod
    def is_configured(self) -> bool:
        """Whether enough is set for the channel to be used."""


Kind = TypeVar("Kind", bound=BaseSettings)


def load_settings(**given: object) -> Settings:
    """The settings in force. Raises `WrongSettings`, naming every one that can't be used."""
    return load(Settings, **given)


def load(kind: type[Kind], **given: object) -> Kind:
    """The settings of this kind that are in force. Raises `WrongSettings`, naming every one that can't be used."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    try:
        return kind(**{**_from_files(kind, prefix), **given})  # type: ignore[arg-type]
    except ValidationError as problem:
        lines = [
            f"  {_variable(prefix, str(error['loc'][0] if error['loc'] else ''))}: "
            f"{error['msg'].removeprefix('Value error, ')}"
            for error in problem.errors()
        ]
        raise WrongSettings("These settings can't be used:\n" + "\n".join(lines)) from None


def _variable(prefix: str, name: str) -> str:
    """The variable of this field. One whose name Python keeps for itself (from) has the whole variable as its alias."""
    return name if name.startswith(prefix) and prefix else f"{prefix}{name.upper()}"


def _from_files(kind: type[BaseSettings], prefix: str) -> dict[str, str]:
    """The settings whose value stands in a file: APBOT_DATABASE_URL_FILE=/run/secrets/url."""
    found = {}
    given = {**dotenv_values(".env"), **os.environ}
    for name, field in kind.model_fields.items():
        variable = f"{_variable(prefix, field.alias or name)}_FILE"
        if path := given.get(variable):
            try:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as problem:
                raise WrongSettings(f"{variable}: can't be read ({problem.strerror})") from None
            except UnicodeDecodeError:
                raise WrongSettings(f"{variable}: can't be read (expected text in UTF-8)") from None
    return found
