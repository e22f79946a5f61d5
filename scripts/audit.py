"""Whether a vulnerability is known in a locked dependency. See scripts/audit."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
SERVICES = ("pypi", "osv")
WITHIN = 300
"""Seconds for one service to tell of everything."""


def main(arguments: Sequence[str]) -> int:
    """0, or 1 where something is to be done."""
    ignored = read_ignored()
    for service in SERVICES:
        told = ask(service)
        if told is not None:
            return report(service, told, ignored)
    print("#" * 100)
    print("# NOT AUDITED: no vulnerability service could be reached, so nobody knows whether one of the locked")
    print("# dependencies has a known vulnerability. Run scripts/audit where there is a network.")
    print("#" * 100)
    return 1 if "--strict" in arguments else 0


def read_ignored() -> Mapping[str, Mapping[str, Any]]:
    """What scripts/audit-ignored.toml names, by its identifier."""
    given = tomllib.loads((HERE / "audit-ignored.toml").read_text(encoding="utf-8")).get("ignored", [])
    for each in given:
        missing = {"id", "package", "reason", "until"} - each.keys()
        if missing:
            raise SystemExit(f"scripts/audit-ignored.toml: {each.get('id', 'an entry')} lacks {sorted(missing)}")
    return {each["id"]: each for each in given}


def ask(service: str) -> Sequence[Mapping[str, Any]] | None:
    """What the service knows of each locked dependency; None where it knows of none, or can't be reached."""
    command = [
        "pip-audit",
        "--vulnerability-service",
        service,
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "--timeout",
        "10",
        "--format",
        "json",
    ]
    for lock in LOCKS:
        command += ["--requirement", lock]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
        found = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    # An index that knows of no vulnerabilities answers "not found" for each, and pip-audit then finds none.
    return found if any("skip_reason" not in each for each in found) else None


def report(service: str, told: Sequence[Mapping[str, Any]], ignored: Mapping[str, Mapping[str, Any]]) -> int:
    """Print what was found, and give what to end with."""
    today = datetime.now(UTC).date()
    unknown = sorted({each["name"] for each in told if "skip_reason" in each})
    known: set[str] = set()
    wrong = False
    for each in told:
        for vulnerability in each.get("vulns", ()):
            names = [vulnerability["id"], *vulnerability.get("aliases", ())]
            line = f"{each['name']} {each.get('version', '')}: {', '.join(names)}"
            if line in known:
                continue
            known.add(line)
            excuse = next((ignored[name] for name in names if name in ignored), None)
            if excuse is None or excuse["package"] != each["name"]:
                wrong = True
                mended = ", ".join(vulnerability.get("fix_versions", ())) or "no version yet"
                print(f"VULNERABLE {line}. Mended in: {mended}")
            elif excuse["until"] < today:
                wrong = True
                print(f"LOOK AGAIN {line}: ignored until {excuse['until']} because {excuse['reason']}")
            else:
                print(f"ignored    {line}: {excuse['reason']} (until {excuse['until']})")
    for name in unknown:
        print(f"NOT AUDITED {name}: the service does not know it")
    audited = len({each["name"] for each in told}) - len(unknown)
    print(f"{audited} locked dependencies audited by {service}: {len(known)} known vulnerabilities.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
