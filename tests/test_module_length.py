"""No module grows beyond what a reader can survey."""

from community.cli.virtualenv import ROOT


def test_no_module_is_longer_than_three_hundred_lines():
    paths = [*(ROOT / "directory").rglob("*.py"), *(ROOT / "community").rglob("*.py")]
    written = [path for path in paths if path.parent.name != "migrations"]
    sizes = {str(path): len(path.read_text().splitlines()) for path in written}
    assert not {name: size for name, size in sizes.items() if size > 300}
