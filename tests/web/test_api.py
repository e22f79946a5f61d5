"""The read-only API: keys, scopes, pages, what a key may see, problems that programs can read, and the audit log."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from openapi_spec_validator import OpenAPIV31SpecValidator
from typer import Typer
from typer.testing import CliRunner

from apbot.domain.scopes import USUAL, Scope
from apbot.store.apikeys import end_key, make_key
from apbot.store.tables import api_keys, audit, placements
from apbot.web.api.resources import RESOURCES, ROOT
from apbot.web.api.routes import READS_A_MINUTE
from apbot.web.limits import WRONG_A_MINUTE
from tests.web.office import Office

NAMES = ("Joana", "da Silva", "Ward", "Hassan", "Dunn", "J.S.")
LISTS = [each for each in RESOURCES if each.is_paged]
PATHS = [each.path.replace("{ref}", "CD34-OAK") for each in RESOURCES]


def key(office: Office, school: str = "", *scopes: Scope) -> str:
    """A new key, of a school or of all."""
    school_id = office.day.ids[school] if school else None
    return office.day.database.run(make_key, "dashboard", school_id, scopes or USUAL)[1]


async def get(office: Office, secret: str, path: str) -> Any:
    """The answer, which must be one."""
    answer = await office.get("", f"{ROOT}{path}", authorization=f"Bearer {secret}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def refused(office: Office, path: str, **headers: str) -> Mapping[str, Any]:
    """The problem, which must be one."""
    answer = await office.get("", path if path.startswith("/api") else f"{ROOT}{path}", **headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: Mapping[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"]
    return problem


async def description(office: Office) -> Any:
    return (await office.get("", f"{ROOT}/openapi.json")).json()


async def test_its_description_is_valid_openapi(office: Office) -> None:
    told = await description(office)
    assert told["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(told).iter_errors()) == []


@pytest.mark.parametrize("scopes", [USUAL, tuple(Scope)])
async def test_every_answer_is_as_described(office: Office, scopes: tuple[Scope, ...]) -> None:
    day, secret = office.day, key(office, "", *scopes)
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("Oak Farm").taps("Late", pupil="GH78", at="09:31")
    await day.until("10:02")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="in school")
    told = await description(office)
    for each in RESOURCES:
        body = await get(office, secret, each.path.replace("{ref}", "CD34-OAK"))
        assert not each.is_paged or body["items"], f"{each.path} is tried with something in it"
        schema = told["paths"][each.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        checked = {**schema, "components": told["components"]}
        jsonschema.validate(body, checked, jsonschema.Draft202012Validator, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("path", PATHS)
async def test_no_name_leaves_without_the_scope_for_names(office: Office, path: str) -> None:
    await office.day.until("10:05")
    text = json.dumps(await get(office, key(office), path), ensure_ascii=False)
    assert not [name for name in NAMES if name in text]


async def test_with_that_scope_the_names_are_there(office: Office) -> None:
    await office.day.until("10:05")
    body = await get(office, key(office, "", Scope.REGISTERS, Scope.NAMES), "/registers?provider=OAK%20")
    assert {"ref": "CD34", "first_name": "Joana", "last_name": "da Silva"} in [
        each["pupil"] for each in body["items"][0]["pupils"]
    ]


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.name)
async def test_a_schools_key_sees_its_own_pupils_everywhere(office: Office, each: Any) -> None:
    await office.day.until("10:05")
    text = json.dumps(await get(office, key(office, "Marsh Lane"), each.path))
    assert "GH78" in text
    assert not [ref for ref in ("AB12", "CD34", "EF56", "Hillcrest") if ref in text]


async def test_a_schools_key_counts_its_own_school(office: Office) -> None:
    await office.day.until("10:05")
    body = await get(office, key(office, "Marsh Lane"), "/today")
    assert [(each["ref"], each["open_alerts"]) for each in body["schools"]] == [("MARS", 1)]
    assert len((await get(office, key(office), "/today"))["schools"]) == 2


@pytest.mark.parametrize("path", [*[each.path for each in LISTS], "/today"])
async def test_another_schools_is_as_if_it_were_not_there(office: Office, path: str) -> None:
    bearer = {"authorization": f"Bearer {key(office, 'Marsh Lane')}"}
    theirs = await refused(office, f"{path}?school=HILL", **bearer)
    assert theirs == await refused(office, f"{path}?school=NONE", **bearer)
    assert theirs["status"] == 404


async def test_another_schools_placement_is_as_if_it_were_not_there(office: Office) -> None:
    bearer = {"authorization": f"Bearer {key(office, 'Marsh Lane')}"}
    theirs = await refused(office, "/placements/CD34-OAK", **bearer)
    assert theirs == await refused(office, "/placements/NONE", **bearer)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer apbot_wrong"},
        {"authorization": "Basic YTpi"},
        {"authorization": f"Bearer {'x' * 999}"},
    ],
)
@pytest.mark.parametrize("path", PATHS)
async def test_without_a_key_there_is_nothing(office: Office, path: str, headers: dict[str, str]) -> None:
    assert (await refused(office, path, **headers))["status"] == 401
    assert (await office.get("", f"{ROOT}{path}", **headers)).headers["www-authenticate"] == 'Bearer realm="apbot"'


@pytest.mark.parametrize("each", RESOURCES, ids=lambda each: each.name)
async def test_each_scope_opens_its_own_and_nothing_else(office: Office, each: Any) -> None:
    others = tuple(scope for scope in Scope if scope is not each.scope)
    path = each.path.replace("{ref}", "CD34-OAK")
    problem = await refused(office, path, authorization=f"Bearer {key(office, '', *others)}")
    assert problem["status"] == 403
    assert each.scope in problem["detail"]
    await get(office, key(office, "", each.scope), path)


async def test_a_revoked_key_opens_nothing_any_more(office: Office) -> None:
    key_id, secret = office.day.database.run(make_key, "dashboard", None, USUAL)
    await get(office, secret, "/today")
    assert office.day.database.run(end_key, key_id) is not None
    assert (await refused(office, "/today", authorization=f"Bearer {secret}"))["status"] == 401
    assert office.day.database.run(end_key, key_id) is None


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.name)
async def test_following_next_gives_everything_once(office: Office, each: Any) -> None:
    await office.day.until("10:05")
    secret = key(office)
    whole = (await get(office, secret, each.path))["items"]
    assert len(whole) > 1
    found, path = [], f"{ROOT}{each.path}?limit=1"
    while path:
        body = (await office.get("", path, authorization=f"Bearer {secret}")).json()
        assert len(body["items"]) == 1
        found += body["items"]
        path = body["next"]
    assert found == whole


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("/registers?from=yesterday", "from"),
        ("/registers?from=20260917", "from"),
        ("/attendance?to=2026-02-30", "to"),
        ("/duties?state=late", "state"),
        ("/placements?limit=0", "limit"),
        ("/placements?limit=1e3", "limit"),
        ("/placements?limit=201", "limit"),
        ("/placements?after=-1", "after"),
        ("/placements?after=99999999999999999999", "after"),
        ("/placements?school=", "school"),
        ("/placements?provider=%00", "provider"),
        (f"/escalations?school={'x' * 81}", "school"),
    ],
)
async def test_a_parameter_that_can_not_be_used_is_named(office: Office, path: str, about: str) -> None:
    problem = await refused(office, path, authorization=f"Bearer {key(office)}")
    assert (problem["status"], problem["title"]) == (400, f"The parameter “{about}” can't be used")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/today", "/api/v1/pupils"])
async def test_what_is_not_there_is_told_to_programs_in_their_words(office: Office, path: str) -> None:
    answer = await office.get("", path)
    if answer.status_code == 307:  # to the same with a slash
        path = answer.headers["location"].removeprefix("http://apbot.test")
    assert (await refused(office, path))["status"] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_changed(office: Office, method: str) -> None:
    browser = await office.browser()
    answer = await browser.request(
        method, f"{ROOT}/placements", headers={"authorization": f"Bearer {key(office)}"}, json={}
    )
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_who_asks_too_often_is_asked_to_wait(office: Office) -> None:
    secret = key(office)
    for _ in range(READS_A_MINUTE):
        await get(office, secret, "/today")
    answer = await office.get("", f"{ROOT}/today", authorization=f"Bearer {secret}")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    await get(office, key(office), "/today")


async def test_who_guesses_keys_is_asked_to_wait(office: Office) -> None:
    for number in range(WRONG_A_MINUTE):
        assert (await refused(office, "/today", authorization=f"Bearer apbot_{number}"))["status"] == 401
    assert (await refused(office, "/today", authorization="Bearer apbot_again"))["status"] == 429
    await get(office, key(office), "/today")


async def test_every_read_is_written_down_by_reference_and_when_the_key_was_used(office: Office) -> None:
    day = office.day
    await day.until("10:05")
    secret = key(office, "Marsh Lane")
    await get(office, secret, "/escalations")
    await get(office, secret, "/today")
    rows = day.rows(sa.select(audit).where(audit.c.what == "api read").order_by(audit.c.id))
    assert [(row.via, row.person_id, row.detail) for row in rows] == [
        ("api", None, {"resource": "escalations", "count": 1, "pupils": [day.ids["GH78"]]}),
        ("api", None, {"resource": "today", "count": 0, "pupils": []}),
    ]
    (kept,) = day.rows(sa.select(api_keys))
    assert kept.used_at == day.clock.now()
    assert secret not in str(kept)


async def test_a_placement_that_is_over_is_there_where_all_are_asked_for(office: Office) -> None:
    office.day.change(placements, placements.c.ref == "CD34-OAK", ends_on=date(2026, 9, 16))
    secret = key(office)
    assert len((await get(office, secret, "/placements"))["items"]) == 3
    assert len((await get(office, secret, "/placements?state=all"))["items"]) == 4


async def test_its_page_describes_every_address_and_every_field(office: Office) -> None:
    page = await office.reads("", "/api/docs")
    told = await description(office)
    for path in told["paths"]:
        assert f"GET {path}</code>" in page
    for name in told["components"]["schemas"]:
        assert f'id="{name}"' in page
    assert "http://apbot.test/api/v1/today" in page


def test_keys_are_made_listed_and_revoked_at_the_terminal(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from apbot.cli import keys

    monkeypatch.setenv("APBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'apbot.db'}")
    monkeypatch.chdir(tmp_path)
    app = Typer()
    keys.add_to(app)

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["key", *arguments])

    made = run("add", "trust dashboard", "--scope", "today")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("apbot_")
    secret = made.stdout.strip()
    listed = run("list")
    assert "1  trust dashboard  all schools  today  last used never" in listed.stdout
    assert secret not in listed.stdout
    assert run("revoke", "1").exit_code == 0
    assert run("revoke", "1").exit_code == 1
    assert "ended" in run("list").stdout
    assert json.loads(run("list", "--json").stdout)[0]["scopes"] == ["today"]
    assert run("add", "x", "--scope", "everything").exit_code == 2
    assert run("add", "x", "--school", "NONE").exit_code == 2
    assert run("add", "  ").exit_code == 2
