"""One placement from its referral to its end, over a whole school year: what docs/a-year.md tells and quotes."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.cards import Reply
from apbot.channels.port import Outgoing, Receipt
from apbot.domain.duties.model import State
from apbot.domain.escalation import Outcome
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Pattern
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.store.database import Transaction
from apbot.store.tables import documents, duties, escalations, placements, providers, pupils, terms
from tests import school
from tests.day import Conversation, Day, text_of
from tests.stories.cast import hire

PAGE = Path(__file__).parents[2] / "docs" / "a-year.md"

HALF_TERMS = (
    ("Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
    ("Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    ("Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
    ("Spring 2", date(2027, 2, 22), date(2027, 3, 25)),
    ("Summer 1", date(2027, 4, 12), date(2027, 5, 28)),
    ("Summer 2", date(2027, 6, 7), date(2027, 7, 21)),
)
TUESDAYS_AND_THURSDAYS = Pattern(frozenset((weekday, session, "") for weekday in (1, 3) for session in Session))
REFERRED, FIRST, LAST = date(2026, 9, 7), date(2026, 9, 22), date(2027, 5, 27)
FRIDAY = 4
BY_HAND = frozenset({FIRST, date(2026, 9, 25), date(2026, 11, 24), date(2026, 11, 26)})
"""The days on which nothing happens but what the story says."""

REVIEWS = ("2026-10-13", "2026-12-08", "2027-02-02", "2027-03-16", "2027-05-11")

HELD = (
    ("letter of assurance", date(2026, 7, 1), None),
    ("public liability insurance", None, date(2027, 3, 31)),
    ("safeguarding policy", date(2026, 9, 1), None),
    ("quality visit", date(2026, 7, 8), None),
    ("performance report", date(2026, 7, 8), None),
)


def _refer(transaction: Transaction, ids: dict[str, int]) -> None:
    """CD34's placement as it stands on the roster on the day of the referral; nobody else is placed."""
    for name, starts_on, ends_on in HALF_TERMS[1:]:
        transaction.insert(terms, school_id=ids["Hillcrest"], name=name, starts_on=starts_on, ends_on=ends_on)
    for kind, dated_on, expires_on in HELD:
        held = {"kind": kind, "dated_on": dated_on, "expires_on": expires_on}
        transaction.insert(documents, provider_id=ids["Oak Farm"], **held)
    transaction.execute(sa.delete(placements).where(placements.c.ref != "CD34-OAK"))
    transaction.execute(sa.delete(pupils).where(pupils.c.ref != "CD34"))
    transaction.execute(
        sa.update(providers).values(registration="URN 139999", registered=True, registration_checked_on=REFERRED)
    )
    transaction.execute(
        sa.update(placements).values(
            starts_on=FIRST,
            target_end_on=LAST,
            pattern=TUESDAYS_AND_THURSDAYS.to_json(),
            added_on=REFERRED,
            referred_on=REFERRED,
            authorised_by="Helen Marsh, head",
            aims="to come to every session, and to be back in class full time by June",
            review_dates=REVIEWS,
            dsl_details_on=REFERRED,
            meals="packed lunch",
        )
    )


@dataclass(frozen=True)
class Said:
    """One thing that apbot said: to whom ("Answer": to who had just typed or pressed), when, and its lines."""

    to: str
    at: str
    lines: list[str]
    in_place: bool = False
    """Whether it is a message that stood there already, brought up to date."""


