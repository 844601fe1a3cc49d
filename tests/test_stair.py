"""Imports point down one stair; a new file fails here until it has a floor."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where asking and desk stand beside each other, neither may import the other.
GROUND = [
    {"codes", "words", "apps", "columns", "pouring", "aside"},
    {"models", "spelling"},
    {"search", "images"},
    {"findings", "scribe"},
    {"rights", "seconding"},
    {"remits"},
    {"history"},
    {"restoring", "telling"},
    {"hanging", "leaving"},
    {"backward"},
    {"undoing"},
]
WINGS = {
    "asking": [
        {"vocabulary", "orders", "gathering", "tenures", "ahead", "worded"},
        {"bitmaps"},
        {"building"},
        {"annex", "renewal"},
        {"index"},
        {"records", "rows", "filters", "near"},
        {"fetching", "hits"},
        {"listing"},
    ],
    "desk": [
        {"extraction", "groups", "quality", "naming"},
        {"fixture_files", "likeness", "periods"},
        {"matching", "doubles", "comparison"},
        {"pairs", "merging", "imports"},
        {"worklist"},
        {"admin"},
    ],
    "doors": [
        {"tiles", "charts", "drawing", "pictures", "sitemap", "vcards", "changes", "board"},
        {"entries", "exports", "panel", "masthead", "remembered", "suggestions"},
        {"roll", "statistics", "machines", "linked"},
        {"pages"},
        {"views"},
    ],
}
ABOVE = [{"templatetags", "management"}, {"doors.urls"}]
MAY_ENTER = {"doors": {"asking"}, "": {"asking", "desk", "doors"}}


def floors() -> dict[str, int]:
    found = {room: number for number, floor in enumerate(GROUND) for room in floor}
    for wing, levels in WINGS.items():
        for number, floor in enumerate(levels):
            found |= {f"{wing}.{room}": number + (20 if wing == "doors" else 10) for room in floor}
    return found | {room: 30 + number for number, floor in enumerate(ABOVE) for room in floor}


FLOOR = floors()


def room_of(parts: list[str]) -> str:
    """`directory.asking.index` stands in the room `asking.index`."""
    inside = parts[1:3] if parts[1:2] and parts[1] in WINGS else parts[1:2]
    return ".".join(inside)


def rooms() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "directory").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        room = room_of([part for part in parts if part != "__init__"])
        if room not in ("", "migrations", *WINGS):
            found.setdefault(room, []).append(path)
    return found


def imported(path: Path) -> set[str]:
    """The rooms of the directory that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "directory":
            named = [[*node.module.split("."), alias.name] for alias in node.names]
        elif isinstance(node, ast.Import):
            named = [alias.name.split(".") for alias in node.names]
        else:
            continue
        found |= {room_of(parts) for parts in named if parts[0] == "directory"}
    return found - {""}


def wing(room: str) -> str:
    return room.split(".")[0] if "." in room else ""


def may_enter(room: str, other: str) -> bool:
    here, there = wing(room), wing(other)
    return there in {"", here, *MAY_ENTER.get(here, ())}


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


def test_asking_and_desk_do_not_know_each_other():
    entered = [
        f"{path.name} imports {other}"
        for room, paths in rooms().items()
        for path in paths
        for other in imported(path)
        if not may_enter(room, other)
    ]
    assert not entered


def test_the_directory_does_not_know_the_site():
    paths = [path for paths in rooms().values() for path in paths]
    assert not [path.name for path in paths if "import community" in path.read_text()]


def test_no_module_is_longer_than_three_hundred_lines():
    paths = [*(ROOT / "directory").rglob("*.py"), *(ROOT / "community").rglob("*.py")]
    written = [path for path in paths if path.parent.name != "migrations"]
    sizes = {path.name: len(path.read_text().splitlines()) for path in written}
    assert not {name: size for name, size in sizes.items() if size > 300}
