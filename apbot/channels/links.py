"""The links in letters: signed, so that nobody can make one up, and dead after their time."""

from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

from apbot.store.letters import Letter

SIGNED_WITH = "letters"
"""The name under which the secret is kept that links are signed with."""

LONGEST = 300
"""Characters of a link's last part; what is longer is nobody's link."""


class Links:
    """Makes links, and reads them."""

    def __init__(self, public_url: str, secret: str) -> None:
        """`public_url` is where the web server is; `secret` what `keep_secret(transaction, SIGNED_WITH)` gives."""
        self._base = public_url.rstrip("/")
        self._signer = URLSafeSerializer(secret, salt="letter")

    def to(self, letter: Letter) -> str:
        """The link to this letter's page."""
        until = int(letter.until.timestamp())
        return f"{self._base}/m/{self._signer.dumps([letter.message_id, letter.person_id, until])}"

    def read(self, token: str, now: datetime) -> Letter | None:
        """The letter whose link ends in `token`; None where it was made up, or its time is over."""
        if len(token) > LONGEST:
            return None
        try:
            message_id, person_id, until = self._signer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        letter = Letter(message_id, person_id, datetime.fromtimestamp(until, UTC))
        return letter if now < letter.until else None
