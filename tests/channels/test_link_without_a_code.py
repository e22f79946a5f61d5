"""`/ap link` with nothing behind it."""

from tests.channels.chatday import begun
from tests.channels.telegram_stand import TelegramStand


async def test_whoever_leaves_out_the_code_is_told_how_it_is_written() -> None:
    async with begun(TelegramStand()) as day:
        said = await day.types("Dorothy Okafor", day.dsl_address, "/ap link")
    assert "/ap link ABCD-EFGH" in said
