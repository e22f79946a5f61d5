"""Where letters come back to that a mail service took at first."""

import pytest
from pydantic import ValidationError

from apbot.channels.email.settings import Settings
from tests.channels.chatday import begun
from tests.channels.mailroom import Answer, MailRoom

OFFICE = "office@hillcrest.example"


async def test_letters_come_back_to_the_mailbox_that_somebody_reads() -> None:
    room = MailRoom(bounces_to=OFFICE)  # which holds every letter's envelope to it
    async with begun(room) as day:
        await day.until("09:31")
        (mail,) = room.of(day.farm)
        assert mail.message["From"].addresses[0].addr_spec == "apbot@mail.example"
        room.handler.answers.append(Answer("MAIL", "553 5.7.1 not your own address"))
        trouble = await day.channel.check_address(day.dsl_address)
        assert trouble is not None
        assert "at the sender" in trouble.what


def test_a_mailbox_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="bounces_to"):
        Settings(bounces_to="office at hillcrest")
