"""ARCHITECTURE.md's drawing, held against the code: imports only point down, and nothing imports in a circle."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "apbot"

FLOORS = (
    ("clock", "settings", "logs", "templates"),
    ("measures",),
    ("domain",),
    ("cards", "places"),
    ("pictures",),
    ("store",),
    ("roster", "exports"),
    ("readiness",),
    ("messages",),
    ("schedules", "handlers", "papers"),
    ("channels",),
    ("settling",),
    ("delivery", "web"),
    ("watching",),
    ("running",),
    ("app",),
    ("service", "simulator"),
    ("demo",),
    ("cli",),
    ("__main__",),
)
"""The parts from the ground up. A part imports from the floors below it, and from its own."""

FLOOR = {part: number for number, parts in enumerate(FLOORS) for part in parts}
FILES = sorted(ROOT.rglob("*.py"))


def part_of(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> set[str]:
    """The modules of apbot that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("apbot"):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("apbot.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_point_down(path: Path) -> None:
    mine = part_of(path)
    if mine == "__init__":
        return
    for module in imports(path):
        parts = module.split(".")
        if len(parts) > 1 and parts[1] in FLOOR:
            assert parts[1] == mine or FLOOR[parts[1]] < FLOOR[mine], f"{mine} must not import {module}"


def test_the_domain_imports_no_database_no_platform_and_no_clock() -> None:
    for path in (ROOT / "domain").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for outside in ("sqlalchemy", "starlette", "slack", "telegram", "aiohttp", "datetime.now("):
            assert outside not in source, f"{path.name} names {outside}"


def test_only_channels_know_a_platform() -> None:
    for path in FILES:
        if part_of(path) in ("channels", "web", "logs", "settings"):
            continue
        for module in ("slack_bolt", "slack_sdk", "telegram", "microsoft_teams"):
            assert f"import {module}" not in path.read_text(encoding="utf-8"), path


def test_no_module_imports_in_a_circle() -> None:
    graph = {}
    for path in FILES:
        name = ".".join(("apbot", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = imports(path)
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above[above.index(name) :], name))
        if name in done or name not in graph:
            return
        for each in graph[name]:
            if each != name and not name.startswith(f"{each}."):
                visit(each, (*above, name))
        done.add(name)

    for each in graph:
        visit(each, ())
