"""`apbot link`: what it prints, and what it changes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from apbot.cli.link import add_to
from apbot.settings import Settings
from apbot.store.connect import open_database
from apbot.store.signin import link_is_for
from apbot.store.tables import addresses, people, web_sessions
from apbot.web.urls import NoPublicUrl, public_url, signin_url
from tests import school
from tests.channels.webhookstand import SECRET

HERE = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = open_database(Settings(database_url=f"sqlite:///{tmp_path}/apbot.db"))
    database.run(school.build)
    database.close()
    return tmp_path


class Apbot:
    """`apbot link` in a folder of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._environment = {"APBOT_DATABASE_URL": f"sqlite:///{folder}/apbot.db"}
        self._app = typer.Typer()
        self._app.callback()(lambda: None)
        add_to(self._app)
        monkeypatch.chdir(folder)

    def __call__(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(self._app, ["link", *arguments], env={**self._environment, **environment})


@pytest.fixture
def apbot(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Apbot:
    return Apbot(monkeypatch, folder)


def test_it_prints_a_link_that_signs_in(apbot: Apbot, folder: Path) -> None:
    ran = apbot("DOROTHY", "--json", APBOT_PUBLIC_URL="https://apbot.hillcrest.example")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["person"], told["name"]) == (0, "DOROTHY", "Dorothy Okafor")
    address, _, secret = told["link"].rpartition("/")
    assert address == "https://apbot.hillcrest.example/signin"
    database = open_database(Settings(database_url=f"sqlite:///{folder}/apbot.db"))
    actor = database.run(link_is_for, secret)
    assert actor is not None
    assert actor.name == "Dorothy Okafor"
    assert not database.run(lambda transaction: transaction.rows(sa.select(web_sessions)))
    database.close()


def test_the_link_stands_alone_on_the_first_output(folder: Path) -> None:
    """In a process of its own, as people run it."""
    ran = subprocess.run(
        [sys.executable, "-m", "apbot", "link", "DOROTHY"],
        cwd=folder,
        env={"APBOT_DATABASE_URL": f"sqlite:///{folder}/apbot.db", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("http://localhost:8080/signin/")
    assert ran.stdout.count("\n") == 1
    assert "Dorothy Okafor alone" in ran.stderr


def test_it_says_what_is_wrong(apbot: Apbot) -> None:
    unknown = apbot("NOBODY")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "nobody with the reference NOBODY" in unknown.stderr
    nowhere = apbot("DOROTHY", APBOT_PORT="0")
    assert (nowhere.exit_code, nowhere.stdout) == (1, "")
    assert "APBOT_PUBLIC_URL" in nowhere.stderr


def test_addresses_are_made_from_the_settings() -> None:
    assert public_url(Settings(bind="::", port=9000)) == "http://localhost:9000"
    assert public_url(Settings(bind="10.1.2.3", port=9000)) == "http://10.1.2.3:9000"
    assert signin_url(Settings(public_url="https://a.example/"), "s") == "https://a.example/signin/s"
    with pytest.raises(NoPublicUrl):
        public_url(Settings(port=0))


def test_a_code_links_a_chat_and_needs_no_address(apbot: Apbot) -> None:
    ran = apbot("dorothy", "--code", APBOT_PORT="0")
    assert ran.exit_code == 0
    assert re.fullmatch(r"/ap link [A-Z2-9]{4}-[A-Z2-9]{4}\n", ran.stdout)
    assert "Dorothy Okafor alone" in ran.stderr


def test_a_providers_code_is_made_with_its_reference(apbot: Apbot) -> None:
    told = json.loads(apbot("OAK", "--code", "--json").stdout)
    assert told["name"] == "Oak Farm"


def test_a_code_for_nobody_is_refused_by_name(apbot: Apbot) -> None:
    ran = apbot("NOBODY", "--code")
    assert ran.exit_code == 1
    assert "NOBODY" in ran.stderr


def test_an_address_that_was_refused_is_used_again(apbot: Apbot, folder: Path) -> None:
    database = open_database(Settings(database_url=f"sqlite:///{folder}/apbot.db"))
    database.run(lambda t: t.insert(addresses, person_id=1, channel="email", address="p@h.example", disabled_at=t.now))
    ran = apbot("priya", "--again", "email")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == "priya is told by email again. Try it: apbot check --send-test priya\n"
    assert not database.run(lambda t: t.rows(sa.select(addresses).where(addresses.c.disabled_at.is_not(None))))
    assert json.loads(apbot("PRIYA", "--again", "email", "--json").stdout)["used_again"] == 0
    assert "nothing was changed" in apbot("OAK", "--again", "web").stdout
    database.close()


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (("DOROTHY", "--again", "pigeon"), "What there is: web"),
        (("NOBODY", "--again", "email"), "No person and no provider has the reference NOBODY"),
        (("DOROTHY", "--again", "email", "--code"), "--again goes with no other option"),
    ],
)
def test_an_address_that_can_not_be_used_again_is_said(apbot: Apbot, arguments: tuple[str, ...], right: str) -> None:
    ran = apbot(*arguments)
    assert ran.exit_code != 0
    assert right in ran.stderr


USED = {"APBOT_WEBHOOK_URL": "https://flow.example/hook", "APBOT_WEBHOOK_SECRET": SECRET}


def test_a_person_is_linked_by_their_reference_however_it_is_typed(apbot: Apbot, folder: Path) -> None:
    ran = apbot("dorothy", "--webhook", **USED)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == "Dorothy Okafor is told by the webhook first from now on, as DOROTHY.\n"
    database = open_database(Settings(database_url=f"sqlite:///{folder}/apbot.db"))
    (first, *_) = database.run(
        lambda transaction: transaction.rows(
            sa.select(addresses.c.channel, addresses.c.address)
            .join_from(addresses, people)
            .where(people.c.ref == "DOROTHY")
            .order_by(addresses.c.rank)
        )
    )
    database.close()
    assert tuple(first) == ("webhook", "DOROTHY")


@pytest.mark.parametrize(
    ("arguments", "environment", "right"),
    [
        (("DOROTHY", "--webhook"), {}, "There is no webhook. Set APBOT_WEBHOOK_URL"),
        (("NOBODY", "--webhook"), USED, "There is nobody with the reference NOBODY"),
        (("OAK ", "--webhook"), USED, "There is nobody with the reference"),
        (("DOROTHY", "--webhook", "--code"), USED, "goes with neither"),
        (("DOROTHY", "--webhook"), {**USED, "APBOT_WEBHOOK_SECRET": "x"}, "APBOT_WEBHOOK_SECRET: expected whsec_"),
    ],
)
def test_who_cannot_be_linked_is_said(
    apbot: Apbot, arguments: tuple[str, ...], environment: dict[str, str], right: str
) -> None:
    ran = apbot(*arguments, **environment)
    assert isinstance(ran.exception, SystemExit)
    assert ran.exit_code != 0
    assert right in ran.stderr
