"""The bad morning, played from event to event: what was promised of it happens, and no promise of apbot is broken."""

from typing import Any

import pytest
import sqlalchemy as sa

from apbot.demo.mornings import ATTENDANCE_CONTACTS, CARYS, DOROTHY, GARY, KIT, MEL, PRIYA, SAM, TOM
from apbot.domain.escalation import Kind, State
from apbot.domain.walltime import wall
from apbot.store.due import overdue
from apbot.store.tables import messages
from tests.demo.conftest import Watched


async def test_one_provider_answers_at_once_with_one_tap(bad: Watched) -> None:
    await bad.until("09:31")
    assert bad.board()["Oak Farm"] == "a" * 9
    assert bad.board()["The Garage"] == "w" * 8
    for who in (PRIYA, DOROTHY, TOM, KIT):
        assert bad.lines(who) == [], "the school is not disturbed"


async def test_one_answers_late_in_its_own_words_after_a_reminder(bad: Watched) -> None:
    await bad.until("09:51")
    assert bad.performance.watch.posted["nudge"] == 4, "two contacts and two deputies"
    assert bad.board()["The Garage"] == "w" * 8
    await bad.until("09:52")
    assert bad.typed(GARY) == ["all in except CD34"]
    assert bad.board()["The Garage"] == "amaaaaaa"


async def test_one_never_answers_and_all_its_pupils_are_alerts_at_thirty_minutes(bad: Watched) -> None:
    await bad.until("09:59")
    assert bad.alerts() == []
    await bad.until("10:00")
    studio = bad.alert("Riverside Studio")
    assert (len(studio.pupils), wall(studio.opened_at), studio.kind) == (4, "10:00", Kind.NOT_ARRIVED)
    for who in (PRIYA, DOROTHY):
        assert "Not arrived: 4 pupils, Riverside Studio, am" in bad.headings(who)
    copy = next(row.card for row in bad.lines(KIT) if "Riverside Studio" in row.card["heading"])
    assert [row["heading"] for row in copy["rows"]] == ["GH78 A.R.", "JK29 T.M."], "a key worker's own pupils only"
    await bad.to_the_end()
    assert bad.typed(MEL) == []
    assert all(entry.entry.said is None for entry in bad.alert("Riverside Studio").pupils)


async def test_a_pupil_who_leaves_the_site_is_an_alert_that_minute(bad: Watched) -> None:
    await bad.until("10:05")
    left = bad.alert("Oak Farm")
    assert (left.kind, wall(left.opened_at)) == (Kind.LEFT_SITE, "10:05")
    for who in (PRIYA, DOROTHY):
        assert "Left site: 1 pupil, Oak Farm, am" in bad.headings(who)
    await bad.until("10:07")
    assert bad.alert("Oak Farm").acknowledged_by == "Dorothy Okafor"


async def test_what_nobody_takes_on_reaches_the_deputy_dsl_after_ten_minutes(bad: Watched) -> None:
    await bad.until("10:09")
    assert bad.lines(TOM) == []
    await bad.until("10:10")
    assert bad.headings(TOM) == ["Not arrived: 1 pupil, The Garage, am"]
    await bad.until("10:12")
    assert bad.alert("The Garage").acknowledged_by == "Tom Beckett"
    assert bad.performance.ids["HILL-HM"] not in {row.person_id for row in _told(bad)}, "the head was not needed"


async def test_who_arrives_at_twenty_past_ten_stands_everybody_down(bad: Watched) -> None:
    await bad.until("10:19")
    assert bad.alert("The Garage").state is State.ACKNOWLEDGED
    await bad.until("10:20")
    assert bad.alert("The Garage").state is State.STOOD_DOWN
    for who in (PRIYA, DOROTHY, TOM, KIT):
        assert "Arrived: CD34 J.S. at The Garage" in bad.headings(who)
    assert bad.board()["The Garage"] == "a" * 8


async def test_at_the_end_everybody_is_accounted_for_and_nothing_is_left(bad: Watched) -> None:
    await bad.to_the_end()
    performance = bad.performance
    assert [each.state for each in bad.alerts()] == [State.STOOD_DOWN, State.CLOSED, State.CLOSED]
    assert all(pupil.outcome_by for alert in bad.alerts() for pupil in alert.pupils), "each outcome has a name"
    assert performance.app.database.run(overdue, performance.now) == {}
    assert performance.board.unknown == 0
    assert "".join(bad.board().values()).count("p") == 1, "one planned absence, which alarmed nobody"
    bad.kept_every_promise()


async def test_every_scene_happens_as_it_is_written(bad: Watched) -> None:
    await bad.to_the_end()
    scenes = [scene for scene in bad.performance.morning.scenes if not scene.is_sweep]
    assert {scene.at for scene in scenes} == bad.performance.done
    expected = [(scene.at, scene.words) for scene in scenes if scene.words]
    assert bad.told == [*expected, ("10:40", bad.performance.morning.ending)]


async def test_the_words_are_few_enough_to_be_read_while_it_plays(bad: Watched) -> None:
    for scene in bad.performance.morning.scenes:
        assert len(scene.words.split()) <= 32, scene.words


async def test_no_pupil_is_named_in_any_chat(bad: Watched) -> None:
    await bad.to_the_end()
    shown = str([row.card or row.text for who in bad.performance.ids for row in bad.lines(who)])
    for pupil in ("Joana", "Silva", "Hassan", "Rahman", "Marlow"):
        assert pupil not in shown


async def test_the_other_schools_hear_nothing_because_all_is_well_there(bad: Watched) -> None:
    await bad.to_the_end()
    for who in ATTENDANCE_CONTACTS:
        if who != PRIYA:
            assert bad.lines(who) == []


async def test_the_panes_turn_to_where_it_happens(bad: Watched) -> None:
    for scene in bad.performance.morning.scenes:
        await bad.until(scene.at)
        shown = bad.performance.shows
        assert {pane: shown[pane] for pane in scene.shows} == dict(scene.shows)


@pytest.mark.parametrize("who", [SAM, GARY, CARYS])
async def test_what_is_typed_or_tapped_is_never_asked_back(bad: Watched, who: str) -> None:
    await bad.to_the_end()
    assert not [heading for heading in bad.headings(who) if "Not recorded" in heading or "understand" in heading]


def _told(bad: Watched) -> list[sa.Row[Any]]:
    """Everybody to whom an alert was sent."""
    query = sa.select(messages.c.person_id).where(messages.c.kind == "escalation")
    return list(bad.performance.app.database.run(lambda transaction: transaction.rows(query)))
