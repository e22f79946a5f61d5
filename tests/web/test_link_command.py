"""`apbot link`, run as people run it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from apbot.app import open_database
from apbot.settings import Settings
from apbot.store.signin import link_is_for
from apbot.store.tables import web_sessions
from apbot.web.urls import NoPublicUrl, public_url, signin_url
from tests import school

HERE = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = open_database(Settings(database_url=f"sqlite:///{tmp_path}/apbot.db"))
    database.run(school.build)
    database.close()
    return tmp_path


def apbot(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"APBOT_DATABASE_URL": f"sqlite:///{folder}/apbot.db", "PYTHONPATH": str(HERE), **environment}
    return subprocess.run(
        [sys.executable, "-m", "apbot", "link", *arguments],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_prints_a_link_that_signs_in(folder: Path) -> None:
    ran = apbot(folder, "DOROTHY", "--json", APBOT_PUBLIC_URL="https://apbot.hillcrest.example")
    told = json.loads(ran.stdout)
    assert (ran.returncode, told["person"], told["name"]) == (0, "DOROTHY", "Dorothy Okafor")
    address, _, secret = told["link"].rpartition("/")
    assert address == "https://apbot.hillcrest.example/signin"
    database = open_database(Settings(database_url=f"sqlite:///{folder}/apbot.db"))
    actor = database.run(link_is_for, secret)
    assert actor is not None
    assert actor.name == "Dorothy Okafor"
    assert not database.run(lambda transaction: transaction.rows(sa.select(web_sessions)))
    database.close()


def test_the_link_stands_alone_on_the_first_output(folder: Path) -> None:
    ran = apbot(folder, "DOROTHY")
    assert ran.stdout.startswith("http://localhost:8080/signin/")
    assert ran.stdout.count("\n") == 1
    assert "Dorothy Okafor alone" in ran.stderr


def test_it_says_what_is_wrong(folder: Path) -> None:
    unknown = apbot(folder, "NOBODY")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "nobody with the reference NOBODY" in unknown.stderr
    nowhere = apbot(folder, "DOROTHY", APBOT_PORT="0")
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert "APBOT_PUBLIC_URL" in nowhere.stderr


def test_addresses_are_made_from_the_settings() -> None:
    assert public_url(Settings(bind="::", port=9000)) == "http://localhost:9000"
    assert public_url(Settings(bind="10.1.2.3", port=9000)) == "http://10.1.2.3:9000"
    assert signin_url(Settings(public_url="https://a.example/"), "s") == "https://a.example/signin/s"
    with pytest.raises(NoPublicUrl):
        public_url(Settings(port=0))


def test_a_code_links_a_chat_and_needs_no_address(folder: Path) -> None:
    ran = apbot(folder, "dorothy", "--code", APBOT_PORT="0")
    assert ran.returncode == 0
    assert re.fullmatch(r"/ap link [A-Z2-9]{4}-[A-Z2-9]{4}\n", ran.stdout)
    assert "Dorothy Okafor alone" in ran.stderr


def test_a_providers_code_is_made_with_its_reference(folder: Path) -> None:
    told = json.loads(apbot(folder, "OAK", "--code", "--json").stdout)
    assert told["name"] == "Oak Farm"


def test_a_code_for_nobody_is_refused_by_name(folder: Path) -> None:
    ran = apbot(folder, "NOBODY", "--code")
    assert ran.returncode == 1
    assert "NOBODY" in ran.stderr
