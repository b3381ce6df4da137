"""Documents cannot drift from the code: commands, settings, exit codes and the reference are compared with it."""

import argparse
import importlib.util
import re
from pathlib import Path

import pytest

from apendata import errors, settings
from apendata.cli import INTERRUPTED, UNSAID, arguments

EXIT_CODES = errors._EXIT_CODES


def commands() -> list[str]:
    action = next(a for a in arguments._parser()._actions if isinstance(a, argparse._SubParsersAction))
    return sorted(action.choices)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme_and_has_help(root: Path, command: str) -> None:
    assert re.search(rf"^\| `{command}\b", (root / "README.md").read_text(), re.MULTILINE)


def test_every_setting_is_documented_with_its_default(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text()
    rows = dict(re.findall(r"^\| `(APENDATA_\w+)` \| `?([^|`]*)`? \|", page, re.MULTILINE))
    assert set(rows) == set(settings.DOCUMENTED)
    example = (root / ".env.example").read_text()
    assert all(name in example for name in settings.DOCUMENTED)


@pytest.mark.parametrize("kind", EXIT_CODES, ids=lambda k: k.__name__)
def test_every_exit_code_is_documented(root: Path, kind: type[errors.ApendataError]) -> None:
    assert f"| {EXIT_CODES[kind]} | `{kind.__name__}` |" in (root / "docs" / "operations.md").read_text()
    assert re.search(rf"\b{EXIT_CODES[kind]} ", arguments._EPILOG)


def test_the_codes_that_are_no_error_s_are_documented(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text()
    for code in (errors.EXIT_OK, errors.EXIT_DIFFERS, UNSAID, INTERRUPTED):
        assert f"\n| {code} | |" in page


def test_the_reference_is_made_from_the_schema(root: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_reference", root / "docs" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.page() == module.PAGE.read_text(encoding="utf-8"), "run python docs/make_reference.py"


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    for page in [root / "README.md", *(root / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