class Year:
    """A year on the virtual clock. What nobody tells of happens as it does in most weeks: all in, codes confirmed."""

    def __init__(self) -> None:
        self.day = Day(REFERRED)
        self.day.database.run(_refer, self.day.ids)
        hire(self.day, "Nia Vaughan", Role.NAMED_LEAD, "Hillcrest")
        hire(self.day, "Gus Hart", Role.GOVERNOR, "Hillcrest")
        self.said: list[Said] = []
        """In the order in which it was said."""
        self._names = {f"{kind}:{self.day.ids[name]}": name for kind, name in self._who()}
        self._passed = ""
        self._tell = self.day.recorder._deliver
        self.day.recorder._deliver = self._overheard

    def _who(self) -> Iterator[tuple[str, str]]:
        yield from (("person", name) for name, _, _ in school.STAFF)
        yield from (("person", name) for name in ("Nia Vaughan", "Gus Hart"))
        yield from (("provider", name) for name in school.PROVIDERS)

    def _overheard(self, outgoing: Outgoing) -> Receipt:
        self._note(self._names[outgoing.address], text_of(outgoing.card), in_place=bool(outgoing.platform_ref))
        return self._tell(outgoing)

    def _note(self, to: str, words: str, *, in_place: bool = False) -> None:
        now = self.day.clock.now()
        self.said.append(Said(to, f"{spoken_date(local_date(now))}, {wall(now)}", words.split("\n"), in_place))

    async def on(self, day: str, at: str = "08:20") -> None:
        """Let the days pass as usual until `at` on `day`."""
        while self.day.date < date.fromisoformat(day):
            await self.until("20:00")
            self.day.date += timedelta(days=1)
            self._passed = ""
        await self.until(at)

    async def until(self, at: str) -> None:
        """Let the day pass until `at`."""
        for moment, who, words in self._usual():
            if self._passed < moment <= at:
                await self.day.until(moment)
                oak_farm = self.day.provider("Oak Farm") if who == "Sam Taylor" else None
                if words == "Confirm all":
                    await self.taps(who, words)
                else:
                    await self.does(who, words, at=oak_farm)
        self._passed = at
        await self.day.until(at)

    def _usual(self) -> Iterator[tuple[str, str, str]]:
        day = self.day.date
        if day in BY_HAND or not (FIRST <= day <= LAST and self._in_term(day)):
            return
        if day.weekday() in (1, 3):
            yield "09:35", "Sam Taylor", "all in"
            yield "13:05", "Sam Taylor", "all in"
            yield "15:40", "Priya Nair", "Confirm all"
        if day.weekday() == FRIDAY:
            yield "11:00", "Kit Lowry", "/ap contact CD34 phoned named contact, fine"

    def _in_term(self, day: date) -> bool:
        return any(starts_on <= day <= ends_on for _, starts_on, ends_on in HALF_TERMS)

    async def does(self, who: str, words: str, *, at: Conversation | None = None) -> str:
        """Somebody types this; what they are answered."""
        return self._answered(await (at or self.day.person(who)).types(words))

    async def taps(self, who: str, label: str, *, at: Conversation | None = None, **inputs: str) -> str:
        """Somebody presses this; what they are answered."""
        return self._answered(await (at or self.day.person(who)).taps(label, **inputs))

    def _answered(self, reply: Reply) -> str:
        words = text_of(reply.card) if reply.card else ""
        self._note("Answer", words)
        return words

    def changes(self, **values: Any) -> None:
        """The roster is imported again, with these things new about the placement."""
        self.day.change(placements, placements.c.ref == "CD34-OAK", **values)


async def live() -> Year:
    """The year that the page tells of."""
    year = Year()
    oak_farm = year.day.provider("Oak Farm")
    await year.on("2026-09-07")
    await year.on("2026-09-11")
    year.changes(agreement_on=date(2026, 9, 11))
    await year.on("2026-09-18")
    year.changes(risk_shared_on=date(2026, 9, 18))
    await year.on("2026-09-22", "09:35")
    await year.does("Sam Taylor", "all in", at=oak_farm)
    await year.until("13:05")
    await year.taps("Sam Taylor", "All arrived", at=oak_farm)
    await year.until("15:40")
    await year.taps("Priya Nair", "Confirm all")
    await year.on("2026-09-25")
    await year.does("Kit Lowry", "/ap contact CD34 phoned named contact, fine")
    await year.taps("Kit Lowry", "Assessment is there", how="both")
    await year.on("2026-10-05")
    await year.taps("Kit Lowry", "Induction", settled="yes")
    await year.does("Kit Lowry", "/ap visit CD34 seen alone, happy there, wellbeing good, progress mixed, next 24 Nov")
    await year.on("2026-10-13", "16:00")
    await year.does("Kit Lowry", "/ap review CD34 goes on as it is, parents told, governors not yet, next 8 Dec")
    await year.on("2026-10-16", "10:00")
    await year.does("Sam Taylor", "/ap report CD34 by email")
    await year.taps("Kit Lowry", "They have been told")
    await year.on("2026-11-11", "14:00")
    await year.does("Priya Nair", "/ap absence CD34 medical tomorrow pm")
    await year.on("2026-11-24", "09:45")
    await year.until("10:03")
    await year.taps("Priya Nair", "Acknowledge")
    await year.until("10:12")
    await year.does("Sam Taylor", "CD34 not here, taxi says nobody answered the door", at=oak_farm)
    await year.taps("Priya Nair", "Record outcome", outcome=Outcome.HOME_ILL.value, words="")
    await year.does("Priya Nair", "/ap absence CD34 ill today pm")
    await year.until("15:40")
    await year.taps("Priya Nair", "Confirm I")
    await year.taps("Priya Nair", "Confirm all")
    await year.on("2026-11-26", "09:35")
    await year.does("Sam Taylor", "all in", at=oak_farm)
    await year.until("10:20")
    await year.does("Sam Taylor", "/ap incident CD34 behaviour 10:15 parents told", at=oak_farm)
    await year.until("10:24")
    await year.taps("Dorothy Okafor", "Acknowledge")
    await year.until("13:05")
    await year.does("Sam Taylor", "all in", at=oak_farm)
    await year.until("15:40")
    await year.taps("Priya Nair", "Confirm all")
    await year.on("2026-12-03", "15:30")
    await year.does("Kit Lowry", "/ap visit CD34 seen alone, happy there, wellbeing good, progress good, next 26 Jan")
    await year.on("2026-12-08", "16:00")
    await year.does("Kit Lowry", "/ap review CD34 goes on as it is, parents told, governors told, next 2 Feb")
    await year.on("2026-12-10", "15:30")
    await year.does("Sam Taylor", "/ap report CD34 by email")
    await year.on("2027-01-26", "15:30")
    await year.does("Kit Lowry", "/ap visit CD34 seen alone, happy there, wellbeing good, progress good, next 9 Mar")
    await year.on("2027-02-02", "16:00")
    await year.does("Kit Lowry", "/ap review CD34 goes on as it is, parents told, governors told, next 16 Mar")
    await year.on("2027-02-04", "15:30")
    await year.does("Sam Taylor", "/ap report CD34 by email")
    await year.on("2027-03-09", "15:30")
    await year.does("Kit Lowry", "/ap visit CD34 seen alone, happy there, wellbeing good, progress good, next 4 May")
    await year.on("2027-03-16", "16:00")
    await year.does("Kit Lowry", "/ap review CD34 goes on as it is, parents told, governors told, next 11 May")
    await year.on("2027-03-18", "15:30")
    await year.does("Sam Taylor", "/ap report CD34 by email")
    await year.on("2027-03-19")
    insurance = documents.c.kind == "public liability insurance"
    year.day.change(documents, insurance, expires_on=date(2028, 3, 31))
    await year.on("2027-04-12", "09:00")
    await year.does("Kit Lowry", "/ap contact CD34 phoned named contact, fine")
    await year.on("2027-04-29", "09:00")
    year.changes(ends_on=LAST)
    await year.on("2027-05-04", "15:30")
    await year.does("Kit Lowry", "/ap visit CD34 seen alone, happy there, wellbeing good, progress good, next 27 May")
    await year.on("2027-05-11", "16:00")
    await year.does("Kit Lowry", "/ap review CD34 return to school planned, parents told, governors told, next 27 May")
    await year.on("2027-05-13", "10:00")
    await year.does("Sam Taylor", "/ap report CD34 by email")
    await year.on("2027-05-27", "13:30")
    await year.does("Kit Lowry", "/ap contact CD34 phoned named contact, fine")
    await year.on("2027-06-08")
    await year.taps(
        "Kit Lowry", "Close the placement", report="received", destination="back to the school", view="good"
    )
    await year.on("2027-06-09")
    await year.does("Sam Taylor", "/ap status CD34")
    await year.on("2027-06-15", "11:00")
    await year.does("Helen Marsh", "/ap inspect CD34")
    await year.on("2027-07-23")
    return year


