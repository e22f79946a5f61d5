"""The log of a busy morning: every event that matters, by reference, and nothing that names anybody."""

import io
import json
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog

from apbot import logs
from apbot.channels.port import Outcome, Receipt
from apbot.domain.access import TERMINAL
from apbot.handlers.dispatch import handle
from apbot.logs import Aside, Noted, configure, journal, numbered
from apbot.settings import Settings
from apbot.store.audit import note
from apbot.store.database import Transaction
from apbot.web.security import Numbered
from apbot.web.server import create_app, server_config
from tests import school
from tests.channels.chatday import ChatDay, begun
from tests.channels.slackstand import SECRET, SlackStand
from tests.channels.slackworkspace import APP_TOKEN, BOT_TOKEN
from tests.channels.stand import Failure, Stand
from tests.channels.telegram_server import TOKEN
from tests.channels.telegram_stand import TelegramStand
from tests.day import Day

TYPED = "Joana is with Nana Pettigrew at 4 Quillfeather Row, ring 07700 900123 or nana@pettigrew.example"
NEVER = (
    *(name for name, _, _ in school.STAFF),
    *(first for _, first, _, _, _ in school.PUPILS if len(first) > 2),
    *(last for _, _, last, _, _ in school.PUPILS),
    "Pettigrew",
    "Quillfeather",
    "900123",
    "pettigrew.example",
    "960101",
    "taxi 12",
    BOT_TOKEN,
    APP_TOKEN,
    SECRET,
    TOKEN,
    TOKEN.partition(":")[2],
)
"""Names, telephone numbers, addresses, typed words and tokens."""


