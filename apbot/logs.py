"""Logs: structured lines on standard error, with references and never a name, a secret or typed words."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Log at `level` ("INFO") and above."""
    logging.basicConfig(level=level, format="%(message)s", stream=sys.stderr, force=True)
    # The scheduler's own words for every tick are noise, and a library's debug lines may hold what must not be kept.
    for noisy in ("apscheduler", "httpx", "telegram", "slack_bolt", "slack_sdk", "multipart"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
