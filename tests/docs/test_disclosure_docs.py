"""docs/disclosure.md is held against the code: every key of the policy, every figure that it names."""

import json
import re
from pathlib import Path

from apendata.describe.protection import protection
from apendata.disclosure import differences, homogeneous, people, policy
from apendata.model import Disclosure

_KEYS = re.compile(r"`([a-z_]+)`")


def _text(root: Path) -> str:
    return (root / "docs" / "disclosure.md").read_text(encoding="utf-8")


def test_every_key_of_a_policy_is_explained_and_no_other(root: Path) -> None:
    schema = json.loads((root / "src" / "apendata" / "catalog" / "dataset.schema.json").read_text(encoding="utf-8"))
    forms = schema["$defs"]["disclosure"]["oneOf"]
    (suppression,) = (form for form in forms if form["properties"]["method"]["const"] == "suppression")
    rows = [line for line in _text(root).splitlines() if line.startswith("| `")]
    explained = {key for row in rows for key in _KEYS.findall(row.split("|")[1])}
    assert explained == suppression["properties"].keys() - {"method"}


def test_the_figures_in_the_rules_are_the_code_s(root: Path) -> None:
    text = " ".join(_text(root).split())
    assert f"t is {policy._SENSITIVE_THRESHOLD} or more" in text
    assert f"a group of fewer than {homogeneous._SMALL_GROUP} are of one kind" in text
    assert people._AGGREGATE == 1 / 5
    assert "more than a fifth" in text
    assert differences._QUARTER_DAYS == 90
    assert "less than a quarter before" in text


def test_the_public_note_of_a_table_makes_the_promise_in_both_languages() -> None:
    note = protection(Disclosure("suppression", people="x", threshold=5, value="antall"))
    assert "alt fra 0 til 5 eller mer" in note["note"]
    assert "anything from 0 to 5 or more" in note["note_en"]
