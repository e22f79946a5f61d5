"""The types of the columns that are encrypted at rest, where the database was opened with a key.

Statements need not know of it: their values pass through these types on their way in and out. Only the database can't
compare, sort or search such a column any more, so to ask it for that is an error, with a key or without one.
"""

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator

from apbot.domain.initials import UNREADABLE

if TYPE_CHECKING:
    from apbot.store.namekeys.cipher import Cipher

_CIPHER = "apbot_names"


def encrypt_with(engine: sa.Engine, cipher: "Cipher") -> None:
    """From now on what passes to and from this engine is encrypted and decrypted. Before its first statement."""
    setattr(engine.dialect, _CIPHER, cipher)


def cipher_of(dialect: sa.Dialect) -> "Cipher | None":
    """The cipher that statements of this dialect use, if any."""
    return cast("Cipher | None", getattr(dialect, _CIPHER, None))


class _Comparator(TypeDecorator.Comparator[Any]):
    """What can be asked of a column that may be encrypted: whether there is anything in it."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        is_of_nothing = op in (operator.eq, operator.ne) and other == ("",)
        if not is_of_nothing and op not in (operators.is_, operators.is_not):
            where = cast("Any", self.expr.type).where
            raise TypeError(f"{where} may be encrypted: the database can't compare it, so read it and compare here")
        return super().operate(op, *other, **kwargs)


class Personal(TypeDecorator[str]):
    """Text of a person. `where` is the column's whole name; `length` is how long the text may be, not what is kept."""

    impl = sa.String
    cache_ok = True
    comparator_factory = _Comparator

    def __init__(self, where: str, length: int | None) -> None:
        super().__init__(length=length)
        self.where = where
        self.length = length

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """What is encrypted is longer than what was typed. SQLite minds no width, and its columns stay as they are."""
        return self.impl_instance if dialect.name == "sqlite" and self.length else sa.Text()

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        """On the way in; nothing where there is no key."""
        cipher, where = cipher_of(dialect), self.where
        if cipher is None:
            return super().bind_processor(dialect)
        return lambda value: cipher.encrypt(where, value) if isinstance(value, str) else value

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """On the way out; nothing where there is no key."""
        cipher, where = cipher_of(dialect), self.where
        if cipher is None:
            return super().result_processor(dialect, coltype)

        def read(value: Any) -> Any:
            if value is None:
                return None
            found = cipher.read(where, value)
            return UNREADABLE if found is None else found

        return read


class PersonalJson(TypeDecorator[Any]):
    """A structure with text of persons; encrypted it is kept as one JSON string.

    `unreadable` stands in place of what can't be decrypted, so that whoever reads it finds what they expect.
    """

    impl = sa.JSON
    cache_ok = True
    comparator_factory = _Comparator

    def __init__(self, where: str, unreadable: Any = None) -> None:
        super().__init__()
        self.where = where
        self._unreadable = unreadable

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        """On the way in; nothing more than JSON where there is no key."""
        cipher, where, inner = cipher_of(dialect), self.where, super().bind_processor(dialect)
        if cipher is None:
            return inner

        def keep(value: Any) -> Any:
            is_nothing = value is None or isinstance(value, sa.sql.elements.Null) or value is sa.JSON.NULL
            kept = value if is_nothing else cipher.encrypt(where, orjson.dumps(value).decode())
            return inner(kept) if inner else kept

        return keep

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """On the way out; nothing more than JSON where there is no key."""
        cipher, where, inner = cipher_of(dialect), self.where, super().result_processor(dialect, coltype)
        if cipher is None:
            return inner

        def read(value: Any) -> Any:
            kept = inner(value) if inner else value
            if not isinstance(kept, str):
                return kept
            found = cipher.read(where, kept)
            try:
                return self._unreadable if found is None else orjson.loads(found)
            except orjson.JSONDecodeError:  # how it begins was damaged: then it looks like plain text
                return self._unreadable

        return read
