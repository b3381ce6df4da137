"""Finding exports: by placeholders, inside the folder, from a folder, a file or a server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from apendata.errors import DefinitionError, SourceMissing, SourceUnavailable
from apendata.model import Dataset, Source
from apendata.sources import fetch
from tests.unit.sources.exports import csv_source, dataset


def of(*sources: Source) -> Dataset:
    return dataset(sources, [])


DATED = csv_source(path="hr/hr-{dato}.csv", placeholders={"dato": "date"})


def folder(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_placeholders_find_files_in_canonical_form(tmp_path: Path) -> None:
    folder(
        tmp_path, "hr/hr-2024-01-15.csv", "hr/hr-15.01.2023.csv", "hr/hr-gammel.csv", "hr/hr-2024-13-01.csv", "x.csv"
    )
    found = fetch(of(DATED), tmp_path, scratch=tmp_path)
    assert [(s.name, s.placeholders["dato"]) for s in found] == [
        ("hr/hr-15.01.2023.csv", "2023-01-15"),
        ("hr/hr-2024-01-15.csv", "2024-01-15"),
    ]
    assert found[0].bytes == len("hr/hr-15.01.2023.csv")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"hr-\{dato\}"):
        fetch(of(DATED), tmp_path, scratch=tmp_path)


@pytest.mark.parametrize(
    "path", ["../a.csv", "/etc/passwd", "a/../../b.csv", "file:///etc/passwd", "http://example.org/a"]
)
def test_no_path_leaves_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(DefinitionError):
        fetch(of(csv_source(path=path)), tmp_path, scratch=tmp_path)


def test_links_may_stay_inside_and_not_lead_out(tmp_path: Path) -> None:
    root = folder(tmp_path / "rot", "2024.csv")
    (root / "siste.csv").symlink_to(root / "2024.csv")
    assert fetch(of(csv_source(path="siste.csv")), root, scratch=tmp_path)[0].bytes == len("2024.csv")
    (tmp_path / "hemmelig.csv").write_text("x")
    (root / "ut.csv").symlink_to(tmp_path / "hemmelig.csv")
    with pytest.raises(SourceMissing, match="leads out"):
        fetch(of(csv_source(path="ut.csv")), root, scratch=tmp_path)


def test_glob_signs_in_a_path_are_letters(tmp_path: Path) -> None:
    folder(tmp_path, "a[1].csv", "a1.csv")
    assert [s.name for s in fetch(of(csv_source(path="a[1].csv")), tmp_path, scratch=tmp_path)] == ["a[1].csv"]


def test_another_file_or_folder_stands_in(tmp_path: Path) -> None:
    root, other = folder(tmp_path / "rot", "uttrekk.csv"), folder(tmp_path / "annet", "ny.csv", "uttrekk.csv", "b.csv")
    one = of(csv_source())
    assert fetch(one, root, override=other / "ny.csv", scratch=tmp_path)[0].name == "ny.csv"
    assert fetch(one, root, override=other, scratch=tmp_path)[0].file == other / "uttrekk.csv"
    two = of(csv_source(), csv_source(name="b", path="b.csv"))
    assert [
        s.file.parent.name for s in fetch(two, folder(root, "b.csv"), override=other / "b.csv", scratch=tmp_path)
    ] == [
        "rot",
        "annet",
    ]
    with pytest.raises(SourceMissing):
        fetch(one, root, override=tmp_path / "nei.csv", scratch=tmp_path)


def test_one_file_may_serve_several_sources(tmp_path: Path) -> None:
    folder(tmp_path, "uttrekk.csv")
    found = fetch(of(csv_source(), csv_source(name="b")), tmp_path, scratch=tmp_path)
    assert [s.source for s in found] == ["uttrekk", "b"]
    assert found[0].sha256 == found[1].sha256


class Answers(BaseHTTPRequestHandler):
    statuses: ClassVar[dict[str, int]] = {"/ok.csv": 200, "/feil.csv": 503, "/borte.csv": 404, "/stengt.csv": 403}

    def do_GET(self) -> None:
        body = b"navn\na\n"
        self.send_response(self.statuses[self.path.partition("?")[0]])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


def test_a_server_is_read_into_the_private_folder(tmp_path: Path, server: str) -> None:
    found = fetch(of(csv_source(path=f"{server}/ok.csv?token=hemmelig")), tmp_path, scratch=tmp_path / "s")[0]
    assert found.file.read_bytes() == b"navn\na\n"
    assert found.file.parent == tmp_path / "s"
    assert found.name.endswith("/ok.csv")
    assert "hemmelig" not in repr(found)


@pytest.mark.parametrize(
    ("name", "error"), [("feil", SourceUnavailable), ("borte", SourceMissing), ("stengt", SourceMissing)]
)
def test_answers_of_a_server(tmp_path: Path, server: str, name: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        fetch(of(csv_source(path=f"{server}/{name}.csv?token=hemmelig")), tmp_path, scratch=tmp_path)
    assert "hemmelig" not in str(caught.value)


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable):
        fetch(of(csv_source(path="http://127.0.0.1:9/a.csv")), tmp_path, scratch=tmp_path)
