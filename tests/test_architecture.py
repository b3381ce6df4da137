"""The house keeps its layers: who may import whom, who may make a SafeTable, who may read the environment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "apendata"

LAYERS = {
    "errors": 0,
    "model": 0,
    "settings": 1,
    "catalog": 1,
    "sources": 1,
    "validation": 1,
    "disclosure": 1,
    "lake": 1,
    "describe": 1,
    "report": 1,
    "portals": 2,
    "pipeline": 3,
    "app": 4,
    "cli": 5,
    "__main__": 6,
}
EXTRA = {("portals", "describe"), ("model", "errors"), ("errors", "model")}
"""Allowed besides lower layers: none of the same layer otherwise."""

FOREIGN = {"frictionless": "validation", "ckanapi": "portals", "python_calamine": "sources", "dotenv": "settings"}


def files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def part(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}.{node.names[0].name}" if node.module == "apendata" else str(node.module)


def tree_of(file: Path) -> ast.AST:
    return ast.parse(file.read_text(encoding="utf-8"))


def test_every_part_has_a_layer() -> None:
    assert {part(file) for file in files()} - {"__init__"} <= set(LAYERS)


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(SOURCE)))
def test_imports_only_from_below(file: Path) -> None:
    here = part(file)
    if here == "__init__":
        return
    for name in imports(tree_of(file)):
        if not name.startswith("apendata.") or name == "apendata.__version__":
            continue
        there = name.split(".")[1]
        allowed = there == here or LAYERS[there] < LAYERS[here] or (here, there) in EXTRA
        assert allowed, f"{file.relative_to(ROOT)} ({here}) imports {name}"


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(SOURCE)))
def test_foreign_libraries_have_one_door(file: Path) -> None:
    for name in imports(tree_of(file)):
        library = name.split(".")[0]
        assert library != "prefect", f"{file}: Prefect lives in flows/ and nowhere else"
        assert FOREIGN.get(library, part(file)) == part(file), f"{file} imports {library}"


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            called = function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)
            if called == name:
                yield node


@pytest.mark.parametrize(
    "file", [*files(), *sorted((ROOT / "flows").glob("*.py"))], ids=lambda f: str(f.relative_to(ROOT))
)
def test_only_disclosure_makes_a_safe_table(file: Path) -> None:
    tree = tree_of(file)
    if file.is_relative_to(SOURCE / "disclosure"):
        return
    assert not list(calls(tree, "SafeTable"))
    changed = [call for call in calls(tree, "replace") if "safe" in ast.unparse(call).lower()]
    assert not changed, "dataclasses.replace on a SafeTable would make one by the back door"


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(SOURCE)))
def test_only_settings_reads_the_environment(file: Path) -> None:
    if part(file) == "settings":
        return
    for node in ast.walk(tree_of(file)):
        read = isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}
        assert not read, f"{file}:{getattr(node, 'lineno', '?')} reads the environment"


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(SOURCE)))
def test_no_nameless_errors_and_no_swallowing(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = ast.unparse(node.exc.func)
            assert name not in {"Exception", "BaseException", "RuntimeError"}, f"{file}:{node.lineno} raises {name}"
        if isinstance(node, ast.ExceptHandler):
            caught = "BaseException" if node.type is None else ast.unparse(node.type)
            assert caught not in {"Exception", "BaseException"} or part(file) in {"pipeline", "cli"}, (
                f"{file}:{node.lineno} catches everything"
            )


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(SOURCE)))
def test_no_vague_module_names(file: Path) -> None:
    assert file.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


def transforms() -> list[Path]:
    return sorted(ROOT.glob("datasets/*/transform.py"))


def test_transforms_import_the_model_only() -> None:
    for file in transforms():
        ours = [name for name in imports(tree_of(file)) if name.startswith("apendata")]
        assert all(name.startswith("apendata.model") for name in ours), file
