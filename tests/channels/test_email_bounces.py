"""Where letters come back to that a mail service took at first."""

import pytest
from pydantic import ValidationError

from apbot.channels.email.settings import Settings
from tests.channels.chatday import ChatDay
from tests.channels.mailroom import Answer, MailRoom

OFFICE = "office@hillcrest.example"


async def test_letters_come_back_to_the_mailbox_that_somebody_reads() -> None:
    morning = ChatDay(MailRoom(bounces_to=OFFICE))  # which holds every letter's envelope to it
    await morning.begin()
    await morning.until("09:31")
    assert isinstance(morning.stand, MailRoom)
    (mail,) = morning.stand.of(morning.farm)
    assert mail.message["From"].addresses[0].addr_spec == "apbot@mail.example"
    morning.stand.handler.answers.append(Answer("MAIL", "553 5.7.1 not your own address"))
    trouble = await morning.channel.check_address(morning.dsl_address)
    assert trouble is not None
    assert "at the sender" in trouble.what
    await morning.end()


def test_a_mailbox_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="bounces_to"):
        Settings(bounces_to="office at hillcrest")
