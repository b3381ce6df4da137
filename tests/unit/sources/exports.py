"""Makes definitions and exports for the reader's tests, in every format; XLS by a small BIFF8 writer of its own."""

import datetime as dt
import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

from apendata.model import (
    Column,
    Contact,
    Dataset,
    Disclosure,
    DriftLimits,
    FixedField,
    Format,
    Header,
    Publisher,
    RawTable,
    Reading,
    Snapshot,
    Source,
    Table,
    Text,
)
from apendata.sources import fetch, read

WORD = Text("ord", "word")
Cell = str | int | float | bool | dt.date | None
Rows = Sequence[Sequence[Cell]]
ERROR, FORMULA = "\0error", "\0formula"
"""Cells that a workbook shows as #N/A, and a formula whose value is not stored."""
WIDTH = 30
SHEET = "Uttrekk"


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def table(fields: Sequence[Mapping[str, Any]], columns: Sequence[Column], **more: Any) -> Table:
    key = more.pop("key", [fields[0]["name"]]) if fields else []
    return Table(
        name=more.pop("name", "tabell"),
        title=WORD,
        description=WORD,
        schema={"fields": list(fields), "primaryKey": key},
        sources=more.pop("sources", ("uttrekk",)),
        columns=tuple(columns),
        disclosure=Disclosure("none", because=WORD),
        drift=DriftLimits(0.1, None, None, "prøve"),
        **more,
    )


def csv_source(**more: Any) -> Source:
    made: dict[str, Any] = {
        "name": "uttrekk",
        "path": "uttrekk.csv",
        "placeholders": {},
        "format": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "header": Header(("navn",)),
    }
    return Source(**(made | more))


def dataset(sources: Sequence[Source], tables: Sequence[Table]) -> Dataset:
    return Dataset(
        id="proeve",
        folder=Path(),
        title=WORD,
        description=WORD,
        coverage=WORD,
        limitations=(),
        keywords=(),
        themes=("GOVE",),
        licence="NLOD-2.0",
        contact=Contact(WORD, "post@example.org"),
        publisher=Publisher(WORD, WORD, None, None),
        domain="other",
        rhythm="annual",
        release="automatic",
        keep_raw=True,
        retention_days={},
        sources={source.name: source for source in sources},
        codelists={},
        tables=tuple(tables),
        transform=None,
        definition_sha256="0" * 64,
    )


def snapshot(folder: Path, data: bytes, source: Source, name: str | None = None) -> Snapshot:
    file = folder / (name or source.path)
    file.write_bytes(data)
    return Snapshot(source.name, file.name, file, hashlib.sha256(data).hexdigest(), len(data), {})


def read_bytes(folder: Path, data: bytes, source: Source, made: Table) -> Reading:
    """Read one table from one export of these bytes."""
    (folder / source.path).write_bytes(data)
    prepared = dataset([source], [made])
    return read(prepared, fetch(prepared, folder, scratch=folder), {})


def rows_of(raw: RawTable) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = raw.data.to_pylist()
    return rows


def source_for(form: Format, **more: Any) -> Source:
    """The source of a sheet, or a text file, with the header ``navn | antall | dato``."""
    made: dict[str, Any] = {"format": form, "path": f"uttrekk.{form}", "header": Header(("navn", "antall"))}
    if form in ("xlsx", "xls", "ods"):
        made |= {"encoding": None, "delimiter": None, "sheet": SHEET}
    if form == "fixed":
        names = ("navn", "antall", "dato")
        fields = tuple(FixedField(n, i * WIDTH + 1, (i + 1) * WIDTH) for i, n in enumerate(names))
        made |= {"delimiter": None, "header": None, "fields": fields}
    return csv_source(**(made | more))


def export(form: Format, rows: Rows, header: Sequence[str] = ("navn", "antall", "dato")) -> bytes:
    """The same small table in any format; dates and numbers are real ones in a workbook, Norwegian text elsewhere."""
    if form == "xlsx":
        return _xlsx([header, *rows])
    if form == "ods":
        return ods([header, *rows])
    if form == "xls":
        return xls([header, *rows])
    if form == "fixed":
        lines = ["".join(_text(cell).ljust(WIDTH) for cell in row) for row in rows]
    else:
        lines = [";".join(map(_text, row)) for row in [header, *rows]]
    return ("\n".join(lines) + "\n").encode() if rows or form == "csv" else b""


