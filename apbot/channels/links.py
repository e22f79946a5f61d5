"""The links in letters: signed, so that nobody can make one up, and dead after their time."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeSerializer

from apbot.cards import Button
from apbot.store.letters import Letter

SIGNED_WITH = "letters"
"""The name under which the secret is kept that links are signed with."""

LONGEST = 300
"""Characters of a link's last part; what is longer is nobody's link."""

END = "x"
"""What every link ends in. A signature may end in a sign, which programs that find links in plain text leave out."""


class Links:
    """Makes links, and reads them."""

    def __init__(self, public_url: str, secret: str) -> None:
        """`public_url` is where the web server is; `secret` what `keep_secret(transaction, SIGNED_WITH)` gives."""
        self._base = public_url.rstrip("/")
        self._secret = secret
        self._signer = URLSafeSerializer(secret, salt="letter")

    def to(self, letter: Letter) -> str:
        """The link to this letter's page."""
        until = int(letter.until.timestamp())
        return f"{self._base}/m/{self._signer.dumps([letter.message_id, letter.person_id, until])}{END}"

    def to_press(self, letter: Letter, button: Button) -> str:
        """The link to this letter's page, where this button is asked first. Opening it presses nothing."""
        return f"{self.to(letter)}?{urlencode({'press': button.token})}"

    def sign_press(self, letter: Letter, event: str, button: Button) -> str:
        """What a button on this letter's page posts: what was never offered there can't be pressed."""
        return str(self._presses_of(letter).dumps([event, button.token]))

    def read_press(self, letter: Letter, posted: str) -> tuple[str, str]:
        """The event and the button's token that `sign_press` put in. Raises ValueError for anything else."""
        try:
            event, token = self._presses_of(letter).loads(posted)
        except BadData:
            raise ValueError("not a button of this page") from None
        return event, token

    def _presses_of(self, letter: Letter) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt=f"press {letter.message_id} {letter.person_id}")

    def read(self, token: str, now: datetime) -> Letter | None:
        """The letter whose link ends in `token`; None where it was made up, or its time is over."""
        if len(token) > LONGEST or not token.endswith(END):
            return None
        try:
            message_id, person_id, until = self._signer.loads(token.removesuffix(END))
        except (BadData, ValueError, TypeError):
            return None
        letter = Letter(message_id, person_id, datetime.fromtimestamp(until, UTC))
        return letter if now < letter.until else None
