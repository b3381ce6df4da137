"""What python-calamine does not tell of an XLS sheet: error cells, which it gives as "".

A damaged one can also make it ask for more memory than there is, which ends the whole process and with it every other
dataset's night: all numbers that it takes for sizes are compared with the file's own size first.

XLS is a stream of BIFF8 records in an OLE compound file ([MS-CFB], [MS-XLS]). Only the record heads are walked; a
formula always stores a result there, so «without a value» cannot happen.
"""

import struct
from collections.abc import Iterator
from typing import Final

from apendata.model import Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Kind
from apendata.sources.identity import screen_sheet_names
from apendata.sources.ooxml import Inside, Oddity, check_cells

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFF0
"""Sector numbers from here on are marks: end of chain, free."""
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_FORMULA, _EOF, _FILEPASS, _BOUNDSHEET, _BOOLERR = 0x06, 0x0A, 0x2F, 0x85, 0x205
_SHARED_STRINGS, _DIMENSIONS, _ROW, _ROW_HIDDEN = 0xFC, 0x200, 0x208, 0x20
_CELLS: Final = frozenset({0x06, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E})
_MAX_COLUMNS: Final = 256


def oddities(data: bytes, file: str) -> dict[str, Inside]:
    """Sheet → its error cells, and how many rows are hidden.

    Raises:
        SourceUnreadable: not a compound file with a workbook in it, damaged, too large, or protected by a password.
        PersonalDataFound: a national identity number in a sheet's name.
    """
    try:
        stream = _workbook(data)
        heads = list(_records(stream, 0))
        if any(kind == _FILEPASS for kind, _ in heads):
            refuse([finding("workbook_encrypted", [Place(file)])])
        _check_shared_strings(heads, len(stream))
        sheets = {_name(body): struct.unpack_from("<I", body)[0] for kind, body in heads if kind == _BOUNDSHEET}
        screen_sheet_names(sheets, file)
        check_cells((_extent(stream, at, Place(file)) for at in sheets.values()), Place(file))
        return {name: Inside(list(_odd_cells(stream, at)), _hidden_rows(stream, at)) for name, at in sheets.items()}
    except (struct.error, IndexError, KeyError, ValueError):
        refuse([finding("workbook_damaged", [Place(file)])])
        raise  # not reached: refuse has raised


def _workbook(data: bytes) -> bytes:
    """The workbook's stream, put together from its sectors."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    mini_size = 1 << struct.unpack_from("<H", data, 32)[0]
    directory, _, cutoff, mini_fat_at = struct.unpack_from("<IIII", data, 48)
    counts = [struct.unpack_from("<I", data, at)[0] for at in (40, 44, 64, 72)]
    if size not in (512, 4096) or mini_size != 64 or max(counts) * size > len(data):
        raise IndexError

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    masters = [number for number in struct.unpack_from("<109I", data, 76) if number < _END]
    extra = struct.unpack_from("<I", data, 68)[0]
    for _ in range(struct.unpack_from("<I", data, 72)[0]):
        *more, extra = struct.unpack(f"<{size // 4}I", sector(extra))
        masters += [number for number in more if number < _END]
    fat = _numbers(b"".join(map(sector, masters)))
    names = {}
    root = b"".join(sector(number) for number in _chain(fat, directory))
    for at in range(0, len(root) - 127, 128):
        length = struct.unpack_from("<H", root, at + 64)[0]
        start, bytes_ = struct.unpack_from("<II", root, at + 116)
        if bytes_ > len(data) and start < _END:
            raise IndexError
        names[root[at : at + max(length - 2, 0)].decode("utf-16-le")] = (start, bytes_)
    start, length = names["Workbook"]
    if length >= cutoff:
        return b"".join(sector(number) for number in _chain(fat, start))[:length]
    mini_fat = _numbers(b"".join(sector(number) for number in _chain(fat, mini_fat_at)))
    minis = b"".join(sector(number) for number in _chain(fat, names["Root Entry"][0]))
    return b"".join(minis[n * mini_size : (n + 1) * mini_size] for n in _chain(mini_fat, start))[:length]


def _numbers(table: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(table) // 4}I", table))


def _chain(table: list[int], number: int) -> Iterator[int]:
    for _ in range(len(table)):  # a chain that bites its tail ends with the table
        if number >= _END:
            return
        yield number
        number = table[number]
    if number < _END:
        raise IndexError


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _check_shared_strings(heads: list[tuple[int, bytes]], size: int) -> None:
    for kind, body in heads:
        if kind == _SHARED_STRINGS and max(struct.unpack_from("<II", body)) > size:
            raise IndexError


def _extent(stream: bytes, at: int, place: Place) -> tuple[int, int]:
    rows = columns = 0
    for kind, body in _records(stream, at):
        if kind == _DIMENSIONS:
            first, last, left, right = struct.unpack_from("<IIHH" if len(body) >= 12 else "<HHHH", body)
            if first > last or left > right:
                raise IndexError
            rows, columns = max(rows, last), max(columns, right)
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if kind in (0xBD, 0xBE):
                columns = max(columns, struct.unpack_from("<H", body, len(body) - 2)[0] + 1)
    if columns > _MAX_COLUMNS:
        refuse([finding("workbook_bomb", [place], limit=f"{_MAX_COLUMNS} columns")])
    return rows, columns


def _name(body: bytes) -> str:
    length, wide = body[6], body[7] & 1
    return body[8 : 8 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1")


def _hidden_rows(stream: bytes, at: int) -> int:
    """Rows with cells and fDyZero, the bit that a filter and a person set alike."""
    rows = (struct.unpack_from("<HHHHHHH", body) for kind, body in _records(stream, at) if kind == _ROW)
    return sum(1 for _, first, behind, *_, bits in rows if behind > first and bits & _ROW_HIDDEN)


def _odd_cells(stream: bytes, at: int) -> Iterator[Oddity]:
    for kind, body in _records(stream, at):
        if kind == _BOOLERR and body[7]:
            error = body[6]
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            error = body[8]
        else:
            continue
        row, column = struct.unpack_from("<HH", body)
        yield row, column, Kind.ERROR, _ERRORS.get(error, "#N/A")
