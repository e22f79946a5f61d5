"""The app package: what is uploaded to Teams, so that people can add apbot."""

import json
import zipfile
from pathlib import Path

from apbot import __version__

FILES = ("color.png", "outline.png")

FOLDERS = (Path(__file__).parent / "app", Path(__file__).parents[3] / "deploy" / "teams")
"""Where the template is: beside this module where apbot is installed, in deploy/teams where it is checked out."""


class CannotPackage(Exception):
    """The package can't be made. The text says why, and what would be right."""


def write_package(file: Path, client_id: str, website: str) -> None:
    """Write the package for this bot. Raises `CannotPackage` and OSError."""
    if not client_id:
        raise CannotPackage("There is no client ID yet. Set APBOT_TEAMS_CLIENT_ID to the one of the app registration.")
    if not website.startswith("https://"):
        raise CannotPackage(
            "Teams asks for a web address that begins with https://, such as the school's. "
            "Set APBOT_PUBLIC_URL, or give one with --website."
        )
    folder = next((each for each in FOLDERS if (each / "manifest.json").is_file()), None)
    if folder is None:
        raise CannotPackage("The template is not installed. Take it from deploy/teams of apbot's source.")
    template = (folder / "manifest.json").read_text(encoding="utf-8")
    for name, value in (("CLIENT_ID", client_id), ("WEBSITE", website), ("VERSION", __version__)):
        template = template.replace(f"{{{{{name}}}}}", json.dumps(value)[1:-1])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", template)
        for name in FILES:
            package.write(folder / name, name)