def _text(cell: Cell) -> str:
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(cell).replace(".", ",")
    return "" if cell is None else "#N/A" if cell == ERROR else str(cell)


def _xlsx(rows: Rows) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet(SHEET)
    date = book.add_format({"num_format": "dd.mm.yyyy"})
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write_datetime(at, column, dt.datetime(cell.year, cell.month, cell.day), date)  # noqa: DTZ001
            elif cell == FORMULA:
                sheet.write_formula(at, column, "=1+1", None, "")
            elif cell == ERROR:
                sheet.write_formula(at, column, "=NA()", None, "#N/A")
            elif isinstance(cell, str):
                sheet.write_string(at, column, cell)
            elif cell is not None:
                sheet.write(at, column, cell)
    book.close()
    return stream.getvalue()


_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"
)

_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)


def ods(rows: Rows, extra: str = "") -> bytes:
    """A minimal OpenDocument spreadsheet; ``extra`` is XML of further rows."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = _ODS.format(f'<table:table table:name="{SHEET}">{lines}{extra}</table:table>')
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", content)
    return stream.getvalue()


def _ods_cell(cell: Cell) -> str:
    start = "<table:table-cell "
    if cell == FORMULA or cell is None:
        return f'{start}table:formula="of:=1+1"/>' if cell else f"{start}/>"
    if cell == ERROR:
        error = 'table:formula="of:=NA()" office:value-type="string" calcext:value-type="error"'
        return f"{start}{error}><text:p>#N/A</text:p></table:table-cell>"
    if isinstance(cell, str):
        spaced = escape(cell).replace(" ", "<text:s/>")
        return f'{start}office:value-type="string"><text:p>{spaced}</text:p></table:table-cell>'
    if isinstance(cell, dt.date):
        return f'{start}office:value-type="date" office:date-value="{cell.isoformat()}"/>'
    kind, value = ("boolean", "boolean-value") if isinstance(cell, bool) else ("float", "value")
    return f'{start}office:value-type="{kind}" office:{value}="{str(cell).lower()}"/>'


def xls(rows: Rows, sheet: str = SHEET, more: bytes = b"") -> bytes:
    """A minimal BIFF8 workbook in a compound file: LABEL, NUMBER and BOOLERR records, two cell formats.

    ``more`` is further records of the sheet.
    """
    cells = b"".join(_biff(at, column, cell) for at, row in enumerate(rows) for column, cell in enumerate(row))
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    extent = _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows), default=0), 0))
    body = start + extent + more + cells + _record(0x0A, b"")
    formats = _record(0xE0, struct.pack("<HH", 0, 0) + bytes(16)) + _record(0xE0, struct.pack("<HH", 0, 14) + bytes(16))
    name = sheet.encode("latin-1")
    first = (
        _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + _record(0x42, struct.pack("<H", 1200)) + formats
    )
    length = len(first) + 4 + 8 + len(name) + 4
    bound = _record(0x85, struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name)
    return compound(first + bound + _record(0x0A, b"") + body)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _biff(row: int, column: int, cell: Cell) -> bytes:
    at = struct.pack("<HHH", row, column, 1 if isinstance(cell, dt.date) else 0)
    if cell is None:
        return b""
    if cell == ERROR:
        return _record(0x205, at + bytes([42, 1]))
    if isinstance(cell, bool):
        return _record(0x205, at + bytes([cell, 0]))
    if isinstance(cell, dt.date):
        return _record(0x203, at + struct.pack("<d", (cell - dt.date(1899, 12, 30)).days))
    if isinstance(cell, int | float):
        return _record(0x203, at + struct.pack("<d", cell))
    text = cell.encode("utf-16-le")
    return _record(0x204, at + struct.pack("<HB", len(text) // 2, 1) + text)


def compound(stream: bytes) -> bytes:
    """An OLE compound file with one stream, «Workbook», long enough to lie in ordinary sectors."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    stream = stream.ljust(count * 512, b"\0")
    end, free, own = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    tables = -(-(count + 2) // 127)
    fat = [own] * tables + [end] + [tables + 2 + i for i in range(count - 1)] + [end]
    fat += [free] * (tables * 128 - len(fat))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, end, 0, end, 0)
    head += struct.pack("<109I", *range(tables), *[free] * (109 - tables))
    root = _entry("Root Entry", 5, end, 0, child=1) + _entry("Workbook", 2, tables + 1, len(stream))
    directory = root + bytes(128) * 2
    return head + struct.pack(f"<{len(fat)}I", *fat) + directory + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )
