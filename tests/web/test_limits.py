"""How often, and by whom: limits go by the clock, forget what is over, and believe only proxies that are trusted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from apbot.clock import VirtualClock
from apbot.settings import Settings, WrongSettings, load_settings
from apbot.web import limits
from apbot.web.limits import Guesses, Limit, client_of
from apbot.web.server import server_config
from tests.web.site import Site


def a_clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 9, 17, 9, 0, tzinfo=UTC))


def request_of(address: str) -> Request:
    return Request({"type": "http", "client": (address, 1), "headers": [], "path": "/"})


def test_a_limit_says_how_long_it_lasts_and_ends_by_itself() -> None:
    clock = a_clock()
    limit = Limit(2, clock)
    limit.count("a")
    clock.forward(timedelta(seconds=20))
    limit.count("a")
    assert limit.is_reached("a")
    assert not limit.is_reached("b")
    assert limit.wait("a") == 40
    clock.forward(timedelta(seconds=40))
    assert not limit.is_reached("a")


def test_a_clock_that_is_set_back_holds_nobody_up() -> None:
    clock = a_clock()
    limit = Limit(1, clock)
    limit.count("a")
    clock._now -= timedelta(hours=1)
    assert not limit.is_reached("a")


def test_somebody_with_many_addresses_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLIENTS", 50)
    limit = Limit(3, a_clock())
    for number in range(500):
        limit.count(f"198.51.100.{number}")
    assert len(limit._seen) <= 50


def test_who_guesses_is_named_in_the_log_once_and_what_was_guessed_is_not() -> None:
    guesses = Guesses("API key", a_clock())
    with capture_logs() as logs:
        waits = [guesses.wrong(request_of("198.51.100.7")) for _ in range(32)]
    assert waits == [0] * 30 + [60, 60]
    assert logs == [
        {
            "event": "web: too many wrong secrets from one address",
            "kind": "API key",
            "client": "198.51.100.7",
            "log_level": "warning",
        }
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("198.51.100.7", "198.51.100.8", False),
        ("2001:db8:1:2:3::4", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.8", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_customer_of_ipv6_is_one_client(one: str, other: str, same: bool) -> None:
    assert (client_of(request_of(one)) == client_of(request_of(other))) is same


async def seen_by(site: Site, proxies: str, peer: str, said: str) -> tuple[str, str]:
    """Which client and scheme apbot sees, of a request that comes from `peer` and says X-Forwarded-For."""
    config = server_config(site.app, Settings(trusted_proxies=proxies))
    if not config.proxy_headers:
        return peer, "http"
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)

    headers = [(b"x-forwarded-for", said.encode()), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (peer, 1), "headers": headers, "scheme": "http"}
    wrapped = ProxyHeadersMiddleware(app, config.forwarded_allow_ips or "")
    await wrapped(scope, None, None)  # type: ignore[arg-type]
    return seen["client"][0], seen["scheme"]


@pytest.mark.parametrize(
    ("proxies", "peer", "said", "client"),
    [
        ("127.0.0.1,::1", "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1,::1", "127.0.0.1", "10.9.9.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1,::1", "203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.0/24", "10.0.0.5", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/24", "127.0.0.1", "198.51.100.7", "127.0.0.1"),
        ("", "127.0.0.1", "198.51.100.7", "127.0.0.1"),
    ],
)
async def test_only_a_trusted_proxy_is_believed_about_who_asks(
    site: Site, proxies: str, peer: str, said: str, client: str
) -> None:
    assert (await seen_by(site, proxies, peer, said))[0] == client


def test_no_stray_variable_has_everybody_believed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uvicorn would take it from the environment."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    for proxies in ("", "10.0.0.1"):
        config = server_config(site.app, Settings(trusted_proxies=proxies))
        assert not config.proxy_headers or config.forwarded_allow_ips == ["10.0.0.1/32"]


@pytest.mark.parametrize("given", ["*", "proxy.example", "10.0.0.1/24", "10.0.0", "1.2.3.4;5.6.7.8"])
def test_a_proxy_that_is_no_address_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("APBOT_TRUSTED_PROXIES", given)
    with pytest.raises(WrongSettings, match="APBOT_TRUSTED_PROXIES: expected addresses or networks"):
        load_settings()
