"""The stage: playing, halting to be read, hurrying, and jumping; time is counted in frames, so nothing waits."""

from apbot.demo.mornings import BAD, MEL, ORDINARY, SAM
from apbot.demo.script import Pane, Seen, on_the_day
from apbot.demo.stage import FRAME, SPEEDS, Stage
from apbot.domain.walltime import parse_wall, wall

FRAMES_A_SECOND = round(1 / FRAME)


async def seconds(stage: Stage, count: float) -> None:
    """So many seconds go by."""
    for _ in range(round(count * FRAMES_A_SECOND)):
        await stage.frame(FRAME)


async def until(stage: Stage, at: str) -> float:
    """How many seconds it takes until the clock shows `at`."""
    frames = 0
    while wall(stage.performance.now) < at:
        await stage.frame(FRAME)
        frames += 1
        assert frames < 300 * FRAMES_A_SECOND, f"it never gets to {at}"
    return frames / FRAMES_A_SECOND


async def test_nothing_moves_until_play(stage: Stage) -> None:
    await seconds(stage, 60)
    assert wall(stage.performance.now) == "09:25"
    assert stage.moving.minutes_a_second == 0


async def test_the_clock_goes_smoothly_and_halts_where_something_is_told(stage: Stage) -> None:
    stage.play()
    await until(stage, "09:26")
    before = stage.performance.now
    await stage.frame(FRAME)
    assert 0 < (stage.performance.now - before).total_seconds() <= 60 * 3 * FRAME
    assert stage.moving.minutes_a_second == 3
    await until(stage, "09:30")
    await seconds(stage, 2)
    assert wall(stage.performance.now) == "09:30", "there is something to read"
    assert stage.moving.minutes_a_second == 0


async def test_the_whole_bad_morning_takes_about_two_minutes(stage: Stage) -> None:
    stage.play()
    took = await until(stage, "10:40")
    assert 90 < took < 130
    assert stage.performance.over
    assert not stage.playing
    assert stage.performance.board.unknown == 0


async def test_a_higher_speed_is_faster(stage: Stage) -> None:
    times = []
    for speed in SPEEDS:
        await stage.start_again(ORDINARY, play=True)
        stage.set_speed(speed)
        times.append(await until(stage, "10:00"))
    assert times == sorted(times, reverse=True)
    assert times[-1] < 20


async def test_a_pause_stands_still_and_play_goes_on_from_there(stage: Stage) -> None:
    stage.play()
    await until(stage, "09:27")
    stage.pause()
    stood = stage.performance.now
    await seconds(stage, 30)
    assert stage.performance.now == stood
    stage.play()
    await until(stage, "09:28")


async def test_a_pane_turns_before_something_happens_in_it(stage: Stage) -> None:
    await stage.jump(on_the_day(parse_wall("09:44")))
    stage.play()
    await until(stage, "09:45")
    assert stage.performance.shows[Pane.PROVIDER] == Seen(MEL, own=True)
    assert stage.performance.watch.posted["nudge"] == 0, "not yet: the pane has just turned"
    await seconds(stage, 1.5)
    assert stage.performance.watch.posted["nudge"] == 4


async def test_next_event_jumps_to_just_when_something_is_told(stage: Stage) -> None:
    shown = []
    while not stage.performance.over:
        await stage.next_event()
        shown.append(stage.performance.told.at)
    told = [scene.at for scene in BAD.scenes if scene.words and not scene.is_sweep]
    assert shown == [*told, "10:40"]


async def test_a_jump_leaves_nothing_out(stage: Stage) -> None:
    await stage.jump(on_the_day(parse_wall("10:40")))
    assert stage.performance.done == {scene.at for scene in BAD.scenes if not scene.is_sweep}
    assert stage.performance.watch.slowest_alert.total_seconds() == 0
    assert not any(stage.performance.watch.breaches.values())


async def test_there_is_no_jump_back(stage: Stage) -> None:
    await stage.jump(on_the_day(parse_wall("10:00")))
    await stage.jump(on_the_day(parse_wall("09:30")))
    assert wall(stage.performance.now) == "10:00"


async def test_what_the_visitor_does_is_answered_while_the_clock_stands(stage: Stage) -> None:
    await stage.jump(on_the_day(parse_wall("10:00")))
    performance = stage.performance
    posted = performance.watch.posted["escalation"]
    stage.visited_by(SAM)
    await performance.app.chat.act(
        performance.ids[SAM], performance.conversations[SAM], event_id="visitor-1", text="AB12 left site"
    )
    await stage.frame(FRAME)
    assert performance.watch.posted["escalation"] == posted + 2
    assert performance.told.words.startswith("You stepped in as Sam Taylor. Left site: 1 pupil, Oak Farm")
    assert wall(performance.now) == "10:00"


async def test_starting_again_is_a_new_database_and_the_old_one_is_gone(stage: Stage) -> None:
    await stage.jump(on_the_day(parse_wall("10:00")))
    old, number = stage.performance, stage.run_number
    await stage.start_again(ORDINARY)
    assert stage.performance.morning is ORDINARY
    assert stage.run_number == number + 1
    assert wall(stage.performance.now) == "09:25"
    assert old.app.chat.bell.closed
