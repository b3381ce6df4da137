"""Every format, packed or not, in one file or several: the verdict is Frictionless' own, and damage is told by name."""

import bz2
import datetime as dt
import gzip
import hashlib
import json
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from frictionless import Package
from frictionless.resources import TableResource
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from openpyxl import Workbook

from apendata.errors import DefinitionError
from apendata.tabular import (
    Options,
    Task,
    as_report,
    bombs,
    decoding,
    hashing,
    other_formats,
    validate_file,
    validate_package,
)
from tests.unit.sources import exports
from tests.unit.tabular.made import V2
from tests.unit.tabular.oracle import errors_of

SCHEMA: dict[str, Any] = {
    "$schema": V2,
    "fields": [
        {"name": "kode", "type": "string", "constraints": {"required": True, "minLength": 2}},
        {"name": "antall", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "sum", "type": "number"},
        {"name": "dag", "type": "date"},
        {"name": "ja", "type": "boolean"},
    ],
    "primaryKey": "kode",
}
NAMES = [field["name"] for field in SCHEMA["fields"]]
WRONG: list[list[Any]] = [
    ["010", 5, 1.5, "2024-01-31", True],
    ["010", -5, "1,5", "31.01.2024", "ja"],
    ["x", 2.5, 7, 45000, 1],
    [None, "5", None, None, None],
]
RIGHT: list[list[Any]] = [["010", 5, 1.5, "2024-01-31", True], ["011", 0, 2, None, False]]
PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        book.save(file.name)
        return Path(file.name).read_bytes()


