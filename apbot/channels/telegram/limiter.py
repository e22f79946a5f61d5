"""Telegram's own limits: about 30 messages a second in all, and 20 a minute in one group."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.ext import AIORateLimiter

from apbot.channels.telegram.wire import Busy, Problem

A_SECOND, AT_ONCE = 27, 3
"""Messages a second in all, and of these at once: after a second's worth at once Telegram refuses the next ones."""

LONGEST_WAIT = 4.0
"""Seconds that a request is held back. Longer, and it is put off, so that one full group holds up no alert."""

Callback = Callable[..., Coroutine[Any, Any, Any]]


class Limiter(AIORateLimiter):
    """The library's limiter, which would hold a request back for a minute, and logs what it is told to wait."""

    async def process_request(
        self,
        callback: Callback,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Make a request when its turn has come. Raises `Busy` where that takes too long: then nothing was sent."""
        if endpoint in ("answerCallbackQuery", "sendChatAction", "getChat", "deleteMessage"):
            return await callback(*args, **kwargs)  # these are no messages

        async def now(*given: Any, **named: Any) -> Any:
            turn.reschedule(None)
            try:
                return await callback(*given, **named)
            except Problem as problem:
                return problem  # the limiter's own reading of it is not wanted

        try:
            async with asyncio.timeout(LONGEST_WAIT) as turn:
                result = await super().process_request(now, args, kwargs, endpoint, data, rate_limit_args)
        except TimeoutError:
            raise Busy("held back") from None
        if isinstance(result, Problem):
            raise result
        return result


def within_limits() -> Limiter:
    """Telegram's limits."""
    return Limiter(overall_max_rate=AT_ONCE, overall_time_period=AT_ONCE / A_SECOND)


def unlimited() -> Limiter:
    """No limits: for a server that is not Telegram's."""
    return Limiter(overall_max_rate=0, group_max_rate=0)
