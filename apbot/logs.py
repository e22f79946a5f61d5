"""Logs: structured lines on standard error, with references and never a name, a secret or typed words.

apbot's own lines name what they are about by number: "escalation:12", "message:40". Of an exception its kind and where
it came from are written down, and of a library's line who said it and where: their texts may hold anything.
"""

import atexit
import contextlib
import itertools
import json
import logging
import os
import queue
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="")
"""The number of the request, or of the press in a chat, that is being dealt with: the same on all its lines."""

MOST_NAMED = 50
"""So many subjects stand in one line; of more, how many there are."""

MOST_WAITING = 10_000
"""So many lines wait for whoever reads them, some megabytes; what comes then is left out, and counted."""

LAST_WORDS = 1.0
"""Seconds in which what waits is written when the process ends."""

_PROCESS = secrets.token_hex(3)
_NUMBERS = itertools.count(1)


@contextlib.contextmanager
def numbered() -> Iterator[str]:
    """Everything that is logged within bears one number. Within a request that has one, it is that."""
    if number := REQUEST.get():
        yield number
        return
    number = f"{_PROCESS}-{next(_NUMBERS)}"
    token = REQUEST.set(number)
    try:
        yield number
    finally:
        REQUEST.reset(token)


@dataclass(frozen=True)
class Noted:
    """One event that matters, as the audit log has it: what was done, to which subjects, by whom and by which way."""

    what: str
    subjects: Sequence[str]
    person_id: int | None
    via: str
    request: str = field(default_factory=REQUEST.get)


def journal(noted: Sequence[Noted]) -> None:
    """Write down what has been committed."""
    for each in noted:
        said: dict[str, Any] = {"subjects": list(each.subjects[:MOST_NAMED]), "via": each.via}
        if len(each.subjects) > MOST_NAMED:
            said["count"] = len(each.subjects)
        if each.person_id is not None:
            said["person"] = each.person_id
        if each.request:
            said["request"] = each.request
        _log.info(each.what, **said)


class Aside:
    """Standard error, or another file, written to by a thread of its own.

    Where whoever reads it hangs, a pipe is full and a write to it never ends: no alert may wait for that.
    """

    def __init__(self, file: TextIO) -> None:
        """Nothing is written to `file` but through this."""
        self._file = file
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._left_out = 0
        self._thread: threading.Thread | None = None

    def isatty(self) -> bool:
        """Whether people read it."""
        return self._file.isatty()

    def write(self, text: str) -> int:
        """Have this written soon. Never waits."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_forever, name="apbot-log", daemon=True)
            self._thread.start()
            atexit.register(self.close)
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put(text)
        else:
            self._left_out += 1
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Write what waits, if that can be done within `LAST_WORDS`."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(LAST_WORDS)

    def _write_forever(self) -> None:
        while (text := self._waiting.get()) is not None:
            with contextlib.suppress(OSError):
                # Past Python's own buffer: its lock would be held while this waits, and the end of the process with it.
                rest = text.encode(errors="backslashreplace")
                while rest:
                    rest = rest[os.write(self._file.fileno(), rest) :]
            if self._left_out and self._waiting.empty():
                count, self._left_out = self._left_out, 0
                _log.error("lines were left out of the log: nobody was reading it", count=count)


def configure(level: str, form: str = "auto", stream: TextIO | Aside | None = None) -> None:
    """Log at `level` ("INFO") and above: as JSON lines, or for people to read (`form` "text", or at a terminal)."""
    stream = stream or sys.stderr
    as_text = form == "text" or (form == "auto" and stream.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
            _without_words,
            _without_secrets,
            structlog.dev.ConsoleRenderer() if as_text else _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: _Printer(stream),
        cache_logger_on_first_use=False,
    )
    # Libraries are heard from warnings on, whatever is asked for: their other lines hold addresses with tokens.
    root = logging.getLogger()
    root.handlers = [_Libraries(logging.WARNING)]
    root.setLevel(logging.WARNING)


class _Printer:
    """Prints lines. Where nobody takes them any more (a closed pipe, a full disk), alerts go out all the same."""

    def __init__(self, stream: TextIO | Aside) -> None:
        self._stream = stream

    def msg(self, message: str) -> None:
        """Print one line, where that can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{message}\n")
            self._stream.flush()

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


class _Libraries(logging.Handler):
    """What libraries log: who said something, and where in their code that is; never what they said."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write down one line."""
        level = logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING
        where = f"{record.module}:{record.lineno}"
        _log.log(level, "a library's line", library=record.name, where=where, exc_info=record.exc_info)


_log = structlog.get_logger()


def _with_request(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if number := REQUEST.get():
        event.setdefault("request", number)
    return event


def _without_words(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an exception, its kind and that of what led to it, and where they were raised."""
    found = event.pop("exc_info", None)
    if not found:
        return event
    problem = found if isinstance(found, BaseException) else (found if isinstance(found, tuple) else sys.exc_info())[1]
    if problem is not None:
        event["problem"] = " < ".join(type(each).__name__ for each in _causes(problem))
        event["at"] = _frames(problem.__traceback__)
    return event


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    for _ in range(5):
        if problem is None:
            return
        yield problem
        problem = problem.__cause__ or problem.__context__


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(trace)[-8:]]


_SECRET = re.compile(
    r"https?://\S+"
    r"|[^\s@\"'<>]+@[^\s@\"'<>]+"
    r"|(?<![\w.:-])(?:\+44|0)[\d ]{9,13}(?!\w)"
    r"|\d{5,}:[\w-]{20,}"
    r"|\bx(?:ox[a-z]|app)-[\w-]+",
)
"""Addresses, telephone numbers and tokens. None should come here: this is the net below."""


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if not isinstance(value, int | float):
            event[name] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET.sub("(left out)", value)
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    return value


def _as_json(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half a letter, or a number that is too big: the library that takes anything is slower
        return json.dumps(event, default=str)