def keyed(rows: list[list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


WRITE: dict[str, Callable[[list[list[Any]]], bytes]] = {
    "xlsx": xlsx,
    "xls": exports.xls,
    "ods": exports.ods,
    "json": lambda rows: json.dumps(keyed(rows)).encode(),
    "jsonl": lambda rows: "".join(json.dumps(row) + "\n" for row in keyed(rows)).encode(),
}


def put(folder: Path, name: str, data: bytes, schema: dict[str, Any] = SCHEMA) -> Path:
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (folder / name).write_bytes(data)
    return folder / name


def ours(path: Path, *, strict: bool = False) -> Task:
    return validate_file(path, path.parent / "schema.json", Options(strict=strict, limit=None, hashes=True))


def theirs(file: Path, **words: Any) -> dict[str, Any]:
    descriptor = {"name": "t", "path": file.name, "encoding": "utf-8", "schema": SCHEMA, **words}
    descriptor["$schema"] = V2.replace("tableschema", "dataresource")
    resource = TableResource.from_descriptor(descriptor, basepath=str(file.parent))
    return dict(resource.validate(limit_errors=10**9).to_descriptor())


def assert_same(path: Path, **words: Any) -> Task:
    found, expected = ours(path), theirs(path, **words)
    report = as_report([found], 0.0)
    assert errors_of(report) == errors_of(expected)
    stats = expected["tasks"][0]["stats"]
    for name in {"md5", "sha256", "bytes", "rows", "fields"} & stats.keys():  # Frictionless forgets some
        assert report["tasks"][0]["stats"][name] == stats[name]
    return found


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize("rows", [RIGHT, WRONG], ids=["right", "wrong"])
def test_each_format_has_frictionless_own_verdict(tmp_path: Path, kind: str, rows: list[list[Any]]) -> None:
    found = assert_same(put(tmp_path, f"t.{kind}", WRITE[kind]([NAMES, *rows])))
    assert found.rows == len(rows)
    assert bool(found.errors) is (rows is WRONG)


CELLS = st.one_of(
    st.sampled_from(["010", "", "x", "2024-01-31", "true", "-1", "1.0", "æ"]),
    st.integers(-5, 10**6),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.booleans(),
    st.none(),
)


@given(st.sampled_from(sorted(WRITE)), st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=5))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_cells_of_any_type_have_frictionless_own_verdict(kind: str, rows: list[list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same(put(Path(folder), f"t.{kind}", WRITE[kind]([NAMES, *rows])))


NUMBERS = [-1, -1.0, 0, -0.0, False, 1, 1.0, True, 2, 2.0, 2.5, 2**53, 2.0**53, 2**61, 2.0**61, 2**63, 2.0**63, 1e30]
KEYS = st.one_of(st.sampled_from([*NUMBERS, -(2**63), -(2.0**63), 10**30, -(2**64), -(2.0**64), "-1", ""]), st.none())


@given(
    st.sampled_from(sorted(WRITE)),
    st.sampled_from(["any", "number", "integer", "boolean"]),
    st.lists(st.tuples(KEYS, KEYS), min_size=2, max_size=8),
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_numbers_that_are_equal_are_one_key_however_they_are_written(
    kind: str, type_: str, rows: list[tuple[Any, Any]]
) -> None:
    fields = [{"name": "a", "type": type_, "constraints": {"unique": True}}, {"name": "b", "type": "any"}]
    schema = {"$schema": V2, "fields": fields, "primaryKey": ["a", "b"]}
    try:
        data = WRITE[kind]([["a", "b"], *map(list, rows)])
    except (OverflowError, ValueError):  # a workbook holds no such number
        assume(False)
    with tempfile.TemporaryDirectory() as folder:
        assert_same(put(Path(folder), f"t.{kind}", data, schema), schema=schema)


FINITE = st.integers() | st.floats(allow_nan=False) | st.decimals(allow_nan=False) | st.booleans()


@given(st.lists(FINITE | st.sampled_from(NUMBERS), max_size=9))
@settings(max_examples=1000, deadline=None)
def test_equal_numbers_have_equal_hashes(values: list[Any]) -> None:
    whole = [int(value) for value in values if Decimal(value).is_finite() and abs(value) < 10**300]
    alike = [*values, *map(Decimal, values), *whole]
    of: dict[Any, set[int]] = {}  # Python's equality, as in Frictionless' memory of keys
    for value, found in zip(alike, hashing.of_values(alike).tolist(), strict=True):
        of.setdefault(value, set()).add(found)
    assert all(len(hashes) == 1 for hashes in of.values())


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.sampled_from([-1, -2, 2**61 - 1, -(2**61), -(2**63)])))
def test_a_column_of_integers_is_hashed_as_each_of_them(values: list[int]) -> None:
    assert hashing.of_integers(pa.array(values, pa.int64())).tolist() == hashing.of_values([*values]).tolist()


def test_what_is_no_number_has_a_hash_too() -> None:
    assert len(hashing.of_values([float("nan"), Decimal("NaN"), Decimal("sNaN"), float("-inf"), [1], {"a": 1}])) == 6


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_date_of_a_workbook_is_a_date(tmp_path: Path, kind: str) -> None:
    rows = [NAMES, ["010", 5, 1.5, dt.date(2024, 1, 31), True]]
    assert assert_same(put(tmp_path, f"t.{kind}", WRITE[kind](rows))).errors == 0


CSV = ("kode,antall,sum,dag,ja\n010,5,1.5,2024-01-31,true\nx,æ,,,nei\n").encode()


@pytest.mark.parametrize("compression", sorted(PACK))
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_packed_file_is_read_as_it_was_before(tmp_path: Path, compression: str) -> None:
    found = assert_same(put(tmp_path, f"t.csv.{compression}", PACK[compression](CSV)), dialect=NOTHING_TO_GUESS)
    assert (found.rows, found.errors) == (2, 3)


NOTHING_TO_GUESS = {"header": True, "headerRows": [1], "csv": {"delimiter": ",", "skipInitialSpace": False}}


@pytest.mark.parametrize("kind", ["csv", *WRITE])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Frictionless leaves packed files open
def test_a_zip_archive_of_one_file_is_that_file(tmp_path: Path, kind: str) -> None:
    data = CSV if kind == "csv" else WRITE[kind]([NAMES, *WRONG])
    path = put(tmp_path, f"t.{kind}.zip", b"")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"t.{kind}", data)
    assert assert_same(path, **({"dialect": NOTHING_TO_GUESS} if kind == "csv" else {})).errors > 0


def package(folder: Path, **words: Any) -> Path:
    resource = {"name": "t", "schema": SCHEMA, "dialect": NOTHING_TO_GUESS, **words}
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"name": "p", "resources": [resource]}), encoding="utf-8")
    return path


