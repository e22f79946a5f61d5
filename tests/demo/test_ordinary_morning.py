"""The ordinary morning: how little a school hears of it."""

from apbot.demo.mornings import DOROTHY, GARY, KIT, MEL, PRIYA, RUKHSANA, TOM
from apbot.domain.escalation import Outcome, State
from apbot.domain.walltime import wall
from tests.demo.conftest import Watched


async def test_everybody_answers_within_fifteen_minutes_and_nobody_is_reminded(ordinary: Watched) -> None:
    await ordinary.until("09:45")
    assert "w" not in "".join(ordinary.board().values())
    assert ordinary.performance.watch.posted["nudge"] == 0


async def test_a_planned_absence_stands_on_the_register_and_alarms_nobody(ordinary: Watched) -> None:
    await ordinary.to_the_end()
    (register,) = [
        row.card for row in ordinary.lines(RUKHSANA) if row.card and row.card["heading"].startswith("Register")
    ]
    planned = next(row for row in register["rows"] if row["heading"].startswith("MW82"))
    assert "medical or dental appointment" in planned["text"]
    assert not any(pupil.entry.reference == "MW82" for alert in ordinary.alerts() for pupil in alert.pupils)


async def test_who_comes_late_is_no_alert_and_the_time_is_kept(ordinary: Watched) -> None:
    await ordinary.until("10:00")
    (register,) = [row.card for row in ordinary.lines(GARY) if row.card and row.card["heading"].startswith("Register")]
    late = next(row for row in register["rows"] if row["heading"].startswith("CD34"))
    assert late["text"].startswith("Arrived late at 09:41 (11 minutes)")
    assert [alert.register.provider for alert in ordinary.alerts()] == ["Riverside Studio"]


async def test_one_alert_is_settled_in_four_minutes(ordinary: Watched) -> None:
    await ordinary.to_the_end()
    assert ordinary.typed(MEL) == ["all in apart from GH78, ill"]
    (alert,) = ordinary.alerts()
    assert alert.state is State.CLOSED
    assert alert.pupils[0].outcome is Outcome.HOME_ILL
    assert alert.closed_at is not None
    assert (wall(alert.opened_at), wall(alert.closed_at)) == ("10:00", "10:04")
    assert ordinary.lines(TOM) == []
    assert len(ordinary.headings(DOROTHY)) == len(ordinary.headings(KIT)) == 1
    assert ordinary.performance.board.unknown == 0
    ordinary.kept_every_promise()


async def test_every_scene_happens_as_it_is_written(ordinary: Watched) -> None:
    await ordinary.to_the_end()
    performance = ordinary.performance
    assert {scene.at for scene in performance.morning.scenes if not scene.is_sweep} == performance.done
    assert ordinary.told[-1] == ("10:20", performance.morning.ending)
    assert PRIYA in performance.ids
