"""apbot: registers, non-arrival alerts and welfare outcomes for pupils in alternative provision."""

__version__ = "0.3.2"
