"""One process, put together from its settings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apbot.app import open_app
from apbot.clock import VirtualClock
from apbot.service import Service
from apbot.settings import Settings

NOW = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [1, 60])
def test_a_tick_is_not_missed_before_the_next_one_is_due(seconds: int, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/apbot.db", tick_seconds=seconds, _env_file=None)
    app = open_app(settings, VirtualClock(NOW), inline=True)
    pulse = Service(app, lambda _: None)._pulse
    pulse.beat(NOW)
    assert pulse.trouble(NOW + timedelta(seconds=seconds)) == {}
    assert pulse.trouble(NOW + timedelta(seconds=121)) != {}
    app.database.close()
