"""Where a pupil is named in passing: in words that were typed, in answers that are kept, in reports that were sent."""

import re
from collections import Counter
from typing import Any

import orjson
import sqlalchemy as sa

from apbot.domain.initials import initials_of
from apbot.store.database import Transaction
from apbot.store.parts import in_parts
from apbot.store.tables import chat_lines, checks, events, pupils, questions, school_reports

ERASED = "(erased)"


class Traces:
    """The words by which one pupil can be found, and what is done where they stand."""

    def __init__(self, transaction: Transaction, pupil_id: int) -> None:
        """Read what the pupil is called, before that is gone."""
        self._transaction = transaction
        row = transaction.row(sa.select(pupils).where(pupils.c.id == pupil_id))
        self._new = f"ERASED-{pupil_id}"
        self._label = f"{row.ref} {initials_of(row.first_name, row.last_name)}"
        names = [row.ref, row.first_name, row.last_name, f"{row.first_name} {row.last_name}", row.upn]
        self._names = [each for each in dict.fromkeys(names) if each.strip()]
        ways = "|".join(re.escape(each) for each in sorted(self._names, key=len, reverse=True))
        self._named = re.compile(rf"(?<![\w])(?:{ways})(?![\w])", re.IGNORECASE)

    def are_in(self, text: str) -> bool:
        """Whether the pupil is named in this text."""
        return self._named.search(text) is not None

    def are_in_any(self, said: Any) -> bool:
        """Whether the pupil is named anywhere in this structure."""
        return said is not None and self.are_in(orjson.dumps(said).decode())

    def remove(self, done: Counter[str]) -> None:
        """Take them out wherever somebody's words, or what was said in passing, are kept."""
        self._lines(done)
        self._answers(done)
        self._reports(done)

    def _lines(self, done: Counter[str]) -> None:
        """Words go whole: what else they say of the pupil can't be told apart. So do apbot's answers to them."""
        lines = sa.select(chat_lines.c.id, chat_lines.c.text, chat_lines.c.card)
        named = [
            row.id
            for row in self._transaction.rows(lines.where(chat_lines.c.message_id.is_(None)))
            if self.are_in(row.text) or self.are_in_any(row.card)
        ]
        for part in in_parts(named):
            values = {"text": ERASED, "card": sa.null()}
            self._transaction.execute(sa.update(chat_lines).where(chat_lines.c.id.in_(part)).values(values))
        done["chat lines"] += len(named)

    def _answers(self, done: Counter[str]) -> None:
        """An answer that is kept for a repeat: the repeat gets none."""
        answers = self._transaction.rows(sa.select(events.c.id, events.c.reply))
        ids = [row.id for row in answers if self.are_in_any(row.reply)]
        nothing = {"card": None, "kept": True}
        for part in in_parts(ids):
            self._transaction.execute(sa.update(events).where(events.c.id.in_(part)).values(reply=nothing))
        rows = self._transaction.rows(sa.select(questions.c.id, questions.c.button, questions.c.given))
        of_pupil = [row.id for row in rows if self.are_in_any([row.button, row.given])]
        self._transaction.execute(sa.delete(questions).where(questions.c.id.in_(of_pupil)))
        done["answers"] += len(ids) + len(of_pupil)

    def _reports(self, done: Counter[str]) -> None:
        """In a report that many have had the pupil has the new reference."""
        for table in (school_reports, checks):
            for row in self._transaction.rows(sa.select(table.c.id, table.c.report).where(table.c.report.is_not(None))):
                said = orjson.dumps(row.report).decode()
                if not self.are_in(said):
                    continue
                said = self._named.sub(self._new, said.replace(self._label, self._new))
                report = orjson.loads(said)
                self._transaction.execute(sa.update(table).where(table.c.id == row.id).values(report=report))
                done["reports"] += 1
