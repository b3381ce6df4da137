"""What stands beside the tables: hashes, profiles, old values and sentences."""

import hashlib
import json

import pytest

from apendata.disclosure.leaks.told import cells_told, digests_in, old_values_in, profiles_in, records_in, texts_of

ONE = hashlib.sha256(b"published").hexdigest()
OTHER = hashlib.sha256(b"export").hexdigest()


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("form", ["{}", "sha256:{}", "etag-{}.csv"])
def test_a_hash_of_what_is_not_published_is_found(name: str, form: str) -> None:
    digest = hashlib.new(name, b"export").hexdigest()
    for written in (digest, digest.upper()):
        told = json.dumps({"hash": ONE, "kilde": form.format(written)})
        assert digests_in(told, {ONE}) == (written,)


def test_hashes_of_published_files_and_other_long_names_are_none() -> None:
    assert digests_in(f"{ONE.upper()} 0f8fad5b-d9cb-469f-a165-70867728950e {'1' * 20} {'a' * 70}", {ONE}) == ()
    assert digests_in(OTHER, {ONE}) == (OTHER,)


@pytest.mark.parametrize(
    "told",
    [
        {"fields": [{"name": "antall", "min": 2}]},
        {"fields": [{"name": "antall", "statistics": {"mean": 4.5}}]},
        {"profile": {"antall": {"max": "1 234"}}},
        {"columns": [{"kolonne": "antall", "top": [2, 3]}]},
        {"variableMeasured": {"@type": "PropertyValue", "alternateName": "antall", "minValue": 2}},
    ],
)
def test_figures_of_a_column_with_hidden_cells_are_found(told: object) -> None:
    assert set(profiles_in({"resources": [told]}, {"antall"})) == {"antall"}
    assert list(profiles_in(told, {"annen"})) == []


@pytest.mark.parametrize(
    "told",
    [
        {"name": "antall", "type": "integer", "constraints": {"minimum": 0, "maximum": 99}, "unit": "persons"},
        {"name": "antall", "title": "Antall", "value": "antall personer"},
        {"name": "Horten", "identifier": {"name": "kommunenummer", "value": "3801"}},
    ],
)
def test_what_the_definition_says_of_a_column_is_no_profile(told: object) -> None:
    assert list(profiles_in([told], {"antall"})) == []


def test_changes_tell_no_value_of_a_cell_that_is_or_was_hidden() -> None:
    head = "tabell,noekkel,kolonne,gammel_verdi,ny_verdi,endring,grunn\n"

    def line(old: object, new: object, code: str = "B") -> str:
        return f't,"{{""aar"":2024,""kode"":""{code}""}}",antall,{old},{new},endret,\n'

    hidden, keys = {("t", "antall"): {("2024", "B")}}, {"t": ("aar", "kode")}
    assert old_values_in((head + line(2, "")).encode(), hidden, keys) == 1
    assert old_values_in((head + line("", 2)).encode(), hidden, keys) == 1
    assert old_values_in((head + line("", "")).encode(), hidden, keys) == 0
    assert old_values_in((head + line(2, 3, "C")).encode(), hidden, keys) == 0


@pytest.mark.parametrize(
    ("record", "leaks"),
    [
        ({"aar": 2024, "kode": "B", "antall": 2, "antall_status": ":"}, True),
        ({"aar": "2024", "kode": "B", "antall": 0, "antall_status": ":"}, True),
        ({"aar": 2024, "kode": "B", "antall": None, "antall_status": None}, True),
        ({"aar": 2024, "kode": "B", "antall": None, "antall_status": ":"}, False),
        ({"aar": 2024, "kode": "C", "antall": 2, "antall_status": None}, False),
        ({"kode": "B", "antall": 2}, False),
    ],
)
def test_a_record_with_a_value_at_a_hidden_key_is_found_wherever_it_stands(record: object, leaks: bool) -> None:
    told = {"a": [1, {"b": [record]}]}
    assert list(records_in(told, ("aar", "kode"), {"antall": {("2024", "B")}})) == (["antall"] if leaks else [])


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("value 2 in row Stab is below threshold (2 < 3): suppressed", True),
        ("Stab, kultur: 2", True),
        ("STAB=2", True),
        ("value 2 in row Kultur", False),
        ("row Stab is hidden", False),
        ("Stab: 20", False),
        ("Stabil: 2", False),
    ],
)
def test_a_sentence_that_names_a_row_and_its_value_is_found(text: str, leaks: bool) -> None:
    assert bool(cells_told([text], {("Stab",): {"2"}})) is leaks


def test_the_plain_values_of_one_object_are_read_together() -> None:
    told = {"checks": [{"rule": "min-count", "row": "Stab", "found": 2}, {"row": "Kultur", "found": 7}]}
    assert cells_told(texts_of(told), {("Stab",): {"2"}}) == (("Stab",),)
    assert cells_told(texts_of(told), {("Stab",): {"7"}}) == ()