def quotes(page: str) -> Iterator[Said]:
    """What the page says that apbot said."""
    for to, at, quoted in re.findall(r"^\*\*(.+?)\*\*, (.+)\n\n((?:> .+\n)+)", page, re.MULTILINE):
        yield Said(to, at, [line.removeprefix("> ").removesuffix("\\") for line in quoted.splitlines()])


def is_quoted_from(quote: Said, said: Said) -> bool:
    """Whether the quote's lines stand in what was said, in their order; some may be left out."""
    rest = iter(said.lines)
    return (quote.to, quote.at) == (said.to, said.at) and all(line in rest for line in quote.lines)


@pytest.fixture(scope="module")
def year() -> Iterator[Year]:
    """The year, played once."""
    played = asyncio.run(live())
    yield played
    played.day.close()


def test_the_page_says_what_apbot_says_to_whom_and_when(year: Year) -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = list(quotes(page))
    assert sum(line.startswith("> ") for line in page.splitlines()) == sum(len(each.lines) for each in told)
    wrong = [each for each in told if not any(is_quoted_from(each, said) for said in year.said)]
    assert not wrong, "\n".join(f"{each}; apbot said {[it for it in year.said if it.at == each.at]}" for each in wrong)


def test_in_the_holidays_nothing_new_is_said(year: Year) -> None:
    days = {said.at.partition(",")[0] for said in year.said if not said.in_place}
    assert not days & {spoken_date(date(2026, 10, 24) + timedelta(days=number)) for number in range(9)}


def test_at_the_end_of_the_year_nothing_is_left_open(year: Year) -> None:
    of_placements = duties.c.placement_id.is_not(None)
    assert not year.day.rows(sa.select(duties.c.kind).where(duties.c.state == State.OPEN.value, of_placements))
    assert not year.day.rows(sa.select(escalations.c.id).where(escalations.c.next_at.is_not(None)))


def test_once_the_placement_has_ended_the_provider_can_look_up_nothing(year: Year) -> None:
    asked = [said for said in year.said if said.to == "Answer" and said.at.startswith("Wed 9 Jun 2027")]
    assert len(asked) == 1
    assert not any("Oak Farm" in line for line in asked[0].lines)
