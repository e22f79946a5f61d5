"""apbot's page on Slack, App Home: what is open for whoever looks at it."""

from functools import partial

import structlog

from apbot.cards import Card, Reply, Tone
from apbot.channels.desk import Desk, Heard
from apbot.channels.slack.api import Api, SlackTrouble
from apbot.channels.slack.blocks import Block, blocks_of, plain
from apbot.channels.slack.members import emails_of

log = structlog.get_logger()

REFRESH = "home:refresh"
BLOCKS_MOST = 100

UNKNOWN = Card("Not known just now", Tone.ALERT, ("Press Refresh, or type /ap today.",))


class Home:
    """Shows each person their own page."""

    def __init__(self, name: str, desk: Desk, api: Api) -> None:
        """Ask `desk` what is open, as if the person had typed the commands."""
        self._name = name
        self._desk = desk
        self._api = api

    async def show(self, user: str, sender: str, event_id: str) -> None:
        """Work out what is open for this person now, and show it."""
        cards = await self._cards(sender, event_id)
        try:
            await self._api.ask(
                self._api.client.views_publish, user_id=user, view={"type": "home", "blocks": page_of(cards)}
            )
        except SlackTrouble as trouble:
            log.error("slack: a person's page could not be shown", problem=trouble.code)

    async def _cards(self, sender: str, event_id: str) -> list[Card]:
        try:
            # First what is always shown: whoever is linked by looking at it is told so there.
            today = await self._ask(sender, "/ap today", f"home:{event_id}:today")
            missing = await self._ask(sender, "/ap missing", f"home:{event_id}:missing")
        except Exception as problem:  # noqa: BLE001  (an old page must not look like today's)
            log.error("slack: a person's page could not be worked out", problem=type(problem).__name__)
            return [UNKNOWN]
        # Whose role shows no pupils is told so by the day already.
        cards = [missing.card] if missing.card is not None and not missing.is_refusal else []
        return [*cards, *([today.card] if today.card is not None else [])]

    async def _ask(self, sender: str, words: str, event_id: str) -> Reply:
        heard = Heard(event_id, sender, sender, text=words)
        return await self._desk.hear(self._name, heard, partial(emails_of, self._api, sender))


def page_of(cards: list[Card]) -> list[Block]:
    """The page: what is open, and a way to see it anew."""
    button = {"type": "button", "text": plain("Refresh", 75), "action_id": REFRESH, "value": "refresh"}
    end: list[Block] = [{"type": "divider"}, {"type": "actions", "elements": [button]}]
    blocks = [block for card in cards for block in blocks_of(card)]
    if len(blocks) + len(end) > BLOCKS_MOST:
        more = {"type": "context", "elements": [plain("There is more: type /ap missing or /ap today.", 200)]}
        blocks = [*blocks[: BLOCKS_MOST - len(end) - 1], more]
    return [*blocks, *end]
