"""Imports point down one stair; a new file fails here until it has a floor."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    {"codes", "words", "apps"},
    {"models"},
    {"search", "tiles", "extraction"},
    {"history"},
    {"quality", "bitmaps"},
    {"index"},
    {"records", "rows", "filters", "near"},
    {"listing", "hits"},
    {"drawing"},
    {"exports", "panel", "masthead", "pages", "fixture_files", "remembered", "suggestions"},
    {"admin", "views", "templatetags", "management"},
    {"urls"},
]
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}


def rooms() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "directory").rglob("*.py")):
        room = path.relative_to(ROOT / "directory").parts[0].removesuffix(".py")
        if room not in ("__init__", "migrations"):
            found.setdefault(room, []).append(path)
    return found


def imported(path: Path) -> set[str]:
    """The rooms of the directory that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "directory":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {parts[1] for parts in names if parts[0] == "directory" and len(parts) > 1}
    return found


def test_every_room_of_the_directory_has_a_floor():
    assert set(rooms()) <= set(FLOOR), set(rooms()) - set(FLOOR)


def test_imports_point_down_the_stair():
    climbing = [
        f"{path.name} imports {other}"
        for room, paths in rooms().items()
        for path in paths
        for other in imported(path)
        if other != room and FLOOR[other] >= FLOOR[room]
    ]
    assert not climbing


def test_the_directory_does_not_know_the_site():
    paths = [path for paths in rooms().values() for path in paths]
    assert not [path.name for path in paths if "import community" in path.read_text()]


def test_no_module_is_longer_than_three_hundred_lines():
    paths = [*(ROOT / "directory").rglob("*.py"), *(ROOT / "community").rglob("*.py")]
    written = [path for path in paths if path.parent.name != "migrations"]
    sizes = {path.name: len(path.read_text().splitlines()) for path in written}
    assert not {name: size for name, size in sizes.items() if size > 300}
