"""The plan of the house: each view has its page, its Python and its tests under one name."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
NOT_VIEWS = {"__init__", "host", "rows", "view"}
VIEWS = {path.stem for path in (ROOT / "qjobwidgets/widgets").glob("*.py")} - NOT_VIEWS


def test_there_are_the_four_views():
    assert {"badge", "table", "plot", "counts"} == VIEWS


def test_each_view_has_its_files_of_the_same_name():
    for view in VIEWS:
        pages = [*ROOT.glob(f"js/src/{view}.ts"), *ROOT.glob(f"js/src/{view}.tsx")]
        assert len(pages) == 1, f"the page of {view}"
        assert (ROOT / f"tests/widgets/test_{view}.py").is_file(), f"the test of {view}"
        assert (ROOT / f"tests/browser/test_{view}.py").is_file(), f"the browser test of {view}"


def test_the_rooms_are_those_of_the_design():
    rooms = {
        path.name for path in (ROOT / "qjobwidgets").iterdir() if (path / "__init__.py").exists()
    }
    assert rooms == {"client", "codec", "magics", "render", "server", "watch", "widgets"}
