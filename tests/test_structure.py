"""The plan of the house: each view has its page, its Python and its tests under one name."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "qjobwidgets"
VIEWS = {
    path.stem
    for path in (ROOT / "qjobwidgets/widgets").glob("*.py")
    if "_esm = bundle(" in path.read_text()
}


def test_there_are_the_six_views():
    assert {"badge", "card", "table", "plot", "counts", "dashboard"} == VIEWS


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


def test_the_source_unpickles_and_evaluates_nothing():
    """What comes from outside is data; the source of uploaded programs is run in one place only."""
    words = re.compile(r"pickle\.loads?\(|allow_pickle=True|\beval\(|yaml\.load|\bexec\(")
    found = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if words.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"server/programs/uploaded.py"}
