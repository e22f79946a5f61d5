"""Drawing a paper in a process of its own, which takes what it needed with it when it is done."""

import asyncio
import sys

from pydantic import TypeAdapter

from apbot.papers.document import Paper

WITHIN = 30.0
"""Seconds that it may take."""

ADAPTER = TypeAdapter(Paper)


class NotDrawn(Exception):
    """It could not be drawn, or took too long. Nothing of what stands in it is told."""


class Press:
    """Makes PDFs, one at a time: whoever asks for many must not fill the machine's memory."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def pdf(self, paper: Paper) -> bytes:
        """The paper as a PDF. Raises `NotDrawn`."""
        async with self._turn:
            return await _drawn(ADAPTER.dump_json(paper))


async def _drawn(paper: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "apbot.papers.pdf",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # what it might say there may hold a name
    )
    try:
        async with asyncio.timeout(WITHIN):
            drawn, _ = await process.communicate(paper)
    except TimeoutError:
        raise NotDrawn("it took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not drawn:
        raise NotDrawn(f"the program ended with {process.returncode}")
    return drawn
