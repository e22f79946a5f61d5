"""A subject access request: what a pupil, or a parent for them, is given who asks for everything held on them."""

from apbot.papers.subject.archive import write_archive
from apbot.papers.subject.held import Held, Subject, read_subject

__all__ = ["Held", "Subject", "read_subject", "write_archive"]
