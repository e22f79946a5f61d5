"""apbot behind deploy/Caddyfile, as on a server: HTTPS, live pages, limits, and no secret in any log."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from apbot.clock import SystemClock
from apbot.store.database import Database
from apbot.store.migrate import upgrade
from apbot.store.signin import make_link
from apbot.store.webchat import Line, add_lines
from tests import school

CADDY = shutil.which("caddy")
CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
HERE = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(CADDY is None, reason="caddy is not installed")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass
class Site:
    """apbot as its people reach it."""

    url: str
    database: Database
    ids: dict[str, int]
    client: httpx.Client
    apbot: list[subprocess.Popen[str]]
    log: Path
    environment: dict[str, str]

    def link(self, name: str) -> str:
        return f"/signin/{self.database.run(make_link, self.ids[name], timedelta(hours=1)).secret}"

    def sign_in(self, name: str) -> None:
        link = self.link(name)
        assert self.client.post(link, headers={"origin": self.url}).status_code == 303

    def start(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "apbot", "run"], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        self.apbot.append(process)
        assert process.stdout is not None
        assert "apbot is at" in process.stdout.readline()


@contextmanager
def _caddy(folder: Path, port: int, upstream: int, log: Path) -> Iterator[Path]:
    """Caddy with its own certificate for localhost; nothing of it is trusted by, or written outside of, the test."""
    ours = f"{{\n\tskip_install_trust\n\thttp_port {free_port()}\n\thttps_port {port}\n\tadmin off\n"
    (folder / "Caddyfile").write_text(CADDYFILE.read_text().replace("{\n", ours, 1))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "APBOT_SITE": "localhost",
        "APBOT_UPSTREAM": f"127.0.0.1:{upstream}",
    }
    command = [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield folder / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    finally:
        process.terminate()
        process.wait(30)


def _until_it_answers(url: str, root: Path) -> httpx.Client:
    until = datetime.now(UTC) + timedelta(seconds=60)
    while True:
        try:
            client = httpx.Client(base_url=url, verify=ssl.create_default_context(cafile=root), timeout=30)
            client.get("/livez")
            return client
        except (httpx.TransportError, OSError):
            assert datetime.now(UTC) < until
            with socket.socket() as nobody:  # a moment, in which nothing can come
                nobody.settimeout(0.1)
                try:
                    nobody.bind(("127.0.0.1", 0))
                    nobody.listen()
                    nobody.accept()
                except TimeoutError:
                    continue


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    url = f"sqlite:///{tmp_path}/apbot.db"
    database = Database(url, SystemClock())
    upgrade(database.engine)
    ids = database.run(school.build)
    public, inside = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE),
        "APBOT_DATABASE_URL": url,
        "APBOT_PORT": str(inside),
        "APBOT_PUBLIC_URL": f"https://localhost:{public}",
        "APBOT_NOTIFY_API_KEY": f"test-{'1' * 8}-1111-1111-1111-{'1' * 12}-{'2' * 8}-2222-2222-2222-{'2' * 12}",
        "APBOT_NOTIFY_SMS_TEMPLATE": f"{'3' * 8}-3333-3333-3333-{'3' * 12}",
        "APBOT_NOTIFY_CALLBACK_TOKEN": "a-long-enough-token-for-the-test",
        "APBOT_NOTIFY_BASE_URL": "https://127.0.0.1:9",
    }
    log = tmp_path / "caddy.log"
    with _caddy(tmp_path, public, inside, log) as root:
        made = Site(f"https://localhost:{public}", database, ids, httpx.Client(), [], log, environment)
        try:
            made.start()
            made.client = _until_it_answers(made.url, root)
            yield made
        finally:
            made.client.close()
            for each in made.apbot:
                each.terminate()
                each.communicate(timeout=30)
    database.close()


def test_signing_in_a_webhook_and_what_comes_live(site: Site) -> None:
    door = site.client.get("/")
    assert door.status_code == 200
    assert "max-age=31536000" in door.headers["strict-transport-security"]
    link = site.link("Dorothy Okafor")
    assert "Dorothy O" in site.client.get(link).text
    assert site.client.post(link, headers={"origin": "https://elsewhere.example"}).status_code == 403
    signed_in = site.client.post(link, headers={"origin": site.url})
    assert signed_in.status_code == 303
    assert "secure" in signed_in.headers["set-cookie"].lower()
    site.client.get("/m/made-up.signature?press=arrived:12:")
    token = {"authorization": "Bearer a-long-enough-token-for-the-test"}
    receipt = {"id": "4" * 8, "status": "delivered", "reference": None}
    assert site.client.post("/notify/status", json=receipt, headers=token).status_code < 300
    assert site.client.post("/notify/status", json=receipt).status_code == 401
    too_much = site.client.post("/notify/status", content=b"x" * 3_000_000, headers=token)
    assert too_much.status_code in (413, 502), "how it is called depends on Caddy's version"
    assert site.client.get("/metrics").status_code == 404
    with site.client.stream("GET", "/chat/live?after=0") as live:
        lines = live.iter_lines()
        line = Line(f"person:{site.ids['Dorothy Okafor']}", None, text="it comes at once")
        site.database.run(add_lines, [line])
        # The other process finds it by itself within a few seconds; what counts is that Caddy holds nothing back.
        assert any("it comes at once" in each for each in lines)
    said = site.log.read_text()
    assert re.search(r'"uri":"/signin/\.\.\."', said)
    assert re.search(r'"uri":"/m/\.\.\."', said)
    assert link.removeprefix("/signin/") not in said
    assert "made-up" not in said
    assert "Bearer" not in said
    assert "apbot_session" not in said


def test_whoever_asks_while_apbot_is_started_anew_waits_a_moment(site: Site) -> None:
    site.apbot[0].terminate()
    site.apbot[0].wait(30)
    link = site.link("Dorothy Okafor")
    ask = f"import httpx; print(httpx.get({site.url + link!r}, verify=False, timeout=30).status_code)"
    asked = subprocess.Popen([sys.executable, "-c", ask], stdout=subprocess.PIPE, text=True)
    site.start()
    assert asked.communicate(timeout=60)[0] == "200\n"
    assert link.removeprefix("/signin/") not in site.log.read_text()