class Written:
    """What has been logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def has(self, event: str, **what: object) -> dict[str, Any]:
        """The first line with this event and these values."""
        for line in self.lines:
            if line["event"] == event and what.items() <= line.items():
                return line
        there = sorted({each["event"] for each in self.lines})
        raise AssertionError(f"{event!r} {what} was not logged; there is {there}")

    def names_nobody(self) -> None:
        """None of what must never be there is."""
        assert self.lines
        assert not [each for each in NEVER if each.lower() in self.text.lower()]


@pytest.fixture
def written() -> Iterator[Written]:
    """The log as `apbot run` has it at its most talkative, and every library told to say all that it can."""
    found = Written()
    root = logging.getLogger()
    before = root.handlers, root.level
    configure("DEBUG", stream=found.stream)
    names = ("httpx", "httpcore", "telegram", "slack_sdk", "aiohttp", "asyncio")
    talkative = [logging.getLogger(name) for name in names]
    levels = [each.level for each in talkative]
    for each in talkative:
        each.setLevel(logging.DEBUG)
    yield found
    for each, level in zip(talkative, levels, strict=True):
        each.setLevel(level)
    root.handlers, root.level = before
    structlog.reset_defaults()


async def busy_morning(day: ChatDay) -> None:
    """Answers, silence, an alert, a platform that fails in every way, somebody unknown, and an error in the code."""
    day.database.journal = journal
    await day.until_register()
    await day.taps("Sam Taylor", day.farm, "Arrived", "AB12")
    await day.types("Bea Whitlock", day.farm, TYPED)
    await day.types("Passing Stranger", day.stand.address_of("Passing Stranger"), f"/ap status {TYPED}")
    for failure in (Failure.BUSY, Failure.BROKEN, Failure.SILENT):
        day.stand.fail_next(failure, timedelta(seconds=2))
        await day.until(f"09:{46 + list(Failure).index(failure)}")
    await day.until("10:01")
    await day.taps("Dorothy Okafor", day.dsl_address, "Acknowledge")
    await day.types("Dorothy Okafor", day.dsl_address, f"/ap concern AB12 {TYPED}")
    day.stand.fail_next(Failure.REFUSED)
    await day.until("10:30")


@pytest.mark.parametrize("kind", [SlackStand, TelegramStand])
async def test_a_busy_morning_names_nobody(kind: type[Stand], written: Written) -> None:
    async with begun(kind()) as day:
        await busy_morning(day)
    written.names_nobody()
    opened = written.has("escalation opened", via="schedule")
    assert opened["subjects"][0].startswith("escalation:")
    accepted = written.has("alerts accepted")
    assert all(key.startswith("message:") and late >= 0 for key, late in accepted["seconds_after_due"].items())
    marked = written.has("marked", via=kind.name)
    assert isinstance(marked["person"], int)
    assert marked["request"]
    written.has("escalation acknowledged")
    written.has("not taken", outcome="again")
    written.has("not taken", outcome="unknown")


async def test_an_error_that_holds_a_name_is_told_by_its_kind_and_place(
    day: Day, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = structlog.get_logger()
    try:
        try:
            raise KeyError("Joana da Silva")
        except KeyError as problem:
            raise ValueError(TYPED) from problem
    except ValueError:
        log.exception("it failed")
    line = written.has("it failed", problem="ValueError < KeyError")
    assert "test_logs.py" in line["at"][-1]
    written.names_nobody()


async def test_an_error_behind_a_page_reaches_no_log_by_its_words(
    day: Day, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.requests import Request
    from starlette.routing import Route

    from apbot.channels.web import WebChat

    async def fail(_: Request) -> None:
        raise RuntimeError(TYPED)

    chat = WebChat(day.database, handle)
    app = create_app(day.settings, day.database, chat, extra_routes=[Route("/fails", fail)])
    transport = httpx.ASGITransport(Numbered(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://apbot") as browser:
        answer = await browser.get(f"/fails?secret={TOKEN}")
    assert answer.status_code == 500
    line = written.has("web: a page failed", problem="RuntimeError")
    assert line["request"] == answer.headers["x-request-id"]
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=RuntimeError(TYPED))
    assert server_config(app, Settings()).access_log is False
    assert server_config(app, Settings()).log_config is None
    written.names_nobody()


def test_what_libraries_say_is_left_out_whatever_it_is(written: Written) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger("slack_sdk.web").debug(f"Sending a request - Authorization: Bearer {BOT_TOKEN}")
    assert not written.text
    logging.getLogger("telegram.ext").warning(f"could not reach https://api.telegram.org/bot{TOKEN}/getMe")
    line = written.has("a library's line", library="telegram.ext", level="warning")
    assert line["where"].startswith("test_logs:")
    written.names_nobody()


def test_what_slips_through_is_caught_by_its_shape(written: Written) -> None:
    structlog.get_logger().error(
        "an event",
        why=f"550 mailbox of nana@pettigrew.example is full, ring 07700 900123, POST https://x.example/bot{TOKEN}/me",
        more={"token": f"{BOT_TOKEN}", "people": ["+44 7700 900123"]},
        at="/srv/apbot/delivery.py:120",
        since="2026-09-17T09:00:00Z",
        audit_head="12:0123456789abcdef0123456789abcdef",
    )
    written.names_nobody()
    line = written.has("an event", at="/srv/apbot/delivery.py:120", since="2026-09-17T09:00:00Z")
    assert line["audit_head"] == "12:0123456789abcdef0123456789abcdef"


class TestTheJournal:
    """What is entered into the audit log is written down as well, once it is committed, and by reference alone."""

    def test_what_is_rolled_back_is_not_told(self, day: Day, written: Written) -> None:
        day.database.journal = journal

        def fail(transaction: Transaction) -> None:
            note(transaction, TERMINAL, "marked", "entry:1")
            raise ValueError

        with pytest.raises(ValueError):  # noqa: PT011  (its own)
            day.database.run(fail)
        assert not written.text
        day.database.run(note, TERMINAL, "marked", "entry:1", because=TYPED)
        assert written.has("marked", subjects=["entry:1"], via="terminal")
        written.names_nobody()

    def test_of_very_many_the_first_are_named_and_all_counted(self, written: Written) -> None:
        journal([Noted("escalation opened", [f"escalation:{each}" for each in range(500)], None, "schedule")])
        line = written.has("escalation opened", count=500)
        assert len(line["subjects"]) == logs.MOST_NAMED

    def test_without_a_service_nobody_is_told(self, day: Day, written: Written) -> None:
        day.database.run(note, TERMINAL, "marked", "entry:1")
        assert not written.text


def test_what_is_done_for_one_request_bears_one_number(written: Written) -> None:
    log = structlog.get_logger()
    with numbered() as number:
        log.info("first")
        with numbered() as inner:
            assert inner == number
        log.info("second")
    with numbered() as other:
        log.info("third")
    log.info("fourth")
    found = [line.get("request") for line in written.lines]
    assert found == [number, number, other, None]
    assert number != other


def test_at_a_terminal_it_is_for_people_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    for form, as_json in (("json", True), ("text", False), ("auto", True)):
        configure("INFO", form, stream)
        structlog.get_logger().info("an event")
        assert stream.getvalue().splitlines()[-1].startswith("{") == as_json
    logging.getLogger().handlers = []
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "text"])
def test_where_nobody_takes_the_lines_any_more_nothing_fails(written: Written, form: str) -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    configure("INFO", form, Closed())
    structlog.get_logger().info("an event")
    logging.getLogger("a library").error("a line")


def test_half_a_letter_and_too_big_a_number_are_written_down_too(written: Written) -> None:
    structlog.get_logger().warning("an event", why="\ud800", big=2**70)
    assert written.has("an event")["big"] == 2**70


async def test_a_refusal_is_told_by_the_message_and_the_channel(day: Day, written: Written) -> None:
    day.database.journal = journal
    day.recorder.answers = [Receipt(Outcome.REFUSED, why="blocked")]
    await day.until("09:31")
    written.has("not taken", outcome="refused", channel="web")
    written.has("address refused", via="schedule")


def test_a_line_waits_for_nobody_and_what_was_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_WAITING", 100)
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, os.fdopen(writing, "w") as full:
        aside = Aside(full)
        configure("INFO", "json", aside)
        for at in range(3000):  # more than a pipe holds, and what may wait for it
            structlog.get_logger().info("an event", at=at)
        said, left_out = [], 0
        while len(said) + left_out < 3000:
            line = json.loads(next(lines))
            if line["event"] == "an event":
                said.append(line["at"])
            else:
                left_out += line["count"]
        aside.close()
    assert left_out > 0
    assert said == sorted(said)
