"""Every collected case of a file, manifest or report that gives hidden cells away, through the code of the pipeline.

What a case holds is known by its form alone: ``files`` with ``leaks`` and ``sentinels``; a ``manifest`` beside what is
``published``; texts with ``true_small_values`` and ``forbidden_patterns``.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from apendata.disclosure.leaks.needles import Needles
from apendata.disclosure.leaks.told import cells_told, digests_in, texts_of
from tests.spec.sdc_cases import FOLDER, Case

FORMS = {
    "files": lambda text: {"sentinels", "files"} <= text.keys() and isinstance(text["files"], dict),
    "manifest": lambda text: {"published", "manifest"} <= text.keys(),
    "report": lambda text: {"files", "true_small_values"} <= text.keys(),
}


def _cases() -> list[Any]:
    if not FOLDER.is_dir():
        reason = f"no cases at {FOLDER}: set APENDATA_SDC_CASES"
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=reason), id="none")]
    found = []
    for file in sorted(FOLDER.glob("*/case.yaml")):
        text = yaml.safe_load(file.read_text(encoding="utf-8"))
        if text.get("model") in {"bytes", "text"}:
            forms = [form for form, fits in FORMS.items() if fits(text)]
            found += [pytest.param(Case(file.parent, text), form, id=f"{file.parent.name}-{form}") for form in forms]
    return found


@pytest.mark.parametrize(("case", "form"), _cases())
def test_what_the_case_calls_a_leak_is_found_and_nothing_else(case: Case, form: str) -> None:
    _JUDGES[form](case)


def _judge_files(case: Case) -> None:
    needles = Needles([int(number) for number in case.text["sentinels"]])
    for name, expected in case.text["files"].items():
        found = needles.found_inside(name, (case.folder / name).read_bytes())
        assert bool(found) is expected["leaks"], name


def _judge_manifest(case: Case) -> None:
    """A manifest may tell hashes of published files; any other one can be tried through."""
    published = case.text["published"]
    names = [published] if isinstance(published, str) else list(published)
    known = {hashlib.new(kind, (case.folder / name).read_bytes()).hexdigest() for name in names for kind in _KINDS}
    manifest = (case.folder / case.text["manifest"]).read_text(encoding="utf-8")
    found = digests_in(manifest, known)
    assert bool(found) is case.text.get("leaks", True)
    assert digests_in(_without(manifest, found), known) == ()


_KINDS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def _without(manifest: str, found: tuple[str, ...]) -> str:
    for digest in found:
        manifest = manifest.replace(digest, "")
    return manifest


def _judge_report(case: Case) -> None:
    true = {_key(row): {str(value)} for row, value in case.text["true_small_values"].items()}
    for name in case.text["files"]:
        told = (case.folder / name).read_text(encoding="utf-8")
        texts = list(texts_of(json.loads(told))) if name.endswith(".json") else told.splitlines()
        forbidden = any(re.search(pattern, told) for pattern in case.text.get("forbidden_patterns", ()))
        assert bool(cells_told(texts, true)) is forbidden, name


def _key(row: Any) -> tuple[str, ...]:
    return tuple(map(str, row)) if isinstance(row, list | tuple) else (str(row),)


_JUDGES: dict[str, Callable[[Case], None]] = {
    "files": _judge_files,
    "manifest": _judge_manifest,
    "report": _judge_report,
}