def whole(path: Path) -> Task:
    return validate_package(path, Options(strict=False, limit=None))[0]


def test_a_package_names_the_file_of_an_archive(tmp_path: Path) -> None:
    path = put(tmp_path, "t.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.csv", "x\n")
        archive.writestr("inside/t.csv", CSV)
    found = whole(package(tmp_path, path="t.zip", innerpath="inside/t.csv"))
    assert (found.rows, found.errors) == (2, 3)
    refused = ours(put(tmp_path, "t.csv.zip", path.read_bytes()))
    assert "2 files; expected one file, or an «innerpath»" in refused.listed[0].note


def test_a_name_without_an_ending_has_its_format_declared(tmp_path: Path) -> None:
    put(tmp_path, "uttrekk", gzip.compress(CSV))
    found = whole(package(tmp_path, path="uttrekk", format="csv", compression="gz"))
    assert (found.rows, found.errors) == (2, 3)


@pytest.mark.parametrize("size", [1, 7, 50, 1 << 22])
@pytest.mark.parametrize("words", ["path", "extrapaths"])
def test_a_table_in_several_files_is_one_table(
    tmp_path: Path, size: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, first, second = CSV.splitlines(keepends=True)
    put(tmp_path, "a.csv", header + first)
    put(tmp_path, "b.csv", header + second + second)
    put(tmp_path, "c.csv.gz", gzip.compress(b"\xef\xbb\xbf" + header.replace(b"\n", b"\r\n") + first))
    paths = ["a.csv", "b.csv", "c.csv.gz"]
    told = {"path": paths} if words == "path" else {"path": paths[0], "extrapaths": paths[1:]}
    monkeypatch.setattr(decoding, "BLOCK_BYTES", size)
    found = whole(package(tmp_path, **told))
    together = ours(put(tmp_path, "t.csv", header + first + second + second + first))
    assert (found.counts, found.rows) == (together.counts, 4)
    assert [error[:8] for error in found.listed] == [error[:8] for error in together.listed]


def test_several_files_have_frictionless_own_verdict(tmp_path: Path) -> None:
    header, first, second = CSV.splitlines(keepends=True)
    put(tmp_path, "a.csv", header + first + second)
    put(tmp_path, "b.csv", header + second)
    found = as_report([whole(package(tmp_path, path=["a.csv", "b.csv"]))], 0.0)
    expected = theirs(tmp_path / "a.csv", path=["a.csv", "b.csv"], dialect=NOTHING_TO_GUESS)
    assert errors_of(found) == errors_of(expected)
    assert found["tasks"][0]["place"] == expected["tasks"][0]["place"]


def test_a_last_line_without_an_end_keeps_its_row(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", b"kode,antall,sum,dag,ja\n010,5,,,")
    put(tmp_path, "b.csv", b"kode,antall,sum,dag,ja\n011,6,,,")
    found = whole(package(tmp_path, path=["a.csv", "b.csv"]))
    assert (found.rows, found.errors) == (2, 0)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 7, 1 << 22])
def test_a_file_of_a_header_alone_adds_no_row(
    tmp_path: Path, end: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", size)
    header = "kode,antall,sum,dag,ja"
    for name, text in (("a", f"{header}\n010,5,,,{end}"), ("b", f"{header}{end}"), ("c", f"{header}\n011,6,,,{end}")):
        put(tmp_path, f"{name}.csv", text.encode())
    for paths, rows in ((["a.csv", "b.csv"], 1), (["b.csv", "a.csv"], 1), (["a.csv", "b.csv", "c.csv"], 2)):
        found = whole(package(tmp_path, path=paths))
        assert (found.rows, found.errors) == (rows, 0)


@pytest.mark.parametrize("header", ["kode,sum,antall,dag,ja\n", "", "kode,antall,sum,dag,ja,mer\n"])
def test_a_further_file_of_other_columns_is_refused(tmp_path: Path, header: str) -> None:
    put(tmp_path, "a.csv", CSV)
    put(tmp_path, "b.csv", header.encode())
    found = whole(package(tmp_path, path=["a.csv", "b.csv"]))
    assert [error.note for error in found.listed if error.row is None] == [
        "b.csv: its header is not that of the first file, a.csv"
    ]


def test_files_without_a_header_are_put_one_after_another(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", b"010,5,,,\n")
    put(tmp_path, "b.csv", b"011,6,,,\n")
    found = whole(package(tmp_path, path=["a.csv", "b.csv"], dialect={"header": False}))
    assert (found.rows, found.errors) == (2, 0)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "windows-1252", "utf-8"])
