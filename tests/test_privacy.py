"""Values that may not be published leave no trace: not in a file, a page, a log, a message, a ledger or a record.

Two canaries go down every path: a text in a column that is ignored, and pay figures of groups that must be hidden. Only
the steward's private report may hold a value, and only of a cell that she must mend.
"""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.functional.conftest import Ended, Run, apendata
from tests.functional.pay import DEFINITION, HIDDEN, PAY, TEXT_CANARY, export, pay_dataset, settings

__all__ = ["apendata"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return pay_dataset(tmp_path)


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file's bytes, packed formats unpacked; what Parquet holds beside its values too."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(file), file.read_bytes()
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                yield from ((f"{file}!{name}", book.read(name)) for name in book.namelist())
        if file.suffix == ".parquet":
            yield f"{file}!values", b"".join(_buffers(pq.read_table(file)))
            yield f"{file}!statistics", repr(pq.read_metadata(file).to_dict()).encode()


def _buffers(table: pa.Table) -> Iterator[bytes]:
    for column in table.columns:
        for chunk in column.chunks:
            yield from (buffer.to_pybytes() for buffer in chunk.buffers() if buffer is not None)


def forms(number: int) -> list[bytes]:
    grouped = f"{number:,}"
    texts = [str(number), *(grouped.replace(",", mark) for mark in (",", ".", " ", "\u00a0", "\u202f", "&nbsp;"))]
    return [*(text.encode() for text in texts), *(struct.pack(form, number) for form in ("<q", "<i", "<d", "<f", ">q"))]


def traces(folder: Path, *said: Ended) -> list[str]:
    everything = [*contents(folder), *((f"output {i}", (e.out + e.err).encode()) for i, e in enumerate(said))]
    private = "/internal/reports/"
    forbidden = [TEXT_CANARY.encode(), b"Kvitrestad", *(form for number in HIDDEN for form in forms(number))]
    return [name for name, data in everything if private not in name and any(form in data for form in forbidden)]


def test_the_search_finds_what_is_published(apendata: Run, source: Path, tmp_path: Path) -> None:
    """The other tests of this file would prove nothing if the search could not see."""
    assert apendata("run", **settings(tmp_path)).code == 0
    shown = str(PAY["A", "K"]).encode()
    version = tmp_path / "lake" / "public" / "loenn" / "v1.0.0"
    found = {Path(name).relative_to(version).as_posix() for name, data in contents(version) if shown in data}
    assert {"loenn.csv", "loenn.xlsx!xl/worksheets/sheet1.xml"} <= found
    packed = struct.pack("<q", PAY["A", "K"])
    assert any(packed in data for name, data in contents(tmp_path / "lake" / "public") if name.endswith("!values"))


def test_a_release_holds_nothing_of_what_it_hides(apendata: Run, source: Path, tmp_path: Path) -> None:
    said = [apendata("run", **settings(tmp_path)), apendata("run", "--json", **settings(tmp_path))]
    said.append(apendata("history", "loenn", **settings(tmp_path)))
    rows = (tmp_path / "lake" / "public" / "loenn" / "latest" / "loenn.csv").read_text().splitlines()
    assert "2024,B,K,,:,,:" in rows
    assert traces(tmp_path / "lake", *said) == []
    assert not list((tmp_path / "lake" / "internal" / "raw").iterdir())


def test_a_revision_says_nothing_of_hidden_numbers(apendata: Run, source: Path, tmp_path: Path) -> None:
    apendata("run", **settings(tmp_path))
    source.write_text(export().replace("900000018", "900000019"))
    said = apendata("run", "--json", **settings(tmp_path))
    assert said.line("loenn")["outcome"] == "PUBLISHED"
    changes = (tmp_path / "lake" / "public" / "loenn" / "latest" / "changes.csv").read_text()
    assert "900000019" in changes
    assert traces(tmp_path / "lake", said) == []


def test_what_was_hidden_stays_hidden(apendata: Run, source: Path, tmp_path: Path) -> None:
    apendata("run", **settings(tmp_path))
    source.write_text(export().replace("B;K;3;", "B;K;30;").replace("B;M;4;", "B;M;40;"))
    apendata("run", **settings(tmp_path))
    rows = (tmp_path / "lake" / "public" / "loenn" / "latest" / "loenn.csv").read_text().splitlines()
    assert "2024,B,K,,:,,:" in rows
    assert traces(tmp_path / "lake") == []


FAILURES = {
    "unknown column": lambda text: text.replace("Leder", "Sjef"),
    "undeclared mark": lambda text: text.replace(";923456781;", ";923.456781;"),
    "not a number": lambda text: text.replace(";3;", ";Kanarifugl Kvitrestad;"),
    "unknown code": lambda text: text.replace(";B;K;", ";Kvitrestad;K;"),
    "ragged": lambda text: text.replace(";923456781;", ";923456781;923456781;"),
    "same key": lambda text: text + f"2024;B;K;3;{HIDDEN[0]};{TEXT_CANARY}\n",
    "formula": lambda text: text.replace(";B;K;", ";=B Kvitrestad;K;"),
    "negative": lambda text: text.replace(";3;", ";-3;"),
    "encoding": lambda text: text.replace("Område", "Omr\udc00de"),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("command", ["run", "check"])
def test_no_failure_tells_a_value(apendata: Run, source: Path, tmp_path: Path, command: str, failure: str) -> None:
    apendata("run", **settings(tmp_path))
    text = FAILURES[failure](export())
    assert text != export()
    source.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = [apendata(command, **settings(tmp_path)), apendata(command, "--json", **settings(tmp_path))]
    assert all(ended.code for ended in said)
    assert traces(tmp_path / "lake", *said) == []


LIMITS = """\
    drift:
      max_fewer_rows: 0.9
      max_more_rows: null
      max_changed_rows: 0
      because: prøve
      sums: [{value: loenn_kr, per: [aar, omraade, kjoenn], max_percent: 0, max_amount: 0, because: prøve}]
      history: {column: aar, still_open: 0, needs_reason: true, because: prøve}
"""


@pytest.mark.parametrize("command", ["run", "diff", "accept"])
def test_what_stops_for_the_last_version_knows_no_hidden_number(
    apendata: Run, source: Path, tmp_path: Path, command: str
) -> None:
    """Not even the private report may: the guard looks at what was and would be published, and at nothing else."""
    definition = tmp_path / "datasets" / "loenn" / "dataset.yaml"
    definition.write_text("".join(part for part in DEFINITION.splitlines(True) if "drift:" not in part) + LIMITS)
    assert apendata("run", **settings(tmp_path)).code == 0
    shown, then = str(PAY["A", "K"]), str(PAY["A", "K"] + 1)
    source.write_text(export().replace(shown, then).replace(str(HIDDEN[0]), str(HIDDEN[0] + 1)))
    more = ("--difference", "0123456789abcdef", "--because", "Rettet") if command == "accept" else ()
    said = [apendata(command, "loenn", *more, *form, **settings(tmp_path)) for form in ((), ("--json",))]
    assert {ended.code for ended in said} == {24 if command == "accept" else 19}
    reports = b"".join(data for name, data in contents(tmp_path / "lake") if "/internal/reports/" in name)
    assert (f"{PAY['A', 'K'] + 1:,}".replace(",", "\u00a0").encode() in reports) is (command != "accept")
    for number in (*HIDDEN, HIDDEN[0] + 1):
        assert not any(form in reports for form in forms(number))
    assert traces(tmp_path / "lake", *said) == []
    values = [form for value in (shown, then) for form in forms(int(value))]
    assert not any(form in (ended.out + ended.err).encode() for ended in said for form in values)
