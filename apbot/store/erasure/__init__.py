"""Erasing, where it is lawful: a pupil's record becomes nobody's, and a leaver's contact data goes."""

from apbot.store.erasure.pupils import erase_pupil, why_pupil_is_kept
from apbot.store.erasure.staff import erase_person, why_person_is_kept

__all__ = ["erase_person", "erase_pupil", "why_person_is_kept", "why_pupil_is_kept"]
