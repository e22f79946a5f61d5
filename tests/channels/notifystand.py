"""GOV.UK Notify as the contract sees it: one kind of message at a time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import SecretStr

from apbot.channels.desk import Desk
from apbot.channels.notify.channel import NotifyChannel
from apbot.channels.notify.inbound import Callbacks
from apbot.channels.notify.settings import Settings
from apbot.channels.notify.wire import Kind, NotifyApi
from apbot.channels.platform import Platform
from tests.channels.chatday import ChatDay
from tests.channels.notifyserver import EMAIL_TEMPLATE, KEY, SMS_TEMPLATE, Fails, NotifyServer
from tests.channels.stand import PATIENCE, SOON, Failure, Shown, Stand

PUBLIC_URL = "https://apbot.hillcrest.example"
TOKEN = "a-token-that-only-notify-knows"


def notify_settings(url: str, **given: object) -> Settings:
    """What an admin would set, with Notify at `url`."""
    values: dict[str, object] = {
        "api_key": SecretStr(KEY),
        "sms_template": SMS_TEMPLATE,
        "email_template": EMAIL_TEMPLATE,
        "callback_token": SecretStr(TOKEN),
        "base_url": url,
        **given,
    }
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


class NotifyStand(Stand):
    """Text messages, or e-mail, by Notify."""

    has_shared = False

    def __init__(self, kind: Kind, public_url: str = PUBLIC_URL) -> None:
        super().__init__()
        self.name: Kind = kind
        self.server = NotifyServer()
        self.problems = self.server.problems
        self._public_url = public_url
        self._numbers: dict[str, int] = {}
        self.channel: NotifyChannel

    async def start(self, desk: Desk) -> Platform:
        await self.server.start()
        own = notify_settings(self.server.url)
        api = NotifyApi(own, limited=False, timeout=PATIENCE)
        self.channel = NotifyChannel(self.name, own, api, desk, self._public_url, Callbacks(desk, TOKEN))
        return self.channel

    async def stop(self) -> None:
        await self.channel.close()
        await self.server.stop()

    def address_of(self, person: str) -> str:
        if self.name == "email":
            return f"{person.lower().replace(' ', '.')}@hillcrest.example"
        return f"07700 900{self._numbers.setdefault(person, 101 + len(self._numbers))}"

    def shared_by(self, provider: str) -> str:
        raise AssertionError("nobody shares a telephone or an inbox here")

    def shown(self, address: str) -> Sequence[Shown]:
        to = address.replace(" ", "")
        return [Shown(each.id, each.text) for each in self.server.notifications if each.to == to]

    def fail_next(self, how: Failure, wait: timedelta = timedelta(seconds=7)) -> None:
        if how is Failure.SILENT:
            self.channel._api._http.timeout = SOON
        self.server.failures.append(self._failure(how, wait))

    def _failure(self, how: Failure, wait: timedelta) -> Fails:
        match how:
            case Failure.BUSY:
                words = "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"
                return Fails(429, "RateLimitError", words, {"Retry-After": str(int(wait.total_seconds()))})
            case Failure.BROKEN:
                return Fails(500, "Exception", "Internal server error")
            case Failure.SILENT:
                return Fails(201, is_silent=True)
            case Failure.REFUSED if self.name == "sms":
                return Fails(400, "ValidationError", "phone_number Not a UK mobile number")
            case Failure.REFUSED:
                return Fails(400, "ValidationError", "email_address Not a valid email address")

    async def tap(
        self, person: str, place: str, label: str, about: str = "", inputs: Mapping[str, str] | None = None
    ) -> str:
        raise AssertionError("nothing can be pressed in a text")

    async def type(self, person: str, place: str, text: str, reply_to: Shown | None = None) -> str:
        raise AssertionError("nobody reads what is texted back")

    async def again(self) -> str:
        raise AssertionError("nothing is heard")

    def delete(self, shown: Shown) -> None:
        raise AssertionError("a text is on somebody's telephone")


def texts_to(day: ChatDay, person: str) -> list[Shown]:
    return list(day.stand.shown(day.stand.address_of(person)))
