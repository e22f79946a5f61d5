"""Mornings that are performed without a browser, and the demo's pages without a server."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from apbot.channels.web import Deed
from apbot.demo.mornings import MORNINGS
from apbot.demo.page import DemoPages
from apbot.demo.performance import Performance
from apbot.demo.script import on_the_day
from apbot.demo.server import OnlyFromHere
from apbot.demo.stage import Stage
from apbot.domain.walltime import local_date, parse_wall
from apbot.simulator.watch import INVARIANTS
from apbot.store.escalations import Escalation, load_escalations
from apbot.store.tables import chat_lines

PORT = 8799
HERE = f"http://127.0.0.1:{PORT}"


class Watched:
    """A performance, and what can be asked of it and done in it by a visitor."""

    def __init__(self, performance: Performance) -> None:
        self.performance = performance
        self.told: list[tuple[str, str]] = []
        self._number = 0

    async def until(self, at: str) -> None:
        """From event to event until `at`, remembering what was told."""
        end = on_the_day(parse_wall(at))
        while not self.performance.over and self.performance.next_at() <= end:
            await self.performance.step()
            self._hear()
        await self.performance.until(end)

    async def to_the_end(self) -> None:
        """The whole morning."""
        await self.until(self.performance.morning.ends)
        assert self.performance.over

    async def does(self, who: str, **deed: Any) -> None:
        """The visitor does something as somebody, as the chat would."""
        self._number += 1
        performance = self.performance
        await performance.app.chat.do(
            performance.ids[who], performance.conversations[who], Deed(f"visitor-{self._number}", **deed)
        )
        await performance.settle(who)
        self._hear()

    async def taps(self, who: str, verb: str, about: str, **inputs: str) -> None:
        """The visitor presses a button that stands in somebody's chat."""
        for row in reversed(self.lines(who)):
            buttons = [*(row.card or {}).get("buttons", ())]
            buttons += [each for part in (row.card or {}).get("rows", ()) for each in part.get("buttons", ())]
            for button in buttons:
                if button["verb"] == verb and (about in button.get("describes", "") or about in row.card["heading"]):
                    await self.does(
                        who, verb=verb, subject=button["subject"], value=button.get("value", ""), inputs=inputs
                    )
                    return
        raise AssertionError(f"{who} has no button {verb} about {about}")

    def lines(self, who: str) -> list[sa.Row[Any]]:
        """Everything that stands in the conversation in which somebody acts."""
        conversation = self.performance.conversations[who]
        query = sa.select(chat_lines).where(chat_lines.c.conversation == conversation).order_by(chat_lines.c.id)
        return list(self.performance.app.database.run(lambda transaction: transaction.rows(query)))

    def typed(self, who: str) -> list[str]:
        """What was typed in somebody's conversation."""
        return [row.text for row in self.lines(who) if row.text]

    def headings(self, who: str) -> list[str]:
        """The headings of what stands there now."""
        return [row.card["heading"] for row in self.lines(who) if row.card]

    def alerts(self) -> list[Escalation]:
        """Every alert there has been."""
        return self.performance.app.database.run(load_escalations)

    def alert(self, provider: str) -> Escalation:
        """The one about a provider's pupils."""
        return next(each for each in self.alerts() if each.register.provider == provider)

    def board(self) -> dict[str, str]:
        """What is known of each provider's pupils, a letter for each."""
        return {group.provider: "".join(group.pupils) for group in self.performance.board.groups}

    def kept_every_promise(self) -> None:
        """Held against what was really posted and kept, once the session is over."""
        watch = self.performance.watch
        self.performance.clock.set(on_the_day(parse_wall("12:01")))
        self.performance.app.database.run(watch.finish, local_date(self.performance.clock.now()))
        assert {promise: watch.breaches[promise] for promise in INVARIANTS} == dict.fromkeys(INVARIANTS, 0), (
            watch.examples
        )

    def _hear(self) -> None:
        told = self.performance.told
        if told.words and (told.at, told.words) not in self.told:
            self.told.append((told.at, told.words))


async def _watched(name: str) -> Watched:
    performance = Performance(MORNINGS[name])
    await performance.begin()
    return Watched(performance)


@pytest.fixture
async def bad() -> AsyncIterator[Watched]:
    """The bad morning, at 09:25."""
    watched = await _watched("bad")
    yield watched
    watched.performance.close()


@pytest.fixture
async def ordinary() -> AsyncIterator[Watched]:
    """The ordinary morning, at 09:25."""
    watched = await _watched("ordinary")
    yield watched
    watched.performance.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """The stage with the bad morning on it, before anybody has pressed Play."""
    made = Stage(MORNINGS["bad"])
    await made.open()
    yield made
    made.close()


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on this machine, as far as a test needs one."""
    transport = httpx.ASGITransport(app=OnlyFromHere(DemoPages(stage).app(), PORT))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        yield client
