"""Measurements, each beside a floor of the same run. Run them with scripts/bench; they are not tests."""
