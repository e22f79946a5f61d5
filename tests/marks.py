"""Marks that several test modules use."""

import pytest

WEEKS_ON_END = pytest.mark.sqlite
"""For a story of many days, of which each is as any other to the database: it is run on SQLite alone."""
