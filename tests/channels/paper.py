"""The least that can be a platform: messages on paper. The contract is held against it first, to try the contract."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count

from apbot.cards import Button, Card
from apbot.channels.desk import Desk, Heard
from apbot.channels.parts import Parts, clip, split
from apbot.channels.platform import Platform
from apbot.channels.port import Outcome, Outgoing, Receipt
from tests.channels.stand import Failure, Shown, Stand
from tests.day import text_of

ROWS = 20
"""So many rows fit on one sheet."""

WORDS = 300


class PaperChannel(Platform):
    """Writes on the sheets of its stand."""

    name = "paper"

    def __init__(self, stand: "PaperStand", *, references_only: bool = False) -> None:
        self._stand = stand
        self.references_only = references_only

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        return [await self._deliver(each) for each in batch]

    async def _deliver(self, outgoing: Outgoing) -> Receipt:
        parts = Parts(outgoing.platform_ref)
        cards = split(outgoing.card, lambda card: len(card.rows) <= ROWS)
        footer = "May be a repeat." if outgoing.maybe_repeat else ""

        async def post(card: Card) -> str:
            return self._stand.write(outgoing.address, card, footer)

        async def edit(ref: str, card: Card) -> str | None:
            return self._stand.rewrite(ref, card)

        async def delete(ref: str) -> None:
            self._stand.sheets[ref][0].is_deleted = True

        try:
            await parts.show(cards, post, edit, delete)
        except Failed as failed:
            outcome, wait = failed.args
            return Receipt(outcome, parts.refs, wait, why="paper")
        return Receipt(Outcome.ACCEPTED, parts.refs)


class Failed(Exception):
    """A request that failed as the stand was told to."""


OUTCOMES = {
    Failure.BUSY: Outcome.AGAIN,
    Failure.BROKEN: Outcome.AGAIN,
    Failure.SILENT: Outcome.UNKNOWN,
    Failure.REFUSED: Outcome.REFUSED,
}


class PaperStand(Stand):
    """The sheets, by their names."""

    name = "paper"
    broken_means = Outcome.AGAIN

    def __init__(self, *, references_only: bool = False) -> None:
        super().__init__()
        self.references_only = references_only
        self.sheets: dict[str, tuple[Shown, str, Card]] = {}
        self._numbers = count(1)
        self._failures: list[tuple[Outcome, timedelta | None]] = []
        self._last: Heard | None = None

    async def start(self, desk: Desk) -> Platform:
        self._desk = desk.by_reference() if self.references_only else desk
        return PaperChannel(self, references_only=self.references_only)

    async def stop(self) -> None:
        return

    def address_of(self, person: str) -> str:
        return f"desk of {person}"

    def shared_by(self, provider: str) -> str:
        return f"board of {provider}"

    def shown(self, address: str) -> Sequence[Shown]:
        return [shown for shown, where, _ in self.sheets.values() if where == address]

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        self._failures.append((OUTCOMES[how], wait if how is Failure.BUSY else None))

    def write(self, address: str, card: Card, footer: str = "") -> str:
        failure = self._failures.pop() if self._failures else None
        if failure and failure[0] is not Outcome.UNKNOWN:
            raise Failed(*failure)
        ref = f"sheet-{next(self._numbers)}"
        self.sheets[ref] = (self._show(ref, card, footer), address, card)
        if failure:
            raise Failed(*failure)
        return ref

    def rewrite(self, ref: str, card: Card) -> str | None:
        shown, address, _ = self.sheets[ref]
        if shown.is_deleted:
            return None
        self.sheets[ref] = (self._show(ref, card), address, card)
        return ref

    def _show(self, ref: str, card: Card, footer: str = "") -> Shown:
        text = "\n".join(clip(line, WORDS) for line in text_of(card).split("\n"))
        labels = [button.label for button in card.buttons_everywhere()]
        return Shown(ref, f"{text}\n{footer}", labels)

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        ref, button = self._find(place, label, about)
        filled = {each.name: (inputs or {}).get(each.name, each.value) for each in button.inputs}
        return await self._hear(
            Heard(
                f"event-{next(self._numbers)}",
                self.address_of(person),
                place,
                button.verb,
                button.subject,
                button.value,
                filled,
                platform_ref=ref,
            )
        )

    def _find(self, place: str, label: str, about: str) -> tuple[str, Button]:
        for ref, (shown, where, card) in reversed(self.sheets.items()):
            if where == place and not shown.is_deleted:
                for button in card.buttons_everywhere():
                    if button.label.startswith(label) and about in button.describes:
                        return ref, button
        raise AssertionError(f"no button {label!r} {about} in {place}")

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        ref = reply_to.ref if reply_to else ""
        sender = self.address_of(person)
        return await self._hear(Heard(f"event-{next(self._numbers)}", sender, place, text=text, platform_ref=ref))

    async def again(self) -> str:
        assert self._last is not None
        return await self._hear(self._last)

    async def _hear(self, heard: Heard) -> str:
        self._last = heard
        reply = await self._desk.hear(self.name, heard)
        if reply.card is None:
            return ""
        self.write(heard.sender if reply.is_private else heard.place, reply.card)
        return text_of(reply.card)

    def delete(self, shown: Shown) -> None:
        shown.is_deleted = True
