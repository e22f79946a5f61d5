"""What must be on the disk before anything goes on: whatever becomes of the power, it is there."""

import os
from pathlib import Path


def keep(file_or_folder: Path) -> None:
    """The disk has what is in it from now on: a file's contents, or which files there are in a folder."""
    handle = os.open(file_or_folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
