"""Keys and questions under apbot's messages, and a database that can't be written to."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from apbot.channels.telegram import channel as polling
from tests.channels.chatday import ChatDay
from tests.channels.stand import Shown
from tests.channels.telegram_server import Message
from tests.channels.telegram_stand import TelegramStand, is_question

SAM, BEA = "Sam Taylor", "Bea Whitlock"


async def press(day: ChatDay, stand: TelegramStand, label: str, about: str = "", who: str = SAM) -> str:
    """Press one key at Oak Farm, and answer nothing that is asked then."""
    return await stand.press(who, day.farm, *stand.find(day.farm, label, about))


def question(day: ChatDay, stand: TelegramStand) -> Message:
    return next(each for each in reversed(stand.standing(day.farm)) if is_question(each))


def shown(message: Message) -> Shown:
    return Shown(f"{message.chat}/{message.id}", message.text)


async def reply(day: ChatDay, stand: TelegramStand, text: str, who: str = SAM) -> str:
    return await stand.type(who, day.farm, text, shown(question(day, stand)))


class Down:
    """A database that can't be written to until `is_up`."""

    def __init__(self, day: ChatDay, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_up = False
        self.tries = 0
        database = day.channel._desk.database  # type: ignore[attr-defined]
        write = database.write

        async def fails(work: Any, *args: Any) -> Any:
            if not self.is_up:
                self.tries += 1
                raise OperationalError("", {}, Exception("down"))
            return await write(work, *args)

        monkeypatch.setattr(database, "write", fails)
        monkeypatch.setattr(polling, "AGAIN_SOON", 0.0)