def test_each_of_several_files_is_decoded_by_itself(tmp_path: Path, encoding: str) -> None:
    for name, code in (("a.csv", "ær"), ("b.csv", "øl")):
        put(tmp_path, name, f"kode,antall,sum,dag,ja\n{code},1,,,\n".encode(encoding))
    found = whole(package(tmp_path, path=["a.csv", "b.csv"], encoding=encoding))
    assert (found.rows, found.errors) == (2, 0)


def test_workbooks_are_not_put_one_after_another(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        put(tmp_path, name, xlsx([NAMES, *RIGHT]))
    with pytest.raises(DefinitionError, match="only delimited text"):
        whole(package(tmp_path, path=["a.xlsx", "b.xlsx"]))


@pytest.mark.parametrize(
    "words", [{"compression": "rar"}, {"format": 7}, {"format": "pdf"}, {"path": []}, {"path": [1]}, {"extrapaths": 3}]
)
def test_what_a_descriptor_says_wrongly_is_named(tmp_path: Path, words: dict[str, Any]) -> None:
    put(tmp_path, "t.csv", CSV)
    with pytest.raises(DefinitionError):
        whole(package(tmp_path, **{"path": "t.csv", **words}))


@pytest.mark.parametrize("kind", [*WRITE, *(f"csv.{name}" for name in (*PACK, "zip")), "xlsx.gz"])
def test_a_file_cut_short_anywhere_is_told_by_name(tmp_path: Path, kind: str) -> None:
    first = kind.partition(".")[0]
    data = CSV * 50 if first == "csv" else WRITE[first]([NAMES, *WRONG * 20])
    if kind.endswith("zip"):
        with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", data)
        data = (tmp_path / "z").read_bytes()
    elif "." in kind:
        data = PACK[kind.partition(".")[2]](data)
    for length in {0, 1, 4, 30, *range(64, len(data), max(len(data) // 9, 1)), len(data) - 1}:
        found = ours(put(tmp_path, f"t.{kind}", data[:length]))
        assert found.errors, f"cut after {length} of {len(data)} bytes"
        assert found.size == length


@pytest.mark.parametrize("kind", [*WRITE, "csv.gz"])
def test_bytes_of_another_kind_are_told_by_name(tmp_path: Path, kind: str) -> None:
    found = ours(put(tmp_path, f"t.{kind}", b"\x00\xffnope, no such thing\n" * 40))
    assert [error.kind for error in found.listed] in (
        [[error] for error in ("source-error", "format-error", "encoding-error", "compression-error")]
    )


def test_a_sheet_of_a_thousand_million_repeated_cells_is_not_made(tmp_path: Path) -> None:
    row = '<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>'
    cell = '<table:table-cell table:number-columns-repeated="{}" office:value-type="string"/>'
    bomb = row.format(cell.format(1000) * 2) + row.format(cell.format(1))
    found = ours(put(tmp_path, "t.ods", exports.ods([NAMES], bomb)))
    assert "more than 5000000 cells" in found.listed[0].note


def test_a_sheet_s_endless_last_row_and_column_are_no_cells(tmp_path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    last = f'<table:table-row table:number-rows-repeated="1048576">{blank}</table:table-row>'
    assert_same(put(tmp_path, "t.ods", exports.ods([NAMES, *RIGHT], last)))


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_formats, "MAX_UNPACKED", 10_000)
    found = ours(put(tmp_path, "t.json.gz", gzip.compress(b"[" + b" " * (1 << 23))))
    assert "unpacks to more than" in found.listed[0].note


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 10**5 + "]" * 10**5, "deep"),
        ('[{"kode": ' + "[" * 201 + "]" * 201 + "}]", "deep"),
        ('[{"antall": 1' + "0" * 5000 + "}]", "digits"),
        ('[{"kode": "\\"", "antall": 1' + "0" * 5000 + "}]", "digits"),
    ],
)
def test_json_that_would_end_its_reader_is_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in ours(put(tmp_path, "t.json", text.encode())).listed[0].note


@pytest.mark.parametrize("text", ["0" * 5000, "[" * 500, '"' + "[" * 500, "\\" + "{" * 500, "\n\\" * 9])
def test_what_only_looks_like_that_is_a_text(tmp_path: Path, text: str) -> None:
    rows = [{**dict.fromkeys(NAMES), "kode": text + str(n)} for n in range(300)]
    assert ours(put(tmp_path, "t.json", json.dumps(rows).encode())).errors == 0


def test_a_sheet_of_one_endless_row_or_of_none_that_is_a_number_is_not_made(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="{}" office:value-type="string"/>'
    for bomb in (cell.format(7_000_000) * 2, cell.format("x") * 2):
        found = ours(put(tmp_path, "t.ods", exports.ods([NAMES], f"<table:table-row>{bomb}</table:table-row>")))
        assert "more than 5000000 cells" in found.listed[0].note


def test_a_workbook_of_too_many_shared_texts_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "MAX_SHARED", 10)
    with xlsxwriter.Workbook(tmp_path / "made.xlsx") as book:
        book.add_worksheet().write_row(0, 0, NAMES)
    found = ours(put(tmp_path, "t.xlsx", (tmp_path / "made.xlsx").read_bytes()))
    assert "save it as CSV" in found.listed[0].note


def test_size_and_hashes_are_of_the_whole_file_where_it_is_refused_half_way(tmp_path: Path) -> None:
    data = CSV + b"aa,1,,,\n" * 2_000_000 + b"\xff" + b"aa,1,,,\n" * 2_000_000
    found = ours(put(tmp_path, "t.csv", data))
    assert found.listed[0].kind == "encoding-error"
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def told(report: dict[str, Any]) -> list[Any]:
    return [
        (t["name"], t["place"], t["stats"].get("rows", 0), [e["type"] for e in t["errors"]]) for t in report["tasks"]
    ]


@pytest.mark.parametrize("where", ["gone.csv", "folder", ["t.csv", "gone.csv"]])
@pytest.mark.parametrize("key", [{}, {"foreignKeys": [{"fields": "k", "reference": {"resource": "a", "fields": "k"}}]}])
def test_a_table_that_cannot_be_opened_is_an_error_beside_the_others(
    tmp_path: Path, where: str | list[str], key: dict[str, Any]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "t.csv").write_text("k\n1\nx\n")
    schema = {"fields": [{"name": "k", "type": "integer"}]}
    words = {"dialect": NOTHING_TO_GUESS, "encoding": "utf-8"}
    resources = [
        {"name": "a", "path": where, "format": "csv", "schema": schema, **words},
        {"name": "b", "path": "t.csv", "schema": {**schema, **key}, **words},
    ]
    path = tmp_path / "datapackage.json"
    path.write_text(json.dumps({"name": "p", "resources": resources}))
    expected = Package(str(path)).validate().to_descriptor()
    found = as_report(validate_package(path, Options(strict=False)), 0.0)
    assert told(found) == told(expected)
    assert "scheme-error" in [error["type"] for error in found["tasks"][0]["errors"]]


def test_a_table_without_a_schema_is_an_error_beside_the_others(tmp_path: Path) -> None:
    put(tmp_path, "t.csv", CSV)
    resources = [{"name": "a", "path": "t.csv"}, {"name": "b", "path": "t.csv", "schema": "schema.json"}]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}))
    first, second = validate_package(tmp_path / "datapackage.json", Options(strict=False, limit=None))
    assert [(error.kind, "declare one" in error.note) for error in first.listed] == [("schema-error", True)]
    assert second.counts == ours(tmp_path / "t.csv").counts


def test_two_tables_of_one_name_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "t.csv", CSV)
    resource = {"name": "a", "path": "t.csv", "schema": "schema.json"}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [resource, resource]}))
    with pytest.raises(DefinitionError, match=r"two resources have the name «a».*Give each a name of its own"):
        validate_package(tmp_path / "datapackage.json", Options())
