"""The log's reader hangs: standard error is a pipe that is full."""

import signal

from tests.faults.morning import Morning


async def test_alerts_go_out_while_nobody_reads_the_log(morning: Morning) -> None:
    first = await morning.start()
    first.leave_unread()
    await morning.until(lambda: morning.are_asked, "the registers")
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know, "the alerts")
    await morning.until(lambda: morning.is_settled, "everything settled")
    first.read_again()
    await morning.until(lambda: any("alerts accepted" in line for line in first.said), "what was logged meanwhile")
    morning.holds()


async def test_a_process_ends_though_nobody_reads_its_log(morning: Morning) -> None:
    first = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    first.leave_unread()
    morning.wall("09:59:59.5")
    await morning.until(lambda: morning.all_know, "the alerts")
    first.send(signal.SIGTERM)
    await morning.until(lambda: first.is_gone, "its end")
    first.read_again()
    assert await first.end() == 0
    morning.holds()
