"""The platforms' stand-ins for measuring: they accept every message, at the platform's limits or as fast as they can.

python -m benchmarks.standin slack|telegram limits|none  prints its address and serves until it is told to stop.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import count

from aiohttp import web

numbers = count(1)
Answer = Callable[[web.Request], Awaitable[web.Response]]


class Limit:
    """So many in so many seconds, for each of several."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._seen: dict[str, list[float]] = defaultdict(list)

    def wait(self, which: str) -> float:
        """Seconds until another is taken: 0 takes it now."""
        now = time.monotonic()
        seen = self._seen[which] = [at for at in self._seen[which] if at > now - self._seconds]
        if len(seen) >= self._most:
            return seen[0] + self._seconds - now
        seen.append(now)
        return 0


def slack(*, with_limits: bool) -> Answer:
    """Slack's Web API: about one message a second for each conversation."""
    limit = Limit(1, 0.9)

    async def answer(request: web.Request) -> web.Response:
        given = await (request.json() if "json" in request.content_type else request.post())
        channel = str(given.get("channel", "D1"))
        if with_limits and (wait := limit.wait(channel)):
            refused = {"ok": False, "error": "ratelimited"}
            return web.json_response(refused, status=429, headers={"Retry-After": str(int(wait) + 1)})
        return web.json_response({"ok": True, "channel": channel, "ts": f"1.{next(numbers):06d}"})

    return answer


def telegram(*, with_limits: bool) -> Answer:
    """Telegram's Bot API: about thirty messages a second in all, one a second for each chat."""
    overall, each_chat = Limit(30, 1.0), Limit(1, 0.9)

    async def answer(request: web.Request) -> web.Response:
        given = await (request.json() if "json" in request.content_type else request.post())
        chat_id = int(str(given.get("chat_id", 1)))
        wait = max(overall.wait(""), each_chat.wait(str(chat_id))) if with_limits else 0
        if wait:
            after = int(wait) + 1
            refused = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {after}"}
            return web.json_response(refused | {"parameters": {"retry_after": after}}, status=429)
        chat = {"id": chat_id, "type": "private", "first_name": "Somebody"}
        message = {"message_id": next(numbers), "date": 1789000000, "chat": chat, "text": "x"}
        return web.json_response({"ok": True, "result": message})

    return answer


async def main() -> None:
    """Serve on a free port."""
    platform, limits = sys.argv[1:]
    app = web.Application(client_max_size=2**20)
    answer = {"slack": slack, "telegram": telegram}[platform](with_limits=limits == "limits")
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
