"""Empty databases to move to."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.postgresql import postgresql  # noqa: F401  (a fixture)

_numbers = count(1)

NewUrl = Callable[[str], str]


@pytest.fixture
def new_url(tmp_path: Path, request: pytest.FixtureRequest) -> NewUrl:
    """An empty database of that kind ("sqlite", "postgresql")."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/new-{next(_numbers)}.db"
        return str(request.getfixturevalue("postgresql"))

    return make
