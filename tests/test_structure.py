"""The plan of the house: each view has its page, its Python and its tests under one name."""

import ast
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


# modules whose readers run what they read
RUNNING_READERS = {
    "pickle",
    "_pickle",
    "cPickle",
    "cloudpickle",
    "dill",
    "joblib",
    "marshal",
    "shelve",
    "yaml",
}
RUNNING_CALLS = {"eval", "exec", "compile", "__import__", "import_module"}


def things_that_run_data(file: Path) -> set[str]:
    """Return the ways in which a source file could run what it has read."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names} & RUNNING_READERS
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & RUNNING_READERS
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                found |= {node.func.id} & RUNNING_CALLS
            found |= {f"{word.arg}=True" for word in node.keywords if is_true(word, "allow_pickle")}
            found |= {f"{word.arg}=True" for word in node.keywords if is_true(word, "shell")}
        elif isinstance(node, ast.Attribute):
            found |= {node.attr} & {"import_module", "load_module", "exec_module", "read_pickle"}
    return found


def is_true(word: ast.keyword, name: str) -> bool:
    return word.arg == name and not (
        isinstance(word.value, ast.Constant) and word.value.value is False
    )


def test_the_source_unpickles_and_evaluates_nothing():
    """What comes from outside is data; the source of uploaded programs is run in one place only."""
    found = {
        str(file.relative_to(PACKAGE)): ways
        for file in PACKAGE.rglob("*.py")
        if (ways := things_that_run_data(file))
    }
    assert found == {
        "__init__.py": {"import_module"},  # of the names of this package
        "widgets/table.py": {"import_module"},  # of pandas, which need not be there
        "server/programs/uploaded.py": {"compile", "exec"},
    }


def test_the_page_evaluates_nothing():
    words = re.compile(r"\beval\(|new Function\(|setTimeout\([\"'`]|import\([^\"']")
    sources = [*ROOT.glob("js/src/**/*.ts"), *ROOT.glob("js/src/**/*.tsx")]
    found = [file.name for file in sources if words.search(file.read_text(encoding="utf-8"))]
    assert found == ["whole.ts"]  # the rest of our own script, which comes packed
